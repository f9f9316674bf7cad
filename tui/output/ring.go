package output

import "catalog-runbook/runbook/clean"

// How much of a command's output stays in memory, in lines and in bytes. The oldest lines
// are dropped first.
const (
	linesKept = 10_000
	bytesKept = 8 << 20
)

// line is one line of output. A note is a line of the program's own.
type line struct {
	text clean.Text
	note bool
}

// ring holds the newest lines of an output. The numbers of its lines count from the
// beginning of the output, so that a line keeps its number.
type ring struct {
	slots []line // grows up to linesKept; the index of a line is its number modulo the length
	first int    // the number of the oldest line, and of lines dropped before it
	next  int    // the number of the next line
	bytes int
}

// push adds a line, and drops as many of the oldest ones as necessary.
func (r *ring) push(l line) {
	size := len(l.text.String())
	for r.next > r.first && (r.next-r.first >= linesKept || r.bytes+size > bytesKept) {
		oldest := &r.slots[r.first%len(r.slots)]
		r.bytes -= len(oldest.text.String())
		*oldest = line{} // releases its text
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

// at returns the line with a number from first to next-1.
func (r *ring) at(number int) line { return r.slots[number%len(r.slots)] }

// mask masks in all lines what has become a known secret since they were printed.
func (r *ring) mask() {
	for i := r.first; i < r.next; i++ {
		l := &r.slots[i%len(r.slots)]
		was := len(l.text.String())
		l.text = l.text.Remasked()
		r.bytes += len(l.text.String()) - was
	}
}

// continued returns an empty ring whose numbers continue those of r.
func (r *ring) continued() *ring { return &ring{first: r.next, next: r.next} }

// join adds the lines of a newer ring. If there is a gap between the two, it drops what
// is before the gap, so that adjacent lines on the screen are adjacent in the output.
// The newer ring must not be used afterwards.
func (r *ring) join(newer *ring) {
	if newer.first > r.next {
		*r = *newer
		return
	}
	for i := newer.first; i < newer.next; i++ {
		r.push(newer.at(i))
	}
}
