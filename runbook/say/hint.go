package say

import (
	"errors"
	"fmt"
	"strings"
)

// hinted is an error with what a person can do about it.
type hinted struct {
	error
	hint string
}

func (h *hinted) Error() string { return h.error.Error() + beforeHint + h.hint }
func (h *hinted) Unwrap() error { return h.error }

// beforeHint divides an error's text from its hint.
const beforeHint = "; hint: "

// Hint returns err with what a person can do about it, formatted as by fmt.Sprintf: a
// clause that begins with a verb, or a command.
func Hint(err error, format string, args ...any) error {
	return &hinted{err, fmt.Sprintf(format, args...)}
}

// HintOf returns the text of an error and, apart from it, the hint that Hint has added
// to it or to an error that it wraps. The hint is "" if there is none at its end.
func HintOf(err error) (text, hint string) {
	text = err.Error()
	var h *hinted
	if !errors.As(err, &h) {
		return text, ""
	}
	if rest, ok := strings.CutSuffix(text, beforeHint+h.hint); ok {
		return rest, h.hint
	}
	return text, ""
}
