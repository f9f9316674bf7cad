package text

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Fill truncates or extends lines to exactly n.
func Fill(lines []string, n int) []string {
	if len(lines) > n {
		return lines[:n]
	}
	for len(lines) < n {
		lines = append(lines, "")
	}
	return lines
}

// hyphens stand for those of a text while it is wrapped.
var hyphens = strings.NewReplacer("-", "\u2011")

// Wrap breaks a styled text into lines of at most w cells, between words: a hyphen, which
// names and paths have, doesn't end a line. Only what is wider than a line is broken anywhere.
func Wrap(s string, w int) []string {
	wrapped := ansi.Wrap(hyphens.Replace(s), max(w, 1), "")
	return strings.Split(strings.ReplaceAll(wrapped, "\u2011", "-"), "\n")
}

// Pad appends spaces to s until it is w cells wide.
func Pad(s string, w int) string {
	return s + strings.Repeat(" ", max(w-ansi.StringWidth(s), 0))
}

// Title draws the title of a pane in w cells: a name, and what else there is room for, of
// which the first comes before the end of the name. The line around it is double, and in the colour of the keys, if the pane has the focus.
func Title(w int, s *Styles, focused bool, name string, more ...string) string {
	if w < 1 {
		return ""
	}
	line, stroke, style := "─", s.Rule, s.Dim
	if focused {
		line, stroke, style = "═", s.Key, s.Key
	}
	room := max(w-4, 0)
	first := 0
	if len(more) > 0 && more[0] != "" {
		first = 3 + ansi.StringWidth(more[0])
	}
	if room-first < 8 {
		first = 0
	}
	title := style.Render(ansi.Truncate(name, room-first, "…"))
	for _, m := range more {
		if m != "" && ansi.StringWidth(title)+3+ansi.StringWidth(m) <= room {
			title += " · " + m
		}
	}
	if title != "" {
		title = " " + title + " "
	}
	before := min(2, w)
	rest := max(w-before-ansi.StringWidth(title), 0)
	return ansi.Truncate(stroke.Render(strings.Repeat(line, before))+title+stroke.Render(strings.Repeat(line, rest)), w, "")
}

// Middle shortens a text to w cells by leaving out its middle, as of an address or a path,
// whose end tells most.
func Middle(s string, w int) string {
	width := ansi.StringWidth(s)
	if width <= w || w < 3 {
		return ansi.Truncate(s, max(w, 0), "…")
	}
	begin := (w - 1) / 3
	if scheme := strings.Index(s, "://"); scheme > 0 { // the host says where it leads
		if host := strings.IndexByte(s[scheme+3:], '/') + scheme + 4; host < w-8 && host > scheme+4 {
			begin = host
		}
	}
	return ansi.Truncate(s, begin, "") + "…" + ansi.TruncateLeft(s, width-(w-1-begin), "")
}

// WebLink reports whether a link may be opened in a browser.
func WebLink(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// Fits reports whether " · " and another part fit in the title of a Rule of w cells.
func Fits(title, part string, w int) bool {
	return ansi.StringWidth(title)+ansi.StringWidth(part)+7 <= w
}
