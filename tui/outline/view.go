package outline

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// View draws the title and the rows on the screen.
func (o *Outline) View() []string {
	switch {
	case o.h < 1:
		return nil
	case o.strip != "":
		return []string{o.drawStrip()}
	}
	only := ""
	if o.filter != "" {
		only = o.styles.Dim.Render("only " + o.filter)
	}
	lines := []string{text.Title(o.w, o.styles, o.Focused, "Steps", only)}
	if len(o.rows) > 0 {
		o.current = o.pager.At().Item
		return append(lines, o.pager.View()...)
	}
	none := "This document has no steps."
	if o.filter != "" {
		none = "No matches."
	}
	return append(lines, o.styles.Dim.Render(ansi.Truncate(" "+none, o.w, "…")))
}

// Line implements pager.Source.
func (o *Outline) Line(item, line int) pager.Line {
	r := o.rows[item]
	if r.step == nil {
		return pager.Line{Text: o.heading(item)}
	}
	title := r.title
	if o.lines != nil {
		title = o.lines[item][line]
	}
	return pager.Line{Text: o.step(r, title, line, item == o.current)}
}

// heading draws the path of a section, and of a folded one how many steps it has. What the
// heading above says already is left out. If the path is too long, its end is kept, which
// tells more.
func (o *Outline) heading(item int) string {
	r := o.rows[item]
	style, mark, count := o.styles.Section, " ", ""
	switch {
	case r.bare:
		style = o.styles.Dim
	case r.folded > 0:
		mark, count = "▸ ", " · "+say.Count(r.folded, "step")
	}
	var parts []string
	for _, p := range r.section.Path[o.said(item):] {
		parts = append(parts, p.String())
	}
	if len(parts) < len(r.section.Path) && r.folded == 0 {
		mark = "   "
	}
	room := o.w - ansi.StringWidth(mark+count) - 1
	for len(parts) > 1 && ansi.StringWidth(strings.Join(parts, " › ")) > room {
		parts = parts[1:]
	}
	return style.Render(ansi.Truncate(mark+ansi.Truncate(strings.Join(parts, " › "), room, "…")+count, o.w, "…"))
}

// said returns how many parts of a heading's path are those of the heading above it: all of
// the upper heading's, or none.
func (o *Outline) said(item int) int {
	path := o.rows[item].section.Path
	for i := item - 1; i >= 0; i-- {
		if o.rows[i].step != nil {
			continue
		}
		above := o.rows[i].section.Path
		if o.rows[i].folded > 0 || len(above) >= len(path) || !slices.Equal(above, path[:len(above)]) {
			return 0
		}
		return len(above)
	}
	return 0
}

// step draws a line of a step, with what of its title stands in it: "›✓ 4 🔒 Update the
// catalog version…". The lock has a column of two
// cells, so that the texts are aligned.
func (o *Outline) step(r row, title string, line int, current bool) string {
	head := o.head(r)
	room := o.w - ansi.StringWidth(head) - 2
	cursor := " "
	if current {
		cursor = o.cursor()
	}
	if room < 1 {
		return ansi.Truncate(cursor+o.marks(r.step.ID)+head, o.w, "")
	}
	title = ansi.Truncate(title, room, "…")
	switch {
	case current && o.Focused:
		title = o.styles.Selected.Render(title)
	case current:
		title = o.styles.Strong.Render(title)
	}
	if line > 0 {
		return strings.Repeat(" ", o.w-room) + title
	}
	return cursor + o.marks(r.step.ID) + head + title
}

// cursor draws the sign of the selected step.
func (o *Outline) cursor() string {
	if o.Focused {
		return o.styles.Key.Render("›")
	}
	return o.styles.Dim.Render("›")
}

// head returns what stands between the sign of a step and its title.
func (o *Outline) head(r row) string {
	lock := "  "
	if r.locked {
		lock = "🔒"
	}
	return strings.Repeat(" ", 1+2*r.depth) + number(r) + " " + lock + " "
}

func number(r row) string {
	switch {
	case r.step.Shape == document.Added:
		return "+"
	case r.step.Number == "":
		return "·"
	}
	return r.step.Number
}

// titleLines returns the title of a step, wrapped.
func (o *Outline) titleLines(r row) []string {
	room := o.w - ansi.StringWidth(o.head(r)) - 2
	if room < 12 {
		return []string{r.title}
	}
	return strings.Split(ansi.Wrap(r.title, room, ""), "\n")
}
