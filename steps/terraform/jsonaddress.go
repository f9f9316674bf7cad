package terraform

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitAddress returns the mode and the type of a resource's address, and
// whether it is one: a plan has very many, and resourceType, with which it
// agrees, would take as long as all the rest. The mode is "managed", "data" or
// "ephemeral".
func splitAddress(address string) (mode, kind string, ok bool) {
	rest := address
	for {
		name, behind, ok := segment(rest)
		if !ok || name != "module" {
			break
		}
		if _, behind, ok = segment(behind); !ok {
			return "", "", false
		}
		rest = behind
	}
	mode = "managed"
	for _, m := range []string{"data", "ephemeral"} {
		if behind, found := strings.CutPrefix(rest, m+"."); found {
			if _, _, ok := segment(behind); ok {
				mode, rest = m, behind
				break
			}
		}
	}
	n := nameEnd(rest)
	if n == 0 || n == len(rest) || rest[n] != '.' || rest[:n] == "module" {
		return "", "", false
	}
	kind, rest = rest[:n], rest[n+1:]
	if n = nameEnd(rest); n == 0 {
		return "", "", false
	}
	if n += indexEnd(rest[n:]); n != len(rest) {
		return "", "", false
	}
	return mode, kind, true
}

// segment cuts off a name with its index and the point behind them.
func segment(s string) (name, behind string, ok bool) {
	n := nameEnd(s)
	name = s[:n]
	n += indexEnd(s[n:])
	if name == "" || n == len(s) || s[n] != '.' {
		return "", s, false
	}
	return name, s[n+1:], true
}

// nameEnd returns how long the identifier is with which s begins.
func nameEnd(s string) int {
	for i, c := range s {
		switch {
		case c == '_', unicode.IsLetter(c) && c != utf8.RuneError:
		case i > 0 && (c == '-' || unicode.IsNumber(c)):
		default:
			return i
		}
	}
	return len(s)
}

// indexEnd returns how long the index is with which s begins, 0 for none.
func indexEnd(s string) int {
	if !strings.HasPrefix(s, "[") {
		return 0
	}
	i := 1
	if strings.HasPrefix(s[i:], `"`) {
		for i++; i < len(s) && s[i] != '"'; i++ {
			if s[i] == '\\' {
				if i++; i < len(s) && s[i] == '\n' {
					return 0
				}
			}
		}
		if i++; i > len(s) {
			return 0
		}
	} else {
		for i < len(s) && '0' <= s[i] && s[i] <= '9' {
			i++
		}
		if i == 1 {
			return 0
		}
	}
	if i >= len(s) || s[i] != ']' {
		return 0
	}
	return i + 1
}
