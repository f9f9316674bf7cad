package text

import (
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/terraform"
)

// actions says where in the actions of a plan the reader is. Terraform prints an action
// that a resource triggers below the resource's block, without its address, and those that
// -invoke asks for below the counts. (Terraform's source, internal/command/jsonformat,
// plan.go.)
type actions struct {
	event   string                // "before" or "after" the change of the resource above
	asked   bool                  // they are those that -invoke asks for
	pending *terraform.Invocation // its block is yet to come
	block   bool                  // its block has begun and not ended
}

var (
	actionsTitle = pattern.Lazy(`^ {4}# Actions to be invoked (before|after) this change in order:$`)
	invokedLine  = pattern.Lazy(`^ {2}# (.*) will be invoked(?: \(called from .*\))?$`)
	actionBlock  = pattern.Lazy(`^ {4}action "([^"]*)" "([^"]*)" \{(\})?$`)
)

// action reads a line about actions. It returns false for any other line.
func (r *reader) action(line string) bool {
	a := &r.actions
	if a.block {
		if line == "    }" {
			a.block = false
			return true
		}
		if line == "" || strings.HasPrefix(line, "        ") {
			return true
		}
		r.problem("the block of an action is cut off")
		a.block = false
		return false
	}
	if line == "" || line[0] != ' ' {
		return false
	}
	if m := actionBlock().FindStringSubmatch(line); m != nil {
		r.invoked(m[1], m[2])
		a.block = m[3] == ""
		return true
	}
	if m := actionsTitle().FindStringSubmatch(line); m != nil && r.place == inPlan && r.change.Address != "" {
		a.event = m[1]
		return true
	}
	if m := invokedLine().FindStringSubmatch(line); m != nil && a.asked && a.pending == nil && terraform.IsAction(m[1]) {
		a.pending = &terraform.Invocation{Address: m[1]}
		return true
	}
	return false
}

// invoked adds the action whose block begins.
func (r *reader) invoked(kind, name string) {
	a := &r.actions
	i := a.pending
	switch a.pending = nil; {
	case i != nil:
		if asked, _ := terraform.ParseAddress(strings.Replace(i.Address, "action.", "", 1)); kind != asked.Type || name != asked.Name {
			r.problem("the block below %s is of %s.%s", i.Address, kind, name)
		}
	case a.event != "":
		i = &terraform.Invocation{
			Address: terraform.TriggeredAction(r.change.Address, kind, name), Keyless: true,
			Trigger: r.change.Address, Event: clean.Line(a.event + " the change"),
		}
	default:
		r.problem("an action is in the plan without its address: %s.%s", kind, name)
		return
	}
	if !terraform.IsAction(i.Address) {
		r.problem("can't interpret an action that it would invoke: %s", i.Address)
	}
	r.plan.Invocations = append(r.plan.Invocations, *i)
}

// endActions reports a problem if an action is cut off, or if there are more or fewer
// than the plan counts.
func (r *reader) endActions() {
	if r.actions.pending != nil || r.actions.block {
		r.problem("the text ends in the middle of an action")
	}
	if n := len(r.plan.Invocations); n != r.plan.Counts.Invoke {
		r.problem("the plan counts %d actions to invoke, and lists %d", r.plan.Counts.Invoke, n)
	}
}
