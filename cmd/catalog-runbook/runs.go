package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/runbook/report"
)

type runsCommand struct {
	JSON bool `help:"Write JSON."`
}

// runsOutput is the JSON of runs. Its shape is documented in the README.
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
		out.Runs = append(out.Runs, summaryOf(runs.store, id))
	}
	if c.JSON {
		return writeJSON(s.out, out)
	}
	if len(ids) == 0 {
		_, err := fmt.Fprintln(s.err, "There is no run yet: `catalog-runbook practice` begins one in which nothing real is touched.")
		return err
	}
	return writeRuns(s.out, out.Runs)
}

// summaryOf reads a run and returns its summary, even if it can't be read.
func summaryOf(store journal.Store, id string) report.Summary {
	r, err := reportOf(store, id)
	if err != nil {
		return report.Summary{Run: id, State: report.NotKnown, Standing: clean.Line("cannot be read"), Problems: []clean.Text{clean.Line(err.Error())}}
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
		rows = append(rows, []string{
			r.Run, orDash(string(r.Mode)), orDash(r.Release.String()), r.Standing.String(), orDash(ansi.Truncate(r.Title.String(), mostTitle, "…")), open,
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
