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

// groups are the groups that Order makes, the most serious first.
var groups = []struct {
	title   string
	actions []Action
}{
	{"not understood", nil}, // and any change in no other group
	{"destroyed or forgotten", []Action{Delete, Forget}},
	{"replaced", []Action{Replace}},
	{"updated", []Action{Update}},
	{"created", []Action{Create}},
	{"read, moved or imported", []Action{Read, Move, Import}},
}

// Order groups a plan's changes for reading, the most serious first: not understood,
// destroyed or forgotten, replaced, updated, created, and the rest. In a group, changes
// that keep the plan from passing come first; otherwise they keep the plan's order.
// Groups without changes are left out.
func Order(p Plan, j Judgement) []Group {
	blocking := map[string]bool{}
	for _, f := range j.Findings {
		if f.Blocks && !f.Address.Empty() {
			blocking[f.Address.String()] = true
		}
	}
	first, after := make([][]int, len(groups)), make([][]int, len(groups))
	for i, c := range p.Changes {
		g := gravity(c)
		if len(blocking) > 0 && blocking[clean.Line(c.Address).String()] {
			first[g] = append(first[g], i)
		} else {
			after[g] = append(after[g], i)
		}
	}
	var all []Group
	for g := range groups {
		if changes := append(first[g], after[g]...); len(changes) > 0 {
			all = append(all, Group{groups[g].title, changes})
		}
	}
	return all
}

// gravity returns the index of a change's group.
func gravity(c Change) int {
	for g := range groups {
		if c.Type != "" && slices.Contains(groups[g].actions, c.Action) {
			return g
		}
	}
	return 0
}
