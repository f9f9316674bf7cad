package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/tui/dialog"
)

// releases let a person choose what the run is about.
type releases struct {
	*core
	checks *checks
}

// releasesMsg brings the releases to choose from.
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

// whichRelease is the question about the release.
const whichRelease = "Which release is this deployment about?"

func (r *releases) offer(msg releasesMsg) {
	r.message = message{}
	if r.dialog != nil {
		return // the person has gone on to something else
	}
	if msg.err != nil {
		about := []string{clean.Linef("The releases cannot be listed: %s", msg.err).String(), "Type the tag of the release."}
		r.comeUp(dialog.NewPrompt(r.dialogConfig, whichRelease, about, func(tag string) (tea.Msg, string) {
			return do(func() tea.Cmd { return r.choose(tag) }), ""
		}))
		return
	}
	var items []dialog.Item
	for _, option := range msg.options {
		it := dialog.Item{ID: option.Tag, Text: option.Shown.String(), Hint: "published " + option.Published.Local().Format("2006-01-02 15:04")}
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
	r.comeUp(dialog.NewChoice(r.dialogConfig, whichRelease, items, about, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd { return r.choose(it.ID) })
	}))
}

// chosenMsg says that the release was fixed, or why not.
type chosenMsg struct{ err error }

// choose fixes the release.
func (r *releases) choose(tag string) tea.Cmd {
	engine := r.engine
	return func() tea.Msg { return chosenMsg{engine.Choose(tag)} }
}

// chosen looks at the release that was just chosen.
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
