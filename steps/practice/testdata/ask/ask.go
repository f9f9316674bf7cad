// Package ask helps to test the practice services: it makes a state file and a clock,
// and sends requests. Only tests import it.
package ask

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/clock"
	"catalog-runbook/steps/practice/state"
)

// Clock is a clock that only the test moves.
type Clock = clock.Clock

// NewClock returns a clock that shows a morning in March 2024.
func NewClock() *Clock { return clock.At(time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)) }

// Store keeps facts in a file that ends with the test.
func Store(t *testing.T, k state.Facts, c *Clock) *state.Store {
	t.Helper()
	k.Version = state.Version
	if k.Deployed == "" {
		k.Deployed = "v1.5.3"
	}
	if k.Airflow == 0 {
		k.Airflow = 2
	}
	f := state.Folder(t.TempDir())
	if err := f.Save(k); err != nil {
		t.Fatal(err)
	}
	s, err := state.Open(f, c.Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Serve serves a service until the test ends, and returns its address.
func Serve(t *testing.T, service func(origin string) http.Handler) (origin string) {
	t.Helper()
	var handler http.Handler
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	handler = service(s.URL)
	return s.URL
}

// FreshConnections returns a transport that leaves no connection behind.
func FreshConnections() *http.Transport { return &http.Transport{DisableKeepAlives: true} }

// Answer is a response whose body was read.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Fetch sends one request; head is pairs of header names and values. A redirect
// is an answer.
func Fetch(t *testing.T, method, url, body string, head ...string) Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	client := http.Client{Transport: FreshConnections(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{resp.StatusCode, resp.Header, string(text)}
}

// Get sends a GET.
func Get(t *testing.T, url string, head ...string) Answer {
	t.Helper()
	return Fetch(t, http.MethodGet, url, "", head...)
}

// Wants fails the test unless the answer has the status and JSON that can be read into T.
func Wants[T any](t *testing.T, a Answer, status int) (v T) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("status %d, want %d: %s", a.Status, status, a.Body)
	}
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		t.Fatalf("%v in %s", err, a.Body)
	}
	return v
}
