// Package fake has what the tests of steps and of the kinds share: services that
// answer from a script or as a whole site, an infrastructure checkout, executors, and
// a clock.
package fake

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/testdata/clock"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
)

// What the fakes are asked about.
const (
	GitHubAPI  = "https://api.github.test"
	AirflowURL = "https://airflow.test"
	RegistryAt = "registry.test"
	ImageRef   = RegistryAt + "/o/catalog"
	Tag        = "v1.5.4"
	Commit     = "0123456789abcdef0123456789abcdef01234567"
	Other      = "89abcdef0123456789abcdef0123456789abcdef"
)

// Moment is when the tests take place.
var Moment = time.Date(2024, 3, 2, 12, 0, 0, 0, time.UTC)

// Clock is a clock that only the test moves.
type Clock = clock.Clock

// NewClock returns a clock that shows Moment.
func NewClock() *Clock { return clock.At(Moment) }

type Object = map[string]any

// Exchange is one request that a script expects, and its answer.
type Exchange struct {
	Method string // "" is GET
	URL    string
	Status int // 0 is 200
	Kind   string
	Header map[string]string
	Body   any // a string or bytes are sent as they are, anything else as JSON
	Err    error
}

func (e Exchange) Text(t *testing.T) []byte {
	switch body := e.Body.(type) {
	case string:
		return []byte(body)
	case []byte:
		return body
	}
	data, err := json.Marshal(e.Body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// script stands in the place of all services. It answers each exchange once, those
// with the same address in their order, because a check may ask two things at the same
// time. It fails the test for any other request and for one that is not made.
type script struct {
	t    *testing.T
	mu   sync.Mutex
	left []Exchange
}

func NewScript(t *testing.T, exchanges ...Exchange) *script {
	t.Helper()
	s := &script{t: t, left: exchanges}
	t.Cleanup(func() {
		for _, e := range s.left {
			t.Errorf("never asked: %s", e.URL)
		}
	})
	return s
}

// Has reports whether an answer to a GET of url is left.
func (s *script) Has(url string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.left, func(e Exchange) bool { return e.URL == url && cmp.Or(e.Method, http.MethodGet) == http.MethodGet })
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.left, func(e Exchange) bool {
		return r.URL.String() == e.URL && r.Method == cmp.Or(e.Method, http.MethodGet)
	})
	if at < 0 {
		s.t.Errorf("unexpected request %s %s", r.Method, r.URL)
		return Reply(r, Exchange{Status: http.StatusTeapot}, nil), nil
	}
	e := s.left[at]
	s.left = slices.Delete(slices.Clone(s.left), at, at+1)
	if e.Err != nil {
		return nil, e.Err
	}
	return Reply(r, e, e.Text(s.t)), nil
}

func Reply(r *http.Request, e Exchange, body []byte) *http.Response {
	status, kind := e.Status, e.Kind
	if status == 0 {
		status = http.StatusOK
	}
	if kind == "" {
		kind = "application/json"
	}
	h := http.Header{"Content-Type": {kind}}
	for k, v := range e.Header {
		h.Set(k, v)
	}
	length := int64(len(body))
	if r.Method == http.MethodHead {
		body = nil
	}
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: length, Request: r}
}

// Counting counts what is sent, by method.
type Counting struct {
	Inner   http.RoundTripper
	mu      sync.Mutex
	sent    int
	Methods map[string]int
}

func Count(inner http.RoundTripper) *Counting {
	return &Counting{Inner: inner, Methods: map[string]int{}}
}

func (c *Counting) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.sent++
	c.Methods[r.Method]++
	c.mu.Unlock()
	return c.Inner.RoundTrip(r)
}

// Take returns how many requests were sent since it was called last.
func (c *Counting) Take() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.sent
	c.sent = 0
	return n
}

// RoundTripper makes a function a transport.
type RoundTripper func(*http.Request) (*http.Response, error)

func (f RoundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Silence never answers: it tells that it was asked, and ends with its asker.
func Silence(asked chan<- struct{}) http.RoundTripper {
	return RoundTripper(func(r *http.Request) (*http.Response, error) {
		select {
		case asked <- struct{}{}:
		default:
		}
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
}

// Connect returns a live world in which all is asked of base.
func Connect(t *testing.T, base http.RoundTripper) *steps.World {
	t.Helper()
	var s steps.Settings
	s.GitHub.APIURL = GitHubAPI
	w, err := steps.Connect(s, steps.Credentials{}, false, nil, base)
	if err != nil {
		t.Fatal(err)
	}
	w.Now = NewClock().Now
	w.Airflow.Options.Now = w.Now
	return w
}

const (
	VersionFile = "environments/prod/catalog-airflow.tf"
	Version     = "module \"catalog\" {\n  instance = \"m5.xlarge\"\n  tag      = \"v1.5.3\"\n}\n"
)

// Repository makes a clean infrastructure checkout on main.
func Repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	Git(t, dir, "init", "--quiet", "--template=")
	Git(t, dir, "symbolic-ref", "HEAD", "refs/heads/main")
	Write(t, dir, VersionFile, Version)
	Git(t, dir, "add", ".")
	Git(t, dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=x")
	return dir
}

func Git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func Write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func Bumped(t *testing.T, dir, to string) {
	t.Helper()
	Write(t, dir, VersionFile, strings.Replace(Version, "v1.5.3", to, 1))
}

// NoCommand fails the test when anything is run.
type NoCommand struct {
	Alone
	T *testing.T
}

// Alone is an executor whose commands end with the process that runs them.
type Alone struct{}

func (Alone) Rejoin(context.Context, string, command.Streams) (command.Outcome, error) {
	return command.Outcome{}, command.ErrLost
}

func (n NoCommand) Run(_ context.Context, cmd command.Command, _ command.Streams) (command.Outcome, error) {
	n.T.Errorf("%q was run", cmd.Argv)
	return command.Outcome{}, nil
}

func Parse(t testing.TB, text string) *document.Document {
	t.Helper()
	doc, err := document.Parse("doc.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// Contains fails unless the text holds every part.
func Contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in %q", part, text)
		}
	}
}

func Stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func At(format string, args ...any) string { return fmt.Sprintf(format, args...) }
