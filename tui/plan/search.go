package plan

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/tui/pager"
)

// deepSearch is the search through the bodies of the resources. Most of them are not in
// memory, so commands read them in the background.
type deepSearch struct {
	generation int // of the search; hits of an older one are dropped
	next       int // the first entry that has not been searched
	on         bool
}

// foundMsg carries more hits of a search.
type foundMsg struct {
	plan       *Plan
	generation int
	next       int
	hits       []pager.Position
}

func (m foundMsg) of() *Plan { return m.plan }

// searchTime is how long a command searches before it returns its hits.
const searchTime = 100 * time.Millisecond

// StartSearch searches the plan for words, including closed resources, and goes to the
// first hit after the cursor. Empty words end the search. It returns the command that
// continues the search.
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

// searchOn returns a command that searches the next resources.
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

// search returns the lines of an entry that match, except its first line. It may be
// called concurrently.
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

// found adds the hits of a search, and goes to the first one if no address has matched.
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
		return tell("No matches in the plan.")
	}
	return nil
}

// Turn goes from the cursor to the next hit, or to the previous one. It returns a
// message for the person, which may be empty.
func (p *Plan) Turn(forward bool) clean.Text {
	switch {
	case p.Hits() == 0 && p.deep.on:
		return clean.Line("Nothing is found yet; it is still being looked for.")
	case p.Hits() == 0:
		return clean.Line("No matches in the plan.")
	}
	return p.Pager.Turn(forward)
}

// Final reports whether the search is complete.
func (p *Plan) Final() bool { return !p.deep.on }
