package plan

import tea "github.com/charmbracelet/bubbletea"

// linesKept is the number of lines of resources that stay in memory besides those on
// the screen.
const linesKept = 200_000

// around is the number of resources that are read ahead above and below the screen.
const around = 6

// bodiesMsg carries the bodies of some resources.
type bodiesMsg struct {
	plan   *Plan
	bodies map[int]*body
}

func (m bodiesMsg) of() *Plan { return m.plan }

// Fetch returns a command that reads the bodies of the open resources on the screen or
// near it. It returns nil if they are in memory, or while another such command runs.
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

// fetched handles what the command of Fetch has read.
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
