// Package pattern compiles regular expressions when they are first needed. A program
// that compiles all of its own in init functions takes a millisecond to do so at each
// start, and most starts need few of them.
package pattern

import (
	"regexp"
	"sync"
)

// Lazy returns a function that returns the compiled expression. It may be called
// concurrently. Like regexp.MustCompile, that function panics if expr is malformed.
func Lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
