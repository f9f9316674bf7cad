//go:build !race

package plan

import (
	"fmt"
	"testing"
	"time"
)

// What reading a plan with a hundred thousand changes may cost.
const (
	manyChanges = 100_000
	keyTime     = 4 * time.Millisecond   // a key that moves; generous, for a busy machine
	jumpTime    = 150 * time.Millisecond // a key that goes through all of the plan
)

// many is a plan with so many changes, half of which are open, without the files
// behind it: a resource has twenty lines.
func many(t testing.TB, n int) *Plan {
	t.Helper()
	plan := changes(n/2, n/2)
	start := time.Now()
	doc := arranged(plan, some(20))
	t.Logf("a plan of %d changes is laid out in %s", n, time.Since(start).Round(time.Millisecond))
	p := newTest(t, 80, 24, doc)
	settle(p)
	return p
}

// TestManyChanges moves through a large plan. Each time is the best of five, for a
// busy machine.
func TestManyChanges(t *testing.T) {
	p := many(t, manyChanges)
	cost := func(what string, most time.Duration, do func()) {
		t.Helper()
		best := time.Hour
		for range 5 {
			start := time.Now()
			do()
			best = min(best, time.Since(start))
		}
		t.Logf("%s takes %s", what, best)
		if best > most {
			t.Errorf("%s takes %s", what, best)
		}
	}
	keys := func(most time.Duration, keys ...string) {
		t.Helper()
		for _, k := range keys {
			cost(k, most, func() { press(p, k); p.Wanted(); p.View() })
		}
	}
	keys(keyTime, "down", "up", "page", "open", "close", "fold")
	keys(jumpTime, "last", "first", "openAll", "closeAll")
	keys(keyTime, "down", "up", "page", "open", "close", "fold")
	cost("a search", jumpTime, func() { p.StartSearch("r49999") })
	cost("a turn", keyTime, func() { p.Turn(true); p.View() })
	if p.Pager.Read() {
		t.Error("it is read")
	}
	press(p, "openAll", "first")
	for range 300 {
		press(p, "page")
	}
	if p.held > 2*linesKept {
		t.Errorf("%d lines are kept", p.held)
	}
}

func BenchmarkKey(b *testing.B) {
	for _, n := range []int{10, 1_000, manyChanges} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := many(b, n)
			for i := 0; b.Loop(); i++ {
				if press(p, []string{"down", "up"}[i/40%2]); screen(p) == "" {
					b.Fatal("nothing is drawn")
				}
			}
		})
	}
}
