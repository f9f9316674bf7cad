package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// built is this test binary with fail points.
var built struct {
	once    sync.Once
	program string
	err     error
}

// withFailPoints builds this test binary with fail points, once for all tests.
// Started by its name it is the program, as the test binary itself is.
func withFailPoints(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("building takes some seconds")
	}
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "catalog-runbook-failpoints-")
		if err != nil {
			built.err = err
			return
		}
		built.program = filepath.Join(dir, "catalog-runbook")
		if out, err := exec.Command("go", "test", "-c", "-tags", "failpoints", "-o", built.program, ".").CombinedOutput(); err != nil {
			built.err = fmt.Errorf("building with fail points: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.program
}

// What a walk may find of an apply when someone died around it.
const (
	notBegun = "not-begun" // no intent is on record
	neverRan = "never-ran" // it is certain that it was not run
	adopted  = "adopted-0" // it ended well, and its end was taken over
	ended    = "finished-0"
	doubtful = "doubt"
)

// applyPoints are the places around an apply at which someone dies, and what is
// found afterwards: of the checklist's process, then of the supervisor's.
var applyPoints = map[string][]string{
	"effect:confirmed":      {notBegun},
	"effect:before-intent":  {notBegun},
	"effect:intent":         {neverRan},
	"supervised:folder":     {neverRan},
	"supervised:started":    {neverRan},
	"supervised:ordered":    {adopted, neverRan}, // whichever of the two is quicker
	"effect:answering":      {adopted},
	"effect:answered":       {adopted},
	"supervised:outcome":    {adopted},
	"effect:ended":          {adopted},
	"effect:before-outcome": {adopted},
	"effect:outcome":        {ended},

	"supervisor:ordered": {neverRan},
	"supervisor:claimed": {doubtful},
	"supervisor:started": {doubtful},
	"supervisor:noted":   {doubtful},
	"supervisor:ended":   {doubtful},
	"supervisor:written": {doubtful},
	"supervisor:renamed": {ended, adopted},
}

// manyKills is from how many asked for kills on a walk is also killed around each
// of its records.
const manyKills = 100

// TestFailPoints kills a walk, or the supervisor of its apply, at each of the
// places, without -long at every fifth. The apply is begun at most once; where nobody can know how it ended,
// it is in doubt; and nothing is ticked, judged or settled by itself.
func TestFailPoints(t *testing.T) {
	program := withFailPoints(t)
	for n := range 16 {
		if *kills < manyKills {
			break
		}
		applyPoints[fmt.Sprintf("journal:%s@%d", []string{"write", "sync", "synced"}[n%3], n+1)] = []string{notBegun, neverRan, adopted, ended}
	}
	for n, point := range slices.Sorted(maps.Keys(applyPoints)) {
		want := applyPoints[point]
		if n%5 != 0 && !*long {
			continue
		}
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			k := newKilling(t)
			defer k.close()
			cmd, a := k.start(program, headlessUntil+"=apply")
			<-a.read
			if err := cmd.Wait(); err != nil {
				t.Fatalf("before the apply: %v\n%s", err, strings.Join(a.lines, "\n"))
			}
			said := k.said()
			cmd, a = k.start(program, headlessUntil+"=applied", "CATALOG_RUNBOOK_FAILPOINT="+point)
			k.holds(a)
			var exit *exec.ExitError
			if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			died := exit != nil
			if died != !strings.HasPrefix(point, "supervisor:") && !strings.HasPrefix(point, "journal:") {
				t.Errorf("the walk ended with %v\n%s", exit, strings.Join(a.lines, "\n"))
			}
			found := k.found(program)
			if !slices.Contains(want, found) {
				t.Errorf("found %s, want %s\n%s", found, want, strings.Join(a.lines, "\n"))
			}
			for kind, n := range k.said() {
				if kind != "judged" && kind != "settled" && n != said[kind] {
					t.Errorf("%d %s by themselves", n-said[kind], kind)
				}
			}
			cmd, a = k.start(program)
			applied := 0
			for _, recipe := range k.holds(a) {
				if recipe == "apply" {
					applied++
				}
			}
			if err := cmd.Wait(); err != nil {
				t.Fatalf("afterwards: %v\n%s", err, strings.Join(a.lines, "\n"))
			}
			if applied == 0 || applied > 1 && found != doubtful {
				t.Errorf("apply was run %d times", applied)
			}
		})
	}
}

// found resumes the run, does nothing, and returns what is known of the apply.
func (k *killing) found(program string) string {
	k.t.Helper()
	cmd, a := k.start(program, headlessUntil+"=resume")
	k.holds(a)
	if err := cmd.Wait(); err != nil {
		k.t.Fatalf("resuming: %v\n%s", err, strings.Join(a.lines, "\n"))
	}
	for _, line := range a.lines {
		if found, ok := strings.CutPrefix(line, "found "); ok {
			return found
		}
	}
	k.t.Fatalf("nothing was found:\n%s", strings.Join(a.lines, "\n"))
	return ""
}

// said counts what only a person may say.
func (k *killing) said() map[string]int {
	k.t.Helper()
	count := map[string]int{}
	if h := k.history(); h != nil {
		for _, r := range h.Records {
			switch kind := r.Event.Type(); kind {
			case "ticked", "skipped", "overridden", "judged", "settled":
				count[kind]++
			}
		}
	}
	return count
}
