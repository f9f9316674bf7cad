package steps_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
)

// What the fakes are asked about.
const (
	githubAPI  = "https://api.github.test"
	airflowURL = "https://airflow.test"
	registryAt = "registry.test"
	imageRef   = registryAt + "/o/catalog"
	tag        = "v1.5.4"
	commit     = "0123456789abcdef0123456789abcdef01234567"
	other      = "89abcdef0123456789abcdef0123456789abcdef"
)

// moment is when the tests take place.
var moment = time.Date(2024, 3, 2, 12, 0, 0, 0, time.UTC)

// clock only moves when it is told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: moment} }

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

type object = map[string]any

// exchange is one request that a script expects, and its answer.
type exchange struct {
	method string // "" is GET
	url    string
	status int // 0 is 200
	kind   string
	header map[string]string
	body   any // a string or bytes are sent as they are, anything else as JSON
	err    error
}

func (e exchange) text(t *testing.T) []byte {
	switch body := e.body.(type) {
	case string:
		return []byte(body)
	case []byte:
		return body
	}
	data, err := json.Marshal(e.body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// script stands in the place of all services. It answers its exchanges in their
// order, and fails the test for any other request and for one that is not made.
type script struct {
	t    *testing.T
	mu   sync.Mutex
	left []exchange
}

func newScript(t *testing.T, exchanges ...exchange) *script {
	t.Helper()
	s := &script{t: t, left: exchanges}
	t.Cleanup(func() {
		for _, e := range s.left {
			t.Errorf("never asked: %s", e.url)
		}
	})
	return s
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.left) == 0 {
		s.t.Errorf("unexpected request %s %s", r.Method, r.URL)
		return reply(r, exchange{status: http.StatusTeapot}, nil), nil
	}
	e := s.left[0]
	s.left = s.left[1:]
	if e.method == "" {
		e.method = http.MethodGet
	}
	if got := r.URL.String(); got != e.url || r.Method != e.method {
		s.t.Errorf("asked %s %s, want %s %s", r.Method, got, e.method, e.url)
	}
	if e.err != nil {
		return nil, e.err
	}
	return reply(r, e, e.text(s.t)), nil
}

func reply(r *http.Request, e exchange, body []byte) *http.Response {
	status, kind := e.status, e.kind
	if status == 0 {
		status = http.StatusOK
	}
	if kind == "" {
		kind = "application/json"
	}
	h := http.Header{"Content-Type": {kind}}
	for k, v := range e.header {
		h.Set(k, v)
	}
	length := int64(len(body))
	if r.Method == http.MethodHead {
		body = nil
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: length, Request: r}
}

// counting counts what is sent, by method.
type counting struct {
	inner   http.RoundTripper
	mu      sync.Mutex
	sent    int
	methods map[string]int
}

func count(inner http.RoundTripper) *counting {
	return &counting{inner: inner, methods: map[string]int{}}
}

func (c *counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.sent++
	c.methods[r.Method]++
	c.mu.Unlock()
	return c.inner.RoundTrip(r)
}

// take returns how many requests were sent since it was called last.
func (c *counting) take() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.sent
	c.sent = 0
	return n
}

// roundTripper makes a function a transport.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// silence never answers: it tells that it was asked, and ends with its asker.
func silence(asked chan<- struct{}) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		select {
		case asked <- struct{}{}:
		default:
		}
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
}

// connect returns a live world in which all is asked of base.
func connect(t *testing.T, base http.RoundTripper) *steps.World {
	t.Helper()
	var s steps.Settings
	s.GitHub.APIURL = githubAPI
	w, err := steps.Connect(s, steps.Credentials{}, false, nil, base)
	if err != nil {
		t.Fatal(err)
	}
	w.Now = newClock().now
	w.Airflow.Options.Now = w.Now
	return w
}

const (
	versionFile = "environments/prod/catalog-airflow.tf"
	version     = "module \"catalog\" {\n  instance = \"m5.xlarge\"\n  tag      = \"v1.5.3\"\n}\n"
)

// repository makes a clean infrastructure checkout on main.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "--quiet", "--template=")
	git(t, dir, "symbolic-ref", "HEAD", "refs/heads/main")
	write(t, dir, versionFile, version)
	git(t, dir, "add", ".")
	git(t, dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=x")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func bumped(t *testing.T, dir, to string) {
	t.Helper()
	write(t, dir, versionFile, strings.Replace(version, "v1.5.3", to, 1))
}

// noCommand fails the test when anything is run.
type noCommand struct {
	alone
	t *testing.T
}

// alone is an executor whose commands end with the process that runs them.
type alone struct{}

func (alone) Rejoin(context.Context, string, command.Streams) (command.Outcome, error) {
	return command.Outcome{}, command.ErrLost
}

func (n noCommand) Run(_ context.Context, cmd command.Command, _ command.Streams) (command.Outcome, error) {
	n.t.Errorf("%q was run", cmd.Argv)
	return command.Outcome{}, nil
}

func parse(t testing.TB, text string) *document.Document {
	t.Helper()
	doc, err := document.Parse("doc.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// contains fails unless the text holds every part.
func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func at(format string, args ...any) string { return fmt.Sprintf(format, args...) }
