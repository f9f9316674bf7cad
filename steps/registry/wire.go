package registry

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"sync/atomic"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// maxRequests is enough for a public image: a token, what the tag leads to, the
// manifest that an index names, and the configuration. See Inspect for more.
const maxRequests = 4 // to the registry and its token service

var errBudget = errors.New("the request limit of one check is reached")

// wire sends the requests of one inspection, one at a time. It counts them, limits
// their time, and keeps credentials to the registry and its token service. The
// transport below it limits each try and reads the answer whole, with a limit too.
type wire struct {
	origin *url.URL
	limit  func(context.Context) (context.Context, context.CancelFunc)
	inner  http.RoundTripper

	realm     *url.URL // of the token service, once known
	storage   bool     // a blob is asked for: the registry may redirect to a storage host
	count     int
	most      int // how many may be counted
	redirects int // to storage hosts
	status    int // of the last answer; 0 if there was none
	header    http.Header
}

// renew allows as many requests as at the beginning: those sent so far were in vain.
func (w *wire) renew() { w.most = w.count + maxRequests }

// RoundTrip sends one request or returns why it isn't sent.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	// The library guesses plain HTTP from some names and addresses, and tries
	// HTTPS first on others; which of them it is has been decided. A redirect
	// isn't rewritten: one from HTTPS to HTTP has to show as what it is.
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
	w.status, w.header = resp.StatusCode, resp.Header.Clone()
	return resp, nil
}

// admit counts a request, or refuses it.
func (w *wire) admit(req *http.Request) error {
	if !transport.SameOrigin(w.origin, req.URL) && (w.realm == nil || !transport.SameOrigin(w.realm, req.URL)) {
		req.Header.Del("Authorization")
		if w.redirects++; !w.storage || w.redirects > transport.MaxRedirects || (req.URL.Scheme != "https" && w.origin.Scheme == "https") {
			return &transport.Problem{Cause: transport.Credentials,
				Text: clean.Linef("%s redirects to %s; the redirect was not followed", w.origin.Host, req.URL.Host).String(),
				Hint: "log in, or correct the image's address in the settings"}
		}
		return nil
	}
	if w.count >= w.most {
		return errBudget
	}
	w.count++
	w.status, w.header = 0, nil
	return nil
}

// single lets one request pass. The library tries HTTPS and HTTP at the same time
// under some names.
type single struct {
	wire *wire
	sent atomic.Bool
}

// RoundTrip sends the first request, and refuses all others. A redirect to another
// origin is left to the wire, which says so.
func (s *single) RoundTrip(req *http.Request) (*http.Response, error) {
	if s.sent.Swap(true) && (req.Response == nil || transport.SameOrigin(s.wire.origin, req.URL)) {
		return nil, errors.New("another check is already asking the registry")
	}
	return s.wire.RoundTrip(req)
}
