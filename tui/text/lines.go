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

// Pad appends spaces to s until it is w cells wide.
func Pad(s string, w int) string {
	return s + strings.Repeat(" ", max(w-ansi.StringWidth(s), 0))
}

// Rule draws a horizontal line of w cells with a title in it.
func Rule(w int, s Styles, title string) string {
	if w < 1 {
		return ""
	}
	if title == "" {
		return s.Rule.Render(strings.Repeat("─", w))
	}
	title = ansi.Truncate(" "+title+" ", max(w-2, 0), "… ")
	return s.Rule.Render("──") + s.Strong.Render(title) + s.Rule.Render(strings.Repeat("─", max(w-2-ansi.StringWidth(title), 0)))
}

// WebLink reports whether a link may be opened in a browser.
func WebLink(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// Fits reports whether " · " and another part fit in the title of a Rule of w cells.
func Fits(title, part string, w int) bool {
	return ansi.StringWidth(title)+ansi.StringWidth(part)+7 <= w
}
