package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui/text"
)

// view draws the rows that are on the screen, and only those.
func (p *planPane) view() []string {
	if p.size.h < 1 {
		return nil
	}
	lines := []string{text.Rule(p.size.w, p.m.styles, p.title())}
	switch {
	case p.reading:
		return append(lines, ansi.Truncate("The plan is being read…", p.size.w, "…"))
	case p.doc == nil:
		return lines
	}
	p.settle()
	for s := p.top; s.entry < len(p.doc.entries) && len(lines) < p.size.h; s = p.down(s, 1) {
		lines = append(lines, p.row(s))
	}
	return lines
}

// title names the plan and says how much of it is left to read.
func (p *planPane) title() string {
	title := "plan of " + p.label
	if p.m.focus == paneOutput {
		title = "› " + title
	}
	if p.doc == nil {
		return title
	}
	if p.search.on() { // what is looked for is said in any case
		search := " · " + p.search.title()
		if p.hunt.on {
			search += ", looking on"
		}
		title = ansi.Truncate(title, max(p.size.w-6-ansi.StringWidth(search), 8), "…") + search
	}
	add := func(part string) {
		if ansi.StringWidth(title)+ansi.StringWidth(part)+7 <= p.size.w { // with " · ", and with what the rule adds
			title += " · " + part
		}
	}
	made, attempt, _ := p.m.madePlan(p.step)
	if attempt != p.attempt {
		add("an older one")
		return title
	}
	switch {
	case p.m.run.Effect(p.step, made.Name).Voided != nil:
		add("lapsed")
	case p.m.calledCorrect(p.step):
		add("called correct")
	case p.whole:
		add("read")
	default:
		add(p.progress() + " to read")
	}
	return title
}

// progress says how much is left to read.
func (p *planPane) progress() string {
	if left := p.left(); left > 0 {
		return say.Number(left) + " of " + say.Count(p.doc.resources, "resource") + " left"
	}
	return "a few lines left"
}

// style is how a tone looks.
func toneStyle(s text.Styles, t tone) lipgloss.Style {
	switch t {
	case toneTitle:
		return s.Strong
	case toneGood:
		return s.Good
	case toneBad:
		return s.Bad
	case toneWarn:
		return s.Warn
	case toneDim:
		return s.Dim
	default:
		return lipgloss.NewStyle()
	}
}

// row draws one row: the cursor or the mark of what is looked for, the line's own
// mark, and the part of the text.
func (p *planPane) row(at spot) string {
	l, s := p.line(at.entry, at.line), p.m.styles
	starts := append(l.starts(p.width()), len(l.text))
	from, to := starts[at.row], starts[at.row+1]
	if to < len(l.text) {
		to = from + len(strings.TrimRight(l.text[from:to], " "))
	}
	var b strings.Builder
	var spans []span
	if p.search.on() {
		spans = p.search.found(l.text, from, to)
	}
	if p.gutter() > 0 {
		_, hit := slices.BinarySearch(p.search.lines, lineNumber(at.entry, at.line))
		switch {
		case at == p.cursor && p.m.focus == paneOutput:
			b.WriteString(s.Key.Render("›") + " ")
		case hit && len(spans) > 0:
			b.WriteString(s.Dim.Render("·") + " ")
		default:
			b.WriteString("  ")
		}
	}
	style := toneStyle(s, l.tone)
	if indent, mark, rest := l.head(p.width()); at.row > 0 {
		b.WriteString(strings.Repeat(" ", rest))
	} else {
		b.WriteString(strings.Repeat(" ", indent) + style.Render(mark))
	}
	write := func(part string) {
		if part != "" {
			b.WriteString(style.Render(part))
		}
	}
	if sign := min(signCells, to); at.line == 0 && at.row == 0 && p.doc.entries[at.entry].change >= 0 && len(spans) == 0 {
		b.WriteString(signStyle(s, p.doc.Plan.Changes[p.doc.entries[at.entry].change].Action).Render(l.text[:sign]))
		from = sign
	}
	for _, f := range spans {
		write(l.text[from:f.from])
		b.WriteString(s.Match.Render(l.text[f.from:f.to]))
		from = f.to
	}
	write(l.text[from:to])
	return b.String()
}

// signCells is how wide planSign is.
const signCells = 3

// sign is how the sign of an action looks.
func signStyle(s text.Styles, a terraform.Action) lipgloss.Style {
	switch a {
	case terraform.Delete, terraform.Replace, terraform.Forget, terraform.Unclear:
		return s.Bad
	case terraform.Update:
		return s.Warn
	case terraform.Create:
		return s.Good
	default:
		return s.Dim
	}
}
