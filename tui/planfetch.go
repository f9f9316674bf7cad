package tui

import tea "github.com/charmbracelet/bubbletea"

// bodyLinesKept is how many lines of resources stay in memory beside those on the
// screen.
const bodyLinesKept = 200_000

// planBodiesMsg brings what a plan would do to some of its resources.
type planBodiesMsg struct {
	doc    *planDoc
	bodies map[int]*planBody
}

// around is how many resources above and below the screen are fetched ahead.
const around = 6

// fetch reads the resources that are open on the screen or near it, and of which
// nothing is there yet. It reads in one command at a time.
func (p *planPane) fetch() tea.Cmd {
	if p.fetching {
		return nil
	}
	from := max(p.top.entry-around, 0)
	to := min(p.top.entry+p.room()+around, len(p.doc.entries))
	var want []int
	for _, e := range p.doc.entries[from:to] {
		if e.change >= 0 && e.open && p.bodies[e.change] == nil {
			want = append(want, e.change)
		}
	}
	if len(want) == 0 {
		return nil
	}
	p.fetching = true
	doc := p.doc
	return func() tea.Msg {
		msg := planBodiesMsg{doc, make(map[int]*planBody, len(want))}
		for _, i := range want {
			msg.bodies[i] = doc.body(i)
		}
		return msg
	}
}

// fetched takes in what fetch has read.
func (p *planPane) fetched(msg planBodiesMsg) {
	if msg.doc != p.doc {
		return
	}
	p.fetching = false
	if p.held > bodyLinesKept {
		p.bodies, p.held = map[int]*planBody{}, 0
	}
	for i, b := range msg.bodies {
		p.bodies[i] = b
		p.held += len(b.lines)
	}
	if p.goal > 0 {
		p.lead(p.goal)
	}
	p.m.resize() // it may want more room
}
