package transport

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// tagging answers with an ETag, or that nothing has changed, and counts which.
type tagging struct {
	etag, body, header   string
	full, same           atomic.Int32
	unchangedWithoutCond bool
}

func (s *tagging) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{"Etag": {s.etag}, "Content-Type": {"application/json"}, "X-Ratelimit-Remaining": {fmt.Sprint(100 - s.full.Load())}}
	if name, value, ok := strings.Cut(s.header, ": "); ok {
		h.Set(name, value)
	}
	if match := r.Header.Get("If-None-Match"); s.unchangedWithoutCond || (match != "" && weak(match) == weak(s.etag)) {
		s.same.Add(1)
		h.Del("Content-Type")
		return &http.Response{StatusCode: 304, Status: "304 Not Modified", Header: h, Body: http.NoBody}, nil
	}
	s.full.Add(1)
	return &http.Response{StatusCode: 200, Status: "200 OK", Header: h, Body: io.NopCloser(strings.NewReader(s.body))}, nil
}

func (s *tagging) counts(t *testing.T, full, same int32) {
	t.Helper()
	if s.full.Load() != full || s.same.Load() != same {
		t.Errorf("%d whole answers and %d times nothing new, want %d and %d", s.full.Load(), s.same.Load(), full, same)
	}
}

// look asks with the given headers and returns the answer with its body.
func look(t *testing.T, rt http.RoundTripper, path string, headers ...string) (*http.Response, string) {
	t.Helper()
	req := newRequest(t, path, headers...)
	before := fmt.Sprint(req.Header)
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(req.Header) != before {
		t.Error("the asker's request was changed")
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func newRequest(t *testing.T, path string, headers ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "https://a.test"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	return req
}

func TestNothingNew(t *testing.T) {
	s := &tagging{etag: `"1"`, body: `{"a":1}`}
	p := Patient(s)
	look(t, p, "/x")
	resp, body := look(t, p, "/x")
	s.counts(t, 1, 1)
	if resp.StatusCode != 200 || body != s.body || resp.ContentLength != int64(len(body)) || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("the remembered answer is %+v %q", resp, body)
	}
	if got := resp.Header.Get("X-Ratelimit-Remaining"); got != "99" {
		t.Errorf("the headers are old: %q are left", got)
	}
	if _, body := look(t, p, "/x"); body != s.body {
		t.Errorf("the third time it is %q", body)
	}
	s.etag, s.body = `"2"`, `{"a":2}`
	if _, body := look(t, p, "/x"); body != s.body {
		t.Errorf("what has changed is answered with %q", body)
	}
	s.etag = `W/"2"` // a proxy that compresses
	look(t, p, "/x")
	s.counts(t, 2, 3)
}

// TestNothingIsSharedBetweenAskers: whoever asks differently is answered again.
func TestNothingIsSharedBetweenAskers(t *testing.T) {
	s := &tagging{etag: `"1"`, body: `{}`}
	p := Patient(s)
	look(t, p, "/x", "Authorization: Bearer one")
	for i, other := range []string{"Authorization: Bearer two", "X-Api-Key: one", "Cookie: a=1", "Cf-Access-Client-Secret: x", "Accept: application/json"} {
		look(t, p, "/x", other)
		s.counts(t, int32(i+2), 0)
	}
	look(t, p, "/x")
	look(t, p, "/x?page=2", "Authorization: Bearer one")
	s.counts(t, 8, 0)
	look(t, p, "/x", "Authorization: Bearer one")
	s.counts(t, 8, 1)
	for k := range p.(*patient).memory.entries {
		if bytes.Contains(k[:], []byte("one")) {
			t.Error("a credential is kept")
		}
	}
}

func TestWhatIsNotRemembered(t *testing.T) {
	for name, s := range map[string]*tagging{
		"no tag":              {body: "{}"},
		"not to be kept":      {etag: `"1"`, body: "{}", header: "Cache-Control: private, No-Store"},
		"different for all":   {etag: `"1"`, body: "{}", header: "Vary: *"},
		"too long":            {etag: `"1"`, body: strings.Repeat("x", BodyLimit+1)},
		"own condition asked": {etag: `"1"`, body: "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			p := Patient(s)
			var headers []string
			if name == "own condition asked" {
				headers = []string{`If-None-Match: "0"`}
			}
			for range 3 {
				resp, err := p.RoundTrip(newRequest(t, "/x", headers...))
				if err != nil {
					t.Fatal(err)
				}
				if n, err := io.Copy(io.Discard, resp.Body); n > BodyLimit+1 || (err != nil) != (name == "too long") {
					t.Errorf("%d bytes, %v", n, err)
				}
			}
			s.counts(t, 3, 0)
		})
	}
	t.Run("an answer to something else", func(t *testing.T) {
		s := &tagging{etag: `"1"`, body: "{}"}
		p := Patient(s)
		look(t, p, "/x")
		s.etag, s.unchangedWithoutCond = `"2"`, true
		if resp, _ := look(t, p, "/x"); resp.StatusCode != 304 {
			t.Errorf("it was believed: %d", resp.StatusCode)
		}
		s.unchangedWithoutCond = false
		if resp, _ := look(t, p, "/x"); resp.StatusCode != 200 {
			t.Errorf("the next time it is %d", resp.StatusCode)
		}
		s.counts(t, 2, 1)
	})
}

func TestTheMemoryIsBounded(t *testing.T) {
	s := &tagging{etag: `"1"`, body: strings.Repeat("x", 3<<20)}
	p := Patient(s)
	m := p.(*patient).memory
	for i := range 10 {
		look(t, p, fmt.Sprintf("/large/%d", i))
		if m.bytes > memoryBytes {
			t.Fatalf("%d bytes are kept", m.bytes)
		}
	}
	s.body = "{}"
	for i := range 3 * memoryEntries {
		look(t, p, fmt.Sprintf("/small/%d", i))
		look(t, p, "/small/0") // it is used all the time, and stays
	}
	if n := len(m.entries); n != memoryEntries || m.order.Len() != n || m.bytes < len(s.body)*n || m.bytes > 200*n {
		t.Errorf("%d entries, %d in order, %d bytes", n, m.order.Len(), m.bytes)
	}
	s.full.Store(0)
	look(t, p, "/small/0")
	look(t, p, "/small/1")
	if got := s.full.Load(); got != 1 {
		t.Errorf("%d whole answers: the entry used last was dropped, or the oldest kept", got)
	}
}

// Headers are remembered too, and may be long.
func TestLongHeadersAreCounted(t *testing.T) {
	s := &tagging{etag: `"1"`, body: "{}", header: "X-Long: " + strings.Repeat("x", 1<<20)}
	p := Patient(s)
	for i := range memoryEntries {
		look(t, p, fmt.Sprintf("/%d", i))
	}
	m := p.(*patient).memory
	kept := 0
	for _, e := range m.entries {
		kept += len(e.Value.(*entry).header.Get("X-Long"))
	}
	if kept == 0 || kept > memoryBytes || m.bytes < kept {
		t.Errorf("%d bytes of headers are kept, and %d are known of", kept, m.bytes)
	}
}

func TestTheMemoryMayBeSharedByRoutines(t *testing.T) {
	s := &tagging{etag: `"1"`, body: `{"a":1}`}
	p := Patient(s)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for n := range 50 {
				req, err := http.NewRequestWithContext(t.Context(), "GET", fmt.Sprintf("https://a.test/%d", (n+i)%7), nil)
				if err != nil {
					t.Error(err)
					return
				}
				resp, err := p.RoundTrip(req)
				if err != nil {
					t.Error(err)
					return
				}
				if body, _ := io.ReadAll(resp.Body); string(body) != s.body {
					t.Errorf("%q", body)
				}
			}
		})
	}
	group.Wait()
	m := p.(*patient).memory
	sum := 0
	for _, e := range m.entries {
		sum += e.Value.(*entry).size()
	}
	if len(m.entries) != 7 || m.bytes != sum {
		t.Errorf("%d entries of %d bytes, of which %d are known", len(m.entries), sum, m.bytes)
	}
}
