package progress

import (
	"bufio"
	"io"
	"time"
)

// work is something that is done to a resource.
type work struct {
	resource string
	verb     verb
}

// Durations says how long it has taken to create, update or destroy resources. The zero
// value knows nothing and can be read only.
type Durations struct{ took map[work]time.Duration }

// NewDurations returns Durations that know nothing yet.
func NewDurations() Durations { return Durations{map[work]time.Duration{}} }

// mostKnown is how many durations are kept.
const mostKnown = 10_000

// Learn reads what an apply has printed. What is known already stays, so the newest apply
// should be read first.
func (d Durations) Learn(r io.Reader) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	seen := map[work]time.Duration{}
	for in.Scan() && len(d.took)+len(seen) < mostKnown {
		if e, ok := parse(trimmed(in.Text())); ok && e.phase == ends && e.took >= 0 {
			seen[work{e.resource, e.verb}] = e.took
		}
	}
	for w, took := range seen {
		if _, known := d.took[w]; !known {
			d.took[w] = took
		}
	}
	return in.Err()
}

// of returns how long a work has taken, and whether that is known.
func (d Durations) of(resource string, v verb) (time.Duration, bool) {
	took, known := d.took[work{resource, v}]
	return took, known
}
