package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/dialog"
)

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

// inOutput reports whether the output is shown and focused.
func (ps *panes) inOutput() bool {
	return ps.focus == paneOutput && ps.output.Shown && !ps.plan.Shown
}

// searchable returns the focused part if it can be searched, or nil.
func (ps *panes) searchable() searched {
	switch {
	case ps.inPlan() && ps.plan.Doc() != nil:
		return ps.plan
	case ps.inOutput():
		return ps.output
	}
	return nil
}

// searching reports whether a search is in progress in the focused part.
func (ps *panes) searching() bool {
	in := ps.searchable()
	return in != nil && in.Words() != ""
}

// searchKey handles the keys that search, and reports whether it has handled the key.
func (ps *panes) searchKey(msg tea.KeyMsg) bool {
	in := ps.searchable()
	if in == nil {
		return false
	}
	switch k := ps.keys; {
	case key.Matches(msg, k.Search):
		ps.startSearch(in)
	case key.Matches(msg, k.MatchBefore), key.Matches(msg, k.Match) && ps.searching():
		if !ps.searching() {
			ps.say(clean.Linef("Nothing is looked for; %s asks for words.", k.Search.Help().Key), true)
			return true
		}
		if problem := in.Turn(key.Matches(msg, k.Match)); !problem.Empty() {
			ps.say(problem, true)
		}
	default:
		return false
	}
	return true
}

// startSearch asks for the words to search for.
func (ps *panes) startSearch(in searched) {
	title, none := "Search in the output", "nothing that is kept here has these words"
	if in == searched(ps.plan) {
		title, none = "Search in the plan, also in what is closed", "nothing in the plan has these words"
	}
	p := dialog.NewPrompt(ps.dialogConfig, title, nil, func(words string) (tea.Msg, string) {
		said, cmd := in.StartSearch(words)
		if words != "" && in.Hits() == 0 && in.Final() {
			in.StartSearch("")
			return nil, none
		}
		return do(func() tea.Cmd {
			if !said.Empty() {
				ps.say(said, true)
			}
			return cmd
		}), ""
	})
	p.SetValue(in.Words())
	ps.open(p)
}
