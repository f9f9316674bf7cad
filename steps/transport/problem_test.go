package transport

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestAnswers(t *testing.T) {
	future := time.Now().Add(time.Hour).Truncate(time.Second)
	clock := future.Local().Format("15:04:05")
	for _, c := range []struct {
		name   string
		status int
		header string // "Name: value"s, one a line
		body   string
		want   Cause
		text   string
		hint   string
	}{
		{"a login page", 200, "Content-Type: text/html; charset=utf-8", "<form>", Credentials, "login page", "log in"},
		{"nothing", 200, "Content-Type: application/json", "", Broken, "empty response", ""},
		{"nothing of no type", 200, "", "", Broken, "empty response", ""},
		{"plain text", 200, "Content-Type: text/plain", "ok", Broken, `"text/plain"`, ""},
		{"a type that cannot be read", 200, "Content-Type: ;;;", "ok", Broken, "no content type", ""},
		{"another good status", 202, "Content-Type: application/json", "{}", Broken, "202", ""},
		{"not modified", 304, "", "", Broken, "returned 304 (Not Modified) to an unconditional request", ""},
		{"a redirect to nowhere", 302, "", "", Credentials, "login page", "log in"},
		{"400", 400, "", "{}", Refused, "400 Bad Request", ""},
		{"401", 401, "Content-Type: text/html", "<form>", Credentials, "401", "credentials"},
		{"403", 403, "X-Ratelimit-Remaining: 59", "{}", Credentials, "403", "use an account that can read it"},
		{"403 that is a limit", 403, fmt.Sprintf("X-Ratelimit-Remaining: 0\nX-Ratelimit-Reset: %d", future.Unix()), "{}", RateLimited, "rate limit", clock},
		{"403 that asks for patience", 403, "Retry-After: " + future.UTC().Format(http.TimeFormat), "{}", RateLimited, "rate limit", clock},
		{"404", 404, "", "{}", NotFound, "returned 404: it doesn't exist, or your account can't see it", ""},
		{"422", 422, "", "{}", Refused, "422 Unprocessable Entity", ""},
		{"429 without a time", 429, "", "{}", RateLimited, "rate limit", "later"},
		{"429 with a date", 429, "Retry-After: " + future.UTC().Format(http.TimeFormat), "{}", RateLimited, "rate limit", clock},
		{"500", 500, "", "oops", Broken, "500 Internal Server Error", "minute"},
		{"502", 502, "Content-Type: text/html", "<h1>", Broken, "502 Bad Gateway", "minute"},
		{"503", 503, "", "", Broken, "503 Service Unavailable", "minute"},
		{"504", 504, "", "", Broken, "504 Gateway Timeout", "minute"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, routes{"/x": func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = nil // else net/http would guess one
				for line := range strings.SplitSeq(c.header, "\n") {
					if name, value, ok := strings.Cut(line, ": "); ok {
						w.Header().Set(name, value)
					}
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}})
			_, err := get(t, strings.Replace(s.URL, "http://", "http://me:hunter2@", 1), "/x?token=hunter2", Options{})
			p := wantCause(t, err, c.want)
			if p.Status != c.status || !strings.Contains(p.Text, c.text) || !strings.Contains(p.Hint, c.hint) || (c.hint == "") != (p.Hint == "") {
				t.Errorf("status %d, text %q, hint %q; want %d, %q, %q", p.Status, p.Text, p.Hint, c.status, c.text, c.hint)
			}
		})
	}
}

func TestWantedStatuses(t *testing.T) {
	s := serve(t, routes{"/x": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, "{}")
	}})
	c, err := New(s.URL, Options{})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.R().SetContext(t.Context()).Post("/x")
	if err := ReadJSON("GitHub", resp, err, http.StatusOK, http.StatusCreated); err != nil {
		t.Errorf("a wanted status: %v", err)
	}
	wantCause(t, ReadJSON("GitHub", resp, err), Broken)
}

func TestRetryAt(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	local := func(at time.Time) string { return "try again at " + at.Local().Format("15:04:05") }
	for _, c := range []struct{ name, after, reset, want string }{
		{"seconds", "90", "", local(now.Add(90 * time.Second))},
		{"no seconds", "0", "", local(now)},
		{"date", "Wed, 04 Mar 2026 12:30:00 GMT", "", local(now.Add(30 * time.Minute))},
		{"reset", "", fmt.Sprint(now.Add(time.Minute).Unix()), local(now.Add(time.Minute))},
		{"seconds before reset", "1", fmt.Sprint(now.Add(time.Minute).Unix()), local(now.Add(time.Second))},
		{"seconds that make no sense", "-1", fmt.Sprint(now.Unix()), local(now)},
		{"another day", "86400", "", "try again at " + now.Add(24*time.Hour).Local().Format("2006-01-02 15:04")},
		{"more seconds than there are", "99999999999999", "", "try again later"},
		{"words", "soon", "later", "try again later"},
		{"nothing", "", "", "try again later"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := http.Header{}
			h.Set("Retry-After", c.after)
			h.Set("X-Ratelimit-Reset", c.reset)
			p := Status("GitHub", http.StatusTooManyRequests, h, now)
			if wantCause(t, p, RateLimited); p.Hint != c.want {
				t.Errorf("hint %q, want %q", p.Hint, c.want)
			}
		})
	}
}

func TestNoConnection(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		l.Close()
		_, err = get(t, "http://me:hunter2@"+address, "/x?token=hunter2", Options{Sign: sign})
		if p := wantCause(t, err, Unreachable); !strings.Contains(p.Text, "refused") || p.Status != 0 {
			t.Errorf("%+v", p)
		}
	})
	t.Run("cut off", func(t *testing.T) {
		s := serve(t, routes{"/x": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }})
		_, err := get(t, s.URL, "/x?token=hunter2", Options{})
		wantCause(t, err, Unreachable)
	})
	t.Run("cut off in the body", func(t *testing.T) {
		s := serve(t, routes{"/x": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			fmt.Fprint(w, "{}")
		}})
		_, err := get(t, s.URL, "/x?token=hunter2", Options{})
		wantCause(t, err, Unreachable)
	})
}

func TestTLS(t *testing.T) {
	quiet := func(s *httptest.Server) { s.Config.ErrorLog = log.New(io.Discard, "", 0) }
	t.Run("trusted", func(t *testing.T) {
		s := serveTLS(t, routes{"/x": answerJSON})
		if _, err := get(t, s.URL, "/x", Options{Sign: sign, Base: s.Client().Transport}); err != nil {
			t.Error(err)
		}
	})
	t.Run("unknown authority", func(t *testing.T) {
		s := newServer(t, nil)
		quiet(s.Server)
		s.StartTLS()
		t.Cleanup(s.Close)
		_, err := get(t, s.URL, "/x?token=hunter2", Options{Sign: sign})
		if p := wantCause(t, err, Unreachable); !strings.Contains(p.Text, "TLS certificate") || !strings.Contains(p.Hint, "certificates") {
			t.Errorf("%q", p)
		}
	})
	t.Run("another name", func(t *testing.T) {
		s := newServer(t, nil)
		quiet(s.Server)
		s.StartTLS()
		t.Cleanup(s.Close)
		base := s.Client().Transport.(*http.Transport).Clone()
		base.TLSClientConfig.ServerName = "not-in-the-certificate.test"
		_, err := get(t, s.URL, "/x?token=hunter2", Options{Sign: sign, Base: base})
		if p := wantCause(t, err, Unreachable); !strings.Contains(p.Text, "TLS certificate") {
			t.Errorf("%q", p)
		}
	})
	t.Run("too old", func(t *testing.T) {
		s := newServer(t, nil)
		quiet(s.Server)
		s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11}
		s.StartTLS()
		t.Cleanup(s.Close)
		_, err := get(t, s.URL, "/x?token=hunter2", Options{Sign: sign})
		wantCause(t, err, Unreachable)
	})
	t.Run("HTTP where HTTPS is expected", func(t *testing.T) {
		s := newServer(t, nil)
		s.Start()
		t.Cleanup(s.Close)
		_, err := get(t, strings.Replace(s.URL, "http://", "https://me:hunter2@", 1), "/x?token=hunter2", Options{Sign: sign})
		wantCause(t, err, Unreachable)
	})
}

func TestFailure(t *testing.T) {
	known := &Problem{Cause: RateLimited, Text: "GitHub is tired"}
	if got := Failure("GitHub", fmt.Errorf("asking: %w", known)); got != known {
		t.Errorf("a Problem became %v", got)
	}
	for _, c := range []struct{ err, want string }{
		{`invalid proxy address "http://me:hunter2@proxy:80": it is odd`, `can't reach GitHub: invalid proxy address "http://proxy:80": it is odd`},
		{`failed to parse Location header "/%zz?token=hunter2": it is odd`, `can't reach GitHub: failed to parse Location header "/%zz": it is odd`},
		{"dial tcp: lookup a.test: no such host", "can't reach GitHub: dial tcp: lookup a.test: no such host"},
	} {
		err := &url.Error{Op: "Get", URL: "https://me:hunter2@a.test/?token=hunter2", Err: errors.New(c.err)}
		p := Failure("GitHub", err)
		if wantCause(t, p, Unreachable); p.Text != c.want {
			t.Errorf("%q, want %q", p.Text, c.want)
		}
	}
	if c, ok := CauseOf(errors.New("something else")); ok || c != 0 {
		t.Errorf("an error that is no Problem has the cause %d", c)
	}
}

// TestAdvice: what usually helps stands in where there is no hint of its own, in
// the error and for whoever shows it by itself.
func TestAdvice(t *testing.T) {
	for _, c := range []struct {
		problem       Problem
		advice, error string
	}{
		{Problem{Cause: Refused, Text: "no"}, hints[Refused], "no; hint: " + hints[Refused]},
		{Problem{Cause: Refused, Text: "no", Hint: "say please"}, "say please", "no; hint: say please"},
		{Problem{Cause: Cancelled, Text: "stopped"}, "", "stopped"},
	} {
		if got := c.problem.Advice(); got != c.advice || c.problem.Error() != c.error {
			t.Errorf("%q, %q; want %q, %q", got, c.problem.Error(), c.advice, c.error)
		}
	}
}
