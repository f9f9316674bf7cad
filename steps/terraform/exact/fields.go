package exact

import (
	tfjson "github.com/hashicorp/terraform-json"
)

// fields are what is read of an object of resource_changes: what
// tfjson.ResourceChange and tfjson.Change have, with the values left as they
// stand in the file. Decoding them would take most of the time, and would lose
// how numbers are written.
type fields struct {
	address, previous, mode, kind, deposed string
	reason                                 tfjson.ActionReason
	change                                 changeFields
}

// changeFields are what is read of a change, of a resource's or an output's.
type changeFields struct {
	actions                         tfjson.Actions
	before, after                   []byte
	unknown                         []byte // what of after is not known yet
	beforeSensitive, afterSensitive []byte
	importing, replacePaths         []byte
}

// readFields reads a resource change, and reports whether its fields have the
// types that they should have. Of an action that is no string it makes "".
func readFields(raw []byte) (f fields, ok bool) {
	ok = kind(raw) == '{'
	for name, value := range members(raw) {
		fits := true
		switch string(name) {
		case "address":
			f.address, fits = word(value)
		case "previous_address":
			f.previous, fits = word(value)
		case "mode":
			f.mode, fits = word(value)
		case "type":
			f.kind, fits = word(value)
		case "deposed":
			f.deposed, fits = word(value)
		case "action_reason":
			var reason string
			reason, fits = word(value)
			f.reason = tfjson.ActionReason(reason)
		case "change":
			f.change, fits = readChangeFields(value)
		}
		ok = ok && fits
	}
	return f, ok
}

func readChangeFields(raw []byte) (c changeFields, ok bool) {
	ok = kind(raw) == '{'
	for name, value := range members(raw) {
		fits := true
		switch string(name) {
		case "actions":
			fits = kind(value) == '['
			for action := range elements(value) {
				text, _ := word(action)
				c.actions = append(c.actions, tfjson.Action(text))
			}
		case "before":
			c.before = value
		case "after":
			c.after = value
		case "after_unknown":
			c.unknown = value
		case "before_sensitive":
			c.beforeSensitive = value
		case "after_sensitive":
			c.afterSensitive = value
		case "importing":
			c.importing, fits = value, kind(value) == '{' || absent(value)
		case "replace_paths":
			c.replacePaths, fits = value, kind(value) == '[' || absent(value)
		}
		ok = ok && fits
	}
	return c, ok
}
