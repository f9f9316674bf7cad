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
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// Command is what the output is of.
type Command struct {
	Step   document.StepID
	Effect string
	Label  string
	Since  time.Time // when it was started; zero if it has ended
	ToRead bool      // somebody must judge the output
}

// Config is what an Output needs.
type Config struct {
	Styles text.Styles
	Keys   pager.KeyMap
	Now    func() time.Time
}

// Output shows what one command has printed, from its end unless somebody scrolls.
// While the command runs a line is a row of the screen, cut off at the edges. When
// it has ended long lines are wrapped, because what is judged must not end at the
// edge of the window.
type Output struct {
	*pager.Pager
	Shown bool // by the root

	cfg         Config
	w, h        int
	command     Command
	feed        *Feed
	file        string // where all of the output is kept, "" if nowhere
	lines       *ring
	partial     clean.Text
	ended       string // how the command has ended, "" while it runs
	spinner     string
	interrupted bool
}

// New returns an empty output, for a command that prints into the feed. Without a
// command there is nothing to show.
func New(cfg Config, c Command, feed *Feed) *Output {
	o := &Output{cfg: cfg, Shown: c.Label != "", command: c, feed: feed, lines: &ring{}}
	o.Pager = pager.New(o, cfg.Styles, pager.Options{Wrap: pager.Cut, Tail: true, Overlap: 1})
	return o
}

// Update takes a key or a piece of output. It returns the command that waits for
// the next piece.
func (o *Output) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		o.Pager.Update(msg, o.cfg.Keys)
	case PieceMsg:
		if !o.Takes(msg) {
			return nil
		}
		o.lines.join(msg.lines)
		o.partial, o.file = msg.partial, msg.file
		o.Scan(o.lines.next)
		o.SetSize(o.w, o.h) // a row may be needed to say what is not kept
		if !msg.Last {
			return msg.next
		}
	}
	return nil
}

// Takes reports whether a piece is of this output, and not of one that it has
// replaced.
func (o *Output) Takes(msg PieceMsg) bool { return o.feed == msg.feed }

// SetSize gives the output its place on the screen, in cells and rows.
func (o *Output) SetSize(w, h int) {
	o.w, o.h = w, h
	o.Pager.SetSize(w, h-1-o.lost())
}

// SetSpinner shows that the command is running.
func (o *Output) SetSpinner(frame string) { o.spinner = frame }

// SetInterrupted shows that the command was asked to end.
func (o *Output) SetInterrupted() { o.interrupted = true }

// Finish shows the outcome of the command, nil if nobody knows it. What must be read
// is read from its beginning.
func (o *Output) Finish(done *runbook.EffectFinished) {
	switch {
	case done == nil:
		o.ended = "nobody knows how it ended"
	case done.Exit < 0:
		o.ended = "not run, " + done.At.Local().Format("15:04:05")
	case done.Adopted && !done.Ended.IsZero(): // it ended before anybody noticed
		o.ended = fmt.Sprintf("exit code %d, %s", done.Exit, done.Ended.Local().Format("15:04:05"))
	default:
		o.ended = fmt.Sprintf("exit code %d, %s", done.Exit, done.At.Local().Format("15:04:05"))
	}
	o.SetWrap(pager.Cells)
	if o.command.ToRead {
		o.Jump(false)
	}
}

// Ended reports whether the command has ended, so that nothing more comes.
func (o *Output) Ended() bool { return o.ended != "" }

// Any reports whether there is a command whose output can be shown.
func (o *Output) Any() bool { return o.command.Label != "" }

// Of reports whether the output is that of an effect.
func (o *Output) Of(id document.StepID, effect string) bool {
	return o.command.Step == id && o.command.Effect == effect
}

// ReadToEnd reports whether the whole output of an effect has been on the screen.
func (o *Output) ReadToEnd(id document.StepID, effect string) bool {
	return o.Of(id, effect) && o.Ended() && o.Read()
}

// MarkRead notes what of an ended command's output is on the screen, and reports
// whether that was new. It must not be called while something covers the output.
func (o *Output) MarkRead() bool { return o.Ended() && o.Shown && o.Pager.MarkRead() }

// Dropped returns the number of lines that are not kept any more.
func (o *Output) Dropped() int { return o.lines.first }

// Wanted returns the number of rows that the output would like to have: all there
// are while the command is running, so that nothing jumps.
func (o *Output) Wanted() int {
	switch {
	case !o.Shown:
		return 0
	case !o.Ended() || o.Dropped() > 0:
		return pager.Tallest
	}
	return 1 + o.Pager.Wanted()
}

// First returns the number of the oldest line that is kept.
func (o *Output) First() int { return o.lines.first }

// End returns the number after that of the last line. A question that is not a
// whole line yet counts as one.
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

// StartSearch searches for words and goes to the first line that has them, from
// the top of the screen on; no words end the search. It returns what to tell the
// person.
func (o *Output) StartSearch(words string) (clean.Text, tea.Cmd) {
	o.Pager.StartSearch(words)
	o.Scan(o.lines.next)
	if words == "" {
		return clean.Text{}, nil
	}
	return o.Turn(true), nil
}

// Turn goes to the next line that has what is searched for, or to the one before.
// It returns what to tell the person.
func (o *Output) Turn(forward bool) clean.Text {
	if o.Hits() == 0 {
		return clean.Line("Nothing that is kept here has these words.")
	}
	return o.Pager.Turn(forward)
}

// Final reports whether what is not found now never will be.
func (o *Output) Final() bool { return o.Ended() }
