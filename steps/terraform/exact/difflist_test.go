package exact

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestAlign shows that every element of two lists is in exactly one pair, in order, that
// only equal elements count as unchanged, and that as many as possible do.
func TestAlign(t *testing.T) {
	letters := rapid.SliceOfN(rapid.SampledFrom([]byte("abcd")), 0, 9)
	rapid.Check(t, func(t *rapid.T) {
		a, b := letters.Draw(t, "a"), letters.Draw(t, "b")
		pairing := rapid.Bool().Draw(t, "pairing")
		i, j, stay := 0, 0, 0
		for _, p := range align(strings.Split(string(a), ""), strings.Split(string(b), ""), func(int, int) bool { return pairing }) {
			if p.before >= 0 && p.before != i || p.after >= 0 && p.after != j || p.before < 0 && p.after < 0 {
				t.Fatalf("%+v comes after %d and %d", p, i, j)
			}
			if p.same && (p.before < 0 || p.after < 0 || a[i] != b[j]) || !p.same && !pairing && p.before >= 0 && p.after >= 0 {
				t.Fatalf("%s, %s: %+v", a, b, p)
			}
			if p.same {
				stay++
			}
			if p.before >= 0 {
				i++
			}
			if p.after >= 0 {
				j++
			}
		}
		if i != len(a) || j != len(b) || stay != longestCommon(a, b) {
			t.Fatalf("%s, %s: %d and %d of them, %d stay, and %d could", a, b, i, j, stay, longestCommon(a, b))
		}
	})
}

// longestCommon is how many elements can stay, found by trying everything.
func longestCommon(a, b []byte) int {
	switch {
	case len(a) == 0 || len(b) == 0:
		return 0
	case a[0] == b[0]:
		return 1 + longestCommon(a[1:], b[1:])
	default:
		return max(longestCommon(a[1:], b), longestCommon(a, b[1:]))
	}
}
