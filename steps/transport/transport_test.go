package transport

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// server answers by path, remembers what it was asked, and fails the test on a
// path that was not expected and on one that was not asked for.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
}

type routes map[string]http.HandlerFunc

func serve(t *testing.T, r routes) *server {
	t.Helper()
	s := newServer(t, r)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func serveTLS(t *testing.T, r routes) *server {
	t.Helper()
	s := newServer(t, r)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func newServer(t *testing.T, r routes) *server {
	s := &server{}
	used := map[string]bool{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, req)
		used[req.URL.Path] = true
		s.mu.Unlock()
		h, ok := r[req.URL.Path]
		if !ok {
			t.Errorf("unexpected request: %s %s", req.Method, req.URL)
			http.Error(w, "unexpected", http.StatusTeapot)
			return
		}
		h(w, req)
	}))
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for path := range r {
			if !used[path] {
				t.Errorf("nobody asked for %s", path)
			}
		}
	})
	return s
}

func (s *server) requests() []*http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func answerJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"ok": true}`)
}

func redirect(to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
}

func sign(r *http.Request) { r.Header.Set("Authorization", "Bearer s3sam3-open") }

// get asks once and returns the judged outcome.
func get(t *testing.T, base, path string, o Options) (status int, err error) {
	t.Helper()
	c, err := New(base, o)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.R().SetContext(t.Context()).Get(path)
	return resp.StatusCode(), ReadJSON("GitHub", resp, err)
}

func wantCause(t *testing.T, err error, want Cause) *Problem {
	t.Helper()
	var p *Problem
	if !errors.As(err, &p) {
		t.Fatalf("error %v, want a *Problem", err)
	}
	if got, ok := CauseOf(fmt.Errorf("asking: %w", err)); !ok || got != want || p.Cause != want {
		t.Errorf("cause %d of %q, want %d", p.Cause, p, want)
	}
	checkReadable(t, p)
	return p
}

// checkReadable holds what is promised of the words of every Problem.
func checkReadable(t *testing.T, p *Problem) {
	t.Helper()
	for _, text := range []string{p.Text, p.Hint} {
		if strings.HasSuffix(text, ".") || strings.ContainsAny(text, "\n\x1b") || strings.Contains(text, "%!") || strings.TrimSpace(text) != text {
			t.Errorf("%q is no clause for the screen", text)
		}
		for _, secret := range []string{"hunter2", "token=", "s3sam3"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows a secret", text)
			}
		}
	}
	if !strings.Contains(p.Text, "GitHub") {
		t.Errorf("%q does not say who was asked", p.Text)
	}
	if want := p.Text + "; hint: " + p.Hint; p.Hint != "" && p.Error() != want {
		t.Errorf("Error() = %q, want %q", p.Error(), want)
	}
}

func TestCredentialsGoToTheOrigin(t *testing.T) {
	s := serve(t, routes{"/repos": answerJSON})
	if status, err := get(t, s.URL, "/repos", Options{Sign: sign}); err != nil || status != 200 {
		t.Fatalf("status %d, error %v", status, err)
	}
	h := s.requests()[0].Header
	if h.Get("Authorization") != "Bearer s3sam3-open" || h.Get("User-Agent") != UserAgent {
		t.Errorf("the request had the headers %v", h)
	}
}

// TestNoRedirectAcrossOrigins lets a service send the asker elsewhere. The other
// server would fail the test if it were asked anything.
func TestNoRedirectAcrossOrigins(t *testing.T) {
	t.Run("another port", func(t *testing.T) {
		other := serve(t, nil)
		from := serve(t, routes{"/a": redirect(other.URL + "/steal?token=hunter2")})
		status, err := get(t, from.URL, "/a", Options{Sign: sign})
		p := wantCause(t, err, Credentials)
		if host := strings.TrimPrefix(other.URL, "http://"); status != http.StatusFound || !strings.Contains(p.Text, host) {
			t.Errorf("status %d, %q; want it to name %s", status, p, host)
		}
	})
	t.Run("another host", func(t *testing.T) {
		from := serve(t, nil)
		there := strings.Replace(from.URL, "127.0.0.1", "localhost", 1)
		here := serve(t, routes{"/a": redirect(there + "/steal")})
		_, err := get(t, here.URL, "/a", Options{Sign: sign})
		wantCause(t, err, Credentials)
	})
	t.Run("HTTPS to HTTP", func(t *testing.T) {
		plain := serve(t, nil)
		from := serveTLS(t, routes{"/a": redirect(plain.URL + "/steal")})
		_, err := get(t, from.URL, "/a", Options{Sign: sign, Base: from.Client().Transport})
		wantCause(t, err, Credentials)
	})
	t.Run("there and back", func(t *testing.T) {
		var home string
		other := serve(t, nil) // would send the asker back, if it were asked
		from := serve(t, routes{"/a": redirect(other.URL + "/back")})
		home = from.URL
		_, err := get(t, home, "/a", Options{Sign: sign})
		wantCause(t, err, Credentials)
		if n := len(from.requests()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
	})
	t.Run("a user in the new address", func(t *testing.T) {
		from := serve(t, routes{"/a": redirect("http://me:hunter2@login.example.org/?token=hunter2")})
		_, err := get(t, from.URL, "/a", Options{Sign: sign})
		if p := wantCause(t, err, Credentials); !strings.Contains(p.Text, "login.example.org") {
			t.Errorf("%q does not name the host", p)
		}
	})
	t.Run("an address that cannot be read", func(t *testing.T) {
		from := serve(t, routes{"/a": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://me:hunter2@x/%zz?token=hunter2")
			w.WriteHeader(http.StatusFound)
		}})
		_, err := get(t, from.URL, "/a", Options{Sign: sign})
		wantCause(t, err, Unreachable)
	})
}

// TestSignIsCalledForTheOriginOnly uses the round tripper alone, under a client
// that follows every redirect.
func TestSignIsCalledForTheOriginOnly(t *testing.T) {
	var home *server
	other := serve(t, routes{"/b": func(w http.ResponseWriter, r *http.Request) { redirect(home.URL+"/c")(w, r) }})
	home = serve(t, routes{"/a": redirect(other.URL + "/b"), "/c": answerJSON})
	origin, err := Origin(home.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: RoundTripper(origin, Options{Sign: sign})}
	resp, err := client.Get(home.URL + "/a")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got := other.requests()[0].Header.Get("Authorization"); got != "" {
		t.Errorf("another origin was given %q", got)
	}
	for i, r := range home.requests() {
		if r.Header.Get("Authorization") == "" {
			t.Errorf("request %d to the origin has no credentials", i+1)
		}
	}
}

func TestRenamedPathIsFollowed(t *testing.T) {
	s := serve(t, routes{"/old": redirect("/new"), "/new": answerJSON})
	if status, err := get(t, s.URL, "/old", Options{Sign: sign}); err != nil || status != 200 {
		t.Fatalf("status %d, error %v", status, err)
	}
	for i, r := range s.requests() {
		if r.Header.Get("Authorization") == "" {
			t.Errorf("request %d has no credentials", i+1)
		}
	}
}

func TestEndlessRedirectsEnd(t *testing.T) {
	s := serve(t, routes{"/round": redirect("/round")})
	_, err := get(t, s.URL, "/round", Options{})
	wantCause(t, err, Credentials)
	if n := len(s.requests()); n != MaxRedirects+1 {
		t.Errorf("%d requests, want %d", n, MaxRedirects+1)
	}
}

func TestSameOrigin(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"https://a.org", "https://a.org/x?y", true},
		{"https://a.org", "https://A.ORG:443", true},
		{"http://a.org:80", "http://a.org", true},
		{"https://me:pw@a.org", "https://a.org", true},
		{"http://[::1]:80", "http://[::1]", true},
		{"https://a.org", "http://a.org", false},
		{"https://a.org", "https://a.org:8443", false},
		{"http://a.org:443", "https://a.org:443", false},
		{"https://a.org", "https://a.org.evil.example", false},
		{"https://a.org", "https://sub.a.org", false},
		{"https://a.org", "https://a.org@evil.example", false},
	} {
		a, b := parse(t, c.a), parse(t, c.b)
		if SameOrigin(a, b) != c.want || SameOrigin(b, a) != c.want {
			t.Errorf("%s and %s: same origin is not %t", c.a, c.b, c.want)
		}
	}
}

func parse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestBodyLimit(t *testing.T) {
	pad := func(n int) []byte { return []byte(`"` + strings.Repeat("x", n-2) + `"`) }
	send := func(body []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body)
		}
	}
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := z.Write(pad(BodyLimit + 1)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s := serve(t, routes{
		"/fits":  send(pad(BodyLimit)),
		"/large": send(pad(BodyLimit + 1)),
		"/bomb": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			send(bomb.Bytes())(w, r)
		},
	})
	if _, err := get(t, s.URL, "/fits", Options{}); err != nil {
		t.Errorf("a body of the limit: %v", err)
	}
	for _, path := range []string{"/large", "/bomb"} {
		_, err := get(t, s.URL, path, Options{})
		if p := wantCause(t, err, Broken); !strings.Contains(p.Text, "4 MiB") {
			t.Errorf("%s: %q does not say how much", path, p)
		}
	}
}

func TestReadOnly(t *testing.T) {
	s := serve(t, routes{"/": answerJSON})
	c, err := New(s.URL, Options{ReadOnly: true, Sign: sign})
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get"} {
		body := &watched{Reader: strings.NewReader("{}")}
		resp, err := c.R().SetContext(t.Context()).SetBody(io.ReadCloser(body)).Execute(method, "/?token=hunter2")
		if !errors.Is(err, errReadOnly) || strings.Contains(fmt.Sprint(errors.Unwrap(err)), "hunter2") {
			t.Errorf("%s: %v, want ErrReadOnly without the query", method, err)
		}
		wantCause(t, ReadJSON("GitHub", resp, err), ReadOnly)
	}
	if n := len(s.requests()); n != 0 {
		t.Fatalf("%d requests were sent", n)
	}
	for _, method := range []string{"GET", "HEAD"} {
		if _, err := c.R().SetContext(t.Context()).Execute(method, "/"); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// TestRefusedBodyIsClosed holds the promise of http.RoundTripper.
func TestRefusedBodyIsClosed(t *testing.T) {
	body := &watched{Reader: strings.NewReader("{}")}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://a.example/", body)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := RoundTripper(req.URL, Options{ReadOnly: true}).RoundTrip(req); !errors.Is(err, errReadOnly) || !body.closed {
		t.Errorf("error %v, body closed: %t", err, body.closed)
	}
}

type watched struct {
	io.Reader
	closed bool
}

func (w *watched) Close() error {
	w.closed = true
	return nil
}

// TestSignDoesNotChangeTheRequest: a RoundTripper must not modify it.
func TestSignDoesNotChangeTheRequest(t *testing.T) {
	s := serve(t, routes{"/": answerJSON})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := RoundTripper(parse(t, s.URL), Options{Sign: sign}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if len(req.Header) != 0 || s.requests()[0].Header.Get("Authorization") == "" {
		t.Errorf("the asker's request has %v", req.Header)
	}
}

func TestOriginRefuses(t *testing.T) {
	for _, address := range []string{
		"", "github.com", "ftp://a.org", "//a.org", "https://", "http:///x", "http://:80", "file:///etc/passwd",
		"https://me:hunter2@", "ftp://me:hunter2@a.org/?token=hunter2", "me:hunter2@a.org", "https://me:hun/ter2@a.org",
		"https://a.org:port/?token=hunter2", "https://a b/#hunter2", "https://me:hunter2%zz@a.org", "\x7fhttps://me:hunter2@a.org",
	} {
		u, err := Origin(address)
		if err == nil {
			t.Errorf("%q is taken as %v", address, u)
			continue
		}
		if _, again := New(address, Options{}); again == nil || again.Error() != err.Error() {
			t.Errorf("New(%q): %v", address, again)
		}
		for _, secret := range []string{"hun", "ter2", "token="} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q: the error shows a secret: %v", address, err)
			}
		}
		if !strings.HasPrefix(err.Error(), "reading the address ") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestContexts(t *testing.T) {
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	s := serve(t, routes{"/slow": func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}})
	t.Cleanup(func() { close(release) })
	c, err := New(s.URL, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("given up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-arrived
			cancel()
		}()
		resp, err := c.R().SetContext(ctx).Get("/slow?token=hunter2")
		wantCause(t, ReadJSON("GitHub", resp, err), Cancelled)
	})
	t.Run("out of time", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		resp, err := c.R().SetContext(ctx).Get("/slow?token=hunter2")
		wantCause(t, ReadJSON("GitHub", resp, err), Unreachable)
	})
}
