package registry

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// maxRequests are enough for what all may read: a token, what the tag leads to,
// the manifest that an index names, and the configuration. See Inspect for more.
const maxRequests = 4 // to the registry and its token service

var (
	errBudget = errors.New("the requests for one inspection are used up")
	errTwice  = errors.New("the registry is being asked already")
)

// wire sends the requests of one inspection. It counts them, limits their time,
// and keeps credentials to the registry and its token service. The transport
// below it limits each try and reads the answer whole, with a limit too.
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
	most      int // how many may be counted
	redirects int // to storage hosts
	status    int // of the last answer
	header    http.Header
}

func (w *wire) sent() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// left reports whether n more requests may be sent.
func (w *wire) left(n int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count+n <= w.most
}

// more lets one request more pass.
func (w *wire) more() { w.set(func() { w.most++ }) }

// anew lets as many pass as at the beginning: those sent so far were in vain.
func (w *wire) anew() { w.set(func() { w.most = w.count + maxRequests }) }

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
	defer cancel()
	resp, err := w.inner.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.status, w.header = resp.StatusCode, resp.Header.Clone()
	w.mu.Unlock()
	return resp, nil
}

// admit counts a request, or refuses it.
func (w *wire) admit(req *http.Request) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	home := transport.SameOrigin(w.origin, req.URL)
	if !home && (w.realm == nil || !transport.SameOrigin(w.realm, req.URL)) {
		req.Header.Del("Authorization")
		if w.redirects++; !w.storage || w.redirects > transport.MaxRedirects || (req.URL.Scheme != "https" && w.origin.Scheme == "https") {
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
	if w.count >= w.most {
		return errBudget
	}
	w.count++
	w.status, w.header = 0, nil
	return nil
}
