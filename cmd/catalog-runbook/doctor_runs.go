package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/journal/exposure"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/doctor"
)

// The room that runs should have on the disk, and the least without which none can
// begin, in bytes. A run takes a few MiB at the most, unless its commands print more.
const (
	scarce = 256 << 20
	full   = 8 << 20
)

// runsQuestion checks the folder for runs, without creating it, and for a command in
// doubt in the checkout, which no other may join.
func runsQuestion(s streams, checkout string) doctor.Question {
	about := doctor.About(clean.Text{}, "runs", "runs.unsettled")
	return doctor.Question{About: about, Ask: func(context.Context) []doctor.Finding {
		folder, doubt := about[0], about[1]
		runs, err := openRuns(s)
		if err != nil {
			folder.Fail(err)
			return []doctor.Finding{folder}
		}
		ids, err := runs.store.List()
		if err != nil {
			folder.Fail(say.Hint(err, otherStateHome))
			return []doctor.Finding{folder}
		}
		if roomFor(&folder, runs.store.Dir, len(ids)); folder.State == doctor.OK {
			if err := exposure.Of(runs.store.Dir); err != nil {
				folder.Fail(err)
			}
		}
		if checkout == "" {
			return []doctor.Finding{folder}
		}
		if err := runs.unsettled(checkout, ""); err != nil {
			doubt.Fail(err)
		} else {
			doubt.Is(doctor.OK, "", "none in this checkout")
		}
		return []doctor.Finding{folder, doubt}
	}}
}

const otherStateHome = "set XDG_STATE_HOME to a folder that you may write to"

// roomFor checks that runs can be written to a folder, or to where it would be
// created.
func roomFor(f *doctor.Finding, dir string, runs int) {
	there, err := existing(dir)
	if err != nil {
		f.Fail(err)
		return
	}
	if err := unix.Access(there, unix.W_OK|unix.X_OK); err != nil {
		f.Is(doctor.Wrong, otherStateHome, "%s cannot be written to: %s", there, err)
		return
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
		f.Is(doctor.OK, "", "%s, where the free room is not told: %v", what, err)
		return
	}
	free := uint64(disk.Bavail) * uint64(disk.Bsize)
	f.Is(doctor.OK, "", "%s, %s free", what, room(free))
	if free < scarce {
		f.State, f.Next = doctor.Wrong, clean.Line("make room there, or set XDG_STATE_HOME to a folder with more")
		f.Needed = free < full
	}
}

// existing returns the folder, or the closest one above it that exists.
func existing(dir string) (string, error) {
	for {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return "", say.Hint(fmt.Errorf("%s is no folder", dir), "move it away, or set XDG_STATE_HOME to another folder")
		case err == nil:
			return dir, nil
		case !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir):
			return "", say.Hint(err, otherStateHome)
		}
		dir = filepath.Dir(dir)
	}
}

// room formats a number of bytes in MiB or GiB.
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
