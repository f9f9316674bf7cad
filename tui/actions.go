package tui

import (
	"errors"
	"fmt"
	"net/url"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/text"
)

// saidMsg says that a statement of the person's was recorded, or why not.
type saidMsg struct {
	err    error
	notice clean.Text // shown if there is no error
}

// tell records a statement. The engine makes it durable before it returns, so
// that nothing is drawn which is not kept.
func (m *Model) tell(f func() error) tea.Cmd {
	return func() tea.Msg { return saidMsg{err: f()} }
}

func (m *Model) said(msg saidMsg) tea.Cmd {
	m.refresh()
	if msg.err != nil {
		m.say(clean.Line(msg.err.Error()), true)
	} else if !msg.notice.Empty() {
		m.say(msg.notice, false)
	}
	return nil
}

// tick says that a manual step is done, or that the plan that was shown looks
// correct.
func (m *Model) tick(b *steps.Binding) tea.Cmd {
	id, engine := b.Step.ID, m.engine
	spec, _ := m.run.Spec(id)
	for _, e := range spec.Effects {
		if !e.Judged {
			continue
		}
		done := m.run.Effect(id, e.After).Finished
		switch {
		case m.run.Status(id, m.cfg.Now()) == runbook.Done:
			m.say(clean.Linef("The %s was carried out; nothing is left to judge.", e.After), true)
			return nil
		case done == nil:
			m.say(clean.Linef("There is no %s to judge yet.", e.After), true)
			return nil
		}
		if gone := m.run.Effect(id, e.After).Voided; gone != nil {
			m.say(clean.Linef("The %s counts no more: %s", e.After, gone.Text), true)
			return nil
		}
		if done.Result.Verdict != runbook.Passed {
			m.say(clean.Linef("The %s cannot be called correct: %s", e.After, done.Result.Summary), true)
			return nil
		}
		if !m.hasRead(id, e.After) {
			return m.readFirst(id, e.After)
		}
		m.setFocus(paneOutline) // it is read; what comes next stands beside the step
		hash := done.Result.Facts[runbook.FactPlanHash]
		return func() tea.Msg {
			return saidMsg{engine.Judge(id, e.After, hash), clean.Linef("Noted: you say that the %s looks correct.", e.After)}
		}
	}
	if m.run.Status(id, m.cfg.Now()) == runbook.TickedOff {
		return m.tell(func() error { return engine.Untick(id) })
	}
	return m.tell(func() error { return engine.Tick(id, "") })
}

// askReason asks for the reason of a skip or an override.
func (m *Model) askReason(id document.StepID, a runbook.Action, title, about string, record func(document.StepID, string) error) {
	if err := m.run.May(a, id, m.cfg.Now()); err != nil {
		m.say(clean.Line(err.Error()), true)
		return
	}
	m.open(m.reasonPrompt(title, []string{about, "The reason is recorded with your name."}, func(reason string) tea.Cmd {
		m.stopAsking(id)
		return m.tell(func() error { return record(id, reason) })
	}))
}

// reasonPrompt asks for a reason. It may only be given while all of the question is on
// the screen: what is accepted must have been seen.
func (m *Model) reasonPrompt(title string, about []string, then func(reason string) tea.Cmd) *dialog.Prompt {
	p := dialog.NewPrompt(m.dialogs, title, about, func(reason string) (tea.Msg, string) {
		if len(reason) < runbook.MinReason {
			return nil, fmt.Sprintf("a reason has at least %d characters", runbook.MinReason)
		}
		return do(func() tea.Cmd { return then(reason) }), ""
	})
	p.Whole = true
	return p
}

// wait asks until the step holds, or stops doing so.
func (m *Model) wait(id document.StepID) tea.Cmd {
	if q := m.asking[id]; q != nil && q.waiting {
		m.stopAsking(id)
		m.say(clean.Line("Stopped waiting."), false)
		return nil
	}
	if err := m.run.May(runbook.Check, id, m.cfg.Now()); err != nil {
		m.say(clean.Line(err.Error()), true)
		return nil
	}
	return m.ask(id, true)
}

// releasesMsg brings the releases to choose from.
type releasesMsg struct {
	options []steps.ReleaseOption
	err     error
}

func (m *Model) fetchReleases() tea.Cmd {
	if err := m.run.May(runbook.Choose, "", m.cfg.Now()); err != nil {
		m.say(clean.Line(err.Error()), true)
		return nil
	}
	m.say(clean.Line("Asking for the newest releases…"), false)
	engine, ctx := m.engine, m.ctx
	return func() tea.Msg {
		options, err := engine.Releases(ctx)
		return releasesMsg{options, err}
	}
}

const whichRelease = "Which release is this deployment about?"

func (m *Model) offerReleases(msg releasesMsg) {
	m.notice = notice{}
	if m.dialog != nil {
		return // the person has gone on to something else
	}
	if msg.err != nil {
		about := []string{clean.Linef("The releases cannot be listed: %s", msg.err).String(), "Type the tag of the release."}
		m.comeUp(dialog.NewPrompt(m.dialogs, whichRelease, about, func(tag string) (tea.Msg, string) {
			return do(func() tea.Cmd { return m.chooseRelease(tag) }), ""
		}))
		return
	}
	var items []dialog.Item
	for _, r := range msg.options {
		it := dialog.Item{ID: r.Tag, Text: r.Shown.String(), Hint: "published " + r.Published.Local().Format("2006-01-02 15:04")}
		if r.Draft {
			it.Hint, it.Off = "a draft: publish it first", true
		}
		if r.Tag == m.run.Release() {
			it.Hint += ", chosen"
		}
		items = append(items, it)
	}
	var about []string
	if len(items) == 0 {
		about = []string{"There is none yet."}
	}
	m.comeUp(dialog.NewChoice(m.dialogs, whichRelease, items, about, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd { return m.chooseRelease(it.ID) })
	}))
}

// chosenMsg says that the release was fixed, or why not.
type chosenMsg struct{ err error }

// chooseRelease fixes the release.
func (m *Model) chooseRelease(tag string) tea.Cmd {
	engine := m.engine
	return func() tea.Msg { return chosenMsg{engine.Choose(tag)} }
}

// chosen looks at the release that was just chosen.
func (m *Model) chosen(msg chosenMsg) tea.Cmd {
	m.refresh()
	if msg.err != nil {
		m.say(clean.Line(msg.err.Error()), true)
		return nil
	}
	if b := m.engine.Bound().ReleaseStep(); b != nil {
		return m.ask(b.Step.ID, false)
	}
	return nil
}

// visit opens the pane of the practice world.
func (m *Model) visit() {
	if m.cfg.World == nil {
		m.say(clean.Line("There is no world to act in: this is not practice. Do it where it is done, and verify it here."), true)
		return
	}
	world := m.cfg.World
	c := dialog.NewChoice(m.dialogs, "The world: what people do elsewhere", nil, nil, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd {
			return func() tea.Msg { return saidMsg{err: world.Do(it.ID)} }
		})
	})
	c.Stay = []key.Binding{m.keys.World}
	c.Refill = func() ([]dialog.Item, []string) {
		var items []dialog.Item
		for _, a := range world.Acts() {
			items = append(items, dialog.Item{ID: a.ID, Text: clean.Line(a.Label).String(), Hint: clean.Line(a.Hint).String(), Off: !a.Enabled})
		}
		news := world.News()
		return items, cleaned(news[max(len(news)-3, 0):], 3)
	}
	m.open(c)
}

// openLink opens the step's link, or asks which.
func (m *Model) openLink(b *steps.Binding) tea.Cmd {
	var items []dialog.Item
	for _, l := range b.Step.Links {
		if text.WebLink(l.Target) {
			items = append(items, dialog.Item{ID: l.Target, Text: clean.Line(l.Target).String()})
		}
	}
	for _, e := range m.run.Step(b.Step.ID).Result.Evidence {
		if src := e.Source.String(); text.WebLink(src) {
			items = append(items, dialog.Item{ID: src, Text: src, Hint: e.Name.String()})
		}
	}
	open, practising := m.cfg.Open, m.engine.Mode() == runbook.Practice
	elsewhere := m.keys.World.Help().Key + " shows what is done elsewhere"
	pick := func(it dialog.Item) tea.Cmd {
		return func() tea.Msg {
			if open == nil {
				return saidMsg{err: errors.New("links cannot be opened here")}
			}
			if practising && !loopback(it.ID) {
				return saidMsg{err: errors.New("opening the link: this one leads to the real world, which practice leaves alone: " + elsewhere)}
			}
			return saidMsg{open(it.ID), clean.Linef("Opened %s", it.ID)}
		}
	}
	return m.choose("Which link?", "This step has no link that can be opened.", items, pick)
}

// loopback reports whether a link stays on this machine.
func loopback(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" || u.Hostname() == "::1")
}

// copyCommand puts a command of the step on the clipboard, or asks which.
func (m *Model) copyCommand(b *steps.Binding) tea.Cmd {
	var items []dialog.Item
	if spec, _ := m.run.Spec(b.Step.ID); len(spec.Effects) > 0 {
		// What the gate would not let run is not handed over for another shell.
		if a := m.advice(b); a.Effect != nil && len(a.Reasons) == 0 {
			items = append(items, dialog.Item{ID: a.Effect.Label.String(), Text: a.Effect.Label.String()})
		} else {
			m.say(clean.Line("No command of this step may be run now, so none is copied."), true)
			return nil
		}
	} else {
		for _, c := range b.Step.Commands {
			line := say.CommandLine(c.Argv).String()
			items = append(items, dialog.Item{ID: line, Text: line})
		}
	}
	put := m.cfg.Copy
	pick := func(it dialog.Item) tea.Cmd {
		return func() tea.Msg {
			if put == nil {
				return saidMsg{err: errors.New("there is no clipboard here")}
			}
			if put(it.ID) != nil {
				return saidMsg{err: errors.New("nothing can be copied here; the command is: " + it.ID)}
			}
			return saidMsg{notice: clean.Linef("Copied %s", it.ID)}
		}
	}
	return m.choose("Which command?", "This step has no command.", items, pick)
}

// choose picks the only item at once, or asks.
func (m *Model) choose(title, none string, items []dialog.Item, pick func(dialog.Item) tea.Cmd) tea.Cmd {
	switch len(items) {
	case 0:
		m.say(clean.Line(none), true)
		return nil
	case 1:
		return pick(items[0])
	}
	m.open(dialog.NewChoice(m.dialogs, title, items[:min(len(items), 9)], nil, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd { return pick(it) })
	}))
	return nil
}
