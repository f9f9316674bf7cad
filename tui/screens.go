package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/tui/help"
	"catalog-runbook/tui/layout"
	"catalog-runbook/tui/reader"
	"catalog-runbook/tui/text"
)

// screen takes the place of the checklist between header and footer.
type screen interface {
	Keys() []key.Binding      // those that Update takes
	ShortHelp() []key.Binding // those that the footer names
	Update(tea.Msg) tea.Cmd
	SetSize(w, h int)
	View() []string
}

// screenKind describes a screen that a key opens and closes.
type screenKind struct {
	key   key.Binding
	new   func(*Model) screen
	brief bool // every other key closes it
}

// screenKinds lists the screens.
func screenKinds(k keyMap) []screenKind {
	return []screenKind{
		{key: k.Help, new: newHelp, brief: true},
		{key: k.Document, new: newReader},
		{key: k.Explain, new: newExplanation},
	}
}

// newHelp returns the help, with the keys of the pane that has the focus first.
func newHelp(m *Model) screen {
	here := map[layout.Pane]string{paneOutline: "Here, in the list of steps", paneDetail: "Here, beside the list", paneOutput: "Here, in the output"}[m.focus]
	if m.inPlan() {
		here = "Here, in the plan"
	}
	var listed []key.Binding
	for _, b := range m.useful() {
		if m.does(b) && !slices.ContainsFunc(listed, func(l key.Binding) bool { return l.Help().Key == b.Help().Key }) {
			listed = append(listed, b)
		}
	}
	groups := []help.Group{{Title: here, Keys: listed}}
	for _, g := range m.keys.groups() {
		g.Keys = slices.DeleteFunc(g.Keys, func(b key.Binding) bool {
			return !m.exists(b) || slices.ContainsFunc(listed, func(l key.Binding) bool { return l.Help() == b.Help() })
		})
		if len(g.Keys) > 0 {
			groups = append(groups, g)
		}
	}
	for _, g := range groups { // two bindings have the same key
		for i := range g.Keys {
			switch b := &g.Keys[i]; {
			case same(*b, m.keys.Filter):
				b.SetHelp(b.Help().Key, "filter the list of steps")
			case same(*b, m.keys.Search):
				b.SetHelp(b.Help().Key, "search the output or plan")
			}
		}
	}
	groups = append(groups, help.Signs(m.styles), help.Others(), help.Terms(), help.Mode(m.engine.Mode()))
	return help.New(groups, m.keys.pager(), []key.Binding{m.keys.Explain, m.keys.Search}, m.styles)
}

// exists reports whether a key can do something in this run, whatever is selected.
func (m *Model) exists(b key.Binding) bool {
	kind := func(has func(*steps.Kind) bool) bool {
		return slices.ContainsFunc(m.engine.Bound().Steps, func(b steps.Binding) bool { return has(b.Kind) })
	}
	is := func(all ...key.Binding) bool {
		return slices.ContainsFunc(all, func(o key.Binding) bool { return o.Help() == b.Help() })
	}
	switch k := m.keys; {
	case is(k.World):
		return m.cfg.World != nil
	case !m.locked().Empty() && is(k.changes()...):
		return false
	case is(k.Choose):
		return kind(func(k *steps.Kind) bool { return k.Releases != nil })
	case is(k.Pause):
		return kind(func(k *steps.Kind) bool {
			return slices.ContainsFunc(k.Effects, func(e steps.Effect) bool { return e.Changes != nil })
		})
	case is(k.Run, k.Output, k.Type, k.Settle):
		return kind(func(k *steps.Kind) bool { return len(k.Effects) > 0 })
	case is(k.Plan, k.FoldAll, k.UnfoldAll):
		return kind(func(k *steps.Kind) bool { return k.Deploys })
	}
	return true
}

// newExplanation returns the page that explains the selected step.
func newExplanation(m *Model) screen {
	title, about := "No step is selected.", ""
	if b, ok := m.selected(); ok {
		title, about = strings.TrimSuffix(b.Title().String(), ".")+" ("+b.Kind.Name+")", b.Kind.Explain
		if b.Step.Number != "" {
			title = say.Capital(b.Label().String()) + ": " + title
		}
	}
	return help.Explain(title, about, m.keys.pager(), []key.Binding{m.keys.Search}, m.styles)
}

// newReader returns the document, at the selected step.
func newReader(m *Model) screen {
	r := reader.New(reader.Config{Keys: m.keys.pager(), More: []key.Binding{m.keys.Link, m.keys.Search}, Styles: m.styles, Mark: func(id document.StepID) string {
		status := m.run.Status(id, m.cfg.Now())
		return m.styles.Status(status).Render(text.Sign(status))
	}}, m.engine.Bound())
	r.SetSize(m.places.Body().W, m.places.Body().H)
	r.SetStep(m.outline.Selected())
	if words := m.outline.Filter(); words != "" {
		if r.StartSearch(words); r.Hits() == 0 {
			r.StartSearch("") // n would go nowhere
		}
	}
	return r
}

// read opens the document at a section.
func (m *Model) read(s *document.Section) {
	r := newReader(m).(*reader.Reader)
	m.screens.shown = append(m.screens.shown, shownScreen{r, screenKind{key: m.keys.Document}})
	m.resize()
	r.SetSection(s)
}

// screens holds the screens that are shown, the newest last.
type screens struct {
	kinds []screenKind
	shown []shownScreen
}

type shownScreen struct {
	screen
	kind screenKind
}

// top returns the newest screen, and false if none is shown.
func (s *screens) top() (shownScreen, bool) {
	if len(s.shown) == 0 {
		return shownScreen{}, false
	}
	return s.shown[len(s.shown)-1], true
}

// covered reports whether a screen covers the checklist.
func (s *screens) covered() bool { return len(s.shown) > 0 }

// resize gives the screens their size.
func (s *screens) resize(w, h int) {
	for _, shown := range s.shown {
		shown.SetSize(w, h)
	}
}

// screenKey handles the keys that open and close screens, and those of the newest
// screen. It reports whether it has handled the key.
func (m *Model) screenKey(msg tea.KeyMsg) (tea.Cmd, bool) {
	top, covered := m.screens.top()
	k := m.keys
	doc, reading := top.screen.(*reader.Reader)
	page, _ := top.screen.(searched)
	switch {
	case !covered:
	case m.searchKey(msg, page):
		return nil, true
	case reading && key.Matches(msg, k.Link):
		return m.outside.leave("There is no link on the screen that can be opened.", m.outside.destinations(doc.Links()), doc.SetSection), true
	case key.Matches(msg, k.Back) && searching(page):
		page.StartSearch("")
		return nil, true
	case key.Matches(msg, top.Keys()...):
		return top.Update(msg), true
	case top.kind.brief && key.Matches(msg, k.Explain): // it is above the help
	case top.kind.brief, key.Matches(msg, top.kind.key, k.Quit, k.Back, k.Open):
		m.screens.shown = m.screens.shown[:len(m.screens.shown)-1]
		return m.showSelected(), true
	}
	for _, kind := range m.screens.kinds {
		if key.Matches(msg, kind.key) {
			opened := kind.new(m)
			m.screens.shown = append(m.screens.shown, shownScreen{opened, kind})
			m.resize()
			return nil, true
		}
	}
	return nil, covered && !key.Matches(msg, k.World)
}
