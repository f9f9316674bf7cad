package terraform

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/runbook/clean"
)

// maxKept is the most of Change.Raw in one plan, in bytes.
const maxKept = 32 << 20

// changes reads resource_changes.
func (r *jsonReader) changes() error {
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
		if r.options.Keep != nil && r.options.Keep(c) {
			if r.kept += len(raw); r.kept > maxKept {
				r.problem("what would be done to %s is too long to look into", c.Address)
			} else {
				c.Raw = bytes.Clone(raw)
			}
		}
		r.plan.Changes = append(r.plan.Changes, c)
		return nil
	})
}

// drift reads resource_drift.
func (r *jsonReader) drift() error {
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
func (r *jsonReader) change(raw []byte, at Extent) Change {
	f, ok := readFields(raw)
	c := Change{Address: f.address, Deposed: f.deposed, At: at}
	c.Action, c.CreateFirst, c.Creates = classify(f.change.actions)
	c.Imported = !absent(f.change.importing)
	if f.previous != f.address {
		c.Previous = f.previous
	}
	if len(f.change.actions) > 0 && c.Action == Unclear {
		c.Reason = clean.Linef("its actions are %q", f.change.actions)
	} else if f.reason != "" {
		c.Reason = reason(f.reason)
	}
	for _, path := range paths(f.change.replacePaths) {
		if text := pathText(path); !text.Empty() {
			c.Triggers = append(c.Triggers, text)
		}
	}
	if c.Action == Replace {
		c.identities = jsonIdentities(f.change.before)
	}
	r.secrets.change(f.change)

	mode, kind, known := splitAddress(f.address)
	c.Type = kind
	switch {
	case f.address == "":
		r.unclear(&c, "a resource change at byte %d has no address", at.Offset)
	case !known:
		r.unclear(&c, "%s is no address of a resource", f.address)
	case !ok:
		r.unclear(&c, "what would be done to %s is not written as in a plan", f.address)
	case c.Action == Unclear:
		r.unclear(&c, "what would be done to %s is not understood", f.address)
	case f.kind != c.Type:
		r.unclear(&c, "%s is said to be of the type %q", f.address, f.kind)
	case f.mode != mode, mode != "managed" && mode != "data", c.Action != nothing && (mode == "data") != (c.Action == Read):
		r.unclear(&c, "%s is said to be of the mode %q, and its action %q", f.address, f.mode, c.Action)
	case c.Action != nothing && !sides(c, f.change):
		text := clean.Linef("%s %s, but the plan has it %s", f.address, fate(c), present(f.change))
		if c.Action == Delete || c.Action == Forget { // which is worse than not to be understood
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
			c.Action = Import
		case c.Previous != "":
			c.Action = Move
		}
	}
	return c
}

func (r *jsonReader) unclear(c *Change, format string, args ...any) {
	c.Action, c.CreateFirst, c.Creates, c.identities = Unclear, false, false, nil
	r.problem(format, args...)
}

// sides reports whether a change has values on the sides that its action has them
// on: before, after or both.
func sides(c Change, f changeFields) bool {
	before, after := !absent(f.before), !absent(f.after)
	switch c.Action {
	case Create:
		return !before && after
	case Read:
		return after
	case Update, Replace:
		return before && after
	case Delete:
		return before && !after
	case Forget:
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
