package justfile

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestConfirmations(t *testing.T) {
	// as just 1.57.0 prints it
	const dump = `{"assignments":{"x":{"export":false,"value":"prod"}},"recipes":{
		"a":{"name":"a","attributes":[{"confirm":null}],"dependencies":[{"recipe":"b"},{"recipe":"a"}]},
		"b":{"name":"b","attributes":[{"confirm":["concatenate","Really ",["concatenate",["variable","x"],"?"]]},"private"],"dependencies":[]},
		"c":{"name":"c","attributes":[{"confirm":["concatenate","For ",["variable","y"]]}],"dependencies":[]},
		"d":{"name":"d","attributes":["private",{"group":"g"}],"dependencies":[]}}}`
	j := &File{}
	if err := json.Unmarshal([]byte(dump), j); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{"a": {"Run recipe `a`?", "Really prod?"}, "c": {"For …"}, "d": nil, "e": nil} {
		if got := j.Confirmations(name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
