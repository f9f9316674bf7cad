package exact

import (
	"slices"

	tfjson "github.com/hashicorp/terraform-json"

	"catalog-runbook/steps/terraform"
)

// nothing stands for the action "no-op".
const nothing terraform.Action = ""

// classify says what a set of actions is. It goes by the whole set: one that is
// not known is Unclear, whatever it holds. Order only tells which of two comes
// first.
func classify(actions tfjson.Actions) (action terraform.Action, createFirst, creates bool) {
	if len(actions) == 1 {
		switch actions[0] {
		case tfjson.ActionNoop:
			return nothing, false, false
		case tfjson.ActionCreate:
			return terraform.Create, false, false
		case tfjson.ActionRead:
			return terraform.Read, false, false
		case tfjson.ActionUpdate:
			return terraform.Update, false, false
		case tfjson.ActionDelete:
			return terraform.Delete, false, false
		case tfjson.ActionForget:
			return terraform.Forget, false, false
		}
	}
	if len(actions) == 2 && slices.Contains(actions, tfjson.ActionCreate) {
		first := actions[0] == tfjson.ActionCreate
		switch {
		case slices.Contains(actions, tfjson.ActionDelete):
			return terraform.Replace, first, false
		case slices.Contains(actions, tfjson.ActionForget):
			return terraform.Forget, first, true
		}
	}
	return terraform.Unclear, false, false
}
