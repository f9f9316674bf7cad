package plan

import tea "github.com/charmbracelet/bubbletea"

// linesKept is how many lines of resources stay in memory beside those on the
// screen.
const linesKept = 200_000

// around is how many resources above and below the screen are fetched ahead.
const around = 6

// bodiesMsg brings what the plan would do to some of its resources.
type bodiesMsg struct {
	plan   *Plan
	bodies map[int]*body
}

func (m bodiesMsg) of() *Plan { return m.plan }

// Fetch reads the resources that are open on the screen or near it, and whose lines
// are not there yet. It reads in one command at a time, and returns nil if there is
// nothing to read.
func (p *Plan) Fetch() tea.Cmd {
	if p.doc == nil || !p.Shown || p.h < 2 || p.fetching {
		return nil
	}
	from := max(p.Top().Item-around, 0)
	to := min(p.Top().Item+p.h-1+around, len(p.doc.entries))
	var want []int
	for _, e := range p.doc.entries[from:to] {
		if p.missing(&e) {
			want = append(want, e.change)
		}
	}
	if len(want) == 0 {
		return nil
	}
	p.fetching = true
	doc := p.doc
	return func() tea.Msg {
		msg := bodiesMsg{p, make(map[int]*body, len(want))}
		for _, i := range want {
			msg.bodies[i] = doc.read(i)
		}
		return msg
	}
}

// fetched takes what Fetch has read.
func (p *Plan) fetched(msg bodiesMsg) {
	p.fetching = false
	if p.held > linesKept {
		p.bodies, p.held = map[int]*body{}, 0
	}
	for i, b := range msg.bodies {
		p.bodies[i] = b
		p.held += len(b.lines)
	}
	p.Resume()
}
