package tui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
)

// inOutput reports whether the output has the keys and is on the screen.
func (m *Model) inOutput() bool { return m.focus == paneOutput && m.output.shown }

// searchKey takes the keys that search in the output, and says whether it did.
func (m *Model) searchKey(msg tea.KeyMsg) bool {
	if !m.inOutput() {
		return false
	}
	switch k := m.keys; {
	case key.Matches(msg, k.Search):
		m.startSearch()
	case key.Matches(msg, k.MatchBefore), key.Matches(msg, k.Match) && m.output.search.on():
		if !m.output.search.on() {
			m.say(clean.Linef("Nothing is looked for; %s asks for words.", k.Search.Help().Key), true)
			return true
		}
		if problem := m.output.turn(key.Matches(msg, k.Match)); !problem.Empty() {
			m.say(problem, true)
		}
	default:
		return false
	}
	return true
}

// startSearch asks for the words to look for in the output.
func (m *Model) startSearch() {
	p := newPrompt(m, "Search in the output", nil, func(words string) (tea.Cmd, string) {
		o := m.output
		said := o.lookFor(words)
		if words != "" && len(o.search.lines) == 0 && o.ended != "" {
			o.lookFor("")
			return nil, "nothing that is kept here has these words"
		}
		if !said.Empty() {
			m.say(said, true)
		}
		return nil, ""
	})
	p.input.SetValue(string(m.output.search.words))
	m.open(p)
}

// lookFor searches for words and goes to the first line that has them, from the
// one at the top of the screen; no words end the search. It returns what a person
// must know about that.
func (o *output) lookFor(words string) clean.Text {
	o.search = newSearch(words)
	o.rewrap() // its marks take some of the width
	o.search.follow(o.lines)
	if words == "" {
		return clean.Text{}
	}
	return o.turn(true)
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
