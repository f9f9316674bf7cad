package detail

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/text"
)

// page collects lines of a given width.
type page struct {
	styles  text.Styles
	width   int
	lines   []string
	pending bool
}

// fieldWidth is the width of the column of names, in cells.
const fieldWidth = 10

func (p *page) blank() { p.lines = append(p.lines, "") }

// section separates the next field, if there is one, by a blank line.
func (p *page) section() { p.pending = true }

func (p *page) line(style interface{ Render(...string) string }, text string) {
	for line := range strings.SplitSeq(ansi.Wrap(text, p.width, ""), "\n") {
		p.lines = append(p.lines, style.Render(line))
	}
}

// field adds "Name      value", with the value wrapped in a column beside the name, or
// below it on a narrow screen.
func (p *page) field(name, value string) {
	if p.pending {
		p.blank()
		p.pending = false
	}
	if p.width < 3*fieldWidth {
		p.lines = append(p.lines, ansi.Truncate(name, p.width, "…"))
		p.lines = append(p.lines, strings.Split(ansi.Wrap(value, p.width, ""), "\n")...)
		return
	}
	for i, line := range strings.Split(ansi.Wrap(value, p.width-fieldWidth, ""), "\n") {
		label := ""
		if i == 0 {
			label = ansi.Truncate(name, fieldWidth-1, "…")
		}
		p.lines = append(p.lines, label+strings.Repeat(" ", fieldWidth-ansi.StringWidth(label))+line)
	}
}

// evidence adds one observation, with its source below it if that is a link.
func (p *page) evidence(e runbook.Evidence) {
	line := e.Name.String() + ": " + e.Value.String()
	switch e.Name.String() {
	case "-":
		line = p.styles.Bad.Render("- " + e.Value.String())
	case "+":
		line = p.styles.Good.Render("+ " + e.Value.String())
	}
	p.field("", line)
	if src := e.Source.String(); text.WebLink(src) && src != e.Value.String() {
		indent, room := fieldWidth, p.width-fieldWidth
		if p.width < 3*fieldWidth {
			indent, room = 0, p.width
		}
		p.lines = append(p.lines, strings.Repeat(" ", indent)+p.styles.Dim.Render(ansi.Truncate(src, room, "…")))
	}
}
