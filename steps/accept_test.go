package steps_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/steps/transport"
)

// TestAcceptWhatIsUnknown accepts an image that nothing ties to its commit, for as long as
// that is found of the same image and the same commit. What got no answer is skipped, and
// never accepted.
func TestAcceptWhatIsUnknown(t *testing.T) {
	site := fake.NewSite(10)
	site.Image = fake.Bare
	var down atomic.Bool
	e := asking(t, transport.Patient(roundTrip(func(r *http.Request) (*http.Response, error) {
		if down.Load() {
			return fake.Reply(r, fake.Exchange{Status: http.StatusForbidden, Body: "{}"}, []byte("{}")), nil
		}
		return site.RoundTrip(r)
	})), steps.Credentials{})
	now := fake.NewClock()
	e.World().Now = now.Now
	image := e.Bound().Steps[imageTag]
	check(t, e, release)
	found := func(status runbook.Status, acceptable bool) string {
		t.Helper()
		res := check(t, e, imageTag)
		if got := e.Run().Status(image.Step.ID, now.Now()); got != status || res.Verdict != runbook.Unknown {
			t.Errorf("it is %q, want %q: %s", got, status, res.Summary)
		}
		if got := steps.Next(e.Run(), &image, now.Now()).Acceptable; got != acceptable {
			t.Errorf("it is acceptable: %t", got)
		}
		return e.Run().Step(image.Step.ID).Result.Facts["image-tag.found"]
	}
	names := found(runbook.Unsure, true)
	for _, part := range []string{"nothing ties it to the release's commit", "(image " + fake.Bare.Digest[7:19] + ")", "(commit " + fake.Commit[:12] + ")"} {
		if !strings.Contains(names, part) {
			t.Errorf("%q is not in %q", part, names)
		}
	}
	if q := image.Accepting(e.Run().Step(image.Step.ID).Result); !strings.Contains(q, "stays unknown") {
		t.Errorf("the question is %q", q)
	}
	if err := e.Override(image.Step.ID, "I built it myself from this commit", names); err != nil {
		t.Fatal(err)
	}
	now.Pass(5 * time.Minute)
	found(runbook.Accepted, false)
	now.Pass(16 * time.Minute)
	if got := e.Run().Status(image.Step.ID, now.Now()); got != runbook.Stale {
		t.Errorf("what was found long ago is %q", got)
	}
	down.Store(true)
	if names := found(runbook.Unsure, false); names != "" {
		t.Errorf("no answer can be accepted: %q", names)
	}
	down.Store(false)
	found(runbook.Accepted, false)
	site.Move(fake.Other)
	check(t, e, release)
	if names := found(runbook.Unsure, true); !strings.Contains(names, "(commit "+fake.Other[:12]+")") {
		t.Errorf("it is about %q", names)
	}
}

// roundTrip is an http.RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
