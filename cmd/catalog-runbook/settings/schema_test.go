package settings

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The schema accepts all settings, and refuses what Parse refuses.
func TestSchema(t *testing.T) {
	data, err := Schema(func(name string) string { return "about " + name })
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("settings.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("settings.json")
	if err != nil {
		t.Fatal(err)
	}
	for text, valid := range map[string]bool{
		everySetting:                          true,
		"":                                    true,
		"[airflow]\nulr = \"x\"":              false,
		"[ui]\ntheme = \"pink\"":              false,
		"[airflow]\nurl = \"x.org\"":          false,
		"[airflow]\nurl = 3":                  false,
		"[github]\napi_url = \"x.org\"":       false,
		"[ui]\nmouse = false":                 true,
		"[ui]\ntitle = \"no\"":                false,
		"[airflow]\nsettling = \"90\"":        false,
		"[postgres]\nport = 70000":            false,
		"[plan]\napply = \"maybe\"":           false,
		"[[plan.allow]]\naddress = \"a.b\"\n": false,
		"[[plan.allow]]\naddress = \"a.b\"\nactions = [\"destroy\"]": false,
		"[[triage]]\nas = \"image\"\nfiles = \"Dockerfile\"":         true,
		"[[triage]]\nas = \"picture\"\nfiles = \"Dockerfile\"":       false,
	} {
		value := map[string]any{}
		if err := toml.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		plain, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(instance); (err == nil) != valid {
			t.Errorf("%s\nvalid is %v, want %v: %v", text, err == nil, valid, err)
		}
		if _, err := Parse("s.toml", []byte(text)); (err == nil) != valid {
			t.Errorf("%s\nParse and the schema disagree: %v", text, err)
		}
	}
	for _, name := range Names() {
		if !bytes.Contains(data, []byte(`"about `+name+`"`)) {
			t.Errorf("the schema does not say what %s means", name)
		}
	}
}
