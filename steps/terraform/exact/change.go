package exact

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// maxKept is the most of a plan of which Change.Edits is kept, in bytes.
const maxKept = 32 << 20

// changes reads resource_changes.
func (r *reader) changes() error {
	return r.array("resource_changes", func() error {
		raw, at, err := r.in.value()
		if err != nil {
			return err
		}
		c := r.change(raw, at)
		key := c.Address + "\x00" + c.Deposed
		if _, twice := r.seen[key]; twice {
			r.problem("%s stands in the plan twice", c.Address)
		}
		r.seen[key] = struct{}{}
		if c.Action == nothing {
			r.plan.Unchanged++
			return nil
		}
		if r.options.Edits != nil && r.options.Edits(c) {
			if r.kept += len(raw); r.kept > maxKept {
				r.problem("what would be done to %s is too long to look into", c.Address)
			} else {
				c.Edits = edits(raw)
			}
		}
		r.plan.Changes = append(r.plan.Changes, c)
		return nil
	})
}

// drift reads resource_drift.
func (r *reader) drift() error {
	return r.array("resource_drift", func() error {
		raw, at, err := r.in.value()
		if err != nil {
			return err
		}
		if c := r.change(raw, at); c.Action != nothing {
			r.plan.Drifted = append(r.plan.Drifted, c)
		}
		return nil
	})
}

// change reads one resource change. What is wrong with it is a problem, and then
// the action is Unclear; it is nothing only where everything is understood.
func (r *reader) change(raw []byte, at terraform.Extent) terraform.Change {
	f, ok := readFields(raw)
	c := terraform.Change{Address: f.address, Deposed: f.deposed, At: at}
	c.Action, c.CreateFirst, c.Creates = classify(f.change.actions)
	c.Imported = !absent(f.change.importing)
	if f.previous != f.address {
		c.Previous = f.previous
	}
	if len(f.change.actions) > 0 && c.Action == terraform.Unclear {
		c.Reason = clean.Linef("its actions are %q", f.change.actions)
	} else if f.reason != "" {
		c.Reason = reason(f.reason)
	}
	for _, path := range paths(f.change.replacePaths) {
		if text := pathText(path); !text.Empty() {
			c.Triggers = append(c.Triggers, text)
		}
	}
	if c.Action == terraform.Replace {
		c.Identities = identities(f.change.before)
	}
	r.secrets.change(f.change)

	address, known := terraform.ParseAddress(f.address)
	c.Type = address.Type
	switch {
	case f.address == "":
		r.unclear(&c, "a resource change at byte %d has no address", at.Offset)
	case !known:
		r.unclear(&c, "%s is no address of a resource", f.address)
	case !ok:
		r.unclear(&c, "what would be done to %s is not written as in a plan", f.address)
	case c.Action == terraform.Unclear:
		r.unclear(&c, "what would be done to %s is not understood", f.address)
	case f.kind != c.Type:
		r.unclear(&c, "%s is said to be of the type %q", f.address, f.kind)
	case f.mode != address.Mode, address.Mode == "ephemeral", c.Action != nothing && (address.Mode == "data") != (c.Action == terraform.Read):
		r.unclear(&c, "%s is said to be of the mode %q, and its action %q", f.address, f.mode, c.Action)
	case c.Action != nothing && !sides(c, f.change):
		text := clean.Linef("%s %s, but the plan has it %s", f.address, c.Effect(), present(f.change))
		if c.Action == terraform.Delete || c.Action == terraform.Forget { // which is worse than not to be understood
			r.problem("%s", text)
		} else {
			r.unclear(&c, "%s", text)
		}
	case c.Action == nothing && !same(f.change.before, f.change.after):
		r.unclear(&c, "%s is said to stay as it is, but its attributes change", f.address)
	}
	if c.Action == nothing {
		switch {
		case c.Imported:
			c.Action = terraform.Import
		case c.Previous != "":
			c.Action = terraform.Move
		}
	}
	return c
}

// identities returns what identifies a resource among its attributes.
func identities(before []byte) []terraform.Identity {
	var all []terraform.Identity
	for name, value := range members(before) {
		if len(value) <= terraform.MaxIdentity && terraform.Identifies(string(name)) {
			if text, ok := word(value); ok && text != "" {
				all = append(all, terraform.Identity{Attribute: string(name), Value: text})
			}
		}
	}
	return all
}

func (r *reader) unclear(c *terraform.Change, format string, args ...any) {
	c.Action, c.CreateFirst, c.Creates, c.Identities = terraform.Unclear, false, false, nil
	r.problem(format, args...)
}

// sides reports whether a change has values on the sides that its action has them
// on: before, after or both.
func sides(c terraform.Change, f changeFields) bool {
	before, after := !absent(f.before), !absent(f.after)
	switch c.Action {
	case terraform.Create:
		return !before && after
	case terraform.Read:
		return after
	case terraform.Update, terraform.Replace:
		return before && after
	case terraform.Delete:
		return before && !after
	case terraform.Forget:
		return before && after == c.Creates
	}
	return false
}

func present(f changeFields) string {
	switch before, after := !absent(f.before), !absent(f.after); {
	case before && after:
		return "before and after"
	case before:
		return "before, and not after"
	case after:
		return "after, and not before"
	}
	return "neither before nor after"
}

// same reports whether two values are equal, however they are written.
func same(a, b []byte) bool {
	if bytes.Equal(a, b) || absent(a) && absent(b) {
		return true
	}
	x, y := jsontext.Value(bytes.Clone(a)), jsontext.Value(bytes.Clone(b))
	return canonical(&x) == nil && canonical(&y) == nil && bytes.Equal(x, y)
}

// canonical writes a value so that equal ones have equal bytes: without white
// space, names in order, and numbers as they are.
func canonical(v *jsontext.Value) error {
	return v.Format(jsontext.ReorderRawObjects(true), jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false))
}
