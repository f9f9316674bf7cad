//go:build !race

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/testdata/heap"
	"catalog-runbook/steps"
	"catalog-runbook/tui"
	"catalog-runbook/tui/text"
)

// startDocument names the document whose checklist TestHeapOfStartChild opens.
const startDocument = "CATALOG_RUNBOOK_TEST_START"

// TestHeapOfStart limits what is allocated from reading the document to the first frame
// at 120x40, without what packages do when they are initialized. The limits are a fifth
// above what a start takes today, which is beside them. Each start has a process of its
// own, because much is built when it is first used.
func TestHeapOfStart(t *testing.T) {
	for _, c := range []struct {
		steps int
		most  heap.Use
	}{
		{10, heap.Use{Allocations: 3_140, Bytes: 400 << 10}},       // 2,620, 333 KiB
		{1_000, heap.Use{Allocations: 46_900, Bytes: 8_740 << 10}}, // 39,100, 7,280 KiB
	} {
		child := exec.Command(os.Args[0], "-test.run=^TestHeapOfStartChild$", "-test.v")
		child.Env = append(os.Environ(), startDocument+"="+writeFile(t, "DEPLOYMENT.md", manySteps(c.steps)),
			"XDG_STATE_HOME="+t.TempDir(), "XDG_CONFIG_HOME="+t.TempDir())
		out, err := child.CombinedOutput()
		_, figures, ok := strings.Cut(string(out), "used: ")
		if err != nil || !ok {
			t.Fatalf("%v: %s", err, out)
		}
		var u heap.Use
		if err := json.NewDecoder(strings.NewReader(figures)).Decode(&u); err != nil {
			t.Fatal(err)
		}
		u.Check(t, fmt.Sprintf("the first frame of %d steps", c.steps), c.most)
	}
}

// TestHeapOfStartChild is the process that TestHeapOfStart starts. It does what the
// checklist does, except for what it needs a terminal for.
func TestHeapOfStartChild(t *testing.T) {
	path := os.Getenv(startDocument)
	if path == "" {
		t.Skip("it is only run by TestHeapOfStart")
	}
	s := streams{environ: func() []string { return nil }, getenv: os.Getenv}
	var frame string
	u := heap.Once(func() {
		l, err := source{File: path}.load()
		if err != nil {
			t.Fatal(err)
		}
		world, err := realWorld(t.Context(), s, l.settings, runbook.DryRun)
		if err != nil {
			t.Fatal(err)
		}
		runs, err := openRuns(s)
		if err != nil {
			t.Fatal(err)
		}
		k, err := runs.begin()
		if err != nil {
			t.Fatal(err)
		}
		defer k.close()
		engine, err := steps.New(l.bound, world, k.options(steps.Options{Mode: runbook.DryRun, Environment: l.bound.Environment(), Source: l.document, Settings: l.settingsFile}))
		if err != nil {
			t.Fatal(err)
		}
		m := tui.New(tui.Config{Engine: engine, Theme: text.Theme{Background: text.BackgroundDark}})
		m.Init()
		m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
		frame = m.View()
	})
	if !strings.Contains(frame, "Part 1") {
		t.Fatalf("the first frame is\n%s", frame)
	}
	figures, err := json.Marshal(u)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("used: %s\n", figures)
}
