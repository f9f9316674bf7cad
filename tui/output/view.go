package output

import (
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/terraform/progress"
	"catalog-runbook/tui/text"
)

// View draws the title and the rows on the screen.
func (o *Output) View() []string {
	if o.h < 1 {
		return nil
	}
	rows := o.Pager.View()
	lines := []string{text.Title(o.w, o.cfg.Styles, o.Focused, o.title())}
	for _, r := range o.resources() {
		lines = append(lines, o.resource(r))
	}
	if o.lost() > 0 {
		lines = append(lines, o.cfg.Styles.Dim.Render(ansi.Truncate(o.loss(), o.w, "…")))
	}
	return append(lines, rows...)
}

// progressRows is the most rows that show the resources of an apply.
const progressRows = 8

// resources returns the resources of a running apply that are shown: they leave most of the
// rows to what is printed.
func (o *Output) resources() []progress.Row {
	if o.Ended() || !o.progress.Seen {
		return nil
	}
	return o.progress.Rows[:min(len(o.progress.Rows), max((o.h-1)/2, 0))]
}

// resource draws how far a resource is. Of a long address, the end stays.
func (o *Output) resource(r progress.Row) string {
	words := "  " + r.Words(o.cfg.Now())
	address := clean.Line(r.Address).String()
	room := max(o.w-len("| ")-ansi.StringWidth(words), 8)
	if long := ansi.StringWidth(address) - room; long > 0 {
		address = ansi.TruncateLeft(address, long+1, "…")
	}
	line, s := address+words, o.cfg.Styles
	switch r.State {
	case progress.Running:
		line = s.Note.Render(o.spinner+" ") + line
	case progress.Done:
		line = s.Good.Render("✓ ") + line
	default:
		line = s.Dim.Render("· " + line)
	}
	return ansi.Truncate(line, o.w, "…")
}

// lost returns the row that says what was dropped, if there is room for it.
func (o *Output) lost() int {
	if o.Dropped() > 0 && o.h > 2 {
		return 1
	}
	return 0
}

// loss returns how many lines were dropped, and which file has them.
func (o *Output) loss() string {
	what := say.Number(o.Dropped()) + " earlier lines are "
	if o.Dropped() == 1 {
		what = "1 earlier line is "
	}
	if o.file == "" {
		return "… " + what + "not kept"
	}
	return "… " + what + "in " + clean.Line(o.file).String()
}

// title returns the command, its state, and what else there is room for.
func (o *Output) title() string {
	title := o.command.Label
	runs := !o.Ended() && !o.command.Since.IsZero()
	switch {
	case o.Ended():
		title += " · " + o.ended
	case runs:
		title += " · running for " + say.Duration(o.cfg.Now().Sub(o.command.Since)) + " " + o.spinner
		if o.interrupted {
			title += " · interrupted"
		}
		if words := o.progress.Words(o.cfg.Now()); o.progress.Seen && words != "" && text.Fits(title, words, o.w) {
			title += " · " + words
		}
	}
	title = o.Search().AddTitle(title, "", o.w)
	fits := func(part string) bool { return text.Fits(title, part, o.w) }
	add := func(part string) {
		if fits(part) {
			title += " · " + part
		}
	}
	follows := o.cfg.Keys.Last.Help().Key + " follows"
	switch {
	case runs && o.Following():
		add("following")
	case runs && fits("not following · "+follows):
		add("not following · " + follows)
	case runs:
		add(follows)
	}
	if below := o.Below(); below > 0 {
		add(say.Count(below, "line") + " below")
	}
	return title
}
