package tui

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
)

// hunt is a search through what the plan would do to its resources, most of which
// is not in memory: it goes on beside the keys.
type hunt struct {
	generation int // hits of an older search are dropped
	next       int // the first entry that has not been looked into
	on         bool
}

// planFoundMsg brings more of what a hunt has found.
type planFoundMsg struct {
	doc        *planDoc
	generation int
	next       int
	hits       []int
}

// huntSpell is how long a hunt looks before it says what it has found.
const huntSpell = 100 * time.Millisecond

// A line of the plan has a number, by which the hits of a search are known.
func lineNumber(entry, line int) int { return entry<<32 | line }

func whichLine(n int) (entry, line int) { return n >> 32, n & (1<<32 - 1) }

// StartSearch searches the plan for words, resources that are closed as well, and
// goes to the first line that has them, from the cursor on; no words end the
// search. It returns what a person must know about that.
func (p *planPane) StartSearch(words string) (clean.Text, tea.Cmd) {
	p.search = newSearch(words)
	p.hunt = hunt{generation: p.hunt.generation + 1, on: words != ""}
	p.goal = 0
	if words == "" || p.doc == nil {
		return clean.Text{}, nil
	}
	for i, e := range p.doc.entries {
		if start, _ := p.search.find(e.text, 0); start >= 0 {
			p.search.lines = append(p.search.lines, lineNumber(i, 0))
		}
	}
	if i, _ := slices.BinarySearch(p.search.lines, lineNumber(p.cursor.entry, 0)); i < len(p.search.lines) {
		p.lead(p.search.lines[i])
	}
	return clean.Text{}, p.huntOn()
}

// huntOn looks into the resources that come next.
func (p *planPane) huntOn() tea.Cmd {
	doc, h, s := p.doc, p.hunt, search{words: p.search.words, exact: p.search.exact}
	ctx := p.m.ctx
	return func() tea.Msg {
		msg := planFoundMsg{doc: doc, generation: h.generation, next: h.next}
		for until := time.Now().Add(huntSpell); msg.next < len(doc.entries) && ctx.Err() == nil; msg.next++ {
			e := &doc.entries[msg.next]
			if e.change < 0 {
				continue
			}
			for n, l := range doc.body(e.change).lines {
				if start, _ := s.find(l.text, 0); start >= 0 {
					msg.hits = append(msg.hits, lineNumber(msg.next, n+1))
				}
			}
			if time.Now().After(until) {
				msg.next++
				break
			}
		}
		return msg
	}
}

// found takes the hits of a hunt in, and leads the person to the first if no
// address has had the words.
func (p *planPane) found(msg planFoundMsg) tea.Cmd {
	if msg.doc != p.doc || msg.generation != p.hunt.generation || !p.hunt.on {
		return nil
	}
	p.search.lines = append(p.search.lines, msg.hits...)
	slices.Sort(p.search.lines)
	p.hunt.next = msg.next
	p.hunt.on = msg.next < len(p.doc.entries) && p.m.ctx.Err() == nil
	if p.search.at < 0 && len(p.search.lines) > 0 {
		p.Turn(true)
	}
	switch {
	case p.hunt.on:
		return p.huntOn()
	case len(p.search.lines) == 0:
		p.m.say(clean.Line("Nothing in the plan has these words."), true)
	}
	return nil
}

// Turn goes from the cursor to the next line that has what is looked for, or to
// the one before. It returns what a person must know about the way it took.
func (p *planPane) Turn(on bool) clean.Text {
	lines := p.search.lines
	switch {
	case p.doc == nil, len(lines) == 0 && !p.hunt.on:
		return clean.Line("Nothing in the plan has these words.")
	case len(lines) == 0:
		return clean.Line("Nothing is found yet; it is still being looked for.")
	}
	from := lineNumber(p.cursor.entry, p.cursor.line)
	if p.goal > 0 {
		from = p.goal // it is on its way to the screen
	}
	i, here := slices.BinarySearch(lines, from)
	switch {
	case !on:
		i--
	case here && p.search.at == from:
		i++
	}
	said := clean.Text{}
	switch {
	case i < 0:
		i, said = len(lines)-1, clean.Line("That was the first one; this is the last.")
	case i == len(lines):
		i, said = 0, clean.Line("That was the last one; this is the first.")
	}
	p.lead(lines[i])
	return said
}

// lead puts the cursor on a line, which is fetched first if it must be.
func (p *planPane) lead(n int) {
	p.search.at, p.goal = n, 0
	entry, line := whichLine(n)
	to := spot{entry: entry}
	if e := &p.doc.entries[entry]; line > 0 {
		if e.open = true; p.bodies[e.change] == nil {
			p.goal = n
		} else {
			to.line = line
		}
	}
	to = p.within(to)
	l := p.line(to.entry, to.line)
	start, _ := p.search.find(l.text, 0)
	starts := l.starts(p.width())
	for to.row+1 < len(starts) && starts[to.row+1] <= start {
		to.row++
	}
	p.cursor = to
	if !p.onScreen(to) {
		p.top = p.up(to, p.room()/3)
	}
	p.settle()
}

// Words returns what is searched for.
func (p *planPane) Words() string { return string(p.search.words) }

// Hits returns the number of lines that were found.
func (p *planPane) Hits() int { return len(p.search.lines) }

// Final reports whether what is not found now never will be.
func (p *planPane) Final() bool { return !p.hunt.on }
