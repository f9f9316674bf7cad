package terraform

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Address is a resource's address, taken apart. It is made of module calls and a
// resource, each with an optional index: module.NAME[KEY].data.TYPE.NAME[KEY]. A
// key is a number or a quoted string, in which a quotation mark is escaped.
// (Terraform's documentation, "Resource Addressing".)
type Address struct {
	Modules    []string // the names of the modules that the resource is in, the outermost first
	Mode       string   // "managed", "data" or "ephemeral"
	Type, Name string
	keys       []string // with their brackets
	typeAt     int      // where the type begins
}

// ParseAddress takes an address apart, and reports whether it is one of a resource.
// It is called for every change of a plan: a regular expression would take as long
// as reading the plan.
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

// typeOf returns the resource type of an address, "" of what is none.
func typeOf(address string) string {
	a, _ := ParseAddress(address)
	return a.Type
}

// IsIdentifier reports whether a name can stand in an expression without quotation
// marks.
func IsIdentifier(name string) bool { return name != "" && nameEnd(name) == len(name) }

// segment cuts off a name with its key and the point behind them.
func segment(s string) (name, key, behind string, ok bool) {
	n := nameEnd(s)
	end := n + indexEnd(s[n:])
	if n == 0 || end == len(s) || s[end] != '.' {
		return "", "", "", false
	}
	return s[:n], s[n:end], s[end+1:], true
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
