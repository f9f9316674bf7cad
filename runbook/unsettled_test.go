package runbook

import (
	"testing"
	"time"
)

func TestUnsettled(t *testing.T) {
	at := func(min int) Head { return Head{At: time.Date(2026, 11, 28, 12, min, 0, 0, time.UTC)} }
	start := func(min int, effect, dir string) Event {
		return EffectStarted{Head: at(min), Step: "s", Effect: effect, Dir: dir}
	}
	end := func(effect string) Event { return EffectFinished{Step: "s", Effect: effect} }
	doubt := func(effect string) Event { return EffectDoubted{Step: "s", Effect: effect} }
	for name, c := range map[string]struct {
		events []Event
		want   string // the effect
		any    bool
	}{
		"nothing":              {nil, "", false},
		"elsewhere":            {[]Event{start(1, "apply", "b")}, "", false},
		"running":              {[]Event{start(1, "apply", "a")}, "apply", true},
		"ended":                {[]Event{start(1, "apply", "a"), end("apply")}, "", true},
		"in doubt":             {[]Event{start(1, "apply", "a"), doubt("apply")}, "apply", true},
		"another one has run":  {[]Event{start(1, "apply", "a"), doubt("apply"), start(2, "plan", "a"), end("plan")}, "apply", true},
		"two: the oldest":      {[]Event{start(1, "plan", "a"), start(2, "apply", "a")}, "plan", true},
		"settled":              {[]Event{start(1, "apply", "a"), doubt("apply"), Settled{Step: "s", Effect: "apply"}}, "", true},
		"settled, begun again": {[]Event{start(1, "apply", "a"), Settled{Step: "s", Effect: "apply"}, start(3, "apply", "a")}, "apply", true},
	} {
		open, any := Unsettled(c.events, func(dir string) bool { return dir == "a" })
		got := ""
		if open != nil {
			got = open.Effect
		}
		if got != c.want || any != c.any {
			t.Errorf("%s: %q, %v, want %q, %v", name, got, any, c.want, c.any)
		}
	}
}
