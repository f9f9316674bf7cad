package exact

import (
	"bytes"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// The functions in this file require valid JSON.

func newDecoder(raw []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// next returns the decoder's next value as a slice of raw.
func next(d *jsontext.Decoder, raw []byte) ([]byte, bool) {
	value, err := d.ReadValue()
	end := int(d.InputOffset())
	return raw[end-len(value) : end : end], err == nil
}

// members yields the names and values of an object. It yields nothing for any other
// value.
func members(raw []byte) iter.Seq2[string, []byte] {
	return func(yield func(name string, value []byte) bool) {
		if kind(raw) != '{' {
			return
		}
		d := newDecoder(raw)
		if _, err := d.ReadToken(); err != nil {
			return
		}
		for {
			token, err := d.ReadToken()
			if err != nil || token.Kind() != '"' {
				return
			}
			name := token.String()
			if value, ok := next(d, raw); !ok || !yield(name, value) {
				return
			}
		}
	}
}

// elements yields the values of an array. It yields nothing for any other value.
func elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func(value []byte) bool) {
		if kind(raw) != '[' {
			return
		}
		d := newDecoder(raw)
		for _, err := d.ReadToken(); err == nil && d.PeekKind() != ']'; {
			if value, ok := next(d, raw); !ok || !yield(value) {
				return
			}
		}
	}
}

// stringsIn yields every string in a value, at any level, except for the names of
// object members.
func stringsIn(raw []byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		if bytes.IndexByte(raw, '"') < 0 {
			return
		}
		for d := newDecoder(raw); ; {
			token, err := d.ReadToken()
			if err != nil {
				return
			}
			in, n := d.StackIndex(d.StackDepth())
			isName := in == '{' && n%2 == 1
			if token.Kind() == '"' && !isName && !yield(token.String()) {
				return
			}
		}
	}
}

// kind returns the kind of a value, 0 if there is none.
func kind(raw []byte) jsontext.Kind { return jsontext.Value(raw).Kind() }

// absent reports whether a value is missing or null.
func absent(raw []byte) bool { return len(raw) == 0 || raw[0] == 'n' }

// word returns the text of a JSON string, and whether the value is one.
func word(raw []byte) (string, bool) {
	if kind(raw) != '"' {
		return "", false
	}
	if n := len(raw) - 1; n > 0 && raw[n] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1:n]), true // without the copy that unquoting makes
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	return string(text), err == nil
}

// document returns the object or list that a string has as JSON, in canonical form, and nil
// for any other string or value.
func document(raw []byte) []byte {
	text, ok := word(raw)
	if text = strings.TrimLeft(text, " \t\r\n"); !ok || !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return nil
	}
	value := jsontext.Value(text)
	if canonical(&value) != nil {
		return nil
	}
	return value
}
