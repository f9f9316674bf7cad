package exact

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// anyJSON draws a value as encoding/json writes it, and as people indent it.
func anyJSON() *rapid.Generator[string] {
	text := rapid.OneOf(rapid.StringMatching(`[a-c"\\{}\[\],: \n\x{e9}\x{1f512}]{0,6}`), rapid.String())
	leaf := rapid.OneOf(
		rapid.Map(text, func(s string) any { return s }),
		rapid.Map(rapid.Float64Range(-1e9, 1e9), func(n float64) any { return n }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Just(any(nil)),
	)
	value := leaf
	for range 3 {
		value = rapid.OneOf(leaf,
			rapid.Map(rapid.SliceOfN(value, 0, 4), func(l []any) any { return l }),
			rapid.Map(rapid.MapOfN(text, value, 0, 4), func(m map[string]any) any { return m }))
	}
	return rapid.Custom(func(t *rapid.T) string {
		v := value.Draw(t, "value")
		b, err := json.Marshal(v)
		if rapid.Bool().Draw(t, "indented") {
			b, err = json.MarshalIndent(v, "", "\t")
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	})
}

// rebuilt takes a value apart with members and elements, and puts it together.
func rebuilt(raw []byte) any {
	switch kind(raw) {
	case '{':
		all := map[string]any{}
		for name, value := range members(raw) {
			all[name] = rebuilt(value)
		}
		return all
	case '[':
		all := []any{}
		for value := range elements(raw) {
			all = append(all, rebuilt(value))
		}
		return all
	case '"':
		text, _ := word(raw)
		return text
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Sprintf("%q: %v", raw, err)
	}
	return v
}

func TestRawJSONIsTakenApartAsADecoderDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := anyJSON().Draw(t, "JSON")
		var want any
		if err := json.Unmarshal([]byte(raw), &want); err != nil {
			t.Fatal(err)
		}
		if got := rebuilt([]byte(raw)); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s\ngot  %#v\nwant %#v", raw, got, want)
		}
		var texts []string
		for text := range stringsIn([]byte(raw)) {
			texts = append(texts, text)
		}
		if all := collected(want); len(texts) != len(all) {
			t.Fatalf("%s\nstrings %q, want %q", raw, texts, all)
		}
	})
}

func collected(v any) (all []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case map[string]any:
		for _, e := range v {
			all = append(all, collected(e)...)
		}
	case []any:
		for _, e := range v {
			all = append(all, collected(e)...)
		}
	}
	return all
}
