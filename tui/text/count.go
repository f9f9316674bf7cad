package text

import (
	"fmt"
	"strings"
	"time"
)

// Counted formats n with thousands separators, as in "12,345".
func Counted(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Count formats a number with its noun, as in "1 line" and "12,345 lines".
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return Counted(n) + " " + noun
}

// Age formats a duration in one unit, rounded down, as in "90 s" and "5 min".
func Age(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	default:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
}

// Capital returns s with its first letter in upper case.
func Capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
