package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// told is an answer, or none, of a scripted base.
type told struct {
	status int
	header string // "Name: value"
	body   string
	err    error
	cut    bool          // the body breaks off
	after  time.Duration // how long it takes
}

// scripted answers in order, the last one from then on, and notes when.
type scripted struct {
	answers []told
	mu      sync.Mutex
	asked   []*http.Request
	at      []time.Time
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	a := s.answers[min(len(s.asked), len(s.answers)-1)]
	s.asked, s.at = append(s.asked, r), append(s.at, time.Now())
	s.mu.Unlock()
	if a.after > 0 {
		if err := sleep(r.Context(), a.after); err != nil {
			return nil, err
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	h := http.Header{"Content-Type": {"application/json"}}
	for line := range strings.SplitSeq(a.header, "\n") {
		if name, value, ok := strings.Cut(line, ": "); ok {
			h.Set(name, value)
		}
	}
	var body io.Reader = strings.NewReader(a.body)
	if a.cut {
		body = io.MultiReader(body, broken{})
	}
	return &http.Response{StatusCode: a.status, Status: http.StatusText(a.status), Header: h, Body: io.NopCloser(body), Request: r}, nil
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func ask(ctx context.Context, rt http.RoundTripper, method string) (*http.Response, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader("{}")
	}
	req, err := http.NewRequestWithContext(ctx, method, "https://a.test/x", body)
	if err != nil {
		return nil, err
	}
	return rt.RoundTrip(req)
}

func errno(op string, n syscall.Errno) error {
	return &net.OpError{Op: op, Net: "tcp", Err: os.NewSyscallError(op, n)}
}

var helped = told{status: 200, body: "{}"}

// TestWhatIsAskedAgain: every fault once and then a good answer, for each method.
func TestWhatIsAskedAgain(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault told
		again bool
	}{
		{"200", helped, false},
		{"204", told{status: 204}, false},
		{"302", told{status: 302}, false},
		{"400", told{status: 400}, false},
		{"401", told{status: 401}, false},
		{"403", told{status: 403, header: "Retry-After: 1"}, false},
		{"404", told{status: 404}, false},
		{"409", told{status: 409}, false},
		{"422", told{status: 422}, false},
		{"429", told{status: 429}, false},
		{"a secondary limit of GitHub's", told{status: 429, header: "X-Ratelimit-Remaining: 4000\nX-Ratelimit-Reset: 1"}, false},
		{"403 that is a limit", told{status: 403, header: "X-Ratelimit-Remaining: 4000"}, false},
		{"500", told{status: 500}, false},
		{"501", told{status: 501}, false},
		{"502", told{status: 502}, true},
		{"503", told{status: 503}, true},
		{"504", told{status: 504}, true},
		{"a reset in the body of an error", told{status: 500, body: "oops", cut: true}, true},
		{"refused", told{err: errno("connect", syscall.ECONNREFUSED)}, true},
		{"reset", told{err: errno("read", syscall.ECONNRESET)}, true},
		{"broken pipe", told{err: errno("write", syscall.EPIPE)}, true},
		{"cut before the answer", told{err: io.EOF}, true},
		{"cut in the body", told{status: 200, body: "{", cut: true}, true},
		{"the name server stumbles", told{err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}, true},
		{"no such name", told{err: &net.DNSError{Err: "no such host", IsNotFound: true}}, false},
		{"time ran out", told{err: &net.DNSError{Err: "i/o timeout", IsTimeout: true, IsTemporary: true}}, false},
		{"no answer", told{after: time.Hour}, false},
		{"anything else", told{err: errors.New("malformed HTTP response")}, false},
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			t.Run(c.name+"/"+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &scripted{answers: []told{c.fault, helped}}
					begun := time.Now()
					resp, err := ask(t.Context(), Patient(s), method)
					want := 1
					if c.again && (method == "GET" || method == "HEAD") {
						want = 2
						if err != nil || resp.StatusCode != 200 {
							t.Errorf("%v, %v: asking again did not help", resp, err)
						}
						if took := time.Since(begun); took < shortPause || took > time.Second {
							t.Errorf("the pause was %v", took)
						}
					}
					if len(s.asked) != want {
						t.Errorf("asked %d times, want %d", len(s.asked), want)
					}
				})
			})
		}
	}
	t.Run("a GET with a body", func(t *testing.T) {
		s := &scripted{answers: []told{{status: 502}}}
		req, _ := http.NewRequestWithContext(t.Context(), "GET", "https://a.test/", strings.NewReader("{}"))
		if _, err := Patient(s).RoundTrip(req); err != nil || len(s.asked) != 1 {
			t.Errorf("%v, asked %d times", err, len(s.asked))
		}
	})
}

func TestThreeTries(t *testing.T) {
	for _, fault := range []told{{status: 503}, {err: errno("connect", syscall.ECONNREFUSED)}} {
		totals := map[time.Duration]bool{}
		for range 20 {
			synctest.Test(t, func(t *testing.T) {
				s := &scripted{answers: []told{fault}}
				begun := time.Now()
				resp, err := ask(t.Context(), Patient(s), "GET")
				if len(s.asked) != tries {
					t.Errorf("asked %d times", len(s.asked))
				}
				if (err == nil) != (fault.err == nil) || (err == nil && resp.StatusCode != fault.status) {
					t.Errorf("%v, %v is not the last answer", resp, err)
				}
				totals[time.Since(begun)] = true
			})
		}
		if len(totals) < 15 {
			t.Errorf("%d different waits of 20: they are hardly random", len(totals))
		}
	}
}

func TestPause(t *testing.T) {
	for try, bound := range map[int]time.Duration{1: time.Second, 2: 4 * time.Second, 3: longPause, 7: longPause} {
		if low, high := pause(try, 0), pause(try, 1); low != shortPause || high != bound {
			t.Errorf("after try %d: %v to %v, want 250ms to %v", try, low, high, bound)
		}
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		header func(now time.Time) string
		within time.Duration // of the context; 0: no limit
		wait   time.Duration // -1: it is not asked again
	}{
		{"seconds", 429, after("7"), 0, 7 * time.Second},
		{"seconds of a 503", 503, after("7"), 0, 7 * time.Second},
		{"a date", 429, date(9 * time.Second), 0, 9 * time.Second},
		{"a date of a 502", 502, date(30 * time.Second), 0, 30 * time.Second},
		{"none at all", 429, after("0"), 0, 0},
		{"a date that is past", 429, date(-time.Hour), 0, 0},
		{"as long as is waited", 429, after("45"), 0, 45 * time.Second},
		{"longer than is waited", 429, after("46"), 0, -1},
		{"a date in an hour", 503, date(time.Hour), 0, -1},
		{"within the check", 429, after("44"), 46 * time.Second, 44 * time.Second},
		{"beyond the check", 429, after("45"), 45 * time.Second, -1},
		{"the limit's end", 429, reset(20*time.Second, "0"), 0, 20 * time.Second},
		{"the limit's end, which is far", 429, reset(time.Hour, "0"), 0, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if c.within > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.within)
					defer cancel()
				}
				begun := time.Now()
				s := &scripted{answers: []told{{status: c.status, header: c.header(begun)}, helped}}
				resp, err := ask(ctx, Patient(s), "GET")
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(begun)
				if c.wait < 0 {
					if resp.StatusCode != c.status || took != 0 || len(s.asked) != 1 {
						t.Errorf("status %d after %v and %d tries, want %d at once", resp.StatusCode, took, len(s.asked), c.status)
					}
					p := Status("GitHub", resp.StatusCode, resp.Header, time.Now())
					if !strings.Contains(p.Hint, "try again at ") {
						t.Errorf("%q does not say when", p)
					}
				} else if resp.StatusCode != 200 || took < c.wait || took > c.wait+time.Second {
					t.Errorf("status %d after %v, want %v", resp.StatusCode, took, c.wait)
				}
			})
		})
	}
	// GitHub tells with every answer when its limit begins again: that says nothing
	// about a server that stumbles.
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: []told{{status: 502, header: reset(time.Hour, "59")(time.Now())}, helped}}
		if resp, err := ask(t.Context(), Patient(s), "GET"); err != nil || resp.StatusCode != 200 {
			t.Errorf("%v, %v", resp, err)
		}
	})
}

// TestNotAllComeAtOnce: of those who were told the same moment, each comes a little
// after it, at random.
func TestNotAllComeAtOnce(t *testing.T) {
	took := map[time.Duration]bool{}
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			if _, err := ask(t.Context(), Patient(&scripted{answers: []told{{status: 503, header: "Retry-After: 7"}, helped}}), "GET"); err != nil {
				t.Error(err)
			}
			took[time.Since(begun)] = true
		})
	}
	for d := range took {
		if d < 7*time.Second || d > 7*time.Second+shortPause {
			t.Errorf("it was asked again after %v", d)
		}
	}
	if len(took) < 15 {
		t.Errorf("%d different waits of 20: they are hardly random", len(took))
	}
}

func after(s string) func(time.Time) string {
	return func(time.Time) string { return "Retry-After: " + s }
}

func date(in time.Duration) func(time.Time) string {
	return func(now time.Time) string { return "Retry-After: " + now.Add(in).UTC().Format(http.TimeFormat) }
}

func reset(in time.Duration, remaining string) func(time.Time) string {
	return func(now time.Time) string {
		return fmt.Sprintf("X-RateLimit-Remaining: %s\nX-RateLimit-Reset: %d", remaining, now.Add(in).Unix())
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{answers: []told{{status: 429, header: "Retry-After: 40"}}}
		ctx, cancel := context.WithCancel(t.Context())
		begun := time.Now()
		time.AfterFunc(10*time.Second, cancel)
		_, err := ask(ctx, Patient(s), "GET")
		if took := time.Since(begun); !errors.Is(err, context.Canceled) || took != 10*time.Second || len(s.asked) != 1 {
			t.Errorf("%v after %v and %d tries", err, took, len(s.asked))
		}
	})
}

// TestTimeLimits: a try ends after 15 s, wherever it stands, and is not repeated.
func TestTimeLimits(t *testing.T) {
	for name, slow := range map[string]http.RoundTripper{
		"no answer": &scripted{answers: []told{{after: time.Hour}}},
		"no end": roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(drip{r.Context()})}, nil
		}),
		"an end when it is hung up on": roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(polite{r.Context()})}, nil
		}),
	} {
		for kind, base := range map[string]http.RoundTripper{"patient": Patient(slow), "not patient": slow} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, err := New("https://a.test", Options{Base: base})
					if err != nil {
						t.Fatal(err)
					}
					begun := time.Now()
					resp, err := c.R().SetContext(t.Context()).Get("/x")
					took := time.Since(begun)
					if p := wantCause(t, ReadJSON("GitHub", resp, err), Unreachable); !strings.Contains(p.Text, "timed out") || took != requestLimit {
						t.Errorf("%q after %v", p, took)
					}
				})
			})
		}
	}
	t.Run("all tries together", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, err := New("https://a.test", Options{Base: Patient(&scripted{answers: []told{{status: 503, header: "Retry-After: 1", after: 14 * time.Second}}})})
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			resp, err := c.R().SetContext(t.Context()).Get("/x")
			if took := time.Since(begun); took > AskingLimit {
				t.Errorf("it took %v", took)
			}
			_ = ReadJSON("GitHub", resp, err)
		})
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// drip is a body of one byte a second.
type drip struct{ ctx context.Context }

func (d drip) Read(p []byte) (int, error) {
	p[0] = 'x'
	return 1, sleep(d.ctx, time.Second)
}

// polite is a body that ends, as if that were all of it, when its reader has gone.
type polite struct{ ctx context.Context }

func (p polite) Read([]byte) (int, error) {
	<-p.ctx.Done()
	return 0, io.EOF
}
