package transport

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"syscall"
	"time"
)

// How often and when a request is retried.
const (
	tries      = 3
	shortPause = 250 * time.Millisecond
	longPause  = 8 * time.Second
)

// Patient returns a transport for all clients of one world, which retries where
// that can help and revalidates known answers by their ETag (see memory). Base
// sends the requests; nil means the hardened transport.
//
// Only GET and HEAD are retried: after a 502, 503 or 504, and when the connection
// was refused or broke off; three tries in all, with a random pause that grows.
// Retry-After is obeyed if it is within AskingLimit. A 429 is retried only if it
// says when: otherwise the service may want a minute of rest or more, and every
// try prolongs it (GitHub's REST documentation, "Rate limits": secondary limits).
// A pause that would outlast the request's context is not begun: the answer that
// asked for it is returned instead. A timeout is not retried, because waiting was
// the try. A pause ends at once with its context.
func Patient(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = hardened
	}
	return &patient{base: base, random: rand.Float64, memory: newMemory()}
}

type patient struct {
	base   http.RoundTripper
	random func() float64 // from 0 up to 1
	memory *memory
}

// RoundTrip sends a request, and again while its answer calls for it.
func (p *patient) RoundTrip(req *http.Request) (*http.Response, error) {
	if (req.Method != http.MethodGet && req.Method != http.MethodHead) || (req.Body != nil && req.Body != http.NoBody) {
		return attempt(p.base, req)
	}
	q := p.memory.question(req)
	for n := 1; ; n++ {
		resp, err := attempt(p.base, q.req)
		wait, again := p.wait(n, resp, err)
		if !again || !timeFor(req.Context(), wait) {
			if err != nil {
				return nil, err
			}
			return p.memory.answer(q, resp), nil
		}
		if err := sleep(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

// wait returns how long to pause after the try with the given number, and whether
// to retry at all.
func (p *patient) wait(try int, resp *http.Response, err error) (time.Duration, bool) {
	if try >= tries {
		return 0, false
	}
	if err != nil {
		return pause(try, p.random()), passing(err)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return 0, false
	}
	now := time.Now()
	at, told := retryAfter(resp.Header, now)
	limited := resp.StatusCode == http.StatusTooManyRequests
	if !told && limited && resp.Header.Get("X-Ratelimit-Remaining") == "0" {
		at, told = limitReset(resp.Header)
	}
	if !told {
		return pause(try, p.random()), !limited
	}
	wait := max(at.Sub(now), 0)
	// Clients that were told the same moment should not all come at that moment.
	return wait + time.Duration(p.random()*float64(shortPause)), wait <= AskingLimit
}

// pause returns how long to wait after a try: at random from 250 ms to a bound,
// which is 1 s after the first try, then 4 s, and never more than 8 s.
func pause(try int, random float64) time.Duration {
	bound := min(shortPause<<(2*try), longPause)
	return shortPause + time.Duration(random*float64(bound-shortPause))
}

// timeFor reports whether a wait ends before the context does.
func timeFor(ctx context.Context, wait time.Duration) bool {
	end, limited := ctx.Deadline()
	return ctx.Err() == nil && (!limited || time.Until(end) > wait)
}

func sleep(ctx context.Context, wait time.Duration) error {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// passing reports whether a failure may be gone in a moment: a connection that
// was refused or broke off. A name that does not exist, a certificate that is
// not trusted and a timeout are not.
func passing(err error) bool {
	if timedOut(err) {
		return false
	}
	for _, one := range []error{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, one) {
			return true
		}
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.IsTemporary
	}
	var reset streamReset
	return errors.As(err, &reset)
}

// streamReset matches the error of an HTTP/2 stream that broke off. net/http does
// not export its type, and lets errors.As fill one with the same fields.
type streamReset struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

// Error is part of error.
func (streamReset) Error() string { return "the stream was reset" }
