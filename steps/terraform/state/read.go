package state

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// plan reads what a plan says of each managed object and of each output.
func (c *comparer) plan(r io.Reader) error {
	return object(jsontext.NewDecoder(r), func(name string, d *jsontext.Decoder) error {
		switch name {
		case "resource_changes":
			return array(d, func() error { return c.change(d) })
		case "output_changes":
			return object(d, func(name string, d *jsontext.Decoder) error { return c.outputChange(name, d) })
		}
		return d.SkipValue()
	})
}

type change struct {
	Actions []string       `json:"actions"`
	Before  jsontext.Value `json:"before"`
	After   jsontext.Value `json:"after"`
	Unknown jsontext.Value `json:"after_unknown"`
}

func (c *comparer) change(d *jsontext.Decoder) error {
	var r struct {
		Address string `json:"address"`
		Deposed string `json:"deposed"`
		Mode    string `json:"mode"`
		Change  change `json:"change"`
	}
	if err := json.UnmarshalDecode(d, &r); err != nil || r.Mode != "managed" {
		return err
	}
	e := &expectation{}
	has := func(action string) bool { return slices.Contains(r.Change.Actions, action) }
	switch {
	case len(r.Change.Actions) == 1 && has("no-op"):
		e.same, e.before = true, hashOf(r.Change.After)
	case has("create") || has("update"):
		e.replaced = has("create") && len(r.Change.Actions) > 1
		e.before, e.want = hashOf(r.Change.Before), wants(r.Change)
	default: // delete, forget
		e.gone = true
	}
	c.expected[key{r.Address, r.Deposed}] = e
	return nil
}

// wants returns the attributes that a change gives a new value, as far as it is known.
func wants(c change) []wanted {
	before, after, unknown := members(c.Before), members(c.After), members(c.Unknown)
	var all []wanted
	for name, value := range after {
		old, existed := before[name]
		switch {
		case string(unknown[name]) == "true", existed && bytes.Equal(old, value), !existed && value.Kind() == 'n':
		default:
			all = append(all, wanted{name, value, unknown[name]})
		}
	}
	slices.SortFunc(all, func(a, b wanted) int { return strings.Compare(a.name, b.name) })
	return all
}

// members returns the members of an object in their canonical form, none of any other
// value.
func members(v jsontext.Value) map[string]jsontext.Value {
	var all map[string]jsontext.Value
	if v.Kind() != '{' || json.Unmarshal(canonical(v), &all) != nil {
		return nil
	}
	return all
}

func (c *comparer) outputChange(name string, d *jsontext.Decoder) error {
	var o change
	if err := json.UnmarshalDecode(d, &o); err != nil {
		return err
	}
	c.outputs[name] = output{value: canonical(o.After), unknown: o.Unknown, gone: slices.Contains(o.Actions, "delete")}
	return nil
}

// state compares what a state holds with what is expected.
func (c *comparer) state(r io.Reader) error {
	isState := false
	err := object(jsontext.NewDecoder(r), func(name string, d *jsontext.Decoder) error {
		switch name {
		case "format_version": // all that an empty state has
			isState = true
		case "values":
			return object(d, func(name string, d *jsontext.Decoder) error {
				switch name {
				case "root_module":
					return c.module(d)
				case "outputs":
					return object(d, func(name string, d *jsontext.Decoder) error { return c.output(name, d) })
				}
				return d.SkipValue()
			})
		case "resource_changes", "planned_values":
			return errNoState
		}
		return d.SkipValue()
	})
	if err == nil && !isState {
		return errNoState
	}
	return err
}

func (c *comparer) module(d *jsontext.Decoder) error {
	return object(d, func(name string, d *jsontext.Decoder) error {
		switch name {
		case "resources":
			return array(d, func() error { return c.resource(d) })
		case "child_modules":
			return array(d, func() error { return c.module(d) })
		}
		return d.SkipValue()
	})
}

// object calls f with each name of the next value, which must be an object; f must read
// or skip the member's value.
func object(d *jsontext.Decoder, f func(name string, d *jsontext.Decoder) error) error {
	if d.PeekKind() != '{' {
		return unexpected(d)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := f(name.String(), d); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// array calls f for each element of the next value, which must be an array or null.
func array(d *jsontext.Decoder, f func() error) error {
	switch d.PeekKind() {
	case 'n':
		return d.SkipValue()
	case '[':
	default:
		return unexpected(d)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if err := f(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// unexpected returns the error of a decoder whose next value is of another kind.
func unexpected(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	return errors.New("its JSON has an unknown form")
}
