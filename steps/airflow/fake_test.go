package airflow

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
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
}

// script answers the calls in order and fails the test on any other request and
// on a call that was not made.
func script(t *testing.T, calls ...call) *httptest.Server {
	t.Helper()
	var mu sync.Mutex
	done := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if done == len(calls) {
			t.Errorf("request %d was not expected: %s %s", done+1, r.Method, r.URL.RequestURI())
			http.Error(w, "not expected", http.StatusTeapot)
			return
		}
		want := calls[done]
		done++
		if want.method == "" {
			want.method = http.MethodGet
		}
		if r.Method != want.method || r.URL.RequestURI() != want.uri {
			t.Errorf("request %d: got %s %s, want %s %s", done, r.Method, r.URL.RequestURI(), want.method, want.uri)
		}
		if got := r.Header.Get("Authorization"); got != want.auth {
			t.Errorf("request %d (%s): authorization %q, want %q", done, want.uri, got, want.auth)
		}
		if want.body != "" {
			var got, expected any
			if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
				t.Errorf("request %d: its body: %v", done, err)
			}
			_ = json.Unmarshal([]byte(want.body), &expected)
			if fmt.Sprint(got) != fmt.Sprint(expected) || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("request %d: got body %v of %q", done, got, r.Header.Get("Content-Type"))
			}
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
		if done != len(calls) && !t.Failed() {
			t.Errorf("%d of %d expected requests were made; the next is %s", done, len(calls), calls[done].uri)
		}
	})
	return s
}

const (
	runsQuery = "/dags/~/dagRuns?limit=100&state=running&state=queued"
	none      = `{"dag_runs":[],"total_entries":0}`
)

// What a server of either version answers where all goes well.
var (
	version3 = call{uri: "/api/v2/version", answer: `{"version":"3.0.2","git_version":null}`}
	version2 = call{uri: "/api/v2/version", status: 404, answer: `{"title":"Not Found","status":404}`}
)

func runs3(answer string) call { return call{uri: "/api/v2" + runsQuery, answer: answer} }
func runs2(answer string) call { return call{uri: "/api/v1" + runsQuery, answer: answer} }

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
