package steps_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

// TestTheLastKnownStateIsKept waits for a build until GitHub refuses to be asked, and then
// the network fails: what was known stays beside it, with its time, and never counts.
func TestTheLastKnownStateIsKept(t *testing.T) {
	site := fake.NewSite(10)
	now := fake.NewClock()
	var fault atomic.Pointer[string]
	e := asking(t, roundTrip(func(r *http.Request) (*http.Response, error) {
		switch how := fault.Load(); {
		case how == nil:
			return site.RoundTrip(r)
		case *how == "refused":
			return fake.Reply(r, fake.Exchange{Status: http.StatusForbidden, Header: map[string]string{
				"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(now.Now().Add(time.Hour).Unix(), 10)}}, []byte(`{"message":"API rate limit exceeded"}`)), nil
		}
		return nil, http.ErrServerClosed
	}), steps.Credentials{})
	e.World().Now = now.Now
	id := e.Bound().Steps[release].Step.ID
	set := func(how string) {
		fault.Store(nil)
		if how != "" {
			fault.Store(&how)
		}
	}
	for _, verdict := range []runbook.Verdict{runbook.Failed, runbook.Passed} {
		site.Building = verdict == runbook.Failed
		set("")
		known := check(t, e, release)
		at := now.Now()
		if known.Verdict != verdict || e.Run().Step(id).Known != nil {
			t.Fatalf("%s: %s; known: %+v", known.Verdict, known.Summary, e.Run().Step(id).Known)
		}
		for _, how := range []string{"refused", "network", "refused"} {
			set(how)
			now.Pass(time.Minute)
			res := check(t, e, release)
			s := e.Run().Step(id)
			if res.Verdict != runbook.Unknown || !res.Unasked || e.Run().Status(id, now.Now()) != runbook.Unsure || e.Run().Holds(id, now.Now()) {
				t.Errorf("%s: %s, %s: %s", how, res.Verdict, e.Run().Status(id, now.Now()), res.Summary)
			}
			if how == "refused" && !strings.Contains(res.Summary.String(), "rate limit") {
				t.Errorf("it doesn't say why: %s", res.Summary)
			}
			if s.Known == nil || s.Known.Result.Summary != known.Summary || !s.Known.At.Equal(at) {
				t.Errorf("%s: known is %+v, want %s at %s", how, s.Known, known.Summary, at)
			}
		}
	}
	set("")
	check(t, e, release)
	if k := e.Run().Step(id).Known; k != nil {
		t.Errorf("after an answer, there is an earlier one beside it: %+v", k)
	}
	set("refused")
	check(t, e, release)
	if err := e.Choose("v1.5.5"); err != nil {
		t.Fatal(err)
	}
	if k := e.Run().Step(id).Known; k != nil {
		t.Errorf("of another release: %+v", k)
	}
}
