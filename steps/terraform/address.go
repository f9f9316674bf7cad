package terraform

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Address is a parsed resource address. It consists of module calls and a resource,
// each with an optional index: module.NAME[KEY].data.TYPE.NAME[KEY]. A key is a number
// or a quoted string, in which quotation marks are escaped. (Terraform's documentation,
// "Resource Addressing".)
type Address struct {
	Modules    []string // the names of the modules around the resource, outermost first
	Mode       string   // "managed", "data" or "ephemeral"
	Type, Name string
	keys       []string // with their brackets
	typeAt     int      // offset of the type
}

// ParseAddress parses an address, and reports whether it is that of a resource. It
// doesn't use a regular expression, which would take as long as reading the whole
// plan.
func ParseAddress(address string) (Address, bool) {
	a := Address{Mode: "managed"}
	rest := address
	for {
		name, key, behind, ok := segment(rest)
		if !ok || name != "module" || key != "" {
			break
		}
		if name, key, behind, ok = segment(behind); !ok {
			return Address{}, false
		}
		a.Modules = append(a.Modules, name)
		a.addKey(key)
		rest = behind
	}
	for _, mode := range []string{"data", "ephemeral"} {
		if behind, found := strings.CutPrefix(rest, mode+"."); found {
			if _, _, _, ok := segment(behind); ok {
				a.Mode, rest = mode, behind
				break
			}
		}
	}
	a.typeAt = len(address) - len(rest)
	kind, key, rest, ok := segment(rest)
	if !ok || key != "" || kind == "module" {
		return Address{}, false
	}
	n := nameEnd(rest)
	a.Type, a.Name = kind, rest[:n]
	if key = rest[n:]; n == 0 || indexEnd(key) != len(key) {
		return Address{}, false
	}
	a.addKey(key)
	return a, true
}

func (a *Address) addKey(key string) {
	if key != "" {
		a.keys = append(a.keys, key)
	}
}

// typeOf returns the resource type of an address, "" if it can't be parsed.
func typeOf(address string) string {
	a, _ := ParseAddress(address)
	return a.Type
}

// IsIdentifier reports whether a name needs no quotation marks in an expression.
func IsIdentifier(name string) bool { return name != "" && nameEnd(name) == len(name) }

// segment cuts a name, its optional key and the following dot from s.
func segment(s string) (name, key, behind string, ok bool) {
	n := nameEnd(s)
	end := n + indexEnd(s[n:])
	if n == 0 || end == len(s) || s[end] != '.' {
		return "", "", "", false
	}
	return s[:n], s[n:end], s[end+1:], true
}

// nameEnd returns the length of the identifier at the beginning of s, 0 for none.
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

// indexEnd returns the length of the index at the beginning of s, 0 for none.
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
