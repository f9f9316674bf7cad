package tui

import (
	"fmt"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// output shows what a command has printed, from its end unless somebody scrolls.
// While the command runs a line of it is a row of the screen, cut at the edges;
// when it has ended long lines are wrapped, because what is judged must not end
// at the window's edge.
type output struct {
	m       *Model
	size    rect
	shown   bool
	step    document.StepID
	effect  string
	label   string
	file    string // where all of the output is kept, "" if nowhere
	feed    *feed  // where it comes from
	lines   *ring
	partial clean.Text
	top     place
	left    int // cells that are cut off at the left
	follow  bool
	read    place // all before it has been on the screen without a gap
	wrapped int   // the width that rows are counted for
	whole   bool  // all of it has been read
	toRead  bool  // somebody must judge it
	ended   string
	search  search
}

// place is a row of the output: a line by its number, and a row of that.
type place struct{ line, row int }

func (p place) before(q place) bool { return p.line < q.line || p.line == q.line && p.row < q.row }

func newOutput(m *Model) *output { return &output{m: m, lines: &ring{}} }

func (o *output) setSize(r rect) {
	o.size = r
	o.rewrap()
}

// rewrap notes that rows have another width. What was in the middle of a line is
// at its beginning again, so that nothing of it counts as read.
func (o *output) rewrap() {
	if w := o.width(); o.ended != "" && w > 0 && w != o.wrapped {
		o.top.row, o.read.row, o.left, o.wrapped = 0, 0, 0, w
	}
}

// complete returns what can be shown again later: nothing where more was to come,
// because nobody will be listening for it.
func (o *output) complete() output {
	if o.ended == "" {
		return output{m: o.m, size: o.size, lines: &ring{}}
	}
	return *o
}

// any reports whether there is output to show.
func (o *output) any() bool { return o.label != "" }

// begin makes room for the output of another command.
func (o *output) begin(id document.StepID, effect, label string, toRead bool) {
	*o = output{m: o.m, size: o.size, shown: true, step: id, effect: effect, label: label, toRead: toRead, follow: true, lines: &ring{}}
}

// end shows the outcome of the command, nil where nobody knows it.
func (o *output) end(done *runbook.EffectFinished) {
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
	o.rewrap()
	if o.toRead { // it is read from its beginning
		o.follow, o.top = false, place{}
	}
}

func (o *output) add(msg outputMsg) {
	o.lines.join(msg.lines)
	o.partial = msg.partial
	o.file = msg.file
	o.search.follow(o.lines)
}

// dropped is how many lines are not kept any more.
func (o *output) dropped() int { return o.lines.first }

// until is the number after that of the last line. A question that is not a whole
// line yet counts as one.
func (o *output) until() int {
	if o.partial.Empty() {
		return o.lines.next
	}
	return o.lines.next + 1
}

func (o *output) line(number int) outputLine {
	if number == o.lines.next {
		return outputLine{text: o.partial}
	}
	return o.lines.at(number)
}

// readToEnd reports whether the whole output of an effect has been on the
// screen, from its beginning to its end.
func (o *output) readToEnd(id document.StepID, effect string) bool {
	return o.step == id && o.effect == effect && o.ended != "" && o.whole
}

// wanted is how many rows of the screen the output would like to have: all there
// are while the command is running, so that nothing jumps, and what it needs
// afterwards.
func (o *output) wanted() int {
	switch {
	case !o.shown:
		return 0
	case o.ended == "" || o.dropped() > 0:
		return linesKept
	}
	rows := 1
	for i := 0; i < o.until() && rows < tallest; i++ {
		rows += o.rows(i)
	}
	return rows
}
