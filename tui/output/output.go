// Package output is the part of the checklist that shows what a command has
// printed.
package output

import (
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/terraform/progress"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// Command is the command that prints the output.
type Command struct {
	Step   document.StepID
	Effect string
	Label  string
	Since  time.Time // when it was started; zero if it has ended
	ToRead bool      // a person must read and judge the output
	Bare   bool      // it has no exit code: the program does it itself
}

// Config is the configuration of an Output.
type Config struct {
	Styles *text.Styles
	Keys   pager.KeyMap
	Now    func() time.Time
}

// Output shows what one command has printed. It follows the end of the output until a
// person scrolls. While the command runs, a line is one row, cut off at the edges of the
// screen. When it has ended, long lines are wrapped, because a person who judges the
// output must see all of it.
type Output struct {
	*pager.Pager
	Shown bool // set by the root

	cfg         Config
	w, h        int
	command     Command
	feed        *Feed
	file        string // with all of the output; "" if there is none
	lines       *ring
	partial     clean.Text
	progress    progress.Status // of an apply
	ended       string          // how the command ended; "" while it runs
	spinner     string
	interrupted bool
}

// New returns an empty output of a command that prints into the feed. For the zero
// Command there is nothing to show.
func New(cfg Config, c Command, feed *Feed) *Output {
	o := &Output{cfg: cfg, Shown: c.Label != "", command: c, feed: feed, lines: &ring{}}
	o.Pager = pager.New(o, cfg.Styles, pager.Options{Wrap: pager.Cut, Tail: true, Overlap: 1})
	return o
}

// Update handles a key or a piece of output. It returns the command that waits for the
// next piece.
func (o *Output) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		o.Pager.Update(msg, o.cfg.Keys)
	case PieceMsg:
		if !o.Takes(msg) {
			return nil
		}
		o.lines.join(msg.lines)
		if o.Ended() {
			o.lines.mask()
		}
		o.partial, o.progress, o.file = msg.partial, msg.progress, msg.file
		o.Scan(o.lines.next)
		o.SetSize(o.w, o.h) // the loss may need a row
		if !msg.Last {
			return msg.next
		}
	}
	return nil
}

// Takes reports whether a piece belongs to this output, and not to one that it has
// replaced.
func (o *Output) Takes(msg PieceMsg) bool { return o.feed == msg.feed }

// SetSize sets the size of the part, in cells and rows.
func (o *Output) SetSize(w, h int) {
	o.w, o.h = w, h
	o.Pager.SetSize(w, h-1-o.lost()-len(o.resources()))
}

// SetSpinner sets the frame of the spinner, which is shown while the command runs.
func (o *Output) SetSpinner(frame string) { o.spinner = frame }

// SetInterrupted shows that the command was interrupted.
func (o *Output) SetInterrupted() { o.interrupted = true }

// Finish shows the outcome of the command, or that it is unknown if done is nil. Output
// that a person must read is shown from its beginning.
func (o *Output) Finish(done *runbook.EffectFinished) {
	switch {
	case done == nil:
		o.ended = "nobody knows how it ended"
	case o.command.Bare:
		o.ended = "ended, " + done.At.Local().Format("15:04:05")
	case done.Exit < 0:
		o.ended = "not run, " + done.At.Local().Format("15:04:05")
	case done.Adopted && !done.Ended.IsZero(): // it ended while no process followed it
		o.ended = fmt.Sprintf("exit code %d, %s", done.Exit, done.Ended.Local().Format("15:04:05"))
	default:
		o.ended = fmt.Sprintf("exit code %d, %s", done.Exit, done.At.Local().Format("15:04:05"))
	}
	o.lines.mask()
	o.SetWrap(pager.Cells)
	if o.command.ToRead {
		o.Jump(false)
	}
}

// Ended reports whether the command has ended, so that no more output will arrive.
func (o *Output) Ended() bool { return o.ended != "" }

// Asks reports whether the last line of a running command has not ended, as that of a
// question has not.
func (o *Output) Asks() bool { return !o.Ended() && !o.partial.Empty() }

// Any reports whether there is an output to show.
func (o *Output) Any() bool { return o.command.Label != "" }

// Of reports whether the output is that of an effect.
func (o *Output) Of(id document.StepID, effect string) bool {
	return o.command.Step == id && o.command.Effect == effect
}

// ReadToEnd reports whether the whole output of an effect has been on the screen.
func (o *Output) ReadToEnd(id document.StepID, effect string) bool {
	return o.Of(id, effect) && o.Ended() && o.Read()
}

// MarkRead marks what is on the screen of an ended command's output as read, and reports
// whether any of that was unread. It must not be called while something covers the
// output.
func (o *Output) MarkRead() bool { return o.Ended() && o.Shown && o.Pager.MarkRead() }

// Dropped returns the number of lines that are no longer in memory.
func (o *Output) Dropped() int { return o.lines.first }

// Wanted returns the number of rows that the output asks for: as many as possible while
// the command is running, so that the layout does not change with every line.
func (o *Output) Wanted() int {
	switch {
	case !o.Shown:
		return 0
	case !o.Ended() || o.Dropped() > 0:
		return pager.Tallest
	}
	return 1 + o.Pager.Wanted()
}

// First returns the number of the oldest line in memory.
func (o *Output) First() int { return o.lines.first }

// End returns the number after that of the last line. An incomplete line, such as a
// question, counts as one.
func (o *Output) End() int {
	if o.partial.Empty() {
		return o.lines.next
	}
	return o.lines.next + 1
}

// Lines returns 1: the items of an output are its lines.
func (o *Output) Lines(int) int { return 1 }

// Line returns a line of the output.
func (o *Output) Line(number, _ int) pager.Line {
	if number == o.lines.next {
		return pager.Line{Text: o.partial.String()}
	}
	l := o.lines.at(number)
	if l.note {
		return pager.Line{Text: l.text.String(), Tone: text.ToneNote}
	}
	return pager.Line{Text: l.text.String()}
}

// StartSearch searches for words and goes to the first hit from the top of the screen
// on. Empty words end the search. It returns a message for the person, which may be
// empty.
func (o *Output) StartSearch(words string) (clean.Text, tea.Cmd) {
	o.Pager.StartSearch(words)
	o.Scan(o.lines.next)
	if words == "" {
		return clean.Text{}, nil
	}
	return o.Turn(true), nil
}

// Turn goes to the next hit, or to the previous one. It returns a message for the
// person, which may be empty.
func (o *Output) Turn(forward bool) clean.Text {
	if o.Hits() == 0 {
		return clean.Line("No matches in the output that is kept.")
	}
	return o.Pager.Turn(forward)
}

// Final reports whether no more hits can arrive.
func (o *Output) Final() bool { return o.Ended() }
