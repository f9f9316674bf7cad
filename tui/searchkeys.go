package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/dialog"
)

// searched is what can be searched: the output, or the plan.
type searched interface {
	Words() string // that are searched for, "" for none
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

// inOutput reports whether the output has the keys and is on the screen.
func (m *panes) inOutput() bool {
	return m.focus == paneOutput && m.output.Shown && !m.plan.Shown
}

// searchable returns what has the keys and can be searched, nil for nothing.
func (m *panes) searchable() searched {
	switch {
	case m.inPlan() && m.plan.Doc() != nil:
		return m.plan
	case m.inOutput():
		return m.output
	}
	return nil
}

// searching reports whether what has the keys is being searched.
func (m *panes) searching() bool {
	in := m.searchable()
	return in != nil && in.Words() != ""
}

// searchKey takes the keys that search in what has them, and says whether it did.
func (m *panes) searchKey(msg tea.KeyMsg) bool {
	in := m.searchable()
	if in == nil {
		return false
	}
	switch k := m.keys; {
	case key.Matches(msg, k.Search):
		m.startSearch(in)
	case key.Matches(msg, k.MatchBefore), key.Matches(msg, k.Match) && m.searching():
		if !m.searching() {
			m.say(clean.Linef("Nothing is looked for; %s asks for words.", k.Search.Help().Key), true)
			return true
		}
		if problem := in.Turn(key.Matches(msg, k.Match)); !problem.Empty() {
			m.say(problem, true)
		}
	default:
		return false
	}
	return true
}

// startSearch asks for the words to look for.
func (m *panes) startSearch(in searched) {
	title, none := "Search in the output", "nothing that is kept here has these words"
	if in == searched(m.plan) {
		title, none = "Search in the plan, also in what is closed", "nothing in the plan has these words"
	}
	p := dialog.NewPrompt(m.dialogConfig, title, nil, func(words string) (tea.Msg, string) {
		said, cmd := in.StartSearch(words)
		if words != "" && in.Hits() == 0 && in.Final() {
			in.StartSearch("")
			return nil, none
		}
		return do(func() tea.Cmd {
			if !said.Empty() {
				m.say(said, true)
			}
			return cmd
		}), ""
	})
	p.SetValue(in.Words())
	m.open(p)
}
