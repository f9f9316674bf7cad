package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/help"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/plan"
)

// keyMap is every key of the checklist. The help screen and the footer are made
// from it, so that no key can be missing there. Search, Match and MatchBefore are
// heard while the output or the plan has the keys, and Fold while the plan has them, before
// those that they share a key with.
type keyMap struct {
	Up, Down, First, Last, PageUp, PageDown, Next, Focus, Open, Back key.Binding

	Verify, VerifyAll, Wait, Tick, Untick, Skip, Accept, Run, Pause, Settle, Choose, World key.Binding

	Link, Copy, Filter, Document, Help, Quit key.Binding

	Output, Type, Left, Right, Search, Match, MatchBefore key.Binding

	Plan, Fold, FoldAll, UnfoldAll key.Binding
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
		Open:     b("enter", "look at it", "enter"),
		Back:     b("esc", "back", "esc"),

		Verify:    b("v", "verify", "v"),
		VerifyAll: b("V", "verify all", "V"),
		Wait:      b("w", "wait for it", "w"),
		Tick:      b("t", "tick; the plan looks correct", "t"),
		Untick:    b("u", "untick", "u"),
		Skip:      b("s", "skip", "s"),
		Accept:    b("a", "accept", "a"),
		Run:       b("r", "run", "r"),
		Pause:     b("P", "pause or unpause DAGs", "P"),
		Settle:    b("x", "decide a doubt", "x"),
		Choose:    b("c", "choose the release", "c"),
		World:     b("W", "play the others", "W"),

		Link:     b("l", "open a link", "l"),
		Copy:     b("y", "copy a command", "y"),
		Filter:   b("/", "filter", "/"),
		Document: b("d", "read all", "d"),
		Help:     b("?", "help", "?"),
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
	}
}

// changes are the keys that a run must be written for. What is typed into a
// command is not recorded, and a command may wait for it.
func (k keyMap) changes() []key.Binding {
	return []key.Binding{k.Verify, k.VerifyAll, k.Wait, k.Tick, k.Untick, k.Skip, k.Accept, k.Run, k.Pause, k.Choose, k.Settle, k.World}
}

// dialog returns the keys that dialogues share with the checklist.
func (k keyMap) dialog() dialog.Keys {
	return dialog.Keys{Up: k.Up, Down: k.Down, PageUp: k.PageUp, PageDown: k.PageDown, Open: k.Open, Back: k.Back, Quit: k.Quit}
}

// pager returns the keys that scroll.
func (k keyMap) pager() pager.KeyMap {
	return pager.KeyMap{Down: k.Down, Up: k.Up, First: k.First, Last: k.Last, PageDown: k.PageDown, PageUp: k.PageUp}
}

// groups lists every binding once, as the help screen shows them.
func (k keyMap) groups() []help.Group {
	return []help.Group{
		{Title: "Move", Keys: []key.Binding{k.Up, k.Down, k.First, k.Last, k.Next, k.PageUp, k.PageDown, k.Focus, k.Open, k.Back}},
		{Title: "The step", Keys: []key.Binding{k.Verify, k.VerifyAll, k.Wait, k.Tick, k.Untick, k.Skip, k.Accept, k.Run, k.Pause, k.Settle, k.Choose}},
		{Title: "The rest", Keys: []key.Binding{k.Link, k.Copy, k.Filter, k.Document, k.World, k.Help, k.Quit}},
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
		{Title: "The rest", Keys: []key.Binding{k.Help, k.Back, k.Quit}},
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
	title, none := "Search in the output", "nothing that is kept here has these words"
	if _, ok := in.(*plan.Plan); ok {
		title, none = "Search in the plan, also in what is closed", "nothing in the plan has these words"
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
