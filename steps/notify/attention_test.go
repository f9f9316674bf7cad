package notify

import (
	"errors"
	"testing"
	"time"
)

func TestAsks(t *testing.T) {
	var a Attention
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for i, c := range []struct {
		after         time.Duration
		open, printed bool
		want          bool
	}{
		{0, true, true, false}, {4 * time.Second, true, false, false}, {0, true, true, false}, // a progress bar
		{4 * time.Second, true, false, false}, {time.Second, true, false, true},
		{time.Minute, true, false, false}, {0, true, true, false}, {time.Minute, true, false, false}, // once
		{0, false, true, false}, {0, true, true, false}, {askQuiet, true, false, true}, // the next question
	} {
		now = now.Add(c.after)
		if got := a.Asks(c.open, c.printed, now); got != c.want {
			t.Errorf("%d: %v", i, got)
		}
	}
}

func TestAttention(t *testing.T) {
	var a Attention
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	if a.Elsewhere(now.Add(-longWait+1), now) || !a.Elsewhere(now.Add(-longWait), now) {
		t.Error("a wait is long at another time")
	}
	if a.Away = true; !a.Elsewhere(now, now) {
		t.Error("the person is away, and nobody notices")
	}
	if a.First(nil) || !a.First(errors.New("x")) || a.First(errors.New("y")) {
		t.Error("the first failure is another one")
	}
}
