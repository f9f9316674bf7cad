package airflow

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// call is one request that a fake expects, and its answer. An empty kind is
// JSON.
type call struct {
	method, uri string // with the query; method "" is GET
	auth        string // the Authorization header, to the letter
	body        string // what is sent, as JSON; "" for nothing
	status      int    // 0 is 200
	kind        string
	answer      string
	location    string
	cut         bool   // the connection ends instead of an answer
	then        func() // called before that; may be nil
	// runs: the answer has the queued and the running runs, which are two requests. One
	// that can't be divided answers the first.
	runs bool
}

// quiet is what an Airflow says of everything else while nothing runs.
var quiet = map[string]string{
	"/dags/~/dagRuns": none,
	"/dags":           `{"dags":[],"total_entries":38}`,
	"/eventLogs":      `{"event_logs":[],"total_entries":0}`,
	"/pools":          `{"pools":[{"name":"default_pool","running_slots":0,"queued_slots":0}],"total_entries":1}`,
	"/health":         `{"metadatabase":{"status":"healthy"},"scheduler":{"status":"healthy","latest_scheduler_heartbeat":"2026-01-02T03:04:05Z"}}`,
	"/monitor/health": `{"metadatabase":{"status":"healthy"},"scheduler":{"status":"healthy","latest_scheduler_heartbeat":"2026-01-02T03:04:05Z"}}`,
}

// anyLimit finds the limit of a request, which isn't always the same.
var anyLimit = regexp.MustCompile(`limit=\d+`)

// script answers the calls, those with the same address in their order, and what it has
// no call for as an Airflow on which nothing runs. It fails the test on any other
// request and on a call that was not made.
func script(t *testing.T, calls ...call) *httptest.Server {
	t.Helper()
	var mu sync.Mutex
	left := slices.Clone(calls)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header()["Date"] = nil // the clock of the test is another
		uri := anyLimit.ReplaceAllString(r.URL.RequestURI(), "limit=100")
		state := r.URL.Query().Get("state")
		at := slices.IndexFunc(left, func(c call) bool {
			return r.Method == cmp.Or(c.method, http.MethodGet) && (c.uri == uri || c.runs && state != "" && strings.HasPrefix(uri, c.uri+"?"))
		})
		if at < 0 {
			if strings.HasSuffix(r.URL.Path, "/taskInstances") {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, `{"task_instances":[{"task_id":"t","state":"running","operator":"BashOperator"}],"total_entries":1}`)
				return
			}
			if state == "success" {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, none)
				return
			}
			if parts := strings.Split(r.URL.Path, "/dags/"); len(parts) == 2 && !strings.Contains(parts[1], "/") {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprintf(w, `{"dag_id":%q,"is_paused":false,"is_active":true,"has_import_errors":false}`, parts[1])
				return
			}
			if answer := quiet[r.URL.Path[max(0, strings.Index(r.URL.Path, "/api/v"))+len("/api/v2"):]]; answer != "" && r.Method == http.MethodGet {
				w.Header().Set("Content-Type", "application/json")
				fmt.Fprint(w, answer)
				return
			}
			t.Errorf("not expected: %s %s", r.Method, r.URL.RequestURI())
			http.Error(w, "not expected", http.StatusTeapot)
			return
		}
		want := left[at]
		if now, later, ok := want.divided(state); ok {
			want.answer = now
			left[at].answer, left[at].runs, left[at].uri = later, false, anyLimit.ReplaceAllString(strings.Replace(uri, "queued", "running", 1), "limit=100")
		} else {
			left = slices.Delete(left, at, at+1)
		}
		if got := r.Header.Get("Authorization"); got != want.auth {
			t.Errorf("%s: authorization %q, want %q", want.uri, got, want.auth)
		}
		if r.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: a cache may answer", want.uri)
		}
		if want.body != "" {
			var got, expected any
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Errorf("%s: its body: %v", want.uri, err)
			}
			_ = json.Unmarshal([]byte(want.body), &expected)
			if fmt.Sprint(got) != fmt.Sprint(expected) || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: got body %v of %q", want.uri, got, r.Header.Get("Content-Type"))
			}
		}
		if want.then != nil {
			want.then()
		}
		if want.cut {
			panic(http.ErrAbortHandler)
		}
		if want.kind == "" {
			want.kind = "application/json"
		}
		w.Header().Set("Content-Type", want.kind)
		if want.location != "" {
			w.Header().Set("Location", want.location)
		}
		if want.status != 0 {
			w.WriteHeader(want.status)
		}
		fmt.Fprint(w, want.answer)
	}))
	t.Cleanup(func() {
		s.Close()
		for _, c := range left {
			if !t.Failed() {
				t.Errorf("never asked: %s", c.uri)
			}
		}
	})
	return s
}

// divided divides an answer about both states into those about each.
func (c call) divided(state string) (queued, rest string, ok bool) {
	var list struct {
		Runs  []map[string]any `json:"dag_runs"`
		Total *int             `json:"total_entries"`
	}
	if !c.runs || c.status != 0 || c.kind != "" || state != "queued" || json.Unmarshal([]byte(c.answer), &list) != nil ||
		list.Runs == nil || list.Total == nil || *list.Total < len(list.Runs) {
		return "", "", false
	}
	waits := []map[string]any{}
	runs := []map[string]any{}
	for _, row := range list.Runs {
		if row["state"] == "queued" {
			waits = append(waits, row)
		} else {
			runs = append(runs, row)
		}
	}
	text := func(rows []map[string]any, total int) string {
		body, _ := json.Marshal(map[string]any{"dag_runs": rows, "total_entries": total})
		return string(body)
	}
	return text(waits, len(waits)), text(runs, *list.Total-len(waits)), true
}

const (
	none = `{"dag_runs":[],"total_entries":0}`
)

// What a server of either version answers where all goes well.
var (
	version3 = call{uri: "/api/v2/version", answer: `{"version":"3.0.2","git_version":null}`}
	version2 = call{uri: "/api/v2/version", status: 404, answer: `{"title":"Not Found","status":404}`}
)

func runs3(answer string) call { return call{uri: "/api/v2" + runsPath, answer: answer, runs: true} }
func runs2(answer string) call { return call{uri: "/api/v1" + runsPath, answer: answer, runs: true} }

func sees(api string, dags int) call {
	return call{uri: api + "/dags?limit=100", answer: fmt.Sprintf(`{"dags":[],"total_entries":%d}`, dags)}
}

func (c call) with(auth string) call   { c.auth = auth; return c }
func (c call) failing(status int) call { c.status = status; return c }

func client(t *testing.T, address string, o Options) *Client {
	t.Helper()
	c, err := New(address, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ask(t *testing.T, c *Client) Activity {
	t.Helper()
	a, err := c.ActiveRuns(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return a
}
