package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"catalog-runbook/runbook/say"
)

// Cause says why there is no answer.
type Cause int

// The causes. NotFound is one of them because a service may answer 404 for what the
// client may not see; the caller decides what it means.
const (
	Unreachable Cause = iota // no connection, no answer in time, cut off
	Credentials              // missing, refused, or not enough
	RateLimited              // asked too often
	NotFound                 // 404
	Refused                  // the service would not do it: another 4xx
	Broken                   // the service failed, or its answer makes no sense
	ReadOnly                 // the request would have changed something in a dry run
	Cancelled                // the caller gave up
	Unset                    // nothing says where or what to ask
)

// Problem is the error of a request that got no usable answer. It never means "no": a
// check that gets one is unknown.
type Problem struct {
	Cause  Cause
	Status int    // HTTP status, 0 where there was no answer
	Text   string // what happened, a clause without a final period
	Hint   string // what a person can do about it; "" for what usually helps
	// NoConnection means that no connection could be made and nothing explains why:
	// the address may be wrong.
	NoConnection bool
}

// Error returns the text and, on the same line, the hint, or what usually helps
// against such a cause.
func (p *Problem) Error() string {
	if advice := p.Advice(); advice != "" {
		return p.Text + "; hint: " + advice
	}
	return p.Text
}

// Advice returns what a person can do: the hint, or what usually helps against such a
// cause. It is "" if nothing does.
func (p *Problem) Advice() string { return cmp.Or(p.Hint, hints[p.Cause]) }

var hints = map[Cause]string{
	Credentials: "use an account that can see it",
	RateLimited: "try again later",
	NotFound:    "check the names and the address in the settings, or use an account that can see it",
	Refused:     "check the names and the address in the settings",
	Broken:      "try again in a minute; if it keeps happening, check what is between you and the service, such as a proxy",
}

// Divide returns the text of an error and, apart from it, what a person can do: the advice
// of the Problem at its end, or the hint that say.Hint has added to it. The advice is "" if
// there is none.
func Divide(err error) (text, advice string) {
	var p *Problem
	if errors.As(err, &p) {
		if rest, ok := strings.CutSuffix(err.Error(), p.Error()); ok {
			return rest + p.Text, p.Advice()
		}
	}
	return say.HintOf(err)
}

// CauseOf returns the cause of the Problem in err's chain, and whether there is one.
func CauseOf(err error) (Cause, bool) {
	var p *Problem
	if errors.As(err, &p) {
		return p.Cause, true
	}
	return 0, false
}

// StatusOf returns the HTTP status of the Problem in err's chain, 0 if there is none.
func StatusOf(err error) int {
	var p *Problem
	if errors.As(err, &p) {
		return p.Status
	}
	return 0
}

// ReadJSON checks one exchange with a service that answers in JSON. It returns nil if
// the answer has one of the wanted statuses (200 if none is given) and a JSON body, else
// a *Problem. A login page with status 200 is therefore a Problem and never an empty
// result.
func ReadJSON(service string, resp *resty.Response, err error, want ...int) error {
	if err != nil {
		return Failure(service, err)
	}
	if len(want) == 0 {
		want = []int{http.StatusOK}
	}
	status := resp.StatusCode()
	ok := false
	for _, w := range want {
		ok = ok || w == status
	}
	kind, _, _ := mime.ParseMediaType(resp.Header().Get("Content-Type"))
	switch {
	case kind == "text/html" && status/100 == 2 && len(resp.Body()) > 0:
		return &Problem{Cause: Credentials, Status: status,
			Text: service + " returned a web page instead of data, most likely a login page",
			Hint: "log in with the credentials that " + service + " or the proxy in front of it asks for"}
	case !ok:
		return Status(service, status, resp.Header(), time.Now())
	case len(resp.Body()) == 0:
		return &Problem{Cause: Broken, Status: status, Text: service + " returned an empty response"}
	}
	if kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		if kind == "" {
			kind = "no content type"
		}
		return &Problem{Cause: Broken, Status: status, Text: fmt.Sprintf("%s returned %q instead of JSON", service, kind)}
	}
	return nil
}

// Status turns an unexpected HTTP status into a Problem. It needs now for rate limits,
// which say when to ask again (GitHub's REST documentation: 403 or 429 with
// x-ratelimit-remaining 0, or retry-after).
func Status(service string, status int, h http.Header, now time.Time) *Problem {
	p := &Problem{Status: status}
	limited := status == http.StatusTooManyRequests ||
		(status == http.StatusForbidden && (h.Get("X-Ratelimit-Remaining") == "0" || h.Get("Retry-After") != ""))
	switch {
	case limited:
		p.Cause, p.Text = RateLimited, service+"'s rate limit is exceeded"
		p.Hint = "try again later"
		if at, ok := retryAt(h, now); ok {
			p.Hint = "try again at " + clock(at, now)
		}
	case status == http.StatusUnauthorized:
		p.Cause, p.Text = Credentials, service+" returned 401 (Unauthorized)"
		p.Hint = "log in, or renew your credentials"
	case status == http.StatusForbidden:
		p.Cause, p.Text = Credentials, service+" returned 403 (Forbidden)"
		p.Hint = "use an account that can read it"
	case status == http.StatusNotFound:
		p.Cause, p.Text = NotFound, service+" returned 404: it doesn't exist, or your account can't see it"
	case status == http.StatusNotModified:
		p.Cause, p.Text = Broken, service+" returned 304 (Not Modified) to an unconditional request"
	case status >= 300 && status < 400:
		p.Cause, p.Text = Credentials, fmt.Sprintf("%s redirects elsewhere (%d), most likely to a login page", service, status)
		if to, err := url.Parse(h.Get("Location")); err == nil && to.Host != "" {
			p.Text = fmt.Sprintf("%s redirects to %s (%d); the redirect was not followed", service, to.Host, status)
		}
		p.Hint = "log in, or correct the address in the settings"
	case status == http.StatusProxyAuthRequired:
		p.Cause, p.Text = Credentials, "the proxy in front of "+service+" returned 407 (Proxy Authentication Required)"
		p.Hint = proxyHint
	case status >= 500:
		p.Cause, p.Text = Broken, fmt.Sprintf("%s failed (%s)", service, strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status))))
		p.Hint = "try again in a minute"
		if at, ok := retryAfter(h, now); ok && at.After(now) {
			p.Hint = "try again at " + clock(at, now)
		}
	case status >= 400:
		p.Cause, p.Text = Refused, fmt.Sprintf("%s rejected the request (%d %s)", service, status, http.StatusText(status))
	default:
		p.Cause, p.Text = Broken, fmt.Sprintf("%s returned unexpected status %d", service, status)
	}
	return p
}

// clock writes a time with its date only if it is far away.
func clock(at, now time.Time) string {
	if at.Sub(now) > 12*time.Hour {
		return at.Local().Format("2006-01-02 15:04")
	}
	return at.Local().Format("15:04:05")
}

const proxyHint = "add the proxy's user and password to the URL in HTTPS_PROXY, or add the host to NO_PROXY"

// proxyAnswer turns a proxy's refusal to connect into a Problem.
func proxyAnswer(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusOK:
		return nil
	case resp.StatusCode == http.StatusProxyAuthRequired:
		return &Problem{Cause: Credentials, Status: resp.StatusCode, Text: "the proxy " + proxy.Host + " returned 407 (Proxy Authentication Required)", Hint: proxyHint}
	}
	return &Problem{Cause: Unreachable, Status: resp.StatusCode,
		Text: fmt.Sprintf("the proxy %s refused to connect to the service (%d %s)", proxy.Host, resp.StatusCode, http.StatusText(resp.StatusCode)),
		Hint: "check HTTPS_PROXY and NO_PROXY, or ask the proxy's administrator"}
}

const addressHint = "check your network or HTTPS_PROXY, and the address in the settings"

// Failure turns the error of an exchange that got no answer into a Problem.
func Failure(service string, err error) *Problem {
	var known *Problem
	var unknownCA x509.UnknownAuthorityError
	var badCert *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var dial *net.OpError
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, errReadOnly):
		return &Problem{Cause: ReadOnly, Text: "asking " + service + " needs a request that a dry run doesn't send", Hint: "use a token, which needs no exchange"}
	case errors.Is(err, context.Canceled):
		return &Problem{Cause: Cancelled, Text: "asking " + service + " was canceled"}
	case timedOut(err):
		return &Problem{Cause: Unreachable, Text: service + " timed out", Hint: "check your network, or try again"}
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		return &Problem{Cause: Broken, Text: fmt.Sprintf("%s returned more than %d MiB", service, BodyLimit>>20)}
	case errors.As(err, &unknownCA), errors.As(err, &badCert), errors.As(err, &header):
		return &Problem{Cause: Unreachable, Text: "can't verify the TLS certificate of " + service + ": " + rootText(err), Hint: "check the address, and the certificates that this machine trusts"}
	case errors.As(err, &dial) && dial.Op == "proxyconnect":
		return &Problem{Cause: Unreachable, Text: "can't reach the proxy for " + service + ": " + rootText(err), Hint: "check HTTPS_PROXY and NO_PROXY"}
	case notResolved(err) != "":
		return &Problem{Cause: Unreachable, Text: "can't reach " + service + ": DNS lookup for " + withoutSecrets(notResolved(err)) + " failed", Hint: addressHint, NoConnection: true}
	default:
		return &Problem{Cause: Unreachable, Text: "can't reach " + service + ": " + rootText(err), Hint: addressHint, NoConnection: true}
	}
}

// notResolved returns the host name for which no address was found, "" for another error.
func notResolved(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return cmp.Or(dns.Name, "its name")
	}
	return ""
}

// rootText drops the method and the URL that net/http wraps around an error, since the
// service is named already, and what could be a secret in any other address: that of a
// proxy, or of a redirect that can't be parsed.
func rootText(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return withoutSecrets(err.Error())
}

// retryAt reads when to ask again: Retry-After, else GitHub's x-ratelimit-reset.
func retryAt(h http.Header, now time.Time) (time.Time, bool) {
	if at, ok := retryAfter(h, now); ok {
		return at, true
	}
	return limitReset(h)
}

// retryAfter reads Retry-After, in seconds or as a date (RFC 9110, section 10.2.3).
func retryAfter(h http.Header, now time.Time) (time.Time, bool) {
	v := h.Get("Retry-After")
	if s, err := strconv.ParseInt(v, 10, 32); err == nil && s >= 0 { // 68 years at the most
		return now.Add(time.Duration(s) * time.Second), true
	}
	at, err := http.ParseTime(v)
	return at, err == nil
}

// limitReset reads GitHub's x-ratelimit-reset, in Unix seconds.
func limitReset(h http.Header) (time.Time, bool) {
	s, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64)
	return time.Unix(s, 0), err == nil
}
