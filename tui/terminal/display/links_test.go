package display

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestLink(t *testing.T) {
	page, other, long := "https://example.org/a/page", "https://example.org/a/page/other", "https://example.org/"+strings.Repeat("x", longestLink)
	links := []string{page, other, "http://127.0.0.1/b", long, "https://example.org/\x1b]52;c;?", "file:///etc/passwd"}
	linked := func(to, shown string) string { return openLink(to) + shown + endLink }
	for _, c := range []struct{ row, want string }{
		{"nothing here", "nothing here"},
		{"see " + page + " for it", "see " + linked(page, page) + " for it"},
		{"see " + page + ".", "see " + linked(page, page+".")},
		{"\x1b[1m" + other + "\x1b[0m │ é", "\x1b[1m" + linked(other, other) + "\x1b[0m │ é"},
		{"é🔒 http\x1b[1m://127.0.0.1/b\x1b[0m " + page, "é🔒 " + linked("http://127.0.0.1/b", "http\x1b[1m://127.0.0.1/b") + "\x1b[0m " + linked(page, page)},
		{other[:30] + "…", linked(other, other[:30]+"…")},
		{"https://example.org/…", "https://example.org/…"}, // of several
		{"https://example.com/a/page", "https://example.com/a/page"},
		{"http://127.0.0.1", "http://127.0.0.1"}, // a host isn't enough
		{"file:///etc/passwd", "file:///etc/passwd"},
	} {
		got := link("first\n"+c.row+"\nlast", links)
		if want := "first\n" + c.want + "\nlast"; got != want {
			t.Errorf("%q\n got %q\nwant %q", c.row, got, want)
		}
		if ansi.Strip(got) != ansi.Strip("first\n"+c.row+"\nlast") {
			t.Errorf("%q shows something else", c.row)
		}
	}
}

// TestWrappedLink: each row of an address leads to the whole of it, in its own pane, also where
// another address begins in the same way.
func TestWrappedLink(t *testing.T) {
	page, long, far := "https://example.org/a/page", "https://example.org/a/page/of/many/words", "https://example.org/a/page/far/away"
	links := []string{page, long, far}
	linked := func(to, shown string) string { return openLink(to) + shown + endLink }
	for _, c := range []struct{ frame, want string }{
		{"see https://example.org/a/page/of\n/many\n/words.", "see " + linked(long, "https://example.org/a/page/of") + "\n" + linked(long, "/many") + "\n" + linked(long, "/words") + "."},
		{
			" 1 │ \x1b[2mhttps://example.org/a/page\x1b[0m │ x\n 2 │ \x1b[2m/far/away\x1b[0m  and more │ y",
			" 1 │ \x1b[2m" + linked(far, "https://example.org/a/page") + "\x1b[0m │ x\n 2 │ \x1b[2m" + linked(far, "/far/away") + "\x1b[0m  and more │ y",
		},
		{"https://example.org/a/page\nfarther on", linked(page, "https://example.org/a/page") + "\nfarther on"},
		{"https://example.org/a/page is\n/far/away", linked(page, "https://example.org/a/page") + " is\n/far/away"},
		{"https://example.org/a/page/o\nf/many more\n/words", linked(long, "https://example.org/a/page/o") + "\nf/many more\n/words"},
		{"é │ https://example.org/a/page/o\nf/many/words", "é │ " + linked(long, "https://example.org/a/page/o") + "\nf/many/words"},
	} {
		if got := link(c.frame, links); got != c.want {
			t.Errorf("%q\n got %q\nwant %q", c.frame, got, c.want)
		}
	}
}
