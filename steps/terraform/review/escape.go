package review

import (
	"html"
	"strings"
)

// joint is invisible on GitHub and keeps the characters around it from becoming a
// mention, a reference or an emoji, which GitHub looks for in the text after Markdown was
// parsed, and so behind every escape.
const joint = "&#8203;"

// prose escapes a line of text for Markdown. No character has a meaning afterwards:
// CommonMark lets a backslash stand before any ASCII punctuation ("Backslash escapes").
func prose(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		before := c == ':' && strings.HasPrefix(s[i+1:], " ") // as in "which sets: a"
		if isPunctuation(c) && !before && !strings.ContainsRune(`,;'"%=?()/`, rune(c)) {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
		switch {
		case c == '@', c == '#', c == ':' && !before:
			b.WriteString(joint)
		case c == '-' && i >= 2 && strings.EqualFold(s[i-2:i], "gh"):
			b.WriteString(joint)
		}
	}
	return b.String()
}

func isPunctuation(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

// proseAbout is prose with every occurrence of an address as code.
func proseAbout(s, address string) string {
	if address == "" {
		return prose(s)
	}
	parts := strings.Split(s, address)
	for i := range parts {
		parts[i] = prose(parts[i])
	}
	return strings.Join(parts, code(address))
}

// code makes a line of text a code span. One that begins or ends with a backtick, or with
// spaces that would be removed, is padded ("Code spans").
func code(s string) string {
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || strings.HasPrefix(s, " ") && strings.HasSuffix(s, " ") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// block makes lines of text a fenced code block.
func block(language string, lines []string) string {
	longest := 2
	for _, line := range lines {
		longest = max(longest, longestRun(line))
	}
	fence := strings.Repeat("`", longest+1)
	return fence + language + "\n" + strings.Join(lines, "\n") + "\n" + fence + "\n"
}

// longestRun returns the length of the longest run of backticks.
func longestRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if run++; s[i] != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// markup makes a line of text code in HTML.
func markup(s string) string { return "<code>" + html.EscapeString(s) + "</code>" }
