package doctor

import (
	"context"
	"errors"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// atAddress is how the hint ends of an address at which nobody can be reached.
const atAddress = "the network and at the address in the settings"

// problem completes a finding with why no answer could be had: wrong where the
// answer was no, not known where there was none. A hint of the error is what to do
// next.
func (f Finding) problem(err error) Finding {
	text, hint := err.Error(), ""
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
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		f.State = NotKnown
	default:
		f.State = Wrong
		text, hint, _ = strings.Cut(text, "; hint: ")
	}
	if hint == "" && f.State == NotKnown {
		hint = "ask again in a minute"
	}
	f.Found, f.Next = clean.Line(text), clean.Line(hint)
	return f
}

// reached is problem for the address of a service: one that cannot be reached can
// be tried without this program, and where it stands is said.
func (f Finding) reached(err error, address, stands string) Finding {
	f = f.problem(err)
	if strings.HasSuffix(f.Next.String(), atAddress) {
		f.Next = clean.Linef("try `curl -I %s`; look at the network, and at %s", quoted(address), stands)
	}
	return f
}

// waits completes a finding about which nobody could be asked because of another.
func (f Finding) waits(on string) Finding {
	f.Waits, f.Denied = true, false
	return f.is(NotKnown, "", "not asked, because of %s", on)
}
