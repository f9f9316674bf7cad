package airflow

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

// proxies are what stands before an Airflow and changes what is asked.
var proxies = map[string]func(*http.Request){
	"keeps the first of two parameters": func(r *http.Request) { keepOne(r.URL, func(all []string) string { return all[0] }) },
	"keeps the last of two parameters":  func(r *http.Request) { keepOne(r.URL, func(all []string) string { return all[len(all)-1] }) },
	"drops the query":                   func(r *http.Request) { r.URL.RawQuery = "" },
}

func keepOne(u *url.URL, which func([]string) string) {
	q := u.Query()
	for name, all := range q {
		q.Set(name, which(all))
	}
	u.RawQuery = q.Encode()
}

type through func(*http.Request) (*http.Response, error)

func (f through) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestNoProxyMakesAirflowIdle: a running run and a queued one, each behind each proxy.
// What is answered is the run, or nothing.
func TestNoProxyMakesAirflowIdle(t *testing.T) {
	for name, change := range proxies {
		t.Run(name, func(t *testing.T) {
			onEachGround(t, func(t *testing.T, g ground) {
				if g.real() {
					t.Skip("what the server answers is known")
				}
				for _, dag := range []string{"contract_running", "contract_paused"} {
					g.endRuns(t)
					g.later(2 * Settling)
					g.trigger(t, dag)
					c := g.client(t, "viewer", func(o *Options) {
						o.Now = g.practice.now
						next := o.Base
						o.Base = through(func(r *http.Request) (*http.Response, error) {
							r = r.Clone(r.Context())
							change(r)
							return next.RoundTrip(r)
						})
					})
					if got, err := c.ActiveRuns(t.Context()); err == nil && got.Total != 1 {
						t.Errorf("%s: %d runs are active", dag, got.Total)
					} else if cause, _ := transport.CauseOf(err); err != nil && cause != transport.Broken {
						t.Errorf("%s: %v", dag, err)
					}
				}
			})
		})
	}
}

// TestNoCacheMakesAirflowIdle: a proxy that keeps every answer forever, whatever it is
// told.
func TestNoCacheMakesAirflowIdle(t *testing.T) {
	for _, version := range []int{2, 3} {
		g := practiceGround(t, version)
		kept := map[string][]byte{}
		var mu sync.Mutex
		c := g.client(t, "viewer", func(o *Options) {
			o.Now = g.practice.now
			next := o.Base
			o.Base = through(func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				defer mu.Unlock()
				body, ok := kept[r.URL.String()]
				if ok {
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), Request: r}, nil
				}
				resp, err := next.RoundTrip(r)
				if err == nil && resp.StatusCode == http.StatusOK && r.Method == http.MethodGet {
					body, _ = io.ReadAll(resp.Body)
					kept[r.URL.String()] = body
					resp.Body = io.NopCloser(bytes.NewReader(body))
				}
				return resp, err
			})
		})
		if a := ask(t, c); a.Total != 0 {
			t.Fatalf("%d: %+v", version, a)
		}
		g.trigger(t, "contract_running")
		g.later(time.Second)
		if a := ask(t, c); a.Total != 1 {
			t.Errorf("%d: the answer of a second ago: %+v", version, a)
		}
	}
}

// TestADeletedRunIsNotForgotten: who saw it run knows that it did not end.
func TestADeletedRunIsNotForgotten(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ended := call{uri: "/api/v2" + runsPath + "?end_date_gte=2026-01-02T02%3A49%3A09Z&limit=100&order_by=-end_date",
		answer: `{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"success","end_date":"2026-01-02T03:04:05Z"}],"total_entries":1}`}
	two := runs3(`{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"running"},{"dag_id":"c","dag_run_id":"d","state":"running"}],"total_entries":2}`)
	c := client(t, script(t, version3, two, runs3(none), ended).URL, Options{Now: func() time.Time { return now }})
	ask(t, c)
	now = now.Add(4 * time.Second)
	a := ask(t, c)
	if len(a.Gone) != 1 || a.Gone[0].DAG.String() != "c" || len(a.Ended) != 1 || a.Ended[0].Settling != Settling-4*time.Second {
		t.Errorf("gone %+v, ended %+v", a.Gone, a.Ended)
	}
	now = now.Add(2 * Settling)
	if a := ask(t, c); len(a.Gone) != 0 {
		t.Errorf("gone %+v", a.Gone)
	}
}

// TestTheServersClockCounts: a machine whose clock is minutes off sees what has just
// ended.
func TestTheServersClockCounts(t *testing.T) {
	for _, off := range []time.Duration{-20 * time.Minute, 20 * time.Minute} {
		g := practiceGround(t, 3)
		c := g.client(t, "viewer", func(o *Options) { o.Now = func() time.Time { return g.practice.now().Add(off) } })
		g.trigger(t, "contract_running")
		g.endRuns(t)
		g.later(10 * time.Second)
		a := ask(t, c)
		if len(a.Ended) != 1 || a.Ended[0].Settling > Settling-9*time.Second || a.Ended[0].Settling < Settling-12*time.Second {
			t.Errorf("%s off: ended %+v", off, a.Ended)
		}
	}
}
