package exact

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// maxKept is the most bytes of a plan's changes for which Edits are kept.
const maxKept = 32 << 20

// changes reads resource_changes.
func (r *reader) changes() error {
	return r.array("resource_changes", func() error {
		c, f, err := r.change()
		if err != nil {
			return err
		}
		key := [2]string{c.Address, c.Deposed}
		if _, twice := r.seen[key]; twice {
			r.problem("%s is in the plan twice", c.Address)
		}
		r.seen[key] = struct{}{}
		if c.Action == nothing {
			r.plan.Unchanged++
			return nil
		}
		if r.options.Attributes != nil && r.options.Attributes(c) {
			c.Attributes, c.Refreshes = attributes(f), refreshes(c.Type, f.After)
		}
		if terraform.HasIngress(c.Type) && !absent(f.After) {
			c.Opens, c.OpensUnknown = opens(c.Type, f)
		}
		if r.options.Noise && c.Action == terraform.Update && c.Previous == "" && !c.Imported {
			r.hush(&c, f)
		}
		if r.options.Edits != nil && r.options.Edits(c) {
			if r.kept += c.At.Length; r.kept > maxKept {
				r.problem("the change of %s is too large to check", c.Address)
			} else {
				c.Edits, c.Payloads = edits(f), payloads(c.Type, f)
			}
		}
		r.plan.Changes = append(r.plan.Changes, c)
		return nil
	})
}

// hush sets the noise of an update. Whether the configuration sets what isn't known yet
// is read later.
func (r *reader) hush(c *terraform.Change, f changeFields) {
	n, computed := noise(f)
	if len(computed) > 0 && n != 0 {
		static := withoutKeys(c.Address)
		r.computed[static] = append(r.computed[static], computed...)
	}
	c.Noise = n
}

// drift reads resource_drift.
func (r *reader) drift() error {
	return r.array("resource_drift", func() error {
		c, _, err := r.change()
		if err == nil && c.Action != nothing {
			r.plan.Drifted = append(r.plan.Drifted, c)
		}
		return err
	})
}

// change reads one resource change. If something is wrong with it, change reports a
// problem and sets the action to Unclear. The fields are valid until the next call.
func (r *reader) change() (terraform.Change, changeFields, error) {
	r.fields.reset()
	at, err := r.in.decode(&r.fields)
	if err != nil {
		return terraform.Change{}, changeFields{}, err
	}
	f := r.fields.Change
	text, ok := r.fields.text()
	actions := f.actions()
	c := terraform.Change{Address: text.address, Deposed: text.deposed, At: at, Imported: !absent(f.Importing)}
	c.Action, c.CreateFirst, c.Creates = classify(actions)
	if text.previous != text.address {
		c.Previous = text.previous
	}
	switch {
	case len(actions) > 0 && c.Action == terraform.Unclear:
		c.Reason = clean.Linef("its actions are %q", actions)
	case text.reason != "":
		c.Reason = reason(text.reason)
	}
	for _, path := range paths(f.ReplacePaths) {
		if name := pathText(path); !name.Empty() {
			c.Triggers = append(c.Triggers, name)
		}
	}
	if c.Action == terraform.Replace {
		c.Identities = identities(f.Before)
	}
	r.secrets.change(f)
	r.check(&c, text, f, ok)
	if c.Action == nothing {
		switch {
		case c.Imported:
			c.Action = terraform.Import
		case c.Previous != "":
			c.Action = terraform.Move
		}
	}
	return c, f, nil
}

// check reports a problem if the parts of a change are inconsistent, or if ok is
// false, which means that its fields don't have the right types.
func (r *reader) check(c *terraform.Change, text resourceText, f changeFields, ok bool) {
	address, known := terraform.ParseAddress(text.address)
	c.Type = address.Type
	switch {
	case text.address == "":
		r.unclear(c, "a resource change at byte %d has no address", c.At.Offset)
	case !known:
		r.unclear(c, "%s isn't the address of a resource", c.Address)
	case !ok:
		r.unclear(c, "the change of %s isn't in the form of a plan", c.Address)
	case address.Mode == "ephemeral" && text.mode == address.Mode && slices.Equal(f.actions(), []string{"open"}) && absent(f.Before) && absent(f.After):
		c.Action, c.Reason = nothing, clean.Text{} // OpenTofu 1.11 lists it; the plan has opened it already
	case c.Action == terraform.Unclear:
		r.unclear(c, "can't interpret what would be done to %s", c.Address)
	case text.kind != c.Type:
		r.unclear(c, "%s is said to be of the type %q", c.Address, text.kind)
	case text.mode != address.Mode, address.Mode == "ephemeral", c.Action != nothing && (address.Mode == "data") != (c.Action == terraform.Read):
		r.unclear(c, "%s is said to be of the mode %q, and its action %q", c.Address, text.mode, c.Action)
	case c.Action != nothing && !sides(*c, f):
		why := clean.Linef("%s %s, but the plan has it %s", c.Address, c.Effect(), present(f))
		if c.Action == terraform.Delete || c.Action == terraform.Forget { // which is worse than not to be understood
			r.problem("%s", why)
		} else {
			r.unclear(c, "%s", why)
		}
	case c.Action == nothing && !same(f.Before, f.After):
		r.unclear(c, "%s is said to stay as it is, but its attributes change", c.Address)
	}
}

// identities returns the attributes that identify a resource.
func identities(before []byte) []terraform.Identity {
	var all []terraform.Identity
	for name, value := range members(before) {
		if len(value) <= terraform.MaxIdentity && terraform.Identifies(name) {
			if text, ok := word(value); ok && text != "" {
				all = append(all, terraform.Identity{Attribute: name, Value: text})
			}
		}
	}
	return all
}

func (r *reader) unclear(c *terraform.Change, format string, args ...any) {
	c.Action, c.CreateFirst, c.Creates, c.Identities = terraform.Unclear, false, false, nil
	r.problem(format, args...)
}

// sides reports whether a change has the values that its action implies: before,
// after or both.
func sides(c terraform.Change, f changeFields) bool {
	before, after := !absent(f.Before), !absent(f.After)
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
	switch before, after := !absent(f.Before), !absent(f.After); {
	case before && after:
		return "before and after"
	case before:
		return "before, and not after"
	case after:
		return "after, and not before"
	}
	return "neither before nor after"
}

// same reports whether two JSON values are equal, regardless of their format.
func same(a, b []byte) bool {
	if bytes.Equal(a, b) || absent(a) && absent(b) {
		return true
	}
	x, y := jsontext.Value(bytes.Clone(a)), jsontext.Value(bytes.Clone(b))
	return canonical(&x) == nil && canonical(&y) == nil && bytes.Equal(x, y)
}

// canonical formats a value so that equal values have equal bytes: without white
// space and with sorted names. It leaves numbers as they are.
func canonical(v *jsontext.Value) error {
	return v.Format(jsontext.ReorderRawObjects(true), jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false))
}
