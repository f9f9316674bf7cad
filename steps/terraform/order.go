package terraform

import (
	"slices"

	"catalog-runbook/runbook/clean"
)

// Group is a group of changes to be read together.
type Group struct {
	Title   string
	Changes []int // indexes into Plan.Changes
}

// gravity says how grave a change is, the gravest first.
type gravity int

// The gravities, which are the groups that Order makes.
const (
	unclear gravity = iota // not understood
	losesData
	destroys
	replaces
	exposes
	updates
	creates
	leaves // as it is: read, moved or imported
	noise
	lastGravity
)

var groupTitles = [lastGravity]string{
	unclear:   "not understood",
	losesData: "databases and stored data destroyed",
	destroys:  "destroyed or forgotten",
	replaces:  "replaced",
	exposes:   "open to the world",
	updates:   "updated",
	creates:   "created",
	leaves:    "read, moved or imported",
	noise:     "noise (another order or spelling, or computed values alone)",
}

// Order groups a plan's changes for reading, the gravest first: not understood, what
// destroys data, what destroys or forgets, replaced, what opens something to the world,
// updated, created, the rest, and at last the updates that are Noise, unless a finding says
// more about them, or they are of a database or of what can run a service. In a group,
// changes that keep the plan from passing come first; otherwise they keep the plan's order.
// Groups without changes are left out.
func Order(p Plan, j Judgement) []Group {
	blocking, exposed, ordinary := map[string]bool{}, map[string]bool{}, map[string]bool{}
	hushed := slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Noise != 0 })
	for _, f := range j.Findings {
		if hushed && f.Rule == ruleOther {
			ordinary[f.Address.String()] = true
		}
		if f.Blocks && !f.Address.Empty() {
			blocking[f.Address.String()] = true
		}
		if f.Rule == ruleExposed {
			exposed[f.Address.String()] = true
		}
	}
	var first, after [lastGravity][]int
	for i, c := range p.Changes {
		g := c.gravity()
		address := ""
		if len(blocking)+len(exposed)+len(ordinary) > 0 {
			address = clean.Line(c.Address).String()
		}
		switch {
		case g > exposes && exposed[address]:
			g = exposes
		case c.Noise != 0 && ordinary[address] && !blocking[address] && !ofType(databases, c) && !ofType(instances, c):
			g = noise
		}
		if blocking[address] {
			first[g] = append(first[g], i)
		} else {
			after[g] = append(after[g], i)
		}
	}
	var all []Group
	for g, title := range groupTitles {
		if changes := append(first[g], after[g]...); len(changes) > 0 {
			all = append(all, Group{title, changes})
		}
	}
	return all
}

// gravity returns how grave a change is. What exposes something isn't told by its action.
func (c Change) gravity() gravity {
	if c.Type == "" {
		return unclear
	}
	switch c.Action {
	case Delete, Replace:
		switch {
		case ofType(databases, c), ofType(stores, c):
			return losesData
		case c.Action == Replace:
			return replaces
		}
		return destroys
	case Forget:
		return destroys
	case Update:
		return updates
	case Create:
		return creates
	case Read, Move, Import:
		return leaves
	}
	return unclear
}

// severity returns how grave the effect is that a finding objects to, or that the settings
// allow. Other findings are as grave as an update.
func (f Finding) severity() gravity {
	c := Change{Address: f.Address.String(), Type: typeOf(f.Address.String()), Action: Update}
	has := func(action Action) bool { return slices.Contains(f.Actions, string(action)) }
	switch f.Rule {
	case ruleState: // the others follow from that
		return unclear
	case ruleExposed:
		return exposes
	case ruleAction: // nobody knows what it does
		return replaces
	case ruleDatabase, ruleStorage, ruleForbidden, ruleDestroy, ruleForget, ruleReplace, ruleAllowed:
	default:
		return updates
	}
	switch {
	case c.Type == "":
		return updates
	case has(Delete) && has(Create):
		c.Action = Replace
	case has(Delete):
		c.Action = Delete
	case has(Forget):
		c.Action = Forget
	}
	return c.gravity()
}
