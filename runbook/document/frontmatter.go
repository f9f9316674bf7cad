package document

import (
	"bytes"
	"strconv"
	"strings"
)

// cutFrontMatter removes the metadata that site generators put before a
// document: YAML between "---" lines or TOML between "+++" lines, at the very
// beginning. It returns the rest and the metadata's title. Metadata that is
// never closed, or does not look like any, is Markdown: "---" is also a rule.
//
// Only the title is read, and only where it stands on one line: a runbook is
// not refused for what its site generator makes of the rest.
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
			// The first entry decides: prose has no key.
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

// scalar reads a value that stands on one line in YAML or TOML.
func scalar(s string) string {
	s = strings.TrimSpace(s)
	switch {
	case s == "" || s[0] == '|' || s[0] == '>':
		return "" // empty, or a block that follows
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
