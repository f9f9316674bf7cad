package exact

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// resourceFields are the fields that are read of an object in resource_changes.
// Values stay encoded: decoding them would take most of the time, and lose the format
// of numbers. No field can fail to decode, so that a wrong type in one doesn't hide
// the others.
type resourceFields struct {
	Address  jsontext.Value `json:"address"`
	Previous jsontext.Value `json:"previous_address"`
	Mode     jsontext.Value `json:"mode"`
	Type     jsontext.Value `json:"type"`
	Deposed  jsontext.Value `json:"deposed"`
	Reason   jsontext.Value `json:"action_reason"`
	Change   changeFields   `json:"change"`
}

// changeFields are the fields that are read of a change of a resource or an output.
type changeFields struct {
	Actions         jsontext.Value `json:"actions"`
	Before          jsontext.Value `json:"before"`
	After           jsontext.Value `json:"after"`
	Unknown         jsontext.Value `json:"after_unknown"` // marks what isn't known yet of After
	BeforeSensitive jsontext.Value `json:"before_sensitive"`
	AfterSensitive  jsontext.Value `json:"after_sensitive"`
	Importing       jsontext.Value `json:"importing"`
	ReplacePaths    jsontext.Value `json:"replace_paths"`

	notObject bool
}

// reset empties the fields and keeps their memory for the next object.
func (f *resourceFields) reset() {
	for _, value := range []*jsontext.Value{
		&f.Address, &f.Previous, &f.Mode, &f.Type, &f.Deposed, &f.Reason,
		&f.Change.Actions, &f.Change.Before, &f.Change.After, &f.Change.Unknown, &f.Change.BeforeSensitive, &f.Change.AfterSensitive,
		&f.Change.Importing, &f.Change.ReplacePaths,
	} {
		*value = (*value)[:0]
	}
	f.Change.notObject = false
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. It skips a value that isn't an
// object.
func (f *resourceFields) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != '{' {
		return d.SkipValue()
	}
	type object resourceFields
	return json.UnmarshalDecode(d, (*object)(f))
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. It skips a value that isn't an
// object.
func (f *changeFields) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if f.notObject = d.PeekKind() != '{'; f.notObject {
		return d.SkipValue()
	}
	type object changeFields
	return json.UnmarshalDecode(d, (*object)(f))
}

// actions returns the actions, "" for one that isn't a string.
func (f *changeFields) actions() []string {
	var all []string
	for action := range elements(f.Actions) {
		text, _ := word(action)
		all = append(all, text)
	}
	return all
}

// fits reports whether the fields have the right types.
func (f *changeFields) fits() bool {
	return !f.notObject && (len(f.Actions) == 0 || kind(f.Actions) == '[') &&
		(absent(f.Importing) || kind(f.Importing) == '{') && (absent(f.ReplacePaths) || kind(f.ReplacePaths) == '[')
}

// resourceText holds the string fields of a resource change.
type resourceText struct{ address, previous, mode, kind, deposed, reason string }

// text returns the string fields, and reports whether all fields have the right
// types.
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
