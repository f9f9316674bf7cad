package registry

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

const (
	maxRequests  = 4                // to the registry and its token service
	maxRedirects = 3                // to storage hosts
	requestLimit = 45 * time.Second // with all that it takes to ask again; the transport limits each try
	bodyLimit    = 4 << 20          // bytes
)

var (
	errBudget  = errors.New("the requests for one inspection are used up")
	errTooLong = errors.New("the answer is too long")
	errTwice   = errors.New("the registry is being asked already")
)

// wire sends the requests of one inspection. It counts them, limits their time
// and size, and keeps credentials to the registry and its token service.
type wire struct {
	origin *url.URL
	limit  func(context.Context) (context.Context, context.CancelFunc)
	inner  http.RoundTripper

	mu        sync.Mutex
	realm     *url.URL // of the token service, once known
	pinging   bool     // one request, whatever the library tries beside it
	pinged    bool
	storage   bool // a blob is asked for: the registry may redirect to a storage host
	count     int
	redirects int
	status    int // of the last answer
	header    http.Header
}

func (w *wire) sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// left reports whether n more requests may be sent.
func (w *wire) left(n int) bool { return w.sent()+n <= maxRequests }

// set changes what the wire lets pass.
func (w *wire) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// last returns the status and header of the last answer.
func (w *wire) last() (int, http.Header) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status, w.header
}

// RoundTrip sends one request or says why it is not sent.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	// The library guesses plain HTTP from some names and addresses, and tries
	// HTTPS first on others; which of them it is has been decided. A redirect
	// is not rewritten: one from HTTPS to HTTP has to show as what it is.
	if req.URL.Host == w.origin.Host && req.Response == nil {
		req.URL.Scheme = w.origin.Scheme
	}
	req.Header.Set("User-Agent", transport.UserAgent)
	if err := w.admit(req); err != nil {
		return nil, err
	}
	ctx, cancel := w.limit(req.Context())
	resp, err := w.inner.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	w.mu.Lock()
	w.status, w.header = resp.StatusCode, resp.Header.Clone()
	w.mu.Unlock()
	resp.Body = &body{ReadCloser: resp.Body, left: bodyLimit, cancel: cancel}
	return resp, nil
}

// admit counts a request, or refuses it.
func (w *wire) admit(req *http.Request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	home := transport.SameOrigin(w.origin, req.URL)
	if !home && (w.realm == nil || !transport.SameOrigin(w.realm, req.URL)) {
		req.Header.Del("Authorization")
		if w.redirects++; !w.storage || w.redirects > maxRedirects || (req.URL.Scheme != "https" && w.origin.Scheme == "https") {
			return &transport.Problem{Cause: transport.Credentials,
				Text: clean.Linef("%s sends the question to %s, which was not followed", w.origin.Host, req.URL.Host).String(),
				Hint: "sign in, or correct the image's address in the settings"}
		}
		return nil
	}
	if w.pinging {
		if w.pinged {
			return errTwice
		}
		w.pinged = true
	}
	if w.count >= maxRequests {
		return errBudget
	}
	w.count++
	w.status, w.header = 0, nil
	return nil
}

// body ends at a limit and frees the request's timer when it is closed.
type body struct {
	io.ReadCloser
	left   int64
	cancel context.CancelFunc
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

func (b *body) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
