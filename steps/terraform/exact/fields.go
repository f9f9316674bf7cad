package exact

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// resourceFields are what is read of an object of resource_changes. Values are left
// as they stand in the file: decoding them would take most of the time, and would
// lose how numbers are written. None is of a type that a plan could fail to have,
// so that what is wrong with one does not hide the others.
type resourceFields struct {
	Address  jsontext.Value `json:"address"`
	Previous jsontext.Value `json:"previous_address"`
	Mode     jsontext.Value `json:"mode"`
	Type     jsontext.Value `json:"type"`
	Deposed  jsontext.Value `json:"deposed"`
	Reason   jsontext.Value `json:"action_reason"`
	Change   changeFields   `json:"change"`
}

// changeFields are what is read of a change, of a resource's or an output's.
type changeFields struct {
	Actions         jsontext.Value `json:"actions"`
	Before          jsontext.Value `json:"before"`
	After           jsontext.Value `json:"after"`
	Unknown         jsontext.Value `json:"after_unknown"` // what of After is not known yet
	BeforeSensitive jsontext.Value `json:"before_sensitive"`
	AfterSensitive  jsontext.Value `json:"after_sensitive"`
	Importing       jsontext.Value `json:"importing"`
	ReplacePaths    jsontext.Value `json:"replace_paths"`

	notObject bool
}

// UnmarshalJSONFrom passes over what is no object.
func (f *resourceFields) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != '{' {
		return d.SkipValue()
	}
	type object resourceFields
	return json.UnmarshalDecode(d, (*object)(f))
}

// UnmarshalJSONFrom passes over what is no object.
func (f *changeFields) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if f.notObject = d.PeekKind() != '{'; f.notObject {
		return d.SkipValue()
	}
	type object changeFields
	return json.UnmarshalDecode(d, (*object)(f))
}

// actions returns the words of the actions, "" for one that is no string.
func (f *changeFields) actions() []string {
	var all []string
	for action := range elements(f.Actions) {
		text, _ := word(action)
		all = append(all, text)
	}
	return all
}

// fits reports whether the fields have the types that they should have.
func (f *changeFields) fits() bool {
	return !f.notObject && (len(f.Actions) == 0 || kind(f.Actions) == '[') &&
		(absent(f.Importing) || kind(f.Importing) == '{') && (absent(f.ReplacePaths) || kind(f.ReplacePaths) == '[')
}

// resourceText is the fields of a resource change that are strings.
type resourceText struct{ address, previous, mode, kind, deposed, reason string }

// text returns the strings, and reports whether all fields have the types that they
// should have.
func (f *resourceFields) text() (t resourceText, ok bool) {
	ok = f.Change.fits()
	read := func(raw jsontext.Value) string {
		text, isString := word(raw)
		ok = ok && (isString || len(raw) == 0)
		return text
	}
	t = resourceText{read(f.Address), read(f.Previous), read(f.Mode), read(f.Type), read(f.Deposed), read(f.Reason)}
	return t, ok
}
