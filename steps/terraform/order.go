package terraform

import "catalog-runbook/runbook/clean"

// Group is a part of a plan's changes that is read together.
type Group struct {
	Title   string
	Changes []int // indexes into Plan.Changes
}

// Order sorts a plan's changes for reading, the gravest first: what is not
// understood, what is destroyed or forgotten, what is replaced, then updated,
// created, and the rest. In a group, what keeps the plan from passing stands
// first, else the order is the plan's. Groups without changes are left out.
func Order(p Plan, j Judgement) []Group {
	groups := []Group{
		{Title: "not understood"}, {Title: "destroyed or forgotten"}, {Title: "replaced"}, {Title: "updated"}, {Title: "created"},
		{Title: "read, moved or imported"},
	}
	blocking := map[string]bool{}
	for _, f := range j.Findings {
		if f.Blocks && !f.Address.Empty() {
			blocking[f.Address.String()] = true
		}
	}
	after := make([][]int, len(groups))
	for i, c := range p.Changes {
		g := gravity(c)
		if len(blocking) > 0 && blocking[clean.Line(c.Address).String()] {
			groups[g].Changes = append(groups[g].Changes, i)
		} else {
			after[g] = append(after[g], i)
		}
	}
	all := groups[:0]
	for g := range groups {
		groups[g].Changes = append(groups[g].Changes, after[g]...)
		if len(groups[g].Changes) > 0 {
			all = append(all, groups[g])
		}
	}
	return all
}

// gravity is the place of a change among the groups.
func gravity(c Change) int {
	if c.Type == "" {
		return 0
	}
	switch c.Action {
	case Delete, Forget:
		return 1
	case Replace:
		return 2
	case Update:
		return 3
	case Create:
		return 4
	case Read, Move, Import:
		return 5
	default:
		return 0
	}
}
