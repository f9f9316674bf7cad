// Package transport makes the HTTP clients for all services, and explains in a
// Problem why an answer could not be had.
//
// Go's default client and resty's have no time limit, follow redirects with
// credentials and read bodies of any length. A client made here does none of
// that: credentials go to one origin only, a redirect to another host or to
// plain HTTP is not followed, bodies end at 4 MiB and a request at 15 s. Retries and
// ETags are left to the transport below it: see Patient.
package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"catalog-runbook/runbook/pattern"
)

// Limits of one request, whatever the client.
const (
	AskingLimit  = 45 * time.Second // with all retries
	BodyLimit    = 4 << 20          // bytes
	MaxRedirects = 3
)

// requestLimit is how long one try may take, including the body of the answer.
const requestLimit = 15 * time.Second

// UserAgent is sent with every request; GitHub refuses requests without one.
const UserAgent = "catalog-runbook"

// errReadOnly is returned, wrapped, for a request that would change something in a
// dry run.
var errReadOnly = errors.New("a dry run sends only GET and HEAD requests")

// Options describe one client.
type Options struct {
	// Sign adds credentials to a request. It is called only for requests to
	// the origin that the client was made for. Nil sends none.
	Sign func(*http.Request)
	// ReadOnly refuses every method but GET and HEAD.
	ReadOnly bool
	// Base sends the requests. Nil means the hardened transport.
	Base http.RoundTripper
}

// New returns a client for the service at baseURL, which must be an absolute
// http or https URL. The client keeps no cookies and may be used concurrently.
func New(baseURL string, o Options) (*resty.Client, error) {
	u, err := Origin(baseURL)
	if err != nil {
		return nil, err
	}
	c := resty.NewWithClient(&http.Client{
		Timeout:       AskingLimit,
		Transport:     RoundTripper(u, o),
		CheckRedirect: sameOrigin,
	})
	c.SetBaseURL(strings.TrimRight(baseURL, "/"))
	c.SetHeader("User-Agent", UserAgent)
	c.SetResponseBodyLimit(BodyLimit)
	c.SetRetryCount(0)
	c.SetLogger(silent{}) // resty's own logger writes over the screen
	return c, nil
}

// Origin parses a service's address and checks that it is absolute. The error quotes
// the address without the parts that can hold a secret.
func Origin(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil { // whose text repeats parts of the address
		return nil, fmt.Errorf("reading the address %q: not a URL", withoutSecrets(address))
	}
	if (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" {
		return nil, fmt.Errorf("reading the address %q: want http:// or https:// and a host", withoutSecrets(address))
	}
	return u, nil
}

// The parts of an address that can hold a secret: the user information, in which a
// password can contain a slash, and everything after the path.
var (
	userPart  = pattern.Lazy(`(^|[\s"])([A-Za-z][A-Za-z0-9+.-]*://)?[^\s"]*@`)
	queryPart = pattern.Lazy(`[?#][^\s"]*`)
)

// withoutSecrets removes such parts from the addresses in a text, even from those that
// can't be parsed.
func withoutSecrets(text string) string {
	return userPart().ReplaceAllString(queryPart().ReplaceAllString(text, ""), "$1$2")
}

// RoundTripper returns the hardened transport for one origin, which New uses, for
// packages with an http.Client of their own.
func RoundTripper(origin *url.URL, o Options) http.RoundTripper {
	base := o.Base
	if base == nil {
		base = hardened
	}
	if _, limits := base.(*patient); !limits {
		base = once{base}
	}
	return &guarded{origin: origin, options: o, base: base}
}

// hardened is shared so that checks reuse connections.
var hardened = Hardened(nil)

// Hardened returns a transport that never waits without a limit, and takes the proxy
// from the environment. dial opens its connections; nil dials the network.
func Hardened(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	if dial == nil {
		dial = (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: proxyAnswer,
		DialContext:            dial,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  10 * time.Second,
		IdleConnTimeout:        60 * time.Second,
		MaxIdleConnsPerHost:    4,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	}
}

type guarded struct {
	origin  *url.URL
	options Options
	base    http.RoundTripper
}

// RoundTrip sends the request, with credentials only where they belong.
func (g *guarded) RoundTrip(req *http.Request) (*http.Response, error) {
	if g.options.ReadOnly && req.Method != http.MethodGet && req.Method != http.MethodHead {
		if req.Body != nil {
			_ = req.Body.Close() // http.RoundTripper promises it, also on errors
		}
		return nil, fmt.Errorf("%s to %s: %w", req.Method, req.URL.Host, errReadOnly)
	}
	if g.options.Sign != nil && SameOrigin(g.origin, req.URL) {
		req = req.Clone(req.Context())
		g.options.Sign(req)
	}
	return g.base.RoundTrip(req)
}

// SameOrigin reports whether two addresses have the same scheme, host and port.
func SameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

// Loopback reports whether an address is on this machine.
func Loopback(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback())
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}

// sameOrigin follows redirects within one origin, which a renamed repository needs, and
// returns any other redirect as the answer.
func sameOrigin(req *http.Request, via []*http.Request) error {
	if len(via) > MaxRedirects || !SameOrigin(via[0].URL, req.URL) {
		return http.ErrUseLastResponse
	}
	return nil
}

type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// timedOut reports whether err is a timeout and not a cancellation.
func timedOut(err error) bool {
	var n net.Error
	return errors.Is(err, context.DeadlineExceeded) || (errors.As(err, &n) && n.Timeout())
}
