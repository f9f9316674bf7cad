package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/runbook/report"
)

type runsCommand struct {
	JSON bool `help:"Write JSON."`
}

// runsOutput is the JSON of runs. Its shape is documented in the README.
type runsOutput struct {
	Runs []runLine `json:"runs"`
}

type runLine struct {
	Run         string         `json:"run"`
	Mode        runbook.Mode   `json:"mode"`
	Title       clean.Text     `json:"title"`
	Document    clean.Text     `json:"document"`
	Environment clean.Text     `json:"environment"`
	Release     clean.Text     `json:"release"`
	BegunAt     time.Time      `json:"begun_at,omitzero"`
	LastAt      time.Time      `json:"last_at,omitzero"`
	HeldBy      *report.Holder `json:"held_by,omitempty"`
	State       report.State   `json:"state"`
	Standing    clean.Text     `json:"standing"`
	Done        int            `json:"done"`
	Of          int            `json:"of"`
	Damaged     bool           `json:"damaged"`
	Problems    []clean.Text   `json:"problems"`
}

// Run lists the runs, the newest first. One that cannot be read is listed too.
func (c runsCommand) Run(s streams) error {
	runs, err := openRuns(s)
	if err != nil {
		return err
	}
	ids, err := runs.store.List()
	if err != nil {
		return err
	}
	out := runsOutput{Runs: []runLine{}}
	for _, id := range ids {
		out.Runs = append(out.Runs, lineOf(runs.store, id))
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

func lineOf(store journal.Store, id string) runLine {
	r, err := reportOf(store, id)
	if err != nil {
		return runLine{Run: id, State: report.NotKnown, Standing: clean.Line("cannot be read"), Problems: []clean.Text{clean.Line(err.Error())}}
	}
	return runLine{
		Run: id, Mode: r.Mode, Title: r.Title, Document: r.Document, Environment: r.Environment, Release: r.Release,
		BegunAt: r.BegunAt, LastAt: r.LastAt, HeldBy: r.HeldBy, State: r.State, Standing: r.Standing, Done: r.Done, Of: r.Of,
		Damaged: r.Damaged, Problems: r.Problems,
	}
}

// mostTitle is how wide the title of a document may be in the list, in cells. When
// a run was begun stands in its name.
const mostTitle = 24

func writeRuns(w io.Writer, runs []runLine) error {
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

// columns aligns rows of equal length by what a terminal shows of them.
func columns(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-ansi.StringWidth(cell)+2))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
