package tui

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/glamour"
	glamouransi "github.com/charmbracelet/glamour/ansi"
	glamourstyles "github.com/charmbracelet/glamour/styles"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
)

// Limits of one piece of Markdown, so that no step can hold up the screen.
const (
	markdownLimit = 64 << 10 // bytes
	nestingLimit  = 16       // block quotes and lists within each other
)

// theme says how Markdown is drawn.
type theme int

const (
	themeDark theme = iota
	themeLight
	themePlain // no colours at all
)

// renderMarkdown draws source for the given width. What steers a terminal is
// made visible before glamour, which decodes references such as "&#27;" into
// live characters, and once more after it, where only colours may pass. It is
// safe for concurrent use: each call has a renderer of its own, since a
// renderer is not.
func renderMarkdown(source string, width int, t theme) []string {
	if width < 1 {
		return nil
	}
	r, err := glamour.NewTermRenderer(glamour.WithStyles(markdownStyle(t)), glamour.WithWordWrap(width))
	if err != nil {
		return plainMarkdown(source, width)
	}
	out, err := r.Render(defuse(source))
	if err != nil {
		return plainMarkdown(source, width)
	}
	return fit(out, width)
}

// plainMarkdown is the source itself, for as long as it is not drawn yet.
func plainMarkdown(source string, width int) []string {
	return fit(clean.Block(limit(source)).String(), width)
}

// fit lets only colours pass and wraps what glamour left too wide.
func fit(text string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(strings.Trim(onlyColours(text), "\n"), "\n") {
		line = strings.TrimRight(line, " ")
		if ansi.StringWidth(line) <= width {
			lines = append(lines, line)
			continue
		}
		lines = append(lines, strings.Split(ansi.Wrap(line, width, ""), "\n")...)
	}
	return lines
}

func markdownStyle(t theme) glamouransi.StyleConfig {
	var s glamouransi.StyleConfig
	switch t {
	case themeDark:
		s = glamourstyles.DarkStyleConfig
	case themeLight:
		s = glamourstyles.LightStyleConfig
	default:
		s = glamourstyles.NoTTYStyleConfig
	}
	zero := uint(0)
	s.Document.Margin, s.Document.BlockPrefix, s.Document.BlockSuffix = &zero, "", ""
	s.CodeBlock.Margin = &zero
	s.Code.Prefix, s.Code.Suffix, s.Code.BackgroundColor = "", "", nil // a padded span wraps badly
	return s
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

// defuse makes Markdown harmless for glamour.
func defuse(source string) string {
	source = strings.ReplaceAll(limit(source), "\r\n", "\n")
	source = shallow(clean.Block(source).String())
	return neutralReferences(strings.ReplaceAll(source, "\t", "    "))
}

// shallow cuts the nesting of block quotes and lists, whose cost for glamour
// grows with every level.
func shallow(source string) string {
	lines := strings.Split(source, "\n")
	for i, line := range lines {
		depth := 0
		for j, c := range line {
			if c == '>' {
				if depth++; depth > nestingLimit {
					lines[i] = line[:j] + strings.TrimLeft(line[j:], "> ")
					break
				}
			} else if c != ' ' {
				break
			}
		}
		if trimmed := strings.TrimLeft(line, " "); len(line)-len(trimmed) > 4*nestingLimit {
			lines[i] = strings.Repeat(" ", 4*nestingLimit) + trimmed
		}
	}
	return strings.Join(lines, "\n")
}

var reference = regexp.MustCompile(`^&(?:#[xX][0-9a-fA-F]{1,8}|#[0-9]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});?`)

// neutralReferences decodes the references that stand for a harmless character
// and makes all others show as they are written. An ampersand that is left
// could be joined with what stands behind a closing mark into a reference, so
// it stays only before a space or a word; elsewhere its wide form stands for it.
func neutralReferences(source string) string {
	if !strings.Contains(source, "&") {
		return source
	}
	var b strings.Builder
	for i := 0; i < len(source); {
		if source[i] != '&' {
			next := strings.IndexByte(source[i:], '&')
			if next < 0 {
				next = len(source) - i
			}
			b.WriteString(source[i : i+next])
			i += next
			continue
		}
		ref := reference.FindString(source[i:])
		decoded := html.UnescapeString(ref)
		if ref != "" && decoded != ref && decoded != "&" {
			b.WriteString(clean.Line(decoded).String())
			i += len(ref)
			continue
		}
		if ref == "" || decoded != "&" {
			i++ // the ampersand alone
		} else {
			i += len(ref)
		}
		if rest := source[i:]; rest == "" || rest[0] == ' ' || rest[0] == '\n' {
			b.WriteByte('&')
		} else {
			b.WriteString("＆")
		}
	}
	return b.String()
}

// onlyColours lets SGR sequences pass and makes everything else that steers a
// terminal visible.
func onlyColours(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); {
		if n := sgr(text[i:]); n > 0 {
			b.WriteString(text[i : i+n])
			i += n
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == '\n':
			b.WriteByte('\n')
		case r == 0x1b || unicode.IsControl(r) || (r == utf8.RuneError && size == 1):
			b.WriteString(clean.Line(text[i : i+size]).String())
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// sgr returns the length of the colour sequence that s begins with, 0 if none.
func sgr(s string) int {
	if !strings.HasPrefix(s, "\x1b[") {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case (c < '0' || c > '9') && c != ';' && c != ':':
			return 0
		}
	}
	return 0
}
