package output

import (
	"context"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

// pause is the least time between two pieces of output, 30 a second: a command
// that prints a lot must not keep the screen from the keys.
const pause = time.Second / 30

// Feed takes the output of a command from its goroutine and hands it to the screen
// in pieces. Neither waits for the other for longer than it takes to change a few
// pointers.
type Feed struct {
	file    func() string
	mu      sync.Mutex
	lines   *ring
	partial clean.Text
	signal  chan struct{} // has room for one: "there is more"
	done    chan struct{} // closed when the command has ended, or was not run
	err     error         // of the command, once done is closed
}

// NewFeed returns a feed. The function returns the file with all of the output, ""
// if there is none; it may block.
func NewFeed(file func() string) *Feed {
	return &Feed{file: file, lines: &ring{}, signal: make(chan struct{}, 1), done: make(chan struct{})}
}

// Put takes a piece. What the screen has not fetched yet is bounded like what it
// keeps: it would drop the rest anyway. Put may be called concurrently.
func (f *Feed) Put(o steps.Output) {
	f.mu.Lock()
	for _, l := range o.Lines {
		f.lines.push(line{l, o.Note})
	}
	f.partial = o.Partial
	f.mu.Unlock()
	select {
	case f.signal <- struct{}{}:
	default:
	}
}

// Close says that nothing more comes. It must be called once.
func (f *Feed) Close(err error) {
	f.err = err
	close(f.done)
}

// take returns what has come since it was called last.
func (f *Feed) take() PieceMsg {
	f.mu.Lock()
	defer f.mu.Unlock()
	msg := PieceMsg{feed: f, lines: f.lines, partial: f.partial}
	f.lines = f.lines.continued()
	return msg
}

// PieceMsg brings new output of a command. The last piece brings the end of the
// command with it: told apart, the two could come in the wrong order.
type PieceMsg struct {
	Last bool
	Err  error // of the command, with the last piece

	feed    *Feed
	lines   *ring
	partial clean.Text
	file    string
	next    tea.Cmd // waits for the next piece
}

// Listen waits for output and returns what has come meanwhile as a PieceMsg.
func (f *Feed) Listen(ctx context.Context) tea.Cmd {
	return func() tea.Msg {
		last := false
		select {
		case <-f.signal:
			wait := time.NewTimer(pause)
			defer wait.Stop()
			select {
			case <-wait.C:
			case <-f.done:
			case <-ctx.Done():
			}
		case <-f.done:
			last = true
		case <-ctx.Done():
			return nil
		}
		msg := f.take()
		msg.file, msg.next = f.file(), f.Listen(ctx)
		if last {
			msg.Last, msg.Err = true, f.err
		}
		return msg
	}
}
