package plan

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/pager"
)

// deepSearch is a search through what the plan would do to its resources, most of which
// is not in memory: it goes on beside the keys.
type deepSearch struct {
	generation int // hits of an older search are dropped
	next       int // the first entry that has not been searched
	on         bool
}

// foundMsg brings more hits of a search.
type foundMsg struct {
	plan       *Plan
	generation int
	next       int
	hits       []pager.Position
}

func (m foundMsg) of() *Plan { return m.plan }

// searchTime is how long a command searches before it says what it has found.
const searchTime = 100 * time.Millisecond

// StartSearch searches the plan for words, also in resources that are closed, and
// goes to the first line that has them, from the cursor on; no words end the
// search. It returns the command that searches on.
func (p *Plan) StartSearch(words string) (clean.Text, tea.Cmd) {
	p.Pager.StartSearch(words)
	p.deep = deepSearch{generation: p.deep.generation + 1, on: words != "" && p.doc != nil}
	if !p.deep.on {
		return clean.Text{}, nil
	}
	p.Scan(len(p.doc.entries))
	p.GoToHit(p.At().Item)
	return clean.Text{}, p.searchOn()
}

// searchOn searches the resources that come next.
func (p *Plan) searchOn() tea.Cmd {
	ctx, doc, s := p.cfg.Context, p.doc, pager.NewSearch(p.Words())
	msg := foundMsg{plan: p, generation: p.deep.generation, next: p.deep.next}
	return func() tea.Msg {
		for until := time.Now().Add(searchTime); msg.next < len(doc.entries) && ctx.Err() == nil && time.Now().Before(until); msg.next++ {
			msg.hits = append(msg.hits, doc.search(msg.next, &s)...)
		}
		return msg
	}
}

// search returns the lines of an entry, but for its first, that have what is
// searched for. It may be called concurrently.
func (d *Doc) search(item int, s *pager.Search) []pager.Position {
	e := &d.entries[item]
	if e.change < 0 {
		return nil
	}
	var hits []pager.Position
	for n, l := range d.read(e.change).lines {
		if start, _ := s.Find(l.Text, 0); start >= 0 {
			hits = append(hits, pager.Position{Item: item, Line: n + 1})
		}
	}
	return hits
}

// found takes the hits of a search, and goes to the first if no address has had the
// words.
func (p *Plan) found(msg foundMsg) tea.Cmd {
	if msg.generation != p.deep.generation || !p.deep.on {
		return nil
	}
	p.AddHits(msg.hits)
	p.deep.next = msg.next
	p.deep.on = msg.next < len(p.doc.entries) && p.cfg.Context.Err() == nil
	switch {
	case p.deep.on:
		return p.searchOn()
	case p.Hits() == 0:
		return tell("Nothing in the plan has these words.")
	}
	return nil
}

// Turn goes from the cursor to the next line that has what is searched for, or to
// the one before. It returns what to tell the person.
func (p *Plan) Turn(forward bool) clean.Text {
	switch {
	case p.Hits() == 0 && p.deep.on:
		return clean.Line("Nothing is found yet; it is still being looked for.")
	case p.Hits() == 0:
		return clean.Line("Nothing in the plan has these words.")
	}
	return p.Pager.Turn(forward)
}

// Final reports whether what is not found now never will be.
func (p *Plan) Final() bool { return !p.deep.on }
