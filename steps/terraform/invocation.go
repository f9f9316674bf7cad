package terraform

import (
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
)

// Invoke is what a Rule calls the invocation of an action.
const Invoke = "invoke"

// Invocation is an action that a plan would invoke, as Terraform 1.14 and later can: a
// provider's operation that belongs to no resource, such as calling a function or
// restarting a machine. What it does is not in the plan.
type Invocation struct {
	// Address is the action's address, "action.aws_lambda_invoke.hook". It isn't
	// cleaned, since it is compared.
	Address string
	// Keyless says that Address has no key where the action may have one: a text doesn't
	// show it.
	Keyless bool
	// Trigger is the address of the resource whose change invokes the action; empty if
	// -invoke asked for it.
	Trigger string
	// Event is when the action is invoked, "before the change" or "after create"; may be
	// empty.
	Event clean.Text
}

// When returns what invokes the action: "after create of aws_instance.a".
func (i Invocation) When() string {
	if i.Trigger == "" {
		return "as -invoke asks"
	}
	return strings.TrimLeft(i.Event.String()+" of ", " ") + i.Trigger
}

// IsAction reports whether an address is that of an action:
// module.NAME[KEY].action.TYPE.NAME[KEY].
func IsAction(address string) bool {
	rest := address
	for {
		name, key, behind, ok := segment(rest)
		if !ok || name != "module" || key != "" {
			break
		}
		if _, _, rest, ok = segment(behind); !ok {
			return false
		}
	}
	rest, found := strings.CutPrefix(rest, "action.")
	a, ok := ParseAddress(rest)
	return found && ok && a.Mode == "managed" && len(a.Modules) == 0
}

// TriggeredAction returns the address, without a key, of an action that a resource
// triggers. It is in the same module.
func TriggeredAction(resource, kind, name string) string {
	a, _ := ParseAddress(resource)
	return resource[:a.typeAt] + "action." + kind + "." + name
}

// allowedBy reports whether a rule allows an invocation.
func (i Invocation) allowedBy(r Rule) bool {
	return slices.Contains(r.Actions, Invoke) && len(r.Attributes) == 0 && glob(r.Address, i.Address)
}

// invocations adds a finding for each action that the plan would invoke. It blocks
// unless a rule allows it by naming "invoke": "*" was written before there were actions.
func (t *judging) invocations() {
	for _, i := range t.plan.Invocations {
		f := Finding{Address: clean.Line(i.Address), Actions: []string{Invoke}, Blocks: true}
		why := " " + i.When()
		allowed := slices.IndexFunc(t.Allow, i.allowedBy)
		keyed := i
		keyed.Address += "[0]"
		unsure := allowed >= 0 && i.Keyless && !slices.ContainsFunc(t.Allow, keyed.allowedBy)
		forbidden := slices.IndexFunc(t.Forbid, func(r Rule) bool { return len(r.Attributes) == 0 && r.covers(Invoke, i.Address) })
		switch {
		case forbidden >= 0:
			f.Rule, f.Text = ruleForbidden, clean.Linef("%s would be invoked%s, which the settings forbid for %s", i.Address, why, t.Forbid[forbidden].Address)
		case unsure:
			f.Rule = ruleUncertain
			f.Text = clean.Linef("%s would be invoked%s, and the text does not show whether it has a key; hint: give the JSON, or allow %s*", i.Address, why, i.Address)
		case allowed >= 0:
			f.Rule, f.Blocks = ruleAllowed, false
			f.Text = clean.Linef("%s would be invoked%s, which the settings allow for %s", i.Address, why, t.Allow[allowed].Address)
		default:
			f.Rule = ruleAction
			f.Text = clean.Linef("%s would be invoked%s, and the plan does not say what it does", i.Address, why)
		}
		switch {
		case f.Rule == ruleUncertain:
			t.doubts = append(t.doubts, f)
		case f.Blocks:
			t.forbidden = append(t.forbidden, f)
		default:
			t.notes = append(t.notes, f)
		}
	}
}
