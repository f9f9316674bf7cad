package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/tui/dialog"
)

// key routes a key to the dialogue, to the screen that covers the checklist, or to the
// checklist.
func (m *Model) key(msg tea.KeyMsg) tea.Cmd {
	m.message = message{}
	if key.Matches(msg, m.keys.Suspend) {
		return tea.Suspend
	}
	if msg.Alt && m.dialog == nil { // esc and a key that came in one read
		esc := m.oneKey(tea.KeyMsg{Type: tea.KeyEsc})
		msg.Alt = false
		return tea.Batch(esc, m.key(msg))
	}
	if m.dialog == nil && msg.Type == tea.KeyRunes {
		return m.runes(msg)
	}
	return m.oneKey(msg)
}

// runes splits keys that came in one read, as they do over a slow connection. Pasted
// text is for dialogues only: elsewhere each letter would be a key.
func (m *Model) runes(msg tea.KeyMsg) tea.Cmd {
	if msg.Paste {
		m.say(clean.Line("What was pasted is left alone: only a dialogue takes it."), true)
		return nil
	}
	var cmds []tea.Cmd
	for _, r := range msg.Runes {
		cmds = append(cmds, m.oneKey(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}))
	}
	return tea.Batch(cmds...)
}

func (m *Model) oneKey(msg tea.KeyMsg) tea.Cmd {
	switch {
	case m.dialog != nil:
		return m.handle(m.dialogKey(msg))
	case msg.String() == "ctrl+c":
		return m.runner.leave()
	}
	if cmd, ok := m.screenKey(msg); ok {
		return cmd
	}
	switch k := m.keys; {
	case key.Matches(msg, k.Quit):
		return m.runner.leave()
	case key.Matches(msg, k.World):
		if !m.refused(msg) {
			m.outside.visit()
		}
	case m.inPlan() && key.Matches(msg, m.plan.Keys()...):
		return m.plan.Update(msg)
	case key.Matches(msg, k.Focus):
		m.nextPane()
	case key.Matches(msg, k.Zoom):
		m.zoom(!m.zoomed)
	case key.Matches(msg, k.Map) && m.focus == paneOutline:
		m.zoom(!m.zoomed)
	case key.Matches(msg, k.Map):
		m.setFocus(paneOutline)
		m.zoom(true)
	case key.Matches(msg, k.Open):
		if m.focus == paneOutline {
			m.setFocus(paneDetail)
		}
	case key.Matches(msg, k.Back):
		return m.back()
	default:
		return m.act(msg)
	}
	return nil
}

// act handles the keys of the checklist.
func (m *Model) act(msg tea.KeyMsg) tea.Cmd {
	switch k := m.keys; {
	case m.refused(msg):
	case m.searchKey(msg, m.searchable()):
	case key.Matches(msg, m.detail.Keys()...): // the keys that scroll
		return m.scroll(msg)
	case key.Matches(msg, k.Next):
		return m.nextStep()
	case key.Matches(msg, k.Left, k.Right):
		m.output.Update(msg)
	case key.Matches(msg, k.Filter):
		m.startFilter()
	case key.Matches(msg, k.Output):
		return m.results.toggleOutput()
	case key.Matches(msg, k.Plan):
		return m.results.togglePlan()
	case key.Matches(msg, k.VerifyAll):
		return m.checks.askAll(m.walked())
	case key.Matches(msg, k.Choose):
		return m.releases.fetch()
	case key.Matches(msg, k.Pause):
		return m.runner.pause()
	case key.Matches(msg, k.Times):
		m.clocks = !m.clocks
	case key.Matches(msg, k.UnfoldAll, k.FoldAll):
		m.detail.SetOpen(key.Matches(msg, k.UnfoldAll))
	default:
		return m.actOnStep(msg)
	}
	return nil
}

func (m *Model) actOnStep(msg tea.KeyMsg) tea.Cmd {
	b, ok := m.selected()
	if !ok {
		return nil
	}
	id := b.Step.ID
	switch k := m.keys; {
	case key.Matches(msg, k.Fill), b.Gap() != "" && key.Matches(msg, k.Verify, k.Wait, k.Run):
		return m.statements.fill(b)
	case key.Matches(msg, k.Verify):
		if m.may(runbook.Check, id) {
			return m.checks.ask(id, false)
		}
	case key.Matches(msg, k.Wait):
		return m.checks.wait(id)
	case key.Matches(msg, k.Tick):
		return m.results.tick(b)
	case key.Matches(msg, k.Untick):
		return m.statements.untick(id)
	case key.Matches(msg, k.Skip):
		return m.statements.skip(b)
	case key.Matches(msg, k.Accept):
		return m.statements.accept(b)
	case key.Matches(msg, k.Run):
		return m.runner.prepare(b)
	case key.Matches(msg, k.Settle):
		m.statements.settle(b)
	case key.Matches(msg, k.Type):
		return m.runner.startTyping()
	case key.Matches(msg, k.Link):
		return m.outside.openLink(b, m.read)
	case key.Matches(msg, k.Copy):
		return m.outside.copy(b)
	}
	return nil
}

// cleaned cleans at most n lines for the screen.
func cleaned(lines []string, n int) []string {
	out := make([]string, 0, n)
	for i, l := range lines {
		if i == n {
			return append(out, "…")
		}
		out = append(out, clean.Line(l).String())
	}
	return out
}

// nextStep puts the cursor on the first step that does not hold yet. What a command of
// another step has printed makes room for it.
func (m *Model) nextStep() tea.Cmd {
	m.setFocus(paneOutline)
	b, ok := m.selected()
	switch next := steps.NextStep(m.run, m.engine.Bound(), b, m.cfg.Now()); {
	case next == nil:
	case ok && next.Step.ID == b.Step.ID:
		m.say(clean.Linef("%s is the next to do; j goes past it.", say.Capital(next.Label().String())), false)
	default:
		m.outline.Select(next.Step.ID)
		m.plan.Shown, m.output.Shown = false, m.output.Shown && m.running != nil
		m.resize()
	}
	return m.showSelected()
}

// canGoBack reports whether back would do something.
func (m *Model) canGoBack() bool {
	return searching(m.searchable()) || m.zoomed || m.focus != paneOutline || m.outline.Filter() != "" || m.plan.Shown || m.output.Shown && m.running == nil
}

// back closes or undoes one thing on the way to the plain outline.
func (m *Model) back() tea.Cmd {
	switch {
	case searching(m.searchable()):
		m.searchable().StartSearch("")
	case m.zoomed:
		m.zoom(false)
	case m.focus != paneOutline:
		m.setFocus(paneOutline)
	case m.outline.Filter() != "":
		m.outline.SetFilter("")
		m.resize()
		return m.showSelected()
	case m.plan.Shown:
		m.plan.Shown = false
		m.resize()
	case m.output.Shown && m.running == nil:
		m.output.Shown = false
		m.resize()
	}
	return nil
}

func (m *Model) startFilter() {
	p := dialog.NewPrompt(m.dialogConfig, "Filter the steps", nil, func(string) (tea.Msg, string) { return nil, "" })
	p.SetValue(m.outline.Filter())
	p.Changed = func(words string) tea.Msg {
		return do(func() tea.Cmd {
			m.outline.SetFilter(words)
			return m.showSelected()
		})
	}
	m.focus = paneOutline
	m.open(p)
}
