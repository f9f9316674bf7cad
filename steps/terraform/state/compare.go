package state

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// resource compares an object of the state.
func (c *comparer) resource(d *jsontext.Decoder) error {
	var r struct {
		Address string         `json:"address"`
		Deposed string         `json:"deposed_key"`
		Mode    string         `json:"mode"`
		Tainted bool           `json:"tainted"`
		Values  jsontext.Value `json:"values"`
	}
	if err := json.UnmarshalDecode(d, &r); err != nil || r.Mode != "managed" {
		return err
	}
	c.found.Resources++
	k := key{r.Address, r.Deposed}
	e := c.expected[k]
	if e == nil {
		c.differ("%s is in the state, but wasn't in the plan", k)
		return nil
	}
	e.seen = true
	switch {
	case e.gone:
		c.differ("%s is still in the state", k)
	case e.same:
		if hashOf(r.Values) != e.before {
			c.differ("%s should have stayed as it was, but has changed", k)
		}
	case r.Tainted:
		c.differ("%s is tainted: creating it failed", k)
	default:
		c.found.Changed++
		c.changed(k, e, r.Values)
	}
	return nil
}

func (c *comparer) changed(k key, e *expectation, values jsontext.Value) {
	if e.replaced && hashOf(values) == e.before {
		c.differ("%s should have been replaced, but is the same", k)
		return
	}
	now := members(values)
	for _, w := range e.want {
		if !matches(w.value, w.unknown, now[w.name]) {
			c.differ("%s of %s is not what the plan says", w.name, k)
		}
	}
}

func (c *comparer) output(name string, d *jsontext.Decoder) error {
	var o struct {
		Value jsontext.Value `json:"value"`
	}
	if err := json.UnmarshalDecode(d, &o); err != nil {
		return err
	}
	want, ok := c.outputs[name]
	switch {
	case !ok:
		c.differ("the output %s is in the state, but wasn't in the plan", name)
		return nil
	case want.gone:
		c.differ("the output %s is still in the state", name)
	case !matches(want.value, want.unknown, canonical(o.Value)):
		c.differ("the output %s is not what the plan says", name)
	}
	want.seen = true
	c.outputs[name] = want
	return nil
}

// matches reports whether a value is the planned one, except for what is unknown of
// that: unknown has the form of the value, with true in place of what isn't known. All
// are canonical. What is unknown is missing in an object and null in an array.
func matches(planned, unknown, now jsontext.Value) bool {
	switch unknown.Kind() {
	case 't':
		return true
	case '{':
		return matchesObject(planned, unknown, now)
	case '[':
		// Of a set neither the order nor the number of its elements is known before all of
		// them are.
		return bytes.Contains(unknown, []byte("true")) || bytes.Equal(planned, now)
	}
	return bytes.Equal(planned, now)
}

func matchesObject(planned, unknown, now jsontext.Value) bool {
	if planned.Kind() != '{' || now.Kind() != '{' {
		return bytes.Equal(planned, now)
	}
	want, open, have := members(planned), members(unknown), members(now)
	for name, value := range have {
		if _, ok := want[name]; !ok && open[name].Kind() != 't' || ok && !matches(want[name], open[name], value) {
			return false
		}
	}
	for name := range want {
		if _, ok := have[name]; !ok {
			return false
		}
	}
	return true
}
