package airflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

func TestActiveRunsOfBothVersions(t *testing.T) {
	t.Run("3", func(t *testing.T) {
		s := script(t, version3, runs3(`{"dag_runs":[
			{"dag_id":"europeana_workflow","dag_run_id":"scheduled__2026-01-02T00:00:00+00:00","state":"running","run_type":"scheduled","start_date":"2026-01-02T03:04:05.678Z","logical_date":null},
			{"dag_id":"a\u001b[2Jb","dag_run_id":"manual/1?","state":"queued","run_type":"manual","start_date":null,"queued_at":"2026-01-02T04:00:00+01:00"}],"total_entries":2}`), health3("healthy"))
		a := ask(t, client(t, s.URL+"/", Options{}))
		if a.Total != 2 || a.Version != 3 || a.DAGs != 38 || a.Source != s.URL+"/api/v2"+runsPath {
			t.Errorf("got %+v", a)
		}
		first, second := a.Runs[0], a.Runs[1]
		if first.DAG.String() != "europeana_workflow" || first.State != "running" || first.Type != "scheduled" ||
			!first.Since.Equal(time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)) {
			t.Errorf("got %+v", first)
		}
		if want := s.URL + "/dags/europeana_workflow/runs/scheduled__2026-01-02T00:00:00+00:00"; first.URL != want {
			t.Errorf("got %s, want %s", first.URL, want)
		}
		if second.DAG.String() != "a^[[2Jb" || !second.Since.Equal(time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)) {
			t.Errorf("got %+v", second)
		}
		if want := s.URL + "/dags/a%1B%5B2Jb/runs/manual%2F1%3F"; second.URL != want {
			t.Errorf("got %s, want %s", second.URL, want)
		}
	})
	t.Run("2", func(t *testing.T) {
		s := script(t, version2, runs2(`{"dag_runs":[
			{"dag_id":"flickr","dag_run_id":"scheduled__2026-01-02T00:00:00+00:00","state":"queued","run_type":"backfill","start_date":null,"execution_date":"2026-01-02T00:00:00+00:00"},
			{"dag_id":"smk","dag_run_id":"x","state":"running","start_date":"yesterday"}],"total_entries":214}`), health3("healthy").of2())
		a := ask(t, client(t, s.URL, Options{}))
		if a.Total != 214 || a.Version != 2 || len(a.Runs) != 2 {
			t.Errorf("got %+v", a)
		}
		if want := s.URL + "/dags/flickr/grid?dag_run_id=scheduled__2026-01-02T00%3A00%3A00%2B00%3A00"; a.Runs[1].URL != want {
			t.Errorf("got %s, want %s", a.Runs[1].URL, want)
		}
		if !a.Runs[1].Since.Equal(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)) || !a.Runs[0].Since.IsZero() {
			t.Errorf("since %v and %v", a.Runs[1].Since, a.Runs[0].Since)
		}
	})
}

func TestActiveRunsIsNeverIdleByMistake(t *testing.T) {
	html := func(c call) call { c.kind, c.answer = "text/html", "<html>log in</html>"; return c }
	tests := map[string]struct {
		calls    []call
		expected int
		cause    transport.Cause
		says     string
	}{
		"the account sees nothing (4.2.1)":      {[]call{version3, runs3(none), sees("/api/v2", 0)}, 0, transport.Credentials, "the account sees 0 of at least 1 DAGs, so it can't tell whether any is running"},
		"the account sees nothing on 2 (4.2.1)": {[]call{version2, runs2(none), sees("/api/v1", 0)}, 0, transport.Credentials, "the account sees 0 of at least 1 DAGs, so it can't tell whether any is running"},
		"the account sees too few (4.2.1)":      {[]call{version3, runs3(none), sees("/api/v2", 37)}, 38, transport.Credentials, "the account sees 37 of at least 38 DAGs, so it can't tell whether any is running"},
		"the DAGs may not be listed":            {[]call{version3, runs3(none), sees("/api/v2", 9).failing(403)}, 0, transport.Credentials, "403"},
		"the DAGs are not counted":              {[]call{version3, runs3(none), {uri: "/api/v2/dags?limit=100", answer: `{"dags":[{}]}`}}, 0, transport.Broken, "listed DAGs without saying how many"},
		"the DAGs count less than nothing":      {[]call{version3, runs3(none), sees("/api/v2", -1)}, 0, transport.Broken, "listed DAGs without"},
		"the states are not understood (4.2.3)": {[]call{version3, runs3(`{"detail":"Invalid value for state"}`).failing(422)}, 0, transport.Refused, "422"},
		"the states are ignored (4.2.3)":        {[]call{version2, runs2(`{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"success"}],"total_entries":1}`)}, 0, transport.Broken, `DAG runs and listed one that is "success"`},
		"fewer counted than listed (4.2.4)":     {[]call{version3, runs3(`{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"queued"}],"total_entries":0}`)}, 0, transport.Broken, "listed 1 DAG runs but counts 0"},
		"no count (4.2.5)":                      {[]call{version3, runs3(`{"dag_runs":[]}`)}, 0, transport.Broken, "without saying how many"},
		"a null count (4.2.5)":                  {[]call{version3, runs3(`{"dag_runs":[],"total_entries":null}`)}, 0, transport.Broken, "without saying how many"},
		"a negative count":                      {[]call{version3, runs3(`{"dag_runs":[],"total_entries":-1}`)}, 0, transport.Broken, "listed 0 DAG runs but counts -1"},
		"a count in words":                      {[]call{version3, runs3(`{"dag_runs":[],"total_entries":"0"}`)}, 0, transport.Broken, "invalid JSON"},
		"no list":                               {[]call{version3, runs3(`{"total_entries":0}`)}, 0, transport.Broken, "without saying how many"},
		"a run without a name":                  {[]call{version3, runs3(`{"dag_runs":[{"state":"running"}],"total_entries":1}`)}, 0, transport.Broken, "without its name"},
		"half an answer":                        {[]call{version3, runs3(`{"dag_runs":[],"total_en`)}, 0, transport.Broken, "invalid JSON"},
		"an empty answer":                       {[]call{version3, runs3("")}, 0, transport.Broken, "empty response"},
		"a failure":                             {[]call{version3, runs3("{}").failing(500)}, 0, transport.Broken, "500"},
		"not allowed":                           {[]call{version3, runs3("{}").failing(403)}, 0, transport.Credentials, "403"},
		"a session only (4.1)":                  {[]call{version2, runs2("{}").failing(401)}, 0, transport.Credentials, "401"},
		"a login page":                          {[]call{version3, html(runs3(""))}, 0, transport.Credentials, "login page"},
		"a login page everywhere":               {[]call{html(version3), html(runs2(""))}, 0, transport.Credentials, "login page"},
		"a login page, then not found":          {[]call{html(version3), runs2("{}").failing(404)}, 0, transport.Credentials, "login page"},
		"not Airflow":                           {[]call{version2, runs2("{}").failing(404)}, 0, transport.NotFound, "no Airflow 2 or 3 API at this address"},
		"nameless version, nothing below":       {[]call{{uri: "/api/v2/version", answer: "{}"}, runs2("{}").failing(404)}, 0, transport.Broken, "didn't report its version"},
		"asked too often":                       {[]call{version3.failing(429)}, 0, transport.RateLimited, "rate limit"},
		"sent elsewhere": {[]call{{uri: "/api/v2/version", status: 302, location: "https://login.example.org/cdn-cgi/access/login?token=a"},
			{uri: "/api/v1" + runsPath, runs: true, status: 302, location: "https://login.example.org/"}}, 0, transport.Credentials, "to login.example.org"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := script(t, test.calls...)
			a, err := client(t, s.URL, Options{ExpectedDAGs: test.expected}).ActiveRuns(context.Background())
			var p *transport.Problem
			if !errors.As(err, &p) {
				t.Fatalf("got %+v, %v; want a problem", a, err)
			}
			if p.Cause != test.cause || !strings.Contains(p.Error(), test.says) {
				t.Errorf("got cause %d, %q; want %d, %q", p.Cause, p, test.cause, test.says)
			}
		})
	}
}

func TestActiveRunsCutOff(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/version") {
			fmt.Fprint(w, version3.answer)
			return
		}
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, none)
	}))
	defer s.Close()
	_, err := client(t, s.URL, Options{}).ActiveRuns(context.Background())
	if cause, ok := transport.CauseOf(err); !ok || cause != transport.Unreachable {
		t.Errorf("got %v", err)
	}
}

func TestActiveRunsUnreachable(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	_, err := client(t, s.URL, Options{}).ActiveRuns(context.Background())
	if cause, ok := transport.CauseOf(err); !ok || cause != transport.Unreachable {
		t.Errorf("got %v", err)
	}
}

// server is an Airflow with a number of DAGs, one run of each being active or
// none, that clamps what it lists as Airflow does.
type server struct {
	dags, active int
	requests     int
	mu           sync.Mutex
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	list := map[string]any{}
	switch path := strings.TrimPrefix(r.URL.Path, "/api/v2"); {
	case path == "/version":
		list["version"] = "3.0.2"
	case path == runsPath && r.URL.Query().Get("state") == "running":
		rows := []any{}
		for i := range min(s.active, 100) {
			rows = append(rows, map[string]any{"dag_id": fmt.Sprint("dag", i), "dag_run_id": "r", "state": "running"})
		}
		list["dag_runs"], list["total_entries"] = rows, s.active
	case path == runsPath:
		list["dag_runs"], list["total_entries"] = []any{}, 0
	case path == "/dags":
		rows := []any{}
		from, _ := strconv.Atoi(r.URL.Query().Get("offset"))
		for i := from; i < min(from+100, s.dags); i++ {
			rows = append(rows, map[string]any{"dag_id": fmt.Sprint("dag", i), "is_paused": false})
		}
		list["dags"], list["total_entries"] = rows, s.dags
	case path == "/pools":
		list["pools"] = []any{}
	case path == "/monitor/health":
		list["metadatabase"], list["scheduler"] = map[string]any{"status": "healthy"}, map[string]any{"status": "healthy"}
	default:
		http.Error(w, "not expected: "+r.URL.RequestURI(), http.StatusTeapot)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list)
}

// TestRequestsHardlyGrowWithDAGs: only the list of DAGs has more than a page, and only
// the first ones of its pages are read, once a minute.
func TestRequestsHardlyGrowWithDAGs(t *testing.T) {
	for _, dags := range []int{10, 10_000} {
		for _, active := range []int{0, dags} {
			t.Run(fmt.Sprintf("%d of %d DAGs run", active, dags), func(t *testing.T) {
				airflow := &server{dags: dags, active: active}
				s := httptest.NewServer(airflow)
				defer s.Close()
				now := time.Unix(1_700_000_000, 0)
				c := client(t, s.URL, Options{Now: func() time.Time { return now }, ExpectedDAGs: dags})
				counts := []int{}
				poll := func(after time.Duration) {
					now = now.Add(after)
					before := airflow.requests
					if a := ask(t, c); a.Total != active {
						t.Errorf("total: got %d, want %d", a.Total, active)
					}
					counts = append(counts, airflow.requests-before)
				}
				poll(0)
				poll(30 * time.Second)
				poll(29 * time.Second)
				poll(time.Second) // the proof is a minute old now, and so is what is known of the scheduler
				poll(59 * time.Second)
				pages := min(dags/100, visiblePages-1) // after the first
				want := fmt.Sprint([]int{7 + pages, 4, 4, 6 + pages, 4})
				if active > 0 {
					want = fmt.Sprint([]int{15 + pages, 2, 2, 9 + pages, 2}) // of five runs, the tasks are looked at, and the runs before
				}
				if got := fmt.Sprint(counts); got != want {
					t.Errorf("requests: got %s, want %s", got, want)
				}
			})
		}
	}
}

// TestARunThatBeginsIsCountedOnce: it is queued in the first answer and runs in the second.
func TestARunThatBeginsIsCountedOnce(t *testing.T) {
	queued := call{uri: "/api/v2" + runsPath + "?limit=100&state=queued",
		answer: `{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"queued"},{"dag_id":"a","dag_run_id":"c","state":"queued"}],"total_entries":2}`}
	running := call{uri: "/api/v2" + runsPath + "?limit=100&state=running", answer: `{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"running"}],"total_entries":1}`}
	a := ask(t, client(t, script(t, version3, queued, running).URL, Options{}))
	if a.Total != 2 || len(a.Runs) != 2 || a.Runs[0].State != "running" || a.Runs[1].RunID.String() != "c" {
		t.Errorf("got %d: %+v", a.Total, a.Runs)
	}
}

func TestActiveRunsTellsHowManyDAGsAreSeen(t *testing.T) {
	s := script(t, version3, runs3(none), sees("/api/v2", 38),
		runs3(`{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"queued"}],"total_entries":1}`), health3("healthy"))
	c := client(t, s.URL, Options{})
	if a := ask(t, c); a.DAGs != 38 || a.Total != 0 {
		t.Errorf("got %+v", a)
	}
	if a := ask(t, c); a.DAGs != 38 || a.Total != 1 {
		t.Errorf("got %+v", a)
	}
}

func TestActiveRunsLooksAgainAfterAnUpgrade(t *testing.T) {
	one := `{"dag_runs":[{"dag_id":"a","dag_run_id":"b","state":"queued"}],"total_entries":1}`
	s := script(t, version2, runs2(one), health3("healthy").of2(), runs2("{}").failing(404), version3, runs3(one))
	c := client(t, s.URL, Options{})
	ask(t, c)
	if _, err := c.ActiveRuns(context.Background()); err == nil {
		t.Error("a path that is gone gave an answer")
	}
	if a := ask(t, c); a.Version != 3 {
		t.Errorf("got version %d", a.Version)
	}
}

func TestActiveRunsEndsWithItsContext(t *testing.T) {
	asked := make(chan struct{})
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-release
	}))
	defer s.Close()
	defer close(release)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-asked
		cancel()
	}()
	start := time.Now()
	_, err := client(t, s.URL, Options{}).ActiveRuns(ctx)
	if cause, ok := transport.CauseOf(err); !ok || cause != transport.Cancelled {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
}
