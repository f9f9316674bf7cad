package doctor

import (
	"context"
	"errors"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/transport"
)

// Fail completes a finding with why there is no answer: wrong where the answer was
// no, not known where there was none. The error's hint is what to do next.
func (f *Finding) Fail(err error) {
	text, hint := hinted(err)
	var p *transport.Problem
	switch {
	case errors.As(err, &p):
		text, hint = p.Text, p.Advice()
		f.State = NotKnown
		switch p.Cause {
		case transport.Credentials:
			f.State, f.Denied = Wrong, true
		case transport.NotFound, transport.Refused:
			f.State = Wrong
		case transport.Unset:
			f.State = Missing
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		text, hint, f.State = err.Error(), "", NotKnown
	default:
		f.State = Wrong
	}
	if hint == "" && f.State == NotKnown {
		hint = "try again in a minute"
	}
	f.Is(f.State, hint, "%s", text)
}

// hinted divides an error into what went wrong and what to do about it. A hint that is
// one of our own commands can be pasted.
func hinted(err error) (text, hint string) {
	text, hint = say.HintOf(err)
	if strings.HasPrefix(hint, "catalog-runbook ") {
		hint = "`" + hint + "`"
	}
	return text, hint
}

// unreached is Fail for the address of a service. If there was no connection, the
// person can try the address without this program; source says where it is set.
func (f *Finding) unreached(err error, address, source string) {
	f.Fail(err)
	var p *transport.Problem
	if errors.As(err, &p) && p.NoConnection {
		f.Next = clean.Linef("try `curl -I %s`; check your network, and %s", quoted(address), source)
	}
}

// untold is Fail for what is only worth having.
func (f *Finding) untold(err error) {
	f.Fail(err)
	f.State, f.Denied = NotKnown, false
}
