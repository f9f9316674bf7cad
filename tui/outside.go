package tui

import (
	"errors"
	"net/url"
	"path"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/text"
)

// outside opens links, copies commands for another shell, and in practice does what
// people would do elsewhere.
type outside struct{ *core }

// visit opens the pane of the practice world.
func (o *outside) visit() {
	if o.cfg.World == nil {
		o.say(clean.Line("This isn't practice, so there is no world to play. Do it in the real service, then verify it here."), true)
		return
	}
	world := o.cfg.World
	c := dialog.NewChoice(o.dialogConfig, "The world: what people do elsewhere", nil, nil, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd {
			o.acted = o.cfg.Now()
			return func() tea.Msg {
				err := world.Do(it.ID)
				var said clean.Text
				if news := world.News(); err == nil && len(news) > 0 {
					said = clean.Line(news[len(news)-1])
				}
				return saidMsg{err, said}
			}
		})
	})
	c.Close = []key.Binding{o.keys.World}
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

// destination is where a link leads: to an address, or to a section of the document.
type destination struct {
	item    dialog.Item
	section *document.Section
}

// destinations returns where links of the document lead. A link to a file leads into the
// repository; where that isn't known, it is left out.
func (o *outside) destinations(links []document.Link) []destination {
	var all []destination
	for _, l := range links {
		at, err := url.Parse(l.Target)
		switch {
		case text.WebLink(l.Target):
			all = append(all, destination{item: dialog.Item{ID: l.Target, Text: clean.Line(l.Target).String()}})
		case err != nil || at.Scheme != "" || at.Host != "":
		case at.Path == "":
			if s := o.engine.Bound().Document.Anchored(at.Fragment); s != nil {
				all = append(all, destination{dialog.Item{ID: l.Target, Text: s.Path[len(s.Path)-1].String(), Hint: "in this document"}, s})
			}
		default:
			if address := o.inRepository(at); address != "" {
				all = append(all, destination{item: dialog.Item{ID: address, Text: clean.Line(address).String()}})
			}
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(d destination) bool {
		before := seen[d.item.ID]
		seen[d.item.ID] = true
		return before
	})
}

// inRepository returns the address of a file that the document links to, on the newest
// commit of the repository's main branch, or "" if the repository isn't known. The document
// is taken to lie in the root of the repository that it deploys.
func (o *outside) inRepository(file *url.URL) string {
	for i := range o.engine.Bound().Steps {
		if repository := o.engine.Bound().Steps[i].Params["repository"]; repository != "" {
			address := url.URL{Scheme: "https", Host: "github.com", Path: path.Join("/", repository, "blob/HEAD", path.Join("/", file.Path)), Fragment: file.Fragment}
			return address.String()
		}
	}
	return ""
}

// openLink opens a link of a step, or what its check has seen. If there are several, it
// asks which.
func (o *outside) openLink(b *steps.Binding, jump func(*document.Section)) tea.Cmd {
	return o.leave("This step has no link that can be opened.", o.linksOf(b), jump)
}

// linksOf returns where the links of a step lead, and what its check has seen.
func (o *outside) linksOf(b *steps.Binding) []destination {
	all := o.destinations(b.Step.Links)
	for _, e := range o.run.Step(b.Step.ID).Result.Evidence {
		if src := e.Source.String(); text.WebLink(src) {
			all = append(all, destination{item: dialog.Item{ID: src, Text: src, Hint: e.Name.String()}})
		}
	}
	return all
}

// clickable returns the addresses of links that the terminal may open: practice leaves the
// real world alone.
func (o *outside) clickable(all []destination) []string {
	var links []string
	for _, d := range all {
		if d.section == nil && (o.engine.Mode() != runbook.Practice || loopback(d.item.ID)) {
			links = append(links, clean.Line(d.item.ID).String())
		}
	}
	return links
}

// leads reports whether a link of a step can be opened here. Practice leaves the real world
// alone.
func (o *outside) leads(b *steps.Binding) bool {
	return slices.ContainsFunc(o.linksOf(b), func(d destination) bool {
		return d.section != nil || o.cfg.Open != nil && (o.engine.Mode() != runbook.Practice || loopback(d.item.ID))
	})
}

// leave goes to one of several destinations; jump shows a section of the document.
func (o *outside) leave(none string, all []destination, jump func(*document.Section)) tea.Cmd {
	open, practising := o.cfg.Open, o.engine.Mode() == runbook.Practice
	elsewhere := o.keys.World.Help().Key + " shows what is done elsewhere"
	items := make([]dialog.Item, len(all))
	for i, d := range all {
		items[i] = d.item
	}
	pick := func(it dialog.Item) tea.Cmd {
		if i := slices.IndexFunc(all, func(d destination) bool { return d.item == it }); i >= 0 && all[i].section != nil {
			jump(all[i].section)
			return nil
		}
		return func() tea.Msg {
			if practising && !loopback(it.ID) {
				return saidMsg{err: errors.New("opening the link: this one leads to the real world, which practice leaves alone: " + elsewhere)}
			}
			if err := open(it.ID); err != nil {
				return o.showLink(it.ID, err)
			}
			return saidMsg{notice: clean.Linef("Opened %s", it.ID)}
		}
	}
	return o.choose("Which link?", none, items, pick)
}

// loopback reports whether a link stays on this machine.
func loopback(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost" || u.Hostname() == "::1")
}

// showLink shows a link that can't be opened here, and copies it.
func (o *outside) showLink(link string, why error) tea.Msg {
	shown := clean.Line(link).String()
	lines := []string{clean.Line(why.Error()).String(), shown}
	if said, err := o.cfg.Copy(shown); err == nil {
		lines = append(lines, clean.Line(said).String())
	}
	return do(func() tea.Cmd {
		o.openGuarded(dialog.NewNotice(o.dialogConfig, "Open this link elsewhere", lines))
		return nil
	})
}

// copy copies something of a step: a command, a link, a folder or a result. If there are
// several, it asks which.
func (o *outside) copy(b *steps.Binding) tea.Cmd {
	put := o.cfg.Copy
	pick := func(it dialog.Item) tea.Cmd {
		return func() tea.Msg {
			said, err := put(it.ID)
			if err != nil {
				return saidMsg{err: err}
			}
			return saidMsg{notice: clean.Linef("%s: %s", said, it.ID)}
		}
	}
	items, withheld := o.commands(b)
	items = append(items, o.others(b)...)
	switch {
	case len(items) == 0 && withheld != "":
		o.say(clean.Line(withheld), true)
		return nil
	case len(items) > 0 && withheld != "":
		o.open(dialog.NewChoice(o.dialogConfig, "Copy what?", items, []string{withheld}, func(it dialog.Item) tea.Msg {
			return do(func() tea.Cmd { return pick(it) })
		}))
		return nil
	}
	return o.choose("Copy what?", "This step has no command, link or result to copy.", items, pick)
}

// commands returns the commands of a step that can be copied, and why the next one can't: what
// the gate would not allow must not be run in another shell either.
func (o *outside) commands(b *steps.Binding) (items []dialog.Item, withheld string) {
	if spec := o.spec(b.Step.ID); spec.Course() == 0 {
		for _, c := range b.Step.Commands {
			line := say.CommandLine(c.Argv).String()
			items = append(items, dialog.Item{ID: line, Text: line, Hint: "command"})
		}
		return items, ""
	}
	a := o.advice(b)
	switch {
	case a.Effect == nil:
	case len(a.Reasons) == 0:
		line := a.Effect.Label.String()
		items = append(items, dialog.Item{ID: line, Text: line, Hint: "command"})
	default:
		withheld = clean.Linef("`%s` can't be copied yet, because it may not run yet: %s", a.Effect.Label, a.Reasons[0].Text).String()
	}
	return items, withheld
}

// others returns what can be copied of a step besides commands.
func (o *outside) others(b *steps.Binding) []dialog.Item {
	var items []dialog.Item
	add := func(text, hint string) {
		if text = clean.Line(text).String(); text != "" && !slices.ContainsFunc(items, func(it dialog.Item) bool { return it.ID == text }) {
			items = append(items, dialog.Item{ID: text, Text: text, Hint: hint})
		}
	}
	st := o.run.Step(b.Step.ID)
	if summary := st.Result.Summary; !summary.Empty() {
		add(clean.Linef("%s: %s. %s", say.Capital(b.Label().String()), o.run.Status(b.Step.ID, o.cfg.Now()), summary).String(), "result")
	}
	spec := o.spec(b.Step.ID)
	for i, e := range spec.Effects {
		if done := st.Effects[i].Finished; done != nil && !done.Result.Summary.Empty() {
			add(clean.Linef("%s: %s", e.Label, done.Result.Summary).String(), "result")
		}
	}
	for _, d := range o.destinations(b.Step.Links) {
		if d.section == nil {
			add(d.item.ID, "link")
		}
	}
	for _, e := range st.Result.Evidence {
		if src := e.Source.String(); text.WebLink(src) {
			add(src, "link, "+e.Name.String())
		}
	}
	if spec.Course() > 0 {
		add(o.engine.World().Checkout.Dir, "folder of the checkout")
	}
	return items
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
	o.open(dialog.NewChoice(o.dialogConfig, title, items, nil, func(it dialog.Item) tea.Msg {
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

func (r *releases) offer(msg releasesMsg) {
	r.message = message{}
	if r.dialog != nil {
		return // the person has moved on
	}
	if msg.err != nil {
		about := []string{clean.Linef("Can't list the releases: %s", msg.err).String(), "Type the tag of the release."}
		r.openGuarded(dialog.NewPrompt(r.dialogConfig, questions.Which(r.run), about, func(tag string) (tea.Msg, string) {
			return do(func() tea.Cmd { return r.choose(tag) }), ""
		}))
		return
	}
	var items []dialog.Item
	var about []string
	for _, option := range msg.options {
		hint, deployed := questions.Release(r.run, option)
		if deployed != "" {
			about = append(about, deployed)
		}
		items = append(items, dialog.Item{ID: option.Tag, Text: option.Shown.String(), Hint: hint, Off: option.Draft})
	}
	if len(items) == 0 {
		about = []string{"No releases yet."}
	}
	r.openGuarded(dialog.NewChoice(r.dialogConfig, questions.Which(r.run), items, about, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd { return r.choose(it.ID) })
	}))
}

// chosenMsg reports that the release was recorded, or why it was not.
type chosenMsg struct {
	before *runbook.Run
	err    error
}

// choose records the release.
func (r *releases) choose(tag string) tea.Cmd {
	engine, before := r.engine, r.run
	return func() tea.Msg { return chosenMsg{before, engine.Choose(tag)} }
}

// chosen checks the release step once the choice is recorded, and what has been checked before:
// that was about another release, and counts no more.
func (r *releases) chosen(msg chosenMsg) tea.Cmd {
	r.refresh()
	if msg.err != nil {
		r.fail(msg.err)
		return nil
	}
	cmd, again := r.checks.askLost(msg.before, r.engine.Bound().ReleaseStep())
	if again {
		r.say(clean.Linef("Release %s: what was found before doesn't count for it, so it's asked again.", clean.Line(r.run.Release())), false)
	}
	return cmd
}
