package just

import (
	"context"
	"errors"
	"testing"
	"time"

	"catalog-runbook/steps/practice/state"
)

func TestPace(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	if err := pace(0).wait(ctx, time.Hour); err != nil {
		t.Error(err)
	}
	cancel()
	for _, p := range []pace{0, 1} {
		if err := p.wait(ctx, time.Hour); !errors.Is(err, context.Canceled) {
			t.Errorf("pace %v waited, %v", p, err)
		}
	}
	var plan time.Duration
	made := makePlan(state.Deployment{Deployed: "v1", Database: true}, state.Deployment{Deployed: "v2", Database: true}, time.Time{})
	for _, l := range append(lines(text("refresh", made), refreshPause), lines(text("plan", made), linePause)...) {
		plan += l.after
	}
	if plan < time.Second || plan > 2*time.Second {
		t.Errorf("a plan takes %s, want about a second and a half", plan)
	}
}
