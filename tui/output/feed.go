package output

import (
	"context"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/progress"
)

// pause is the least time between two pieces of output. There are at most 30 a second,
// so that a command that prints a lot does not delay the keys.
const pause = time.Second / 30

// Feed passes the output of a command from its goroutine to the screen, in pieces.
// Neither side blocks the other: they share a lock that is held only to change a few
// pointers.
type Feed struct {
	file    func() string
	mu      sync.Mutex
	lines   *ring
	partial clean.Text
	apply   *progress.Apply // follows the lines; nil unless Track was called
	now     func() time.Time
	signal  chan struct{} // has room for one; signals that there is more
	done    chan struct{} // closed when the command has ended or did not run
	err     error         // of the command, once done is closed
}

// NewFeed returns a feed. The function returns the path of the file with all of the
// output, or "" if there is none. It may block.
func NewFeed(file func() string) *Feed {
	return &Feed{file: file, lines: &ring{}, signal: make(chan struct{}, 1), done: make(chan struct{})}
}

// Track makes the feed follow the progress of an apply. It must be called before Put.
func (f *Feed) Track(now func() time.Time) { f.apply, f.now = progress.NewApply(), now }

// Expect says what the apply is to do, and how long that has taken before. It may be called
// once, concurrently with Put.
func (f *Feed) Expect(changes []terraform.Change, known progress.Durations) {
	f.mu.Lock()
	f.apply.Expect(changes, known)
	f.mu.Unlock()
	f.more()
}

// Put adds a piece of output. It keeps no more than the screen does of what the screen
// has not fetched yet. Put may be called concurrently.
func (f *Feed) Put(o steps.Output) {
	f.mu.Lock()
	for _, l := range o.Lines {
		f.lines.push(line{l, o.Note})
		if f.apply != nil && !o.Note {
			f.apply.Line(l.String(), f.now())
		}
	}
	f.partial = o.Partial
	f.mu.Unlock()
	f.more()
}

// more signals that there is more.
func (f *Feed) more() {
	select {
	case f.signal <- struct{}{}:
	default:
	}
}

// Close ends the output, with the error of the command. It must be called once.
func (f *Feed) Close(err error) {
	f.err = err
	close(f.done)
}

// take returns the output since its last call.
func (f *Feed) take() PieceMsg {
	f.mu.Lock()
	defer f.mu.Unlock()
	msg := PieceMsg{feed: f, lines: f.lines, partial: f.partial}
	f.lines = f.lines.continued()
	if f.apply != nil {
		msg.progress = f.apply.Status(progressRows)
	}
	return msg
}

// PieceMsg carries new output of a command. The last piece carries the end of the
// command too: as two messages they could arrive in the wrong order.
type PieceMsg struct {
	Last bool
	Err  error // of the command, with the last piece

	feed     *Feed
	lines    *ring
	partial  clean.Text
	progress progress.Status
	file     string
	next     tea.Cmd // waits for the next piece
}

// Listen returns a command that waits for output and returns it as a PieceMsg.
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
