package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/document"
	"catalog-runbook/tui/help"
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
	}
}

func newHelp(m *Model) screen {
	return help.New(m.keys.groups(), []string{help.Signs(m.styles), help.Mode(m.engine.Mode())}, m.keys.pager(), m.styles)
}

// newReader returns the document, at the selected step.
func newReader(m *Model) screen {
	r := reader.New(reader.Config{Keys: m.keys.pager(), Styles: m.styles, Theme: m.theme(), Mark: func(id document.StepID) string {
		status := m.run.Status(id, m.cfg.Now())
		return m.styles.Status(status).Render(text.Sign(status))
	}}, m.engine.Bound())
	r.SetSize(m.body())
	r.SetStep(m.outline.Selected())
	return r
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
	switch {
	case !covered:
	case key.Matches(msg, top.Keys()...):
		return top.Update(msg), true
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
