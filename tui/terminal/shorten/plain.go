package shorten

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainSigns are the characters beside ASCII that terminals draw one column wide, unless
// they draw characters of ambiguous width with two. None combines with its neighbours or
// can be an emoji.
var plainSigns = &unicode.RangeTable{R16: []unicode.Range16{
	{0x00a1, 0x00a8, 1}, {0x00aa, 0x00ac, 1}, {0x00af, 0x017f, 1}, // Latin, without © and ®
	{0x2013, 0x2014, 1}, {0x2018, 0x2019, 1}, {0x201c, 0x201d, 1}, {0x2022, 0x2022, 1}, {0x2026, 0x2026, 1}, {0x2039, 0x203a, 1},
	{0x2190, 0x2193, 1}, {0x2212, 0x2212, 1}, {0x2260, 0x2260, 1}, {0x2264, 0x2265, 1}, // arrows, mathematics
	{0x2500, 0x259f, 1},                      // lines and blocks
	{0x25a0, 0x25a1, 1}, {0x25b2, 0x25b5, 1}, // shapes
	{0x25b8, 0x25b9, 1}, {0x25bc, 0x25bf, 1}, {0x25c6, 0x25cf, 1}, {0x25d0, 0x25d3, 1},
	{0x2713, 0x2713, 1}, {0x2717, 0x2717, 1},
	{0x2800, 0x28ff, 1}, // Braille, for the spinner
}, LatinOffset: 3}

// plain reports whether a cell is one column wide.
func plain(c cell, narrow bool) bool {
	if len(c.text) == 1 {
		return true // row.read returns no control characters
	}
	r, _ := utf8.DecodeRuneInString(c.text)
	return narrow && unicode.Is(plainSigns, r)
}

// plainCells returns the number of cells at the beginning that can be addressed by their
// column. What combines with the cell before it is no cell of its own, so the last one
// before a cell that isn't plain doesn't count.
func plainCells(cells []cell, narrow bool) int {
	for i, c := range cells {
		if !plain(c, narrow) {
			return max(i-1, 0)
		}
	}
	return len(cells)
}

// Narrow reports whether terminals in this environment draw characters of ambiguous width
// one column wide. In Chinese, Japanese and Korean locales they may take two.
func Narrow(getenv func(string) string) bool {
	if wide := getenv("RUNEWIDTH_EASTASIAN"); wide != "" {
		return wide != "1"
	}
	locale := cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG"))
	for _, language := range []string{"zh", "ja", "ko"} {
		if strings.HasPrefix(strings.ToLower(locale), language) {
			return false
		}
	}
	return true
}
