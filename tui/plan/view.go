package plan

import (
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/text"
)

// View draws the title and the rows that are on the screen.
func (p *Plan) View() []string {
	if p.h < 1 {
		return nil
	}
	lines := []string{text.Title(p.w, p.cfg.Styles, p.Focused, p.title())}
	if p.reading {
		return append(lines, ansi.Truncate("The plan is being read…", p.w, "…"))
	}
	return append(lines, p.Pager.View()...)
}

// title returns the name of the plan, and how much of it is left to read.
func (p *Plan) title() string {
	title := "plan of " + p.identity.Label
	if p.doc == nil {
		return title
	}
	more := ""
	if p.deep.on {
		more = ", looking on"
	}
	title = p.Search().AddTitle(title, more, p.w)
	part := string(p.standing)
	switch {
	case p.standing != Current:
	case p.Read():
		part = "read"
	default:
		part = p.Progress() + " to read"
	}
	if text.Fits(title, part, p.w) {
		title += " · " + part
	}
	return title
}
