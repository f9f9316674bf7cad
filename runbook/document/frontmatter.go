package document

import (
	"bytes"
	"strconv"
	"strings"
)

// cutFrontMatter removes the metadata for a site generator at the beginning of a
// document: YAML between "---" lines or TOML between "+++" lines. It returns the rest
// of the document and the title from the metadata. A block that is never closed, or
// doesn't begin with a key, is Markdown: "---" is also a thematic break.
//
// cutFrontMatter reads only a title on a single line and doesn't validate the
// metadata, because a runbook must not be refused for something that only concerns
// its site generator.
func cutFrontMatter(src []byte) (rest []byte, title string) {
	var closers []string
	separator := ":"
	first, body, _ := bytes.Cut(src, []byte("\n"))
	switch string(bytes.TrimRight(first, " \t")) {
	case "---":
		closers = []string{"---", "..."}
	case "+++":
		closers, separator = []string{"+++"}, "="
	default:
		return src, ""
	}
	begun := false
	for at := body; len(at) > 0; {
		var raw []byte
		raw, at, _ = bytes.Cut(at, []byte("\n"))
		line := strings.TrimRight(string(raw), " \t")
		for _, c := range closers {
			if line == c {
				return at, title
			}
		}
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, found := strings.Cut(line, separator)
		if !begun {
			// Prose doesn't begin with a key.
			if table := separator == "=" && line[0] == '['; !table && (!found || !isKey(strings.TrimSpace(key))) {
				return src, ""
			}
			begun = true
		}
		if found && title == "" && strings.TrimRight(key, " \t") == "title" {
			title = scalar(value)
		}
	}
	return src, ""
}

func isKey(s string) bool {
	s = strings.Trim(s, `"'`)
	for i := range len(s) {
		if c := s[i]; !isWordByte(c) && c != '-' && c != '.' {
			return false
		}
	}
	return s != ""
}

// isWordByte reports whether c is an ASCII letter, digit or underscore.
func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// scalar parses a single-line string in YAML or TOML.
func scalar(s string) string {
	s = strings.TrimSpace(s)
	switch {
	case s == "" || s[0] == '|' || s[0] == '>':
		return "" // empty, or a block scalar
	case s[0] == '"':
		if quoted, err := strconv.QuotedPrefix(s); err == nil {
			s, _ = strconv.Unquote(quoted)
			return s
		}
		return strings.Trim(s, `"`)
	case s[0] == '\'':
		if end := strings.LastIndexByte(s, '\''); end > 0 {
			return strings.ReplaceAll(s[1:end], "''", "'")
		}
	}
	value, _, _ := strings.Cut(s, " #")
	return strings.TrimSpace(value)
}
