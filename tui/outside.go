package tui

import (
	"errors"
	"net/url"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/text"
)

// outside opens links, copies commands for another shell, and in practice does what
// people would do elsewhere.
type outside struct{ *core }

// visit opens the pane of the practice world.
func (o *outside) visit() {
	if o.cfg.World == nil {
		o.say(clean.Line("There is no world to act in: this is not practice. Do it where it is done, and verify it here."), true)
		return
	}
	world := o.cfg.World
	c := dialog.NewChoice(o.dialogConfig, "The world: what people do elsewhere", nil, nil, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd {
			return func() tea.Msg { return saidMsg{err: world.Do(it.ID)} }
		})
	})
	c.Stay = []key.Binding{o.keys.World}
	c.Refill = func() ([]dialog.Item, []string) {
		var items []dialog.Item
		for _, a := range world.Acts() {
			items = append(items, dialog.Item{ID: a.ID, Text: clean.Line(a.Label).String(), Hint: clean.Line(a.Hint).String(), Off: !a.Enabled})
		}
		news := world.News()
		return items, cleaned(news[max(len(news)-3, 0):], 3)
	}
	o.open(c)
}

// openLink opens the link of a step. If there are several, it asks which.
func (o *outside) openLink(b *steps.Binding) tea.Cmd {
	var items []dialog.Item
	for _, l := range b.Step.Links {
		if text.WebLink(l.Target) {
			items = append(items, dialog.Item{ID: l.Target, Text: clean.Line(l.Target).String()})
		}
	}
	for _, e := range o.run.Step(b.Step.ID).Result.Evidence {
		if src := e.Source.String(); text.WebLink(src) {
			items = append(items, dialog.Item{ID: src, Text: src, Hint: e.Name.String()})
		}
	}
	open, practising := o.cfg.Open, o.engine.Mode() == runbook.Practice
	elsewhere := o.keys.World.Help().Key + " shows what is done elsewhere"
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
	return o.choose("Which link?", "This step has no link that can be opened.", items, pick)
}

// loopback reports whether a link stays on this machine.
func loopback(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" || u.Hostname() == "::1")
}

// copyCommand copies a command of a step. If there are several, it asks which.
func (o *outside) copyCommand(b *steps.Binding) tea.Cmd {
	var items []dialog.Item
	if spec := o.spec(b.Step.ID); spec.Course() > 0 {
		// A command that the gate would not allow must not be run in another shell either.
		if a := o.advice(b); a.Effect != nil && len(a.Reasons) == 0 {
			items = append(items, dialog.Item{ID: a.Effect.Label.String(), Text: a.Effect.Label.String()})
		} else {
			o.say(clean.Line("No command of this step may be run now, so none is copied."), true)
			return nil
		}
	} else {
		for _, c := range b.Step.Commands {
			line := say.CommandLine(c.Argv).String()
			items = append(items, dialog.Item{ID: line, Text: line})
		}
	}
	put := o.cfg.Copy
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
	return o.choose("Which command?", "This step has no command.", items, pick)
}

// choose asks for one of the items. If there is only one, it picks that.
func (o *outside) choose(title, none string, items []dialog.Item, pick func(dialog.Item) tea.Cmd) tea.Cmd {
	switch len(items) {
	case 0:
		o.say(clean.Line(none), true)
		return nil
	case 1:
		return pick(items[0])
	}
	o.open(dialog.NewChoice(o.dialogConfig, title, items[:min(len(items), 9)], nil, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd { return pick(it) })
	}))
	return nil
}

// releases lets a person choose the release that the run deploys.
type releases struct {
	*core
	checks *checks
}

// releasesMsg carries the releases to choose from.
type releasesMsg struct {
	options []steps.ReleaseOption
	err     error
}

func (r *releases) fetch() tea.Cmd {
	if !r.may(runbook.Choose, "") {
		return nil
	}
	r.say(clean.Line("Asking for the newest releases…"), false)
	engine, ctx := r.engine, r.ctx
	return func() tea.Msg {
		options, err := engine.Releases(ctx)
		return releasesMsg{options, err}
	}
}

// whichRelease is the title of the choice.
const whichRelease = "Which release is this deployment about?"

func (r *releases) offer(msg releasesMsg) {
	r.message = message{}
	if r.dialog != nil {
		return // the person has moved on
	}
	if msg.err != nil {
		about := []string{clean.Linef("The releases cannot be listed: %s", msg.err).String(), "Type the tag of the release."}
		r.openGuarded(dialog.NewPrompt(r.dialogConfig, whichRelease, about, func(tag string) (tea.Msg, string) {
			return do(func() tea.Cmd { return r.choose(tag) }), ""
		}))
		return
	}
	var items []dialog.Item
	for _, option := range msg.options {
		it := dialog.Item{ID: option.Tag, Text: option.Shown.String(), Hint: "published " + option.Published.Local().Format("2006-01-02 15:04")}
		if option.Prerelease {
			it.Hint = "a pre-release, " + it.Hint
		}
		if option.Draft {
			it.Hint, it.Off = "a draft: publish it first", true
		}
		if option.Tag == r.run.Release() {
			it.Hint += ", chosen"
		}
		items = append(items, it)
	}
	var about []string
	if len(items) == 0 {
		about = []string{"There is none yet."}
	}
	r.openGuarded(dialog.NewChoice(r.dialogConfig, whichRelease, items, about, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd { return r.choose(it.ID) })
	}))
}

// chosenMsg reports that the release was recorded, or why it was not.
type chosenMsg struct{ err error }

// choose records the release.
func (r *releases) choose(tag string) tea.Cmd {
	engine := r.engine
	return func() tea.Msg { return chosenMsg{engine.Choose(tag)} }
}

// chosen checks the release step once the choice is recorded.
func (r *releases) chosen(msg chosenMsg) tea.Cmd {
	r.refresh()
	if msg.err != nil {
		r.fail(msg.err)
		return nil
	}
	if b := r.engine.Bound().ReleaseStep(); b != nil {
		return r.checks.ask(b.Step.ID, false)
	}
	return nil
}
