package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"catalog-runbook/tui/frametest"
)

// An initialized package, with the time that it took in milliseconds.
type initialized struct {
	path string
	took float64
}

// traceInit starts the program and returns the packages in the order in which they were
// initialized.
func traceInit(t *testing.T, environ string, args ...string) []initialized {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	cmd.Env = []string{environ, "GODEBUG=inittrace=1", "PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	var trace bytes.Buffer
	cmd.Stderr = &trace
	_ = cmd.Run() // a guard without orders fails
	var all []initialized
	for _, line := range regexp.MustCompile(`(?m)^init (\S+) @\S+ ms, (\S+) ms`).FindAllStringSubmatch(trace.String(), -1) {
		took, err := strconv.ParseFloat(line[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, initialized{line[1], took})
	}
	if len(all) < 50 {
		t.Fatalf("only %d packages are initialized:\n%s", len(all), trace.Bytes())
	}
	return all
}

// TestGuardStartsBeforeTheRest holds the guard of the terminal to what makes it small:
// it waits before the styles and lexers that come with glamour are initialized.
func TestGuardStartsBeforeTheRest(t *testing.T) {
	order := traceInit(t, "CATALOG_RUNBOOK_KEEPER=1", "keep-terminal")
	place := func(path string) int {
		return slices.IndexFunc(order, func(p initialized) bool { return p.path == path })
	}
	guard, chroma := place(module+"/tui/terminal/restore"), place("github.com/alecthomas/chroma/v2")
	if guard < 0 || chroma < 0 || guard > chroma {
		t.Errorf("the guard comes at place %d and chroma at place %d of %d", guard, chroma, len(order))
	}
}

// TestInit holds every package of ours to a millisecond before main, in the quickest of
// ten starts.
func TestInit(t *testing.T) {
	limit := 1.0
	if frametest.RaceDetector {
		limit = 10
	}
	least := map[string]float64{}
	for range 10 {
		for _, p := range traceInit(t, "LANG=C", "--version") {
			if before, seen := least[p.path]; !seen || p.took < before {
				least[p.path] = p.took
			}
		}
	}
	ours := 0
	for path, took := range least {
		if strings.HasPrefix(path, module+"/") {
			ours++
			if took > limit {
				t.Errorf("%s takes %.2f ms to initialize", path, took)
			}
		}
	}
	if ours < 5 {
		t.Errorf("only %d packages of ours are initialized", ours)
	}
}
