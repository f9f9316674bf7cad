package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/tui/text"
)

// room is how many rows of the output are on the screen.
func (o *output) room() int { return max(o.size.h-1-o.lost(), 0) }

// lost is the row that says what is not kept, where there is room for it.
func (o *output) lost() int {
	if o.dropped() > 0 && o.size.h > 2 {
		return 1
	}
	return 0
}

// gutter is the room for the marks of the lines that have what is looked for.
func (o *output) gutter() int {
	if o.search.on() && o.size.w >= 20 {
		return 2
	}
	return 0
}

// width is how many cells a row of text has.
func (o *output) width() int { return o.size.w - o.gutter() }

func (o *output) view() []string {
	if o.size.h < 1 {
		return nil
	}
	o.settle()
	lines := []string{text.Rule(o.size.w, o.m.styles, o.title())}
	if o.lost() > 0 {
		lines = append(lines, o.m.styles.Dim.Render(ansi.Truncate(o.loss(), o.size.w, "…")))
	}
	for p := o.top; p.line < o.until() && len(lines) < o.size.h; p = (place{p.line + 1, 0}) {
		line := o.line(p.line).text.String()
		if o.ended == "" {
			before, from, to, after := text.Window(line, o.left, o.width())
			lines = append(lines, o.row(p.line, before, from, to, after))
			continue
		}
		starts := append(text.RowStarts(line, o.width()), len(line))
		for i := p.row; i < len(starts)-1 && len(lines) < o.size.h; i++ {
			lines = append(lines, o.row(p.line, "", starts[i], starts[i+1], ""))
		}
	}
	return lines
}

// loss says how much is not kept, and where it is.
func (o *output) loss() string {
	one := o.dropped() == 1
	switch {
	case o.file == "" && one:
		return "… 1 earlier line is not kept"
	case o.file == "":
		return "… " + say.Number(o.dropped()) + " earlier lines are not kept"
	case one:
		return "… 1 earlier line is in " + clean.Line(o.file).String()
	default:
		return "… " + say.Number(o.dropped()) + " earlier lines are in " + clean.Line(o.file).String()
	}
}

// title names the command and says how it goes, and what else there is room for.
func (o *output) title() string {
	title := o.label
	if o.m.focus == paneOutput {
		title = "› " + title
	}
	runs := o.ended == "" && o.m.running != nil
	switch {
	case o.ended != "":
		title += " · " + o.ended
	case runs:
		title += " · running for " + say.Duration(o.m.cfg.Now().Sub(o.m.running.since)) + " " + o.m.ticker.spinner()
		if at := o.m.running.interrupted; !at.IsZero() {
			title += " · interrupted"
		}
	}
	if o.search.on() { // what is looked for is said in any case
		search := " · " + o.search.title()
		title = ansi.Truncate(title, max(o.size.w-6-ansi.StringWidth(search), 8), "…") + search
	}
	fits := func(part string) bool { // with " · ", and with what the rule adds
		return ansi.StringWidth(title)+ansi.StringWidth(part)+7 <= o.size.w
	}
	add := func(part string) {
		if fits(part) {
			title += " · " + part
		}
	}
	follows := o.m.keys.Last.Help().Key + " follows"
	switch {
	case runs && o.follow:
		add("following")
	case runs && fits("not following · "+follows):
		add("not following · " + follows)
	case runs:
		add(follows)
	}
	if below := o.until() - o.down(o.top, o.room()).line; below > 0 {
		add(say.Count(below, "line") + " below")
	}
	return title
}

// row draws a part of a line, with the marks of what is cut off on either side.
// What is looked for stands out, and before it stands a mark: which one the
// person has been led to is not told by colour alone.
func (o *output) row(number int, before string, from, to int, after string) string {
	l, s := o.line(number), o.m.styles
	text, spans := l.text.String(), []span(nil)
	var b strings.Builder
	if o.search.on() {
		_, has := slices.BinarySearch(o.search.lines, number)
		spans = o.search.found(text, from, to)
		switch {
		case o.gutter() == 0:
		case !has, o.ended != "" && len(spans) == 0: // it is in another row of the line
			b.WriteString("  ")
		case number == o.search.at:
			b.WriteString(s.Key.Render("›") + " ")
		default:
			b.WriteString(s.Dim.Render("·") + " ")
		}
	}
	write := func(part string) {
		if l.note && part != "" {
			part = s.Note.Render(part)
		}
		b.WriteString(part)
	}
	write(before)
	for _, f := range spans {
		write(text[from:f.from])
		b.WriteString(s.Match.Render(text[f.from:f.to]))
		from = f.to
	}
	write(text[from:to] + after)
	return b.String()
}
