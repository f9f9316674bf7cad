package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/help"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/plan"
	"catalog-runbook/tui/reader"
)

// keyMap is every key of the checklist. The help screen and the footer are made
// from it, so that no key can be missing there. Search, Match and MatchBefore are
// heard while the output or the plan has the keys, and Fold while the plan has them, before
// those that they share a key with.
type keyMap struct {
	Up, Down, First, Last, PageUp, PageDown, Next, Focus, Open, Back key.Binding

	Verify, VerifyAll, Wait, Tick, Untick, Skip, Accept, Run, Pause, Settle, Choose, Fill, World key.Binding

	Link, Copy, Filter, Document, Explain, Times, Help, Suspend, Quit key.Binding

	Output, Type, Left, Right, Search, Match, MatchBefore key.Binding

	Plan, Fold, FoldAll, UnfoldAll key.Binding

	Zoom, Map key.Binding
}

func newKeyMap() keyMap {
	b := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	return keyMap{
		Up:       b("k/↑", "up", "k", "up"),
		Down:     b("j/↓", "down", "j", "down"),
		First:    b("g", "first", "g", "home"),
		Last:     b("G", "last", "G", "end"),
		PageUp:   b("pgup", "scroll up", "pgup", "ctrl+u"),
		PageDown: b("pgdn", "scroll down", "pgdown", "ctrl+d"),
		Next:     b("n", "next step to do", "n"),
		Focus:    b("tab", "next pane", "tab"),
		Open:     b("enter", "open", "enter"),
		Back:     b("esc", "back", "esc"),

		Verify:    b("v", "verify", "v"),
		VerifyAll: b("V", "verify this procedure", "V"),
		Wait:      b("w", "wait for it", "w"),
		Tick:      b("t", "tick; the plan looks correct", "t"),
		Untick:    b("u", "untick", "u"),
		Skip:      b("s", "skip; done elsewhere", "s"),
		Accept:    b("a", "accept", "a"),
		Run:       b("r", "run", "r"),
		Pause:     b("P", "pause or unpause DAGs", "P"),
		Settle:    b("x", "resolve outcome", "x"),
		Choose:    b("c", "choose the release", "c"),
		Fill:      b("f", "fill in a placeholder", "f"),
		World:     b("W", "play the world", "W"),

		Link:     b("l", "open a link", "l"),
		Copy:     b("y", "copy", "y"),
		Filter:   b("/", "filter", "/"),
		Document: b("d", "read all", "d"),
		Explain:  b("e", "explain the step", "e"),
		Times:    b("T", "times of day, or how long ago", "T"),
		Help:     b("?", "help", "?"),
		Suspend:  b("ctrl+z", "suspend", "ctrl+z"),
		Quit:     b("q", "quit", "q"),

		Output:      b("o", "output", "o"),
		Type:        b("i", "type into it", "i"),
		Left:        b("←", "to the left; close", "left"),
		Right:       b("→", "to the right; open", "right"),
		Search:      b("/", "search", "/"),
		Match:       b("n", "next match", "n"),
		MatchBefore: b("N", "match before", "N"),

		Plan:      b("p", "plan", "p"),
		Fold:      b("enter", "open or close", "enter"),
		UnfoldAll: b("+", "open all", "+", "="),
		FoldAll:   b("-", "close all", "-"),

		Zoom: b("z", "zoom", "z"),
		Map:  b("m", "map", "m"),
	}
}

// changes are the keys that a run must be written for. What is typed into a
// command is not recorded, and a command may wait for it.
func (k keyMap) changes() []key.Binding {
	return []key.Binding{k.Verify, k.VerifyAll, k.Wait, k.Tick, k.Untick, k.Skip, k.Accept, k.Run, k.Pause, k.Choose, k.Fill, k.Settle, k.World}
}

// dialog returns the keys that dialogues share with the checklist.
func (k keyMap) dialog() dialog.Keys {
	return dialog.Keys{Up: k.Up, Down: k.Down, First: k.First, Last: k.Last, PageUp: k.PageUp, PageDown: k.PageDown, Open: k.Open, Back: k.Back, Quit: k.Quit}
}

// pager returns the keys that scroll.
func (k keyMap) pager() pager.KeyMap {
	return pager.KeyMap{Down: k.Down, Up: k.Up, First: k.First, Last: k.Last, PageDown: k.PageDown, PageUp: k.PageUp}
}

// groups lists every binding once, as the help screen shows them.
func (k keyMap) groups() []help.Group {
	return []help.Group{
		{Title: "The step", Keys: []key.Binding{k.Verify, k.VerifyAll, k.Wait, k.Tick, k.Untick, k.Skip, k.Accept, k.Run, k.Pause, k.Settle, k.Choose, k.Fill}},
		{Title: "Move", Keys: []key.Binding{k.Up, k.Down, k.First, k.Last, k.Next, k.PageUp, k.PageDown, k.Focus, k.Open, k.Back, k.Zoom, k.Map}},
		{Title: "Look", Keys: []key.Binding{k.Explain, k.Document, k.Link, k.Copy, k.Filter, k.Times, k.World, k.Help, k.Suspend, k.Quit}},
		{Title: "Output and plan", Keys: []key.Binding{k.Output, k.Type, k.Plan, k.Fold, k.UnfoldAll, k.FoldAll, k.Left, k.Right, k.Search, k.Match, k.MatchBefore}},
	}
}

// scrolling returns the keys that move in what may be wider than the screen.
func (k keyMap) scrolling() pager.KeyMap {
	p := k.pager()
	p.Left, p.Right = k.Left, k.Right
	return p
}

// plan returns the keys of the plan.
func (k keyMap) plan() plan.Keys {
	return plan.Keys{KeyMap: k.scrolling(), Fold: k.Fold, FoldAll: k.FoldAll, UnfoldAll: k.UnfoldAll}
}

// viewer lists the bindings that work on a plan that is shown by itself.
func (k keyMap) viewer() []help.Group {
	return []help.Group{
		{Title: "Move", Keys: []key.Binding{k.Up, k.Down, k.First, k.Last, k.PageUp, k.PageDown}},
		{Title: "The plan", Keys: []key.Binding{k.Fold, k.UnfoldAll, k.FoldAll, k.Left, k.Right, k.Search, k.Match, k.MatchBefore}},
		{Title: "The rest", Keys: []key.Binding{k.Help, k.Back, k.Suspend, k.Quit}},
	}
}

// searched is a part that can be searched: the output, or the plan.
type searched interface {
	Words() string // searched for, or ""
	Hits() int     // lines that were found
	// StartSearch begins another search; no words end the one in progress. It returns
	// what to tell the person.
	StartSearch(words string) (clean.Text, tea.Cmd)
	// Turn goes to the next hit, or to the one before, and returns what to tell the
	// person.
	Turn(forward bool) clean.Text
	// Final reports whether what is not found now never will be.
	Final() bool
}

// searching reports whether a search is in progress in a part, which may be nil.
func searching(in searched) bool { return in != nil && in.Words() != "" }

// searchKey handles the keys that search in a part, and reports whether it has handled the
// key.
func (c *core) searchKey(msg tea.KeyMsg, in searched) bool {
	if in == nil {
		return false
	}
	switch k := c.keys; {
	case key.Matches(msg, k.Search):
		c.startSearch(in)
	case key.Matches(msg, k.MatchBefore), key.Matches(msg, k.Match) && searching(in):
		if !searching(in) {
			c.say(clean.Linef("Nothing is looked for; %s asks for words.", k.Search.Help().Key), true)
			return true
		}
		if problem := in.Turn(key.Matches(msg, k.Match)); !problem.Empty() {
			c.say(problem, true)
		}
	default:
		return false
	}
	return true
}

// startSearch asks for the words to search for.
func (c *core) startSearch(in searched) {
	title, none := "Search in the output", "no matches in the output that is kept"
	switch in.(type) {
	case *plan.Plan:
		title, none = "Search in the plan, also in what is closed", "no matches in the plan"
	case *reader.Reader:
		title, none = "Search in the document", "no matches in the document"
	case *help.Page:
		title, none = "Search on this page", "no matches on this page"
	}
	p := dialog.NewPrompt(c.dialogConfig, title, nil, func(words string) (tea.Msg, string) {
		said, cmd := in.StartSearch(words)
		if words != "" && in.Hits() == 0 && in.Final() {
			in.StartSearch("")
			return nil, none
		}
		return do(func() tea.Cmd {
			if !said.Empty() {
				c.say(said, true)
			}
			return cmd
		}), ""
	})
	p.SetValue(in.Words())
	c.open(p)
}

// works reports whether a key does something now where the person is, and gives it the words
// for that. The footer shows no other keys.
func (m *Model) works(b *key.Binding) bool {
	if !m.does(*b) {
		return false
	}
	m.rename(b)
	return true
}

// does reports whether a key does something now.
func (m *Model) does(b key.Binding) bool {
	k := m.keys
	is := func(keys ...key.Binding) bool {
		return slices.ContainsFunc(keys, func(o key.Binding) bool { return same(b, o) })
	}
	if is(k.changes()...) && !m.locked().Empty() {
		return false
	}
	here, closed, open := m.plan.Foldable()
	switch {
	case is(k.Fold):
		return m.inPlan() && here
	case is(k.UnfoldAll):
		return m.inPlan() && closed
	case is(k.FoldAll):
		return m.inPlan() && open
	case is(k.Down, k.Up, k.PageDown, k.PageUp):
		return m.moves(b)
	case is(k.Back):
		return m.canGoBack()
	case is(k.Search):
		return m.searchable() != nil
	case is(k.Match, k.MatchBefore):
		return searching(m.searchable()) && m.searchable().Hits() > 0
	case is(k.World):
		return m.cfg.World != nil
	case is(k.Type):
		return m.takesInput()
	case is(k.Choose):
		return m.run.May(runbook.Choose, "", m.cfg.Now()) == nil
	case is(k.VerifyAll):
		return slices.ContainsFunc(m.run.Specs(), func(s runbook.Spec) bool { return s.Checks && s.Procedure == m.walked() })
	}
	selected, ok := m.selected()
	if !ok {
		return !is(k.Open, k.Explain, k.Map, k.Next, k.Verify, k.Wait, k.Tick, k.Untick, k.Skip, k.Accept, k.Run, k.Pause, k.Settle, k.Fill, k.Link, k.Plan, k.Output)
	}
	if is(k.Link) {
		return m.outside.leads(selected)
	}
	return m.guide.worksOn(selected, b)
}

// moves reports whether a key that moves or scrolls would.
func (m *Model) moves(b key.Binding) bool {
	k := m.keys
	down := same(b, k.Down) || same(b, k.PageDown)
	above, below := m.outline.Edges()
	switch {
	case m.focus == paneOutput && m.plan.Shown:
		above, below = m.plan.Scrolls()
	case m.focus == paneOutput:
		above, below = m.output.Scrolls()
	case m.focus == paneDetail, same(b, k.PageDown), same(b, k.PageUp):
		below, above = m.detail.More()
	}
	return down && below || !down && above
}

// worksOn is works for the keys that act on the selected step.
func (g *guide) worksOn(b *steps.Binding, pressed key.Binding) bool {
	k, id, now := g.keys, b.Step.ID, g.cfg.Now()
	may := func(a runbook.Action) bool { return g.run.May(a, id, now) == nil }
	is := func(o key.Binding) bool { return same(pressed, o) }
	switch {
	case is(k.Open):
		return g.focus == paneOutline
	case is(k.Next):
		next := steps.NextStep(g.run, g.engine.Bound(), b, now)
		return !searching(g.searchable()) && (g.focus != paneOutline || next != nil && next.Step.ID != id)
	case is(k.Verify), is(k.Wait):
		return g.spec(id).Checks && may(runbook.Check)
	case is(k.Tick):
		if _, _, ok := g.planEffect(id); ok {
			return g.judgeable(id)
		}
		return g.run.Status(id, now) == runbook.TickedOff && !g.run.Past(id) || g.advice(b).Do == steps.TodoTick
	case is(k.Skip) && g.spec(id).Deploys:
		return may(runbook.MarkElsewhere)
	case is(k.Skip):
		return may(runbook.Skip)
	case is(k.Accept):
		return may(runbook.Override) || g.advice(b).Acceptable // what is old is asked for again
	case is(k.Run):
		return g.running == nil && (g.advice(b).Effect != nil || g.run.Status(id, now) == runbook.InProgress)
	case is(k.Settle):
		return steps.FindDoubt(g.run, id) != nil
	case is(k.Pause):
		spec := g.spec(id)
		return g.running == nil && (questions.Pausing(&spec) != nil || len(g.run.Held()) > 0)
	case is(k.Fill):
		return len(b.Placeholders()) > 0
	case is(k.Plan):
		return g.running == nil && g.planShowable(id)
	case is(k.Output):
		return g.outputToggles(b)
	}
	return true
}

// judgeable reports whether the newest plan of a step can be called correct, or else is where
// the key goes.
func (g *guide) judgeable(id document.StepID) bool {
	made, _, _ := g.planEffect(id)
	state := g.run.Effect(id, made.Name)
	if g.run.Status(id, g.cfg.Now()) == runbook.Done || state.Finished == nil || state.Voided != nil || state.Finished.Result.Verdict != runbook.Passed {
		return false
	}
	return g.hasRead(id, made.Name) || g.focus != paneOutput || g.inPlan() && g.plan.NextHidden()
}

// planShowable reports whether there is a plan to show or to hide.
func (g *guide) planShowable(id document.StepID) bool {
	effect, _, ok := g.planEffect(id)
	state := g.run.Effect(id, effect.Name)
	return g.plan.Shown || ok && state.Started != nil && state.Finished != nil || !ok && g.plan.Doc() != nil
}

// outputToggles reports whether there is an output to show or to hide.
func (g *guide) outputToggles(b *steps.Binding) bool {
	_, done := g.lastCommand(b)
	return g.plan.Shown || g.output.Shown || g.output.Any() || done != nil && g.running == nil
}
