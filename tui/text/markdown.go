// Package text provides the string functions of the screen, such as rendering Markdown
// and wrapping, and the styles that all parts share. It does no I/O and has no state.
package text

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/glamour"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
)

// Limits of one piece of Markdown, so that none can block the screen.
const (
	markdownLimit = 64 << 10 // bytes
	nestingLimit  = 16       // block quotes and lists within each other
	wordLimit     = 1 << 10  // characters without a space between them
	bracketLimit  = 256      // goldmark's time grows with the square of unclosed ones,
	markLimit     = 2 << 10  // and so it does for marks of emphasis
)

// Tab replaces tabs, whose width would depend on their column.
const Tab = "    "

// Markdown renders source for a width in cells. It makes control characters visible
// before glamour, which decodes references such as "&#27;" into live characters, and
// again after it, where it lets only colours pass. It may be called concurrently: each
// call has its own renderer, because a renderer is not safe for concurrent use.
func Markdown(source string, width int, t Theme) []string {
	if width < 1 {
		return nil
	}
	if strings.Count(source, "[") > bracketLimit || strings.Count(source, "*")+strings.Count(source, "_") > markLimit {
		return PlainMarkdown(source, width)
	}
	// Glamour does not wrap: it miscounts lines with links.
	r, err := glamour.NewTermRenderer(glamour.WithStyles(t.markdown()), glamour.WithColorProfile(t.profile()), glamour.WithWordWrap(0))
	if err != nil {
		return PlainMarkdown(source, width)
	}
	out, err := r.Render(unwrap(defuse(source)))
	if err != nil {
		return PlainMarkdown(source, width)
	}
	return fit(out, width)
}

// PlainMarkdown returns the source itself, wrapped. It is shown until the Markdown is
// rendered.
func PlainMarkdown(source string, width int) []string {
	return fit(strings.ReplaceAll(clean.Block(limit(source)).String(), "\t", Tab), width)
}

// fit lets only colours pass, wraps lines that glamour has left too wide, and removes
// blank lines at both ends and repeated ones.
func fit(text string, width int) []string {
	var lines []string
	blank := true
	var pen styledRuns
	for long := range strings.SplitSeq(onlyColours(text), "\n") {
		for _, line := range hang(long, width) {
			line = pen.draw(line)
			if line != "" || !blank {
				lines = append(lines, line)
			}
			blank = line == ""
		}
	}
	if n := len(lines); n > 0 && lines[n-1] == "" {
		lines = lines[:n-1]
	}
	return lines
}

// itemStart matches the beginning of a list item or a quotation.
var itemStart = pattern.Lazy(`^ *(?:(?:[•*-]|[0-9]+\.|[│|>]|\[.\]) +)*`)

// hang wraps a line so that its further rows are below its text, not below its bullet.
func hang(line string, width int) []string {
	if ansi.StringWidth(line) <= width {
		return []string{line}
	}
	indent := len([]rune(itemStart().FindString(ansi.Strip(line))))
	if indent == 0 || width-indent < 16 {
		// Wrap leaves a word that follows spaces at the beginning of a line too long.
		return strings.Split(ansi.Hardwrap(ansi.Wrap(line, width, ""), width, true), "\n")
	}
	head, rest := ansi.Cut(line, 0, indent), ansi.TruncateLeft(line, indent, "")
	var lines []string
	for part := range strings.SplitSeq(ansi.Hardwrap(ansi.Wrap(rest, width-indent, ""), width-indent, true), "\n") {
		lines = append(lines, head+part)
		head = strings.Repeat(" ", indent)
	}
	return lines
}

func limit(source string) string {
	if len(source) <= markdownLimit {
		return source
	}
	n := markdownLimit
	for n > 0 && !utf8.RuneStart(source[n]) {
		n--
	}
	return source[:n] + "\n\n…"
}
