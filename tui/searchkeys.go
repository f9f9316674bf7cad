package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/dialog"
)

// searched is what words can be looked for in: the output, or the plan.
type searched interface {
	looked() *search
	// lookFor begins another search, or ends the one that is on.
	lookFor(words string) (clean.Text, tea.Cmd)
	// turn goes to the next hit, or to the one before.
	turn(on bool) clean.Text
	// final reports whether what is not found now never will be.
	final() bool
}

func (o *output) looked() *search   { return &o.search }
func (o *output) final() bool       { return o.ended != "" }
func (p *planPane) looked() *search { return &p.search }
func (p *planPane) final() bool     { return !p.hunt.on }

// inOutput reports whether the output has the keys and is on the screen.
func (m *Model) inOutput() bool {
	return m.focus == paneOutput && m.output.shown && !m.plan.shown
}

// searchable returns what has the keys and can be searched, nil for nothing.
func (m *Model) searchable() searched {
	switch {
	case m.inPlan() && m.plan.doc != nil:
		return m.plan
	case m.inOutput():
		return m.output
	}
	return nil
}

// searching reports whether what has the keys is being searched.
func (m *Model) searching() bool {
	in := m.searchable()
	return in != nil && in.looked().on()
}

// searchKey takes the keys that search in what has them, and says whether it did.
func (m *Model) searchKey(msg tea.KeyMsg) bool {
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
		if problem := in.turn(key.Matches(msg, k.Match)); !problem.Empty() {
			m.say(problem, true)
		}
	default:
		return false
	}
	return true
}

// startSearch asks for the words to look for.
func (m *Model) startSearch(in searched) {
	title, none := "Search in the output", "nothing that is kept here has these words"
	if in == searched(m.plan) {
		title, none = "Search in the plan, also in what is closed", "nothing in the plan has these words"
	}
	p := dialog.NewPrompt(m.dialogConfig, title, nil, func(words string) (tea.Msg, string) {
		said, cmd := in.lookFor(words)
		if words != "" && len(in.looked().lines) == 0 && in.final() {
			in.lookFor("")
			return nil, none
		}
		return do(func() tea.Cmd {
			if !said.Empty() {
				m.say(said, true)
			}
			return cmd
		}), ""
	})
	p.SetValue(string(in.looked().words))
	m.open(p)
}

// lookFor searches for words and goes to the first line that has them, from the
// one at the top of the screen; no words end the search. It returns what a person
// must know about that.
func (o *output) lookFor(words string) (clean.Text, tea.Cmd) {
	o.search = newSearch(words)
	o.rewrap() // its marks take some of the width
	o.search.follow(o.lines)
	if words == "" {
		return clean.Text{}, nil
	}
	return o.turn(true), nil
}

// turn goes to the next line that has what is looked for, or to the one before.
// Who has left the last one by scrolling goes on from what is on the screen. It
// returns what a person must know about the way it took.
func (o *output) turn(on bool) clean.Text {
	lines := o.search.lines
	if len(lines) == 0 {
		return clean.Line("Nothing that is kept here has these words.")
	}
	o.settle()
	i, led := slices.BinarySearch(lines, o.search.at)
	if led = led && o.partly(o.search.at); !led {
		i, _ = slices.BinarySearch(lines, o.top.line)
	}
	switch {
	case !on:
		i--
	case led:
		i++
	}
	said := clean.Text{}
	switch {
	case i < 0:
		i, said = len(lines)-1, clean.Line("That was the first one; this is the last.")
	case i == len(lines):
		i, said = 0, clean.Line("That was the last one; this is the first.")
	}
	o.search.at = lines[i]
	o.turnTo(lines[i])
	return said
}
