//go:build !race

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// Without the race detector, most tests here wait for a program on a terminal, and
// not for the processor.
func init() { parallel *= 4 }

// lintRuns returns how often each program is started for a median.
func lintRuns() int {
	if *long {
		return 21
	}
	return 7
}

// mostLint is how many times as long as the empty program lint may take. It takes 1.9 times
// as long on a calm machine.
const mostLint = 2.5

// Linting a runbook of 1,000 steps takes about twice the time of a program
// that links the same packages and does nothing. The race detector would slow
// the one and not the other, so there this file is left out.
func TestLintSpeed(t *testing.T) {
	path := writeFile(t, "DEPLOYMENT.md", manySteps(1000))
	best := 0.0
	for range 3 {
		lint, empty := medians(t, path)
		ratio := float64(lint) / float64(empty)
		t.Logf("lint of 1,000 steps %v, empty program %v: %.2f times", lint, empty, ratio)
		if best == 0 || ratio < best {
			best = ratio
		}
		if best < mostLint {
			return
		}
	}
	t.Errorf("lint of 1,000 steps takes %.2f times as long as the empty program", best)
}

// BenchmarkLint1000 starts the program once for each measurement.
func BenchmarkLint1000(b *testing.B) {
	path := writeFile(b, "DEPLOYMENT.md", manySteps(1000))
	for b.Loop() {
		start(b, "catalog-runbook", "lint", path)
	}
}

// BenchmarkEmptyProgram is what BenchmarkLint1000 is to be compared with.
func BenchmarkEmptyProgram(b *testing.B) {
	for b.Loop() {
		start(b, "empty-program")
	}
}

// medians starts both programs in turn, so that whatever else the machine does
// slows both.
func medians(t *testing.T, path string) (lint, empty time.Duration) {
	t.Helper()
	var lints, empties []time.Duration
	for range lintRuns() {
		empties = append(empties, start(t, "empty-program"))
		lints = append(lints, start(t, "catalog-runbook", "lint", path))
	}
	slices.Sort(lints)
	slices.Sort(empties)
	return lints[len(lints)/2], empties[len(empties)/2]
}

func start(t testing.TB, name string, args ...string) time.Duration {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = []string{"HOME=" + os.TempDir()}
	cmd.Stdout = io.Discard
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	return time.Since(begin)
}

// manySteps is a runbook with the five steps of the service deployment over and
// over, in sections of ten.
func manySteps(n int) string {
	var b strings.Builder
	b.WriteString("# Many steps\n")
	for i := range n {
		if i%10 == 0 {
			fmt.Fprintf(&b, "\n## Part %d\n\n", i/10+1)
		}
		fmt.Fprintf(&b, "%d. %s\n", i%10+1, []string{
			"[Publish a new release](https://github.com/WordPress/openverse-catalog/releases).",
			"Look for [the Docker tag](https://github.com/wordpress/openverse-catalog/pkgs/container/openverse-catalog) of the release.",
			"Make sure that [no DAG is running](https://airflow.openverse.engineering/dagrun/list/?_flt_3_state=running).",
			"🔒 Raise the version with `just bump prod catalog-airflow`.",
			"🔒 Run `just plan prod catalog-airflow`, read it, then run `just apply prod catalog-airflow`.",
		}[i%5])
	}
	return b.String()
}
