package exact

import (
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// TestFieldsAreReset fills every field: one that reset forgot would pass from one
// change to the next.
func TestFieldsAreReset(t *testing.T) {
	var f resourceFields
	filled := 0
	for _, of := range []reflect.Value{reflect.ValueOf(&f).Elem(), reflect.ValueOf(&f.Change).Elem()} {
		for i := range of.NumField() {
			if of.Field(i).Type() == reflect.TypeFor[jsontext.Value]() {
				of.Field(i).Set(reflect.ValueOf(jsontext.Value(`"left"`)))
				filled++
			}
		}
	}
	f.Change.notObject = true
	f.reset()
	for _, of := range []reflect.Value{reflect.ValueOf(f), reflect.ValueOf(f.Change)} {
		for i := range of.NumField() {
			if v := of.Field(i); v.Kind() == reflect.Slice && v.Len() > 0 || v.Kind() == reflect.Bool && v.Bool() {
				t.Errorf("%s keeps its value", of.Type().Field(i).Name)
			}
		}
	}
	if filled != 14 {
		t.Errorf("%d fields were filled", filled)
	}
}

// TestEscapedNames reads names that JSON allows to be written in another way.
func TestEscapedNames(t *testing.T) {
	var f resourceFields
	text := `{"\u0061ddress":"a.b","other":[1],"change":{"\u0061ctions":["create"],"before":null}}`
	if err := f.UnmarshalJSONFrom(jsontext.NewDecoder(strings.NewReader(text))); err != nil {
		t.Fatal(err)
	}
	if string(f.Address) != `"a.b"` || string(f.Change.Actions) != `["create"]` || string(f.Change.Before) != "null" || len(f.Type) > 0 {
		t.Errorf("got %+v", f)
	}
}
