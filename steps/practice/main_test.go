package practice

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/registry"
	"catalog-runbook/steps/practice/state"
)

// TestMain lets the test binary be the practice `just`, as the program is, and
// another process of a test.
func TestMain(m *testing.M) {
	if code, ran := Main(os.Args, os.Stdin, os.Stdout, os.Stderr); ran {
		os.Exit(code)
	}
	if task := os.Getenv(otherVariable); task != "" {
		if err := other(task, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// release1 is the newest published release at the start.
const release1 = "v1.5.3"

// clock is a clock that only moves when it is told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// begin starts a world that ends with the test.
func begin(t *testing.T, scenario string, airflow int) (*World, *clock) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	c := newClock()
	return start(t, scenario, Options{Now: c.now, AirflowVersion: airflow}), c
}

func start(t *testing.T, scenario string, o Options) *World {
	t.Helper()
	w, err := Start(scenario, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// deployed says what infrastructure there is by the state's file.
func deployed(t *testing.T, w *World) state.Deployment {
	t.Helper()
	if err := w.state.Refresh(); err != nil {
		t.Fatal(err)
	}
	return w.state.Deployment()
}

// freshConnections leaves no connection behind for goleak to find.
func freshConnections() *http.Transport { return &http.Transport{DisableKeepAlives: true} }

type answer struct {
	status int
	header http.Header
	body   string
}

// fetch sends one request; head is pairs of header names and values. A redirect
// is an answer.
func fetch(t *testing.T, method, url, body string, head ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	client := http.Client{Transport: freshConnections(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(text)}
}

func get(t *testing.T, url string, head ...string) answer {
	t.Helper()
	return fetch(t, http.MethodGet, url, "", head...)
}

// wants fails unless the answer has the status and JSON that can be read into T.
func wants[T any](t *testing.T, a answer, status int) (v T) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return v
}

func listenAgain(origin string) (net.Listener, error) {
	return net.Listen("tcp", strings.TrimPrefix(origin, "http://"))
}

// signIn gives the header that signs a user in, and the address of Airflow 2's API.
func signIn(w *World, user string) (api, authorization string) {
	return w.AirflowURL() + "/api/v1", "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+w.AirflowPassword()))
}

const activePath = "/dags/~/dagRuns?state=running&state=queued&limit=100"

const acceptImages = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"

func registryToken(t *testing.T, w *World) string {
	t.Helper()
	got := wants[struct{ Token string }](t, get(t, w.registry.Origin+"/token?service=ghcr.io&scope=repository:"+registry.Image+":pull"), http.StatusOK)
	return "Bearer " + got.Token
}

// busyRuns are the runs that are active in busy-dags at the start.
func busyRuns(w *World) []state.DAGRun {
	return []state.DAGRun{airflow.LatestRun(w.state, runningDAG), airflow.LatestRun(w.state, queuedDAG)}
}
