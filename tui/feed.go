package tui

import (
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

// outputPause is the least time between two updates of the output on the
// screen, 30 a second: a command that prints a lot must not keep the screen from
// the keys.
const outputPause = time.Second / 30

// feed takes the output from the goroutine of the command and hands it to the
// screen in pieces. Neither waits for the other for longer than it takes to
// change a few pointers.
type feed struct {
	mu      sync.Mutex
	lines   *ring
	partial clean.Text
	signal  chan struct{}       // has room for one: "there is more"
	done    chan struct{}       // closed when the command has ended, or was not run
	err     error               // of the command, once done is closed
	file    func() string       // says where all of the output is kept, if it is; may look for it
	over    func(error) tea.Cmd // called in Update with err when all of it is on the screen
}

func newFeed() *feed {
	return &feed{lines: &ring{}, signal: make(chan struct{}, 1), done: make(chan struct{}), file: func() string { return "" }}
}

// put takes a piece in. What the screen has not fetched yet is bounded like what
// it keeps: it would drop the rest anyway.
func (f *feed) put(o steps.Output) {
	f.mu.Lock()
	for _, l := range o.Lines {
		f.lines.push(outputLine{l, o.Note})
	}
	f.partial = o.Partial
	f.mu.Unlock()
	select {
	case f.signal <- struct{}{}:
	default:
	}
}

// take returns what has gathered since it was called last.
func (f *feed) take() outputMsg {
	f.mu.Lock()
	defer f.mu.Unlock()
	msg := outputMsg{feed: f, lines: f.lines, partial: f.partial}
	f.lines = f.lines.continued()
	return msg
}

// outputMsg brings new output of a command.
type outputMsg struct {
	feed    *feed
	lines   *ring
	partial clean.Text
	file    string
	last    bool
}

// listen waits for output and returns what has gathered meanwhile.
func (m *Model) listen(f *feed) tea.Cmd {
	ctx := m.ctx
	return func() tea.Msg {
		select {
		case <-f.signal:
		case <-f.done:
			msg := f.take()
			msg.file, msg.last = f.file(), true
			return msg
		case <-ctx.Done():
			return nil
		}
		pause := time.NewTimer(outputPause)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-f.done:
		case <-ctx.Done():
		}
		msg := f.take()
		msg.file = f.file()
		return msg
	}
}

// received takes output in. The last piece brings the end of the command with
// it: told apart, the two could come in the wrong order.
func (m *Model) received(msg outputMsg) tea.Cmd {
	if m.output.feed != msg.feed {
		return nil // another output has taken its place
	}
	m.output.add(msg)
	if msg.last {
		return msg.feed.over(msg.feed.err)
	}
	return m.listen(msg.feed)
}
