package notify

import "time"

// longWait is how long something must have taken for the person to be told of its end
// even if the terminal has the focus, or doesn't say whether it has.
const longWait = 30 * time.Second

// askQuiet is how long a command must print nothing after a line without an end, before
// it is taken to wait for an answer. A progress bar prints more often.
const askQuiet = 5 * time.Second

// Attention knows whether the person is looking, as far as that can be known.
type Attention struct {
	Away   bool // the terminal has said that it lost the focus
	failed bool
	since  time.Time // when the line without an end was printed
	asked  bool      // that it waits was reported
}

// Elsewhere reports whether the person may be looking elsewhere at the end of what they
// began to wait for.
func (a *Attention) Elsewhere(began, now time.Time) bool {
	return a.Away || now.Sub(began) >= longWait
}

// Asks reports, once for each question, that the running command seems to wait for an
// answer. Open says that its last line has no end, and printed that it has just printed
// something. It has to be called whenever one of them changes or time has passed.
func (a *Attention) Asks(open, printed bool, now time.Time) bool {
	switch {
	case !open:
		a.since, a.asked = time.Time{}, false
	case a.since.IsZero() || printed && !a.asked:
		a.since = now
	case !a.asked && now.Sub(a.since) >= askQuiet:
		a.asked = true
		return true
	}
	return false
}

// First reports whether an error is the first. Those after it would say the same.
func (a *Attention) First(err error) bool {
	first := err != nil && !a.failed
	a.failed = a.failed || first
	return first
}
