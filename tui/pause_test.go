package tui

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"catalog-runbook/runbook"
)

// sending wraps what sends the requests: refuse says which PATCHes are answered with 403,
// and away that nothing is answered after the first PATCH of a DAG.
type sending struct {
	http.RoundTripper
	refuse string
	away   string
	gone   *atomic.Bool
}

func (s sending) RoundTrip(r *http.Request) (*http.Response, error) {
	patch := r.Method == http.MethodPatch
	switch {
	case s.gone.Load() && strings.Contains(r.URL.Path, "/dags"):
		return nil, errors.New("connection reset by peer")
	case patch && s.refuse != "" && strings.HasSuffix(r.URL.Path, "/"+s.refuse):
		return &http.Response{Status: "403 Forbidden", StatusCode: http.StatusForbidden, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			Header: http.Header{"Content-Type": {"application/problem+json"}}, Body: io.NopCloser(strings.NewReader(`{"detail":null,"status":403,"title":"Forbidden"}`))}, nil
	case patch && s.away != "" && strings.HasSuffix(r.URL.Path, "/"+s.away):
		s.gone.Store(true)
		if resp, err := s.RoundTripper.RoundTrip(r); err == nil {
			resp.Body.Close()
		}
		return nil, errors.New("connection reset by peer")
	}
	return s.RoundTripper.RoundTrip(r)
}

// due seats a person before the step whose runs are due.
func due(t *testing.T, w, h int, s sending) *desk {
	t.Helper()
	d := practiseWith(t, "runs-due", runbook.Practice, w, h, setting{base: func(base http.RoundTripper) http.RoundTripper {
		s.RoundTripper = base
		return s
	}})
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("3")
	return d
}

func (d *desk) pauseDue() {
	d.t.Helper()
	d.do("P")
	d.pass(openGuard)
	d.do("1")
	d.pass(openGuard)
	d.write("pause")
}

// TestNotAllArePaused says which are and which are not, and why.
func TestNotAllArePaused(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := due(t, w, h, sending{refuse: "flickr_workflow", gone: new(atomic.Bool)})
		d.pauseDue()
		d.golden("partly")
	})
}

// TestPauseInDoubt shows a pause whose answer was lost, looks again in vain, and then finds
// out what became of it.
func TestPauseInDoubt(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		gone := new(atomic.Bool)
		d := due(t, w, h, sending{away: "flickr_workflow", gone: gone})
		d.pauseDue()
		d.golden("01-doubt")
		d.do("x")
		d.golden("02-what")
		d.pass(openGuard)
		d.do("1")
		if d.status("3") != runbook.Doubtful {
			t.Fatalf("it is %s", d.status("3"))
		}
		gone.Store(false)
		d.do("x")
		d.pass(openGuard)
		d.do("1")
		d.golden("03-found")
	})
}

// TestADoubtfulPauseCanBeDecided by a person who has looked in Airflow.
func TestADoubtfulPauseCanBeDecided(t *testing.T) {
	d := due(t, 100, 30, sending{away: "flickr_workflow", gone: new(atomic.Bool)})
	d.pauseDue()
	d.do("x")
	d.pass(openGuard)
	d.do("2")
	d.pass(openGuard)
	d.do("1")
	d.write("it is paused on its page")
	d.sees("2 DAGs paused", "was carried out: it is paused on")
}

// TestDryRunNamesWhatItWouldPause and sends nothing.
func TestDryRunNamesWhatItWouldPause(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "runs-due", runbook.DryRun, w, h)
		d.goTo("3")
		d.do("v", "P")
		d.golden("would-pause")
		if list := d.kept.since(0); strings.Contains(typesOf(list), "effect") {
			t.Errorf("recorded %s", typesOf(list))
		}
	})
}

func typesOf(events []runbook.Event) string {
	var all []string
	for _, e := range events {
		all = append(all, e.Type())
	}
	return strings.Join(all, " ")
}

// TestPauseIsNotForEveryStep: a step without DAGs says so.
func TestPauseIsNotForEveryStep(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.goTo("4")
	d.do("P")
	d.sees("Nothing is paused by this run, and this step has nothing to pause.")
	d.goTo("3")
	d.do("P")
	d.sees("Choose a release first.")
}
