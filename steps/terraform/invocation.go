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
	// Trigger is the address of the resource whose change invokes the action; empty if
	// -invoke asked for it.
	Trigger string
	// Event is when the action is invoked, "before the change" or "after create"; may be
	// empty.
	Event clean.Text
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

// invocations adds a finding for each action that the plan would invoke. It blocks
// unless a rule allows it by naming "invoke": "*" was written before there were actions.
func (t *judging) invocations() {
	for _, i := range t.plan.Invocations {
		f := Finding{Address: clean.Line(i.Address), Actions: []string{Invoke}, Blocks: true}
		why := " as -invoke asks"
		if i.Trigger != "" {
			why = strings.TrimRight(" "+i.Event.String(), " ") + " of " + i.Trigger
		}
		allowed := slices.IndexFunc(t.Allow, func(r Rule) bool {
			return slices.Contains(r.Actions, Invoke) && len(r.Attributes) == 0 && glob(r.Address, i.Address)
		})
		forbidden := slices.IndexFunc(t.Forbid, func(r Rule) bool { return len(r.Attributes) == 0 && r.covers(Invoke, i.Address) })
		switch {
		case forbidden >= 0:
			f.Rule, f.Text = ruleForbidden, clean.Linef("%s would be invoked%s, which the settings forbid for %s", i.Address, why, t.Forbid[forbidden].Address)
		case allowed >= 0:
			f.Rule, f.Blocks = ruleAllowed, false
			f.Text = clean.Linef("%s would be invoked%s, which the settings allow for %s", i.Address, why, t.Allow[allowed].Address)
		default:
			f.Rule = ruleAction
			f.Text = clean.Linef("%s would be invoked%s, and the plan does not say what it does", i.Address, why)
		}
		if f.Blocks {
			t.forbidden = append(t.forbidden, f)
		} else {
			t.notes = append(t.notes, f)
		}
	}
}
