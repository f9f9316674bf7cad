package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/doctor"
)

// How much room the runs should have on the disk, and below how much nothing can be
// begun. A run takes a few MiB at the most, unless its commands print more.
const (
	scarce = 256 << 20
	full   = 8 << 20
)

// runsQuestion looks at the folder that runs are kept in, without making it, and
// for a command in doubt in the checkout, which no other may join.
func runsQuestion(s streams, checkout string) doctor.Question {
	folder := doctor.Finding{ID: "runs", Name: clean.Line("Runs"), Needed: true, For: clean.Line("walking at all: nothing is done that is not on disk")}
	doubt := doctor.Finding{ID: "runs.unsettled", Name: clean.Line("Commands in doubt"), Needed: true, For: clean.Line("running a command in the infrastructure checkout")}
	return doctor.Question{About: []doctor.Finding{folder, doubt}, Ask: func(context.Context) []doctor.Finding {
		runs, err := openRuns(s)
		if err != nil {
			return []doctor.Finding{wrong(folder, err)}
		}
		ids, err := runs.store.List()
		if err != nil {
			return []doctor.Finding{wrong(folder, fmt.Errorf("%w; hint: set XDG_STATE_HOME to a folder that you may write to", err))}
		}
		all := []doctor.Finding{roomFor(folder, runs.store.Dir, len(ids))}
		if checkout == "" {
			return all
		}
		if err := runs.unsettled(checkout, ""); err != nil {
			return append(all, wrong(doubt, err))
		}
		doubt.State, doubt.Found = doctor.OK, clean.Line("none in this checkout")
		return append(all, doubt)
	}}
}

// wrong completes a finding with an error and its hint.
func wrong(f doctor.Finding, err error) doctor.Finding {
	text, hint, _ := strings.Cut(err.Error(), "; hint: ")
	if strings.HasPrefix(hint, "catalog-runbook ") {
		hint = "`" + hint + "`"
	}
	f.State, f.Found, f.Next = doctor.Wrong, clean.Line(text), clean.Line(hint)
	return f
}

// roomFor says whether runs can be written to a folder, or to where it would be made.
func roomFor(f doctor.Finding, dir string, runs int) doctor.Finding {
	there := dir
	for {
		info, err := os.Stat(there)
		if err == nil && !info.IsDir() {
			return wrong(f, fmt.Errorf("%s is no folder; hint: move it away, or set XDG_STATE_HOME to another folder", there))
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || there == filepath.Dir(there) {
			return wrong(f, fmt.Errorf("%w; hint: set XDG_STATE_HOME to a folder that you may write to", err))
		}
		there = filepath.Dir(there)
	}
	if err := unix.Access(there, unix.W_OK|unix.X_OK); err != nil {
		return wrong(f, fmt.Errorf("%s cannot be written to: %w; hint: set XDG_STATE_HOME to a folder that you may write to", there, err))
	}
	what := fmt.Sprintf("%d runs in %s", runs, dir)
	switch {
	case there != dir:
		what = "none yet; " + dir + " can be made"
	case runs == 1:
		what = "1 run in " + dir
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(there, &disk); err != nil {
		f.State, f.Found = doctor.OK, clean.Linef("%s, where the free room is not told: %v", what, err)
		return f
	}
	free := uint64(disk.Bavail) * uint64(disk.Bsize)
	f.State, f.Found = doctor.OK, clean.Linef("%s, %s free", what, room(free))
	if free < scarce {
		f.State, f.Next = doctor.Wrong, clean.Line("make room there, or set XDG_STATE_HOME to a folder with more")
		f.Needed = free < full
	}
	return f
}

// room writes a number of bytes as people say it.
func room(bytes uint64) string {
	switch {
	case bytes >= 10<<30:
		return fmt.Sprintf("%d GiB", bytes>>30)
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	default:
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
}
