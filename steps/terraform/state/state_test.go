package state

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

type values = map[string]any

// fixture is the plan of a real Terraform or OpenTofu.
type fixture struct {
	Changes []struct {
		Address, Deposed, Mode string
		Change                 struct {
			Actions       []string
			Before, After any
			Unknown       any `json:"after_unknown"`
		}
	} `json:"resource_changes"`
	Outputs map[string]struct {
		Actions []string
		After   any
		Unknown any `json:"after_unknown"`
	} `json:"output_changes"`
	Prior    json.RawMessage `json:"prior_state"`
	Errored  bool
	Complete *bool
}

// made returns a value with something in place of what isn't known of it.
func made(value, unknown any) any {
	switch u := unknown.(type) {
	case bool:
		if u {
			return "made"
		}
	case values:
		after, ok := value.(values)
		if !ok {
			break
		}
		after = maps.Clone(after)
		for name, of := range u {
			after[name] = made(after[name], of)
		}
		return after
	}
	return value
}

// applied returns the state that applying the plan leaves.
func (f fixture) applied() values {
	resources, outputs := []any{}, values{}
	for _, c := range f.Changes {
		if c.Change.After != nil && c.Mode == "managed" {
			r := values{"address": c.Address, "mode": c.Mode, "values": made(c.Change.After, c.Change.Unknown)}
			if c.Deposed != "" {
				r["deposed_key"] = c.Deposed
			}
			resources = append(resources, r)
		}
	}
	for name, o := range f.Outputs {
		if o.After != nil || o.Unknown == true {
			outputs[name] = values{"value": made(o.After, o.Unknown)}
		}
	}
	return values{"format_version": "1.0", "values": values{"outputs": outputs, "root_module": values{"resources": resources}}}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("../testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	more, _ := filepath.Glob("../testdata/*/*.json")
	compared := 0
	for _, name := range append(files, more...) {
		plan, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var f fixture
		if err := json.Unmarshal(plan, &f); err != nil || f.Errored || f.Changes == nil || f.Complete != nil && !*f.Complete {
			continue
		}
		compared++
		c, err := Compare(bytes.NewReader(plan), bytes.NewReader(marshal(t, f.applied())))
		if err != nil || len(c.Differences) > 0 {
			t.Errorf("%s, applied: %v, %v", name, c.Differences, err)
		}
		changes := false
		for _, c := range f.Changes {
			changes = changes || c.Mode == "managed" && c.Change.Actions[0] != "no-op"
		}
		if len(f.Prior) == 0 {
			f.Prior = []byte(`{"format_version":"1.0"}`)
		}
		c, err = Compare(bytes.NewReader(plan), bytes.NewReader(f.Prior))
		if err != nil || changes && len(c.Differences) == 0 {
			t.Errorf("%s, not applied: %v, %v", name, c.Differences, err)
		}
	}
	if compared < 60 {
		t.Errorf("only %d plans were compared", compared)
	}
}

const plan = `{"resource_changes":[
 {"address":"a.same","mode":"managed","change":{"actions":["no-op"],"before":{"x":1,"y":[1,2]},"after":{"x":1,"y":[1,2]},"after_unknown":{}}},
 {"address":"a.update","mode":"managed","change":{"actions":["update"],"before":{"id":"1","n":1,"tags":{"a":"b"},"k":"v","s":["1"]},"after":{"n":2,"tags":{"a":"c"},"k":"v","s":["2"]},"after_unknown":{"id":true,"tags":{"z":true},"s":[false,true]}}},
 {"address":"a.replace","mode":"managed","change":{"actions":["delete","create"],"before":{"id":"1"},"after":{},"after_unknown":{"id":true}}},
 {"address":"a.gone","mode":"managed","change":{"actions":["delete"],"before":{"id":"1"},"after":null,"after_unknown":{}}},
 {"address":"a.same","deposed":"0a1b","mode":"managed","change":{"actions":["delete"],"before":{"id":"1"},"after":null,"after_unknown":{}}},
 {"address":"data.a.b","mode":"data","change":{"actions":["read"],"before":null,"after":{},"after_unknown":{}}}
],"output_changes":{"o":{"actions":["update"],"before":"1","after":"2","after_unknown":false},"open":{"actions":["create"],"after_unknown":true},
 "none":{"actions":["no-op"],"before":null,"after":null,"after_unknown":false},"old":{"actions":["delete"],"before":"1","after":null,"after_unknown":false}}}`

func TestDifferences(t *testing.T) {
	state := func(outputs, resources string) string {
		return `{"format_version":"1.0","values":{"outputs":{` + outputs + `},"root_module":{"child_modules":[{"resources":[` + resources + `]}]}}}`
	}
	const (
		outputs = `"o":{"value":"2"},"open":{"value":{"a":1}}`
		same    = `{"address":"a.same","mode":"managed","values":{"y":[1, 2],"x":1.0}}`
		update  = `{"address":"a.update","mode":"managed","values":{"id":"1","n":2,"tags":{"a":"c","z":"?"},"k":"otherwise","s":["2","3"]}}`
		replace = `{"address":"a.replace","mode":"managed","values":{"id":"2"}}`
		all     = same + "," + update + "," + replace
	)
	for name, test := range map[string]struct{ outputs, resources, want string }{
		"as planned":          {outputs, all + `,{"address":"data.a.b","mode":"data","values":{}}`, ""},
		"more":                {outputs, all + `,{"address":"a.more","mode":"managed","values":{}}`, "a.more is in the state, but wasn't in the plan"},
		"less":                {outputs, same + "," + update, "a.replace is not in the state"},
		"changed by somebody": {outputs, strings.Replace(all, "[1, 2]", "[2,1]", 1), "a.same should have stayed as it was, but has changed"},
		"not updated":         {outputs, strings.Replace(all, `"n":2`, `"n":1`, 1), "n of a.update is not what the plan says"},
		"not in a map":        {outputs, strings.Replace(all, `"a":"c"`, `"a":"b"`, 1), "tags of a.update is not"},
		"more in a map":       {outputs, strings.Replace(all, `"a":"c"`, `"a":"c","b":"c"`, 1), "tags of a.update is not"},
		"less in a map":       {outputs, strings.Replace(all, `"a":"c",`, "", 1), "tags of a.update is not"},
		"not replaced":        {outputs, strings.Replace(all, `{"id":"2"}`, `{"id":"1"}`, 1), "a.replace should have been replaced, but is the same"},
		"tainted":             {outputs, strings.Replace(all, `"values":{"id":"2"}`, `"tainted":true,"values":{"id":"2"}`, 1), "a.replace is tainted"},
		"not destroyed":       {outputs, all + `,{"address":"a.gone","mode":"managed","values":{}}`, "a.gone is still in the state"},
		"still deposed":       {outputs, all + `,{"address":"a.same","deposed_key":"0a1b","mode":"managed","values":{}}`, "a.same (deposed object 0a1b) is still in the state"},
		"deposed meanwhile":   {outputs, all + `,{"address":"a.same","deposed_key":"9999","mode":"managed","values":{}}`, "a.same (deposed object 9999) is in the state, but"},
		"another output":      {strings.Replace(outputs, `"2"`, `"1"`, 1), all, "the output o is not what the plan says"},
		"no output":           {`"open":{"value":1}`, all, "the output o is not in the state"},
		"one output more":     {outputs + `,"p":{"value":1}`, all, "the output p is in the state, but"},
		"an old output":       {outputs + `,"old":{"value":1}`, all, "the output old is still in the state"},
	} {
		c, err := Compare(strings.NewReader(plan), strings.NewReader(state(test.outputs, test.resources)))
		var found []string
		for _, d := range c.Differences {
			found = append(found, d.String())
		}
		got := strings.Join(found, "\n")
		if err != nil || len(found) > 1 || test.want == "" && got != "" || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q, %v; want %q", name, got, err, test.want)
		}
		if test.want == "" && (c.Resources != 3 || c.Changed != 4) {
			t.Errorf("%s: %d resources, %d changed", name, c.Resources, c.Changed)
		}
	}
}

func TestUnreadable(t *testing.T) {
	const empty = `{"format_version":"1.0"}`
	failing := errors.New("no credentials")
	for name, test := range map[string]struct {
		plan, state io.Reader
		want        error
	}{
		"no JSON":      {strings.NewReader(plan), strings.NewReader("Error: no state"), nil},
		"cut off":      {strings.NewReader(plan), strings.NewReader(empty[:10]), nil},
		"a plan":       {strings.NewReader(plan), strings.NewReader(plan), errNoState},
		"no state":     {strings.NewReader(plan), strings.NewReader("{}"), errNoState},
		"another form": {strings.NewReader(plan), strings.NewReader(`{"format_version":"1.0","values":{"root_module":[]}}`), nil},
		"nothing":      {strings.NewReader(plan), strings.NewReader(""), nil},
		"no plan":      {strings.NewReader(""), strings.NewReader(empty), nil},
		"a failure":    {strings.NewReader(plan), io.MultiReader(strings.NewReader(`{"format_version":`), errReader{failing}), failing},
	} {
		if _, err := Compare(test.plan, test.state); err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c, err := Compare(strings.NewReader(`{"resource_changes":[]}`), strings.NewReader(empty))
	if err != nil || len(c.Differences) > 0 {
		t.Errorf("nothing and nothing: %v, %v", c, err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func FuzzCompare(f *testing.F) {
	f.Add(plan, `{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"a.same","mode":"managed","values":{"x":1}}]}}}`)
	f.Fuzz(func(t *testing.T, plan, state string) {
		if c, err := Compare(strings.NewReader(plan), strings.NewReader(state)); err == nil && len(c.Differences) > mostDifferences {
			t.Error(len(c.Differences))
		}
	})
}
