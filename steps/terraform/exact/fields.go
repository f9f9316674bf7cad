package exact

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// resourceFields are the fields that are read of an object in resource_changes.
// Values stay encoded: decoding them would take most of the time, and lose the format
// of numbers. No field can fail to decode, so that a wrong type in one doesn't hide
// the others.
type resourceFields struct {
	Address  jsontext.Value
	Previous jsontext.Value
	Mode     jsontext.Value
	Type     jsontext.Value
	Deposed  jsontext.Value
	Reason   jsontext.Value
	Change   changeFields
}

// changeFields are the fields that are read of a change of a resource or an output.
type changeFields struct {
	Actions         jsontext.Value
	Before          jsontext.Value
	After           jsontext.Value
	Unknown         jsontext.Value // marks what isn't known yet of After
	BeforeSensitive jsontext.Value
	AfterSensitive  jsontext.Value
	Importing       jsontext.Value
	ReplacePaths    jsontext.Value

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
	return decodeFields(d, func(name []byte) (*jsontext.Value, *changeFields) {
		switch string(name) {
		case `"address"`:
			return &f.Address, nil
		case `"previous_address"`:
			return &f.Previous, nil
		case `"mode"`:
			return &f.Mode, nil
		case `"type"`:
			return &f.Type, nil
		case `"deposed"`:
			return &f.Deposed, nil
		case `"action_reason"`:
			return &f.Reason, nil
		case `"change"`:
			return nil, &f.Change
		}
		return nil, nil
	})
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. It skips a value that isn't an
// object.
func (f *changeFields) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if f.notObject = d.PeekKind() != '{'; f.notObject {
		return d.SkipValue()
	}
	return decodeFields(d, func(name []byte) (*jsontext.Value, *changeFields) {
		switch string(name) {
		case `"actions"`:
			return &f.Actions, nil
		case `"before"`:
			return &f.Before, nil
		case `"after"`:
			return &f.After, nil
		case `"after_unknown"`:
			return &f.Unknown, nil
		case `"before_sensitive"`:
			return &f.BeforeSensitive, nil
		case `"after_sensitive"`:
			return &f.AfterSensitive, nil
		case `"importing"`:
			return &f.Importing, nil
		case `"replace_paths"`:
			return &f.ReplacePaths, nil
		}
		return nil, nil
	})
}

// decodeFields reads an object. For each name, which is encoded, field returns where
// the value goes, or the object that it is; it is skipped where both are nil. Decoding
// into a struct by reflection takes a third longer.
func decodeFields(d *jsontext.Decoder, field func(name []byte) (*jsontext.Value, *changeFields)) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadValue()
		if err != nil {
			return err
		}
		if bytes.IndexByte(name, '\\') >= 0 {
			if name, err = shortest(name); err != nil {
				return err
			}
		}
		switch value, object := field(name); {
		case object != nil:
			err = object.UnmarshalJSONFrom(d)
		case value == nil:
			err = d.SkipValue()
		default:
			var raw jsontext.Value
			raw, err = d.ReadValue()
			*value = append((*value)[:0], raw...)
		}
		if err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// shortest returns a name without escape sequences that it doesn't need.
func shortest(name jsontext.Value) (jsontext.Value, error) {
	text, err := jsontext.AppendUnquote(nil, name)
	if err != nil {
		return nil, err
	}
	return jsontext.AppendQuote(nil, text)
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
