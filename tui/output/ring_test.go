package output

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/tui/frametest"
)

// contents checks that a ring is bounded and consistent, and that each line of
// it is what the number says.
func contents(t *testing.T, r *ring, want func(number int) string) {
	t.Helper()
	if r.first < 0 || r.first > r.next || r.next-r.first > linesKept || len(r.slots) > linesKept {
		t.Fatalf("lines %d to %d in %d slots", r.first, r.next, len(r.slots))
	}
	bytes := 0
	for i := r.first; i < r.next; i++ {
		text := r.at(i).text.String()
		if text != want(i) {
			t.Fatalf("line %d is %.40q, want %.40q", i, text, want(i))
		}
		bytes += len(text)
	}
	if bytes != r.bytes || bytes > bytesKept {
		t.Fatalf("%d bytes are kept, %d are counted", bytes, r.bytes)
	}
	kept := 0
	for _, l := range r.slots {
		kept += len(l.text.String())
	}
	if kept != bytes {
		t.Fatalf("%d bytes are held for lines that are gone", kept-bytes)
	}
}

// TestRing hands lines of all lengths through a feed, which is emptied now and
// then, and holds what is kept against the numbers of the lines.
func TestRing(t *testing.T) {
	rounds := 15
	if frametest.RaceDetector {
		rounds = 8
	}
	for _, length := range []int{0, 1, 60, 900, 4000} {
		t.Run(fmt.Sprint(length), func(t *testing.T) {
			random := rand.New(rand.NewPCG(3, uint64(length)))
			line := func(i int) string { return fmt.Sprintf("%d %s", i, strings.Repeat("x", i%(length+1))) }
			f, kept, next := NewFeed(func() string { return "" }), &ring{}, 0
			for range rounds {
				for range random.IntN(4) {
					var lines []clean.Text
					for range random.IntN(3_000) {
						lines = append(lines, clean.Line(line(next)))
						next++
					}
					f.Put(steps.Output{Lines: lines})
				}
				kept.join(f.take().lines)
				contents(t, kept, line)
				if kept.next != next {
					t.Fatalf("%d lines have come, the next one is %d", next, kept.next)
				}
			}
			if length < 60 && kept.next-kept.first != linesKept || length == 4000 && kept.bytes < bytesKept-8<<10 {
				t.Errorf("%d lines with %d bytes are kept: less than there is room for", kept.next-kept.first, kept.bytes)
			}
		})
	}
}

// TestRingGap lets so much come at once that some of it is dropped before it is
// fetched: nothing from before the gap stays, not even where it had room.
func TestRingGap(t *testing.T) {
	line := func(i int) string { return fmt.Sprint(i) + strings.Repeat("y", 4_000) }
	f, kept := NewFeed(func() string { return "" }), &ring{}
	put := func(from, to int) {
		for i := from; i < to; i++ {
			f.Put(steps.Output{Lines: []clean.Text{clean.Line(line(i))}})
		}
	}
	put(0, 3)
	kept.join(f.take().lines)
	put(3, 5_000)
	kept.join(f.take().lines)
	contents(t, kept, line)
	if kept.first < 2_000 || kept.next != 5_000 {
		t.Errorf("lines %d to %d are kept", kept.first, kept.next)
	}
}
