package settings

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/pelletier/go-toml/v2"

	"catalog-runbook/steps"
)

// wrongType returns which type the value at key must have, and which it has. It
// returns "" if no type is wrong: the decoder has one error type for everything, and
// only its text says more.
func wrongType(data []byte, key []string) (want, got string) {
	var all map[string]any
	if toml.Unmarshal(data, &all) != nil {
		return "", "" // it isn't TOML
	}
	return mismatch(reflect.TypeFor[steps.Settings](), all, key)
}

// mismatch compares a decoded value with the type that it is for: at key, which has no
// indexes of arrays, and below.
func mismatch(t reflect.Type, value any, key []string) (want, got string) {
	switch v := value.(type) {
	case []any:
		if t.Kind() != reflect.Slice {
			break
		}
		for _, element := range v {
			if want, got = mismatch(t.Elem(), element, key); want != "" {
				return want, got
			}
		}
		return "", ""
	case map[string]any:
		if t.Kind() != reflect.Map && t.Kind() != reflect.Struct {
			break
		}
		names := slices.Sorted(maps.Keys(v))
		if len(key) > 0 {
			names, key = key[:1], key[1:]
		}
		for _, name := range names {
			below, known := typeBelow(t, name)
			if element, ok := v[name]; ok && known {
				if want, got = mismatch(below, element, key); want != "" {
					return want, got
				}
			}
		}
		return "", ""
	}
	want, got = typeWords[t.Kind()], valueWord(value)
	if want == got || want == "int" && got == "integer" {
		return "", ""
	}
	return want, got
}

// typeBelow returns the type of a key of a table.
func typeBelow(t reflect.Type, name string) (reflect.Type, bool) {
	if t.Kind() == reflect.Map {
		return t.Elem(), true
	}
	for f := range t.Fields() {
		if f.Tag.Get("toml") == name {
			return f.Type, true
		}
	}
	return nil, false
}

// typeWords names the types that settings have.
var typeWords = map[reflect.Kind]string{
	reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "int", reflect.Slice: "array", reflect.Map: "table", reflect.Struct: "table",
}

// valueWord names the type of a value in TOML's words.
func valueWord(value any) string {
	switch value.(type) {
	case string:
		return "string"
	case int64:
		return "integer"
	case float64:
		return "float"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case map[string]any:
		return "table"
	case time.Time:
		return "datetime"
	}
	return "date or time" // one of the three that have no zone
}
