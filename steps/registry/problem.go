package registry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	oci "github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// code reports whether the registry returned one of the codes (distribution
// specification, "Error Codes").
func code(err error, codes ...oci.ErrorCode) bool {
	var e *oci.Error
	if !errors.As(err, &e) {
		return false
	}
	return slices.ContainsFunc(e.Errors, func(d oci.Diagnostic) bool { return slices.Contains(codes, d.Code) })
}

// unaccepted reports whether a registry has a tag's manifest only in a form that the
// request doesn't accept. distribution (as of 3.1.2) answers that with 404 and
// MANIFEST_UNKNOWN, as for a tag that doesn't exist; only the message differs.
func unaccepted(err error) bool {
	var e *oci.Error
	return errors.As(err, &e) && strings.Contains(strings.ToLower(e.Error()), "accept header")
}

func status(err error) int {
	var e *oci.Error
	if errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}

// refused returns the status of a refusal, or 0. An unknown repository counts: it may
// only be hidden. A rate limit doesn't, whatever its status: asking as someone else
// would only use it up.
func (i *inspection) refused(err error) int {
	s := status(err)
	switch {
	case s != 0 && transport.Status(i.host(), s, i.wire.header, i.c.now()).Cause == transport.RateLimited:
		return 0
	case code(err, oci.TooManyRequestsErrorCode):
		return 0
	case s == http.StatusUnauthorized, s == http.StatusForbidden,
		code(err, oci.UnauthorizedErrorCode, oci.DeniedErrorCode, oci.NameUnknownErrorCode):
		return s
	}
	return 0
}

// denied is the Problem of a refusal. Registries give the same answer for what doesn't
// exist and for what may not be seen.
func (i *inspection) denied(was int, who authn.Authenticator) error {
	if p := transport.Status(i.host(), was, i.wire.header, i.c.now()); p.Cause == transport.RateLimited {
		return p
	}
	p := &transport.Problem{Cause: transport.Credentials, Status: was,
		Text: fmt.Sprintf("%s has no %s that your account can see: it doesn't exist, or it is private", i.host(), i.repo.RepositoryStr()),
		Hint: "check the image's name, or log in with an account that can read it: `docker login " + i.host() + "`"}
	if who == authn.Anonymous {
		p.Text = fmt.Sprintf("%s has no public image %s: it doesn't exist, or it is private", i.host(), i.repo.RepositoryStr())
	}
	if i.host() == ghcr {
		p.Hint += ", or use a classic GitHub token with read:packages"
	}
	if was == http.StatusNotFound {
		p.Cause = transport.NotFound
	}
	return p
}

// misfit reports whether the token service isn't at the known address.
func (i *inspection) misfit(err error) bool {
	switch s := status(err); {
	case s == http.StatusTooManyRequests, s >= 500:
		return false
	case s != 0:
		return true
	}
	var known *transport.Problem
	if errors.As(err, &known) {
		return true // sent elsewhere
	}
	return i.wire.status == http.StatusOK && i.ctx.Err() == nil && !errors.Is(err, errBudget)
}

// orProblem is problem, but keeps errBudget for callers that can do without an answer.
func (i *inspection) orProblem(doing string, err error) error {
	if errors.Is(err, errBudget) {
		return err
	}
	return i.problem(doing, err)
}

// problem turns the error of an exchange into a *transport.Problem.
func (i *inspection) problem(doing string, err error) error {
	was, header := i.wire.status, i.wire.header
	broken := func(format string, args ...any) error {
		return &transport.Problem{Cause: transport.Broken, Status: was, Text: clean.Linef(format, args...).String()}
	}
	var known *transport.Problem
	switch {
	case errors.As(err, &known):
		return known
	case i.ctx.Err() != nil:
		return transport.Failure(i.host(), i.ctx.Err())
	case errors.Is(err, errBudget):
		return &transport.Problem{Cause: transport.Unreachable,
			Text: fmt.Sprintf("stopped asking %s: %d requests went into %s", i.host(), i.wire.count, doing),
			Hint: "verify again: it continues from here"}
	case errors.Is(err, transport.ErrTooLong):
		return broken("%s returned more than %d MiB", i.host(), transport.BodyLimit>>20)
	case brokeOff(was, err):
		return &transport.Problem{Cause: transport.Unreachable, Status: was,
			Text: i.host() + " closed the connection before its response was complete", Hint: "try again"}
	}
	if s := status(err); s != 0 {
		p := transport.Status(i.host(), s, header, i.c.now())
		if code(err, oci.TooManyRequestsErrorCode) && p.Cause != transport.RateLimited {
			p = transport.Status(i.host(), http.StatusTooManyRequests, header, i.c.now())
		}
		return p
	}
	if was == http.StatusOK && isPage(header) {
		return loginPage(i.host(), was)
	}
	if was == http.StatusOK && !unreached(err) {
		return broken("%s returned an invalid response while %s", i.host(), doing)
	}
	p := transport.Failure(i.host(), err)
	if errors.Is(err, http.ErrSchemeMismatch) && transport.Loopback(i.wire.origin) {
		p.Text, p.NoConnection = i.host()+" doesn't use TLS, and is only asked over TLS", false
		p.Hint = "if this registry has no TLS, set `plain_http = true` under [image] in catalog-runbook.toml"
	}
	return p
}

// unreached reports whether err comes from the connection, not from what was read
// over it.
func unreached(err error) bool {
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, context.DeadlineExceeded)
}

// brokeOff reports whether the connection ended, rather than the time for it. status
// is that of the answer, 0 if there was none.
func brokeOff(status int, err error) bool {
	var n *net.OpError
	return errors.Is(err, io.ErrUnexpectedEOF) || (status == 0 && errors.Is(err, io.EOF)) ||
		(errors.As(err, &n) && n.Op == "read" && !n.Timeout())
}

func isPage(h http.Header) bool {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return kind == "text/html"
}

func loginPage(host string, status int) error {
	return &transport.Problem{Cause: transport.Credentials, Status: status,
		Text: host + " returned a web page instead of data, most likely a login page",
		Hint: "log in to the network or the proxy that shows the page, or correct the image's address in the settings"}
}
