package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

// linesKept is how many lines of a command's output stay in memory.
const linesKept = 10_000

// outputLine is one line of output; a note is the program's own word.
type outputLine struct {
	text clean.Text
	note bool
}

// output shows what a command has printed, from its end unless somebody scrolls.
type output struct {
	m       *Model
	size    rect
	shown   bool
	step    runbook.StepID
	effect  string
	label   string
	raw     []outputLine // as they came
	lines   []outputLine // as they are shown: wrapped once the command has ended
	partial clean.Text
	dropped int
	top     int
	left    int // cells that are cut off at the left
	follow  bool
	read    int  // lines from the beginning that have been on the screen without a gap
	wrapped int  // the width that lines are wrapped for
	whole   bool // all of it has been read
	toRead  bool // somebody must judge it
	ended   string
}

func newOutput(m *Model) *output { return &output{m: m} }

func (o *output) setSize(r rect) {
	o.size = r
	if o.ended != "" && r.w > 0 && r.w != o.wrapped {
		o.wrap()
	}
}

// wrap makes long lines whole: what is judged must not end at the window's edge.
func (o *output) wrap() {
	o.lines, o.wrapped, o.left = o.lines[:0:0], o.size.w, 0
	if o.read = 0; o.toRead && !o.whole {
		o.top, o.follow = 0, false // lines have moved: it is read from the beginning
	}
	for _, l := range o.raw {
		if ansi.StringWidth(l.text.String()) <= o.size.w || o.size.w < 1 {
			o.lines = append(o.lines, l)
			continue
		}
		for part := range strings.SplitSeq(ansi.Hardwrap(l.text.String(), o.size.w, true), "\n") {
			o.lines = append(o.lines, outputLine{clean.Line(part), l.note})
		}
	}
}

// any reports whether there is output to show.
func (o *output) any() bool { return o.label != "" }

// begin makes room for the output of another command.
func (o *output) begin(id runbook.StepID, effect, label string, toRead bool) {
	*o = output{m: o.m, size: o.size, shown: true, step: id, effect: effect, label: label, toRead: toRead, follow: true}
}

func (o *output) end(exit int, now time.Time) {
	o.ended = fmt.Sprintf("exit code %d, %s", exit, now.Format("15:04:05"))
	o.wrap()
	if len(o.lines) > o.room() && o.toRead { // it is read from its beginning
		o.follow, o.top = false, 0
	}
}

func (o *output) add(msg outputMsg) {
	o.raw = append(o.raw, msg.lines...)
	o.partial = msg.partial
	o.dropped += msg.dropped
	if over := len(o.raw) - linesKept; over > 0 {
		o.raw = append(o.raw[:0:0], o.raw[over:]...)
		o.dropped += over
		o.top = max(o.top-over, 0)
	}
	o.lines = o.raw
}

// wanted is how many lines the output would like to have: all there are while
// the command is running, so that nothing jumps, and what it needs afterwards.
func (o *output) wanted() int {
	switch {
	case !o.shown:
		return 0
	case o.ended == "":
		return linesKept
	default:
		return o.count() + 1
	}
}

func (o *output) room() int { return max(o.size.h-1, 0) }

func (o *output) count() int {
	n := len(o.lines)
	if !o.partial.Empty() {
		n++
	}
	return n
}

// scroll moves by n lines; at the end it follows again.
func (o *output) scroll(n int) {
	last := max(o.count()-o.room(), 0)
	if o.follow {
		o.top = last
	}
	o.top = max(min(o.top+n, last), 0)
	o.follow = o.top == last
}

// shift moves long lines by n cells, so that their ends can be read.
func (o *output) shift(n int) { o.left = max(o.left+n, 0) }

// look notes what of an ended command's output is on the screen, as far as it
// follows on what was there before: a jump to the end reads nothing.
func (o *output) look() {
	if o.m.reader != nil || o.m.help != nil {
		return // they cover it
	}
	if o.ended == "" || !o.shown {
		return
	}
	if o.follow {
		o.top = max(o.count()-o.room(), 0)
	}
	if o.top <= o.read {
		if read := min(o.top+o.room(), o.count()); read > o.read {
			o.read = read
			o.whole = o.whole || o.dropped == 0 && o.read >= o.count()
			o.m.detail.stale() // what to do next may be another thing now
		}
	}
}

// readToEnd reports whether the whole output of an effect has been on the
// screen, from its beginning to its end.
func (o *output) readToEnd(id runbook.StepID, effect string) bool {
	return o.step == id && o.effect == effect && o.ended != "" && o.whole
}

func (o *output) view() []string {
	if o.size.h < 1 {
		return nil
	}
	s, room := o.m.styles, o.room()
	last := max(o.count()-room, 0)
	if o.follow {
		o.top = last
	}
	o.top = max(min(o.top, last), 0)
	title := o.label
	switch {
	case o.ended != "":
		title += " · " + o.ended
	case o.m.running != nil:
		title += " · running for " + spell(o.m.cfg.Now().Sub(o.m.running.since)) + " " + o.m.beat.spinner()
	}
	if below := o.count() - o.top - room; below > 0 {
		title += fmt.Sprintf(" · %d lines below", below)
	}
	if o.m.focus == paneOutput {
		title = "› " + title
	}
	lines := []string{rule(o.size.w, s, title)}
	for i := o.top; i < o.count() && len(lines) <= room; i++ {
		line := outputLine{text: o.partial}
		if i < len(o.lines) {
			line = o.lines[i]
		}
		text := line.text.String()
		if o.left > 0 {
			text = ansi.TruncateLeft(text, o.left, "…")
		}
		text = ansi.Truncate(text, o.size.w, "…")
		if line.note {
			text = s.note.Render(text)
		}
		lines = append(lines, text)
	}
	return lines
}
