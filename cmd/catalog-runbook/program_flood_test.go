//go:build !race

package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/cmd/catalog-runbook/settings"
)

// floodMiB is how much a command prints in TestProgramInAFlood; .ci/run asks for
// 1024.
var floodMiB = flag.Int("flood-mib", 64, "how many MiB of output TestProgramInAFlood lets come")

// What a flood of output may cost the program. The race detector, with which
// this file is not built, makes everything many times slower.
const (
	floodMemory = 150 << 10             // KiB in memory, at any moment
	floodKey    = 50 * time.Millisecond // 95 of 100 keys are quicker
	floodKeys   = 20                    // are pressed at the least, else nothing is proved
	floodPause  = 15 * time.Millisecond // from one key to the next
)

// TestProgramInAFlood lets a command print very much while a person moves about.
// The program stays small, and what is pressed is soon on the screen.
func TestProgramInAFlood(t *testing.T) {
	if testing.Short() {
		t.Skip("a GiB takes its time")
	}
	k := newKilling(t)
	defer k.close()
	line := strings.Repeat("module.catalog_airflow.aws_instance.this: Still creating... ", 2)
	k.write("bin/just", 0o700, fmt.Sprintf("#!/bin/sh\nyes %q | head -c %d\n", line, *floodMiB<<20))
	term := newTerminal(t, 100, 40, k.environ, program(t), "--release", headlessTag, "--settings", filepath.Join(k.dir, settings.FileName))
	term.start(nil)
	term.waitFor("LIVE prod", "0 of 7 done")
	term.insist("V", "3 of 7 done")
	term.typeIn("jjj")
	term.waitFor("Step 4")
	term.confirm("prod")
	term.waitFor("Still creating")

	f := afloat{emulator: term}
	begun := time.Now()
	for !f.over {
		for _, key := range []struct{ press, shows string }{
			{press: "j", shows: "│ ── Step 5 "},
			{press: "k", shows: "│ ── Step 4 "},
			{press: "\t", shows: "══ just bump"},
			{press: pageUp, shows: "· not following"},
			{press: "G", shows: "· following"},
			{press: "\t", shows: "│ ══ Step 4 "},
			{press: "\t", shows: "══ Steps"},
		} {
			f.press(key.press, func(screen string) bool {
				return strings.Contains(screen, key.shows)
			})
		}
	}
	took := time.Since(begun)
	if len(f.took) < floodKeys {
		t.Fatalf("only %d keys were pressed in the flood: let more come", len(f.took))
	}
	slices.Sort(f.took)
	p95, most := f.took[len(f.took)*95/100], mostMemory(t, term.cmd.Process.Pid)
	t.Logf("%d MiB in %s: %d keys, p50 %s, p95 %s, at the most %s; at the most %d MiB in memory",
		*floodMiB, took.Round(time.Millisecond), len(f.took), f.took[len(f.took)/2], p95, f.took[len(f.took)-1], most>>10)
	if *long && p95 > floodKey { // else other packages are tested at the same time
		t.Errorf("95 of 100 keys are answered within %s", p95)
	}
	if most > floodMemory {
		t.Errorf("%d KiB of memory were in use", most)
	}
	kept, err := filepath.Glob(filepath.Join(k.state, "catalog-runbook", "runs", "*", "*-bump", "output"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("the outputs are %q, %v", kept, err)
	}
	if info, err := os.Stat(kept[0]); err != nil || info.Size() < int64(*floodMiB)<<20 {
		t.Errorf("not all output is kept: %+v, %v", info, err)
	}
	term.typeIn("q")
	if code := term.end(); code != exitOpen {
		t.Errorf("exit code %d", code)
	}
}

// pageUp is what the key sends.
const pageUp = "\x1b[5~"

// afloat is a checklist beside whose command a flood of output comes.
type afloat struct {
	*emulator
	took []time.Duration // from a key to what it changes on the screen
	over bool            // the command has ended
}

// press presses a key and waits until the screen shows what it does. When the
// command has ended meanwhile, the key does not count.
func (f *afloat) press(key string, shown func(screen string) bool) {
	f.t.Helper()
	if f.over {
		return
	}
	pause, limit := time.NewTimer(floodPause), time.NewTimer(patience)
	defer limit.Stop()
	<-pause.C
	at := time.Now()
	f.typeIn(key)
	for {
		screen := f.text()
		f.over = strings.Contains(screen, "exit code 0, ")
		if f.over {
			return
		}
		if shown(screen) {
			f.took = append(f.took, time.Since(at))
			return
		}
		select {
		case <-f.changed:
		case <-limit.C:
			f.t.Fatalf("%q is not answered:\n%s", key, screen)
		}
	}
}

// mostMemory is how many KiB of memory a process has had at the most, 0 where the
// system does not tell.
func mostMemory(t *testing.T, pid int) (kib int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if os.IsNotExist(err) {
		t.Log("there is no /proc here, so the memory of the program is not looked at")
		return 0
	}
	_, most, _ := strings.Cut(string(status), "VmHWM:")
	if _, err := fmt.Sscanf(most, "%d kB", &kib); err != nil {
		t.Fatalf("%v\n%s", err, status)
	}
	return kib
}
