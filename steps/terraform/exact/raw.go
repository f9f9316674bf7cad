package exact

import (
	"bytes"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// The functions here take apart JSON that is known to be valid.

func newDecoder(raw []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// next returns the decoder's next value as a piece of raw.
func next(d *jsontext.Decoder, raw []byte) ([]byte, bool) {
	value, err := d.ReadValue()
	end := int(d.InputOffset())
	return raw[end-len(value) : end : end], err == nil
}

// members yields the names and values of an object, and nothing for any other
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

// elements yields the values of an array, and nothing for any other value.
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

// stringsIn yields every string in a value, at any level. Names of objects are
// none.
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

// kind is the kind of a value, 0 where there is none.
func kind(raw []byte) jsontext.Kind { return jsontext.Value(raw).Kind() }

// absent reports whether there is no value, or null.
func absent(raw []byte) bool { return len(raw) == 0 || raw[0] == 'n' }

// word returns a string's text, and whether the value is a string.
func word(raw []byte) (string, bool) {
	if kind(raw) != '"' {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	return string(text), err == nil
}
