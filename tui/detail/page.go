package detail

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/text"
)

// page collects lines of a given width.
type page struct {
	styles  *text.Styles
	width   int
	at      func(time.Time) string // how a moment is written
	checked func(time.Time) string // how that of a check is
	open    bool                   // all evidence is shown
	spare   int                    // lines that evidence may have beyond the usual
	dir     string                 // the folder that the next command names, "" for none
	lines   []string
	pending bool
}

// fieldWidth is the width of the column of names, in cells.
const fieldWidth = 10

func (p *page) blank() { p.lines = append(p.lines, "") }

// section separates the next field, if there is one, by a blank line.
func (p *page) section() { p.pending = true }

// field adds "Name      value", with the value wrapped in a column beside the name, or
// below it on a narrow screen.
func (p *page) field(name, value string) {
	if p.pending {
		p.blank()
		p.pending = false
	}
	if p.width < 3*fieldWidth {
		if name != "" {
			p.lines = append(p.lines, ansi.Truncate(name, p.width, "…"))
		}
		p.lines = append(p.lines, text.Wrap(value, p.width)...)
		return
	}
	for i, line := range text.Wrap(value, p.width-fieldWidth) {
		label := ""
		if i == 0 {
			label = ansi.Truncate(name, fieldWidth-1, "…")
		}
		p.lines = append(p.lines, label+strings.Repeat(" ", fieldWidth-ansi.StringWidth(label))+line)
	}
}

// Evidence that is shown of a result, in lines; the rest is folded. What failed shows more.
const (
	evidenceLines = 4
	failedLines   = 12
	worthFolding  = 3 // fewer lines stay, because the line that says so takes one
)

// evidences adds what a check has seen. What is beyond some lines is folded: a kind
// reports what matters first.
func (p *page) evidences(all []runbook.Evidence, lines int) {
	from := len(p.lines)
	all = slices.DeleteFunc(slices.Clone(all), func(e runbook.Evidence) bool { return p.dir != "" && e.Value.String() == p.dir })
	if !p.open { // where it is comes last
		slices.SortStableFunc(all, func(x, y runbook.Evidence) int { return where(x) - where(y) })
	}
	for i, e := range all {
		p.evidence(e)
		if i+1 == len(all) || all[i+1].Source != e.Source { // once for what was seen there
			p.source(e)
		}
	}
	more := len(p.lines) - from - lines
	if p.open || more < worthFolding {
		return
	}
	more -= p.spare
	lines += p.spare
	if p.spare = max(-more, 0); more <= 0 {
		return
	}
	p.lines = p.lines[:from+lines]
	p.field("", p.styles.Dim.Render(fmt.Sprintf("… %d more lines: ", more))+p.styles.Key.Render("+")+p.styles.Dim.Render(" shows them"))
}

// where returns 1 for evidence that is a path, else 0.
func where(e runbook.Evidence) int {
	if strings.HasPrefix(e.Value.String(), "/") {
		return 1
	}
	return 0
}

// evidence adds one observation.
func (p *page) evidence(e runbook.Evidence) {
	line := e.Name.String() + ": " + e.Value.String()
	switch e.Name.String() {
	case "-":
		line = p.styles.Bad.Render("- " + e.Value.String())
	case "+":
		line = p.styles.Good.Render("+ " + e.Value.String())
	}
	p.field("", line)
}

// source adds where an observation was made, if that is a link.
func (p *page) source(e runbook.Evidence) {
	if src := e.Source.String(); text.WebLink(src) && src != e.Value.String() {
		indent, room := fieldWidth, p.width-fieldWidth
		if p.width < 3*fieldWidth {
			indent, room = 0, p.width
		}
		for _, row := range text.Wrap(src, room) { // whole, so that it can be copied
			p.lines = append(p.lines, strings.Repeat(" ", indent)+p.styles.Dim.Render(row))
		}
	}
}
