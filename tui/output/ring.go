package output

import "catalog-runbook/runbook/clean"

// How much of a command's output stays in memory: so many lines, and of them so
// many bytes. The older ones go first.
const (
	linesKept = 10_000
	bytesKept = 8 << 20
)

// line is one line of output; a note is the program's own word.
type line struct {
	text clean.Text
	note bool
}

// ring is the newest part of an output. Its lines have numbers that count from
// the beginning of the output, so that a number means the same line for ever.
type ring struct {
	slots []line // grows up to linesKept; a line's place is its number modulo the length
	first int    // the number of the oldest line that is kept: so many were dropped
	next  int    // the number of the line that comes next
	bytes int
}

// push adds a line, and drops as many of the oldest as it takes the room of.
func (r *ring) push(l line) {
	size := len(l.text.String())
	for r.next > r.first && (r.next-r.first >= linesKept || r.bytes+size > bytesKept) {
		oldest := &r.slots[r.first%len(r.slots)]
		r.bytes -= len(oldest.text.String())
		*oldest = line{} // its memory is not kept
		r.first++
	}
	if r.next-r.first == len(r.slots) {
		r.grow()
	}
	r.slots[r.next%len(r.slots)] = l
	r.bytes += size
	r.next++
}

func (r *ring) grow() {
	larger := make([]line, min(max(2*len(r.slots), 64), linesKept))
	for i := r.first; i < r.next; i++ {
		larger[i%len(larger)] = r.slots[i%len(r.slots)]
	}
	r.slots = larger
}

// at returns a line that is kept.
func (r *ring) at(number int) line { return r.slots[number%len(r.slots)] }

// continued returns an empty ring whose lines follow on those of r.
func (r *ring) continued() *ring { return &ring{first: r.next, next: r.next} }

// join adds what came after r. Where some of that has been dropped already, what
// is before the gap goes as well: lines that follow on the screen follow in the
// output. The other ring must not be used any more.
func (r *ring) join(newer *ring) {
	if newer.first > r.next {
		*r = *newer
		return
	}
	for i := newer.first; i < newer.next; i++ {
		r.push(newer.at(i))
	}
}
