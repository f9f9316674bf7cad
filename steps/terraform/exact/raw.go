package exact

import (
	"bytes"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// The functions here take apart JSON that is known to be valid, without copying
// it: a decoder would look at every byte of it once more.

// members yields the names and values of an object, and nothing for any other
// value.
func members(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		if kind(raw) != '{' {
			return
		}
		for i := space(raw, 1); i < len(raw) && raw[i] == '"'; {
			end := stringEnd(raw, i)
			name := unquote(raw[i:end])
			i = space(raw, space(raw, end)+1) // behind the colon
			end = valueEnd(raw, i)
			value := raw[i:end:end]
			i = space(raw, end)
			if !yield(name, value) {
				return
			}
			if i < len(raw) && raw[i] == ',' {
				i = space(raw, i+1)
			}
		}
	}
}

// elements yields the values of an array, and nothing for any other value.
func elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		if kind(raw) != '[' {
			return
		}
		for i := space(raw, 1); i < len(raw) && raw[i] != ']'; {
			end := valueEnd(raw, i)
			if !yield(raw[i:end:end]) {
				return
			}
			if i = space(raw, end); i < len(raw) && raw[i] == ',' {
				i = space(raw, i+1)
			}
		}
	}
}

// kind is the first byte of a value, with '0' for every number, and 0 for none.
func kind(raw []byte) byte {
	if len(raw) == 0 {
		return 0
	}
	if c := raw[0]; c != '-' && (c < '0' || c > '9') {
		return c
	}
	return '0'
}

// absent reports whether there is no value, or null.
func absent(raw []byte) bool { return len(raw) == 0 || raw[0] == 'n' }

// word returns a string's text, and whether the value is a string.
func word(raw []byte) (string, bool) {
	if kind(raw) != '"' {
		return "", false
	}
	return string(unquote(raw)), true
}

// unquote returns a string's text. It is part of raw where nothing is escaped.
func unquote(raw []byte) []byte {
	inner := raw[1 : len(raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // valid JSON has no error
	return text
}

func space(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// stringEnd returns the place behind the string that begins at i.
func stringEnd(raw []byte, i int) int {
	for i++; ; i++ {
		n := bytes.IndexByte(raw[i:], '"')
		if n < 0 {
			return len(raw)
		}
		i += n
		slashes := 0
		for raw[i-1-slashes] == '\\' {
			slashes++ // the quotation mark that opens the string ends this
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
}

// valueEnd returns the place behind the value that begins at i.
func valueEnd(raw []byte, i int) int {
	switch kind(raw[i:]) {
	case '"':
		return stringEnd(raw, i)
	case '{', '[':
	default:
		for i < len(raw) && raw[i] != ',' && raw[i] != '}' && raw[i] != ']' && raw[i] > ' ' {
			i++
		}
		return i
	}
	for depth := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i = stringEnd(raw, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(raw)
}
