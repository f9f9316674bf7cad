package terraform

import (
	"slices"

	tfjson "github.com/hashicorp/terraform-json"
)

// nothing stands for the action "no-op".
const nothing Action = ""

// classify says what a set of actions is. It goes by the whole set: one that is
// not known is Unclear, whatever it holds. Order only tells which of two comes
// first.
func classify(actions tfjson.Actions) (action Action, createFirst, creates bool) {
	if len(actions) == 1 {
		switch actions[0] {
		case tfjson.ActionNoop:
			return nothing, false, false
		case tfjson.ActionCreate:
			return Create, false, false
		case tfjson.ActionRead:
			return Read, false, false
		case tfjson.ActionUpdate:
			return Update, false, false
		case tfjson.ActionDelete:
			return Delete, false, false
		case tfjson.ActionForget:
			return Forget, false, false
		}
	}
	if len(actions) == 2 && slices.Contains(actions, tfjson.ActionCreate) {
		first := actions[0] == tfjson.ActionCreate
		switch {
		case slices.Contains(actions, tfjson.ActionDelete):
			return Replace, first, false
		case slices.Contains(actions, tfjson.ActionForget):
			return Forget, first, true
		}
	}
	return Unclear, false, false
}
