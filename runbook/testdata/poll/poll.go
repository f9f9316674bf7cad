// Package poll waits in tests for something that another goroutine or process
// brings about. Only tests import it.
package poll

import (
	"testing"
	"time"
)

const (
	interval = 2 * time.Millisecond
	limit    = time.Minute // far more than a loaded machine needs
)

// Until returns when holds returns true, and fails the test when that takes
// longer than a minute; what says what it waited for.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	UntilEvery(t, interval, what, holds)
}

// UntilEvery is Until for a condition that is too expensive to check every few
// milliseconds.
func UntilEvery(t testing.TB, interval time.Duration, what string, holds func() bool) {
	t.Helper()
	tick, late := time.NewTicker(interval), time.NewTimer(limit)
	defer tick.Stop()
	defer late.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-late.C:
			t.Fatalf("still not true after %v: %s", limit, what)
		}
	}
}
