package background

import (
	"strconv"
	"strings"
)

// Query asks a terminal for the color of its background, and then what it is (DA1), which
// all terminals answer, and in order: one that answers only the second doesn't know the
// first. Waiting for a time instead would be too short over a slow line.
const Query = "\x1b]11;?\x1b\\\x1b[c"

// Question is what has been asked of a terminal.
type Question struct{ waiting bool }

// Asked has to be called when Query is about to be sent.
func (q *Question) Asked() { q.waiting = true }

// Answer takes in what the terminal says: the character that introduces a sequence after
// ESC, and what follows. It reports whether that tells the background. What nobody has
// asked for tells nothing.
func (q *Question) Answer(kind byte, body string) (dark, ok bool) {
	switch {
	case !q.waiting:
	case kind == '[' && strings.HasPrefix(body, "?") && strings.HasSuffix(body, "c"):
		q.waiting = false
	case kind == ']':
		if color, is := strings.CutPrefix(body, "11;"); is {
			return darkColor(color)
		}
	}
	return false, false
}

// darkColor reads a color as XParseColor(3) does: "rgb:" with one to four hexadecimal
// digits for each of red, green and blue; "rgba:" has a fourth, which doesn't count.
func darkColor(color string) (dark, ok bool) {
	_, digits, found := strings.Cut(color, ":")
	parts := strings.Split(digits, "/")
	if !found || !strings.HasPrefix(color, "rgb") || len(parts) < 3 || len(parts) > 4 {
		return false, false
	}
	light := 0.0
	for i, weight := range []float64{0.299, 0.587, 0.114} { // luma of ITU-R BT.601
		n, err := strconv.ParseUint(parts[i], 16, 16)
		if err != nil || len(parts[i]) > 4 {
			return false, false
		}
		light += weight * float64(n) / float64(uint64(1)<<(4*len(parts[i]))-1)
	}
	return light < 0.5, true
}
