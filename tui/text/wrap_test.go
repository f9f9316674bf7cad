package text

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

var rowTexts = []string{
	"", "a", "exactly ten", strings.Repeat("0123456789", 9), "  two spaces  and   more ", "日本語のテキスト and more",
	"e\u0301e\u0301e\u0301e\u0301", "🔒🔒🔒 locks", "^[[31m visible codes", strings.Repeat("ä", 300), "a" + strings.Repeat("日", 50),
}

// TestRowStarts: nothing of a line is lost where it is wrapped, and no row is
// wider than the screen, single characters aside.
func TestRowStarts(t *testing.T) {
	for _, text := range rowTexts {
		for w := 1; w < 40; w++ {
			starts := RowStarts(text, w)
			if starts[0] != 0 {
				t.Fatalf("%q at %d begins at %d", text, w, starts[0])
			}
			for i, from := range starts {
				to := len(text)
				if i+1 < len(starts) {
					to = starts[i+1]
				}
				if to < from || to == from && text != "" && from > 0 {
					t.Fatalf("%q at %d has the empty row %d: %v", text, w, i, starts)
				}
				if got := ansi.StringWidth(text[from:to]); got > max(w, 2) {
					t.Fatalf("%q at %d: row %d is %d cells wide", text, w, i, got)
				}
			}
			if want := strings.Count(ansi.Hardwrap(text, w, true), "\n") + 1; w > 1 && len(starts) != want {
				t.Errorf("%q at %d has %d rows, want %d", text, w, len(starts), want)
			}
		}
	}
}

// TestWindow: what is seen of a line fits, and says on which sides more is.
func TestWindow(t *testing.T) {
	for _, text := range rowTexts {
		for w := 2; w < 30; w++ {
			for left := 0; left < 30; left += 4 {
				before, from, to, after := Window(text, left, w)
				if got := ansi.StringWidth(before + text[from:to] + after); got > w {
					t.Fatalf("%q from %d in %d cells: %d cells", text, left, w, got)
				}
				if (before != "") != (from > 0) || (after != "") != (to < len(text)) {
					t.Fatalf("%q from %d in %d cells: %q %d %d %q", text, left, w, before, from, to, after)
				}
			}
		}
	}
	if _, from, to, _ := Window("0123456789", 4, 10); from != 4 || to != 10 {
		t.Errorf("shifted by 4: %d to %d", from, to)
	}
}
