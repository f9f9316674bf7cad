package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/tui/dialog"
)

// leave quits, after a question while a command is running: it can be left to
// itself, be interrupted, and once it was, be killed.
func (m *Model) leave() tea.Cmd {
	c := m.running
	if c == nil {
		m.quit = true
		return nil
	}
	// What a command relies on is asked again first, and nothing goes on of one
	// that has not begun.
	begun := m.begun(c)
	title, leaving := "`"+c.label+"` is running", "leave it running: it goes on by itself, and `catalog-runbook resume` comes back to it"
	if !begun {
		title, leaving = "`"+c.label+"` has not begun yet", "leave: it is not run then"
	}
	leave := do(func() tea.Cmd {
		if m.begun(c) != begun {
			return m.leave() // it has begun meanwhile
		}
		m.quit = true
		return nil
	})
	var about []string
	end := dialog.Option{Letter: "i", Text: "interrupt it once, as ctrl+c would, and stay: it may finish what it has begun", Answer: do(m.interrupt)}
	if !c.interrupted.IsZero() {
		about = []string{"It was interrupted " + say.Duration(m.cfg.Now().Sub(c.interrupted)) + " ago, and may take its time to finish what it has begun."}
		end = dialog.Option{Letter: "k", Text: "kill it: what it has begun stays half done, state that is not written yet is lost, and a lock stays locked", Answer: do(m.confirmKill)}
	}
	// A letter that was typed ahead was meant for something else.
	m.comeUp(dialog.NewDecision(m.dialogConfig, title, about, dialog.Option{Letter: "d", Text: leaving, Answer: leave}, end))
	m.concerns = c
	return nil
}

// begun reports whether a command is past its intent, or has ended already.
func (m *Model) begun(c *command) bool {
	e := m.engine.Run().Effect(c.id, c.effect.Name)
	return e.Running() || e.Started != nil && !e.Started.At.Before(c.since)
}

// interrupt asks the command to end, once: a second interrupt would make it give
// up without tidying.
func (m *Model) interrupt() tea.Cmd {
	c := m.running
	if c == nil || !c.interrupted.IsZero() || !c.send(steps.Interrupt) {
		return nil
	}
	c.interrupted = m.cfg.Now()
	m.output.SetInterrupted()
	m.say(clean.Linef("`%s` is interrupted: it finishes what it has begun.", c.label), false)
	return nil
}

// confirmKill has the word typed before a command is killed.
func (m *Model) confirmKill() tea.Cmd {
	c := m.running
	if c == nil {
		return nil
	}
	about := []string{
		"What it has begun stays half done: resources may be there of which no state knows, and a state lock stays until somebody breaks it.",
		"Type kill to do so.",
	}
	p := dialog.NewPrompt(m.dialogConfig, "Kill `"+c.label+"`", about, func(text string) (tea.Msg, string) {
		if text != "kill" {
			return nil, "type kill, or press esc to let it go on"
		}
		return do(func() tea.Cmd {
			if c.send(steps.Kill) {
				m.say(clean.Linef("`%s` is killed.", c.label), true)
			}
			return nil
		}), ""
	})
	p.Whole = true
	m.open(p)
	m.concerns = c
	return nil
}

// send passes a wish to end on. It never waits: there is room for each way once.
func (c *command) send(s steps.Stop) bool {
	select {
	case c.stop <- s:
		return true
	default:
		return false
	}
}
