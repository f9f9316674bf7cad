package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/sys/unix"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/runbook/journal/exposure"
	"catalog-runbook/runbook/report"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/doctor"
)

type runsCommand struct {
	Mode string `enum:",live,dry-run,practice" default:"" help:"List only the runs in this mode: live, dry-run or practice." placeholder:"MODE"`
	JSON bool   `help:"Write JSON."`
}

// runsOutput is the JSON of runs. `help json` documents its shape.
type runsOutput struct {
	Runs []report.Summary `json:"runs"`
}

// Run lists the runs, newest first, including those that can't be read.
func (c runsCommand) Run(s streams) error {
	runs, err := openRuns(s)
	if err != nil {
		return err
	}
	ids, err := runs.store.List()
	if err != nil {
		return err
	}
	out := runsOutput{Runs: []report.Summary{}}
	for _, id := range ids {
		if run := summaryOf(runs.store, id); c.Mode == "" || c.Mode == string(run.Mode) {
			out.Runs = append(out.Runs, run)
		}
	}
	if c.JSON {
		return writeJSON(s.out, out)
	}
	if len(ids) == 0 {
		_, err := fmt.Fprintln(s.err, "No runs yet. Start one that touches nothing real: catalog-runbook practice")
		return err
	}
	return writeRuns(s.out, out.Runs)
}

// summaryOf reads a run and returns its summary, even if it can't be read.
func summaryOf(store journal.Store, id string) report.Summary {
	r, err := reportOf(store, id)
	if err != nil {
		return report.Summary{Run: id, State: report.NotKnown, Standing: clean.Line("unreadable"), Problems: []clean.Text{clean.Line(err.Error())}}
	}
	return r.Summary
}

// mostTitle is the width in cells to which the list shortens a document's title.
const mostTitle = 24

func writeRuns(w io.Writer, runs []report.Summary) error {
	rows := [][]string{{"RUN", "MODE", "RELEASE", "STANDS AT", "DOCUMENT", "OPEN"}}
	for _, r := range runs {
		open := "-"
		if r.HeldBy != nil {
			open = holderText(*r.HeldBy)
		}
		release := orDash(r.Release.String())
		if r.Rollback {
			release += ", back"
		}
		rows = append(rows, []string{
			r.Run, orDash(string(r.Mode)), release, r.Standing.String(), orDash(ansi.Truncate(r.Title.String(), mostTitle, "…")), open,
		})
	}
	_, err := io.WriteString(w, columns(rows))
	return err
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// holderText says who has a run open, and since when.
func holderText(h report.Holder) string {
	who := h.Actor.String()
	if who == "" {
		who = "another process"
	}
	if h.Since.IsZero() {
		return "by " + who
	}
	return fmt.Sprintf("by %s since %s", who, h.Since.UTC().Format("2006-01-02 15:04"))
}

// columns aligns rows of equal length by their width on a terminal.
func columns(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		last := len(row) - 1
		for i, cell := range row[:last] {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-ansi.StringWidth(cell)+2))
		}
		b.WriteString(row[last] + "\n")
	}
	return b.String()
}

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

const otherStateHome = "set XDG_STATE_HOME to a folder that you can write to"

// roomFor checks that runs can be written to a folder, or to where it would be
// created.
func roomFor(f *doctor.Finding, dir string, runs int) {
	there, err := existing(dir)
	if err != nil {
		f.Fail(err)
		return
	}
	if err := unix.Access(there, unix.W_OK|unix.X_OK); err != nil {
		f.Is(doctor.Wrong, otherStateHome, "can't write to %s: %s", there, err)
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
		f.Is(doctor.OK, "", "%s, free space unknown: %v", what, err)
		return
	}
	free := uint64(disk.Bavail) * uint64(disk.Bsize)
	f.Is(doctor.OK, "", "%s, %s free", what, room(free))
	if free < scarce {
		f.State, f.Next = doctor.Wrong, clean.Line("free up space there, or set XDG_STATE_HOME to a folder with more")
		f.Needed = free < full
	}
}

// existing returns the folder, or the closest one above it that exists.
func existing(dir string) (string, error) {
	for {
		info, err := os.Stat(dir)
		switch {
		case err == nil && !info.IsDir():
			return "", say.Hint(fmt.Errorf("%s is not a folder", dir), "move it away, or set XDG_STATE_HOME to another folder")
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
