package exact

import (
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// nothing is the action "no-op".
const nothing terraform.Action = ""

// actionSets are the lists of actions that a plan can have for a resource.
var actionSets = []struct {
	words                []string
	action               terraform.Action
	createFirst, creates bool
}{
	{[]string{"no-op"}, nothing, false, false},
	{[]string{"create"}, terraform.Create, false, false},
	{[]string{"read"}, terraform.Read, false, false},
	{[]string{"update"}, terraform.Update, false, false},
	{[]string{"delete"}, terraform.Delete, false, false},
	{[]string{"forget"}, terraform.Forget, false, false},
	{[]string{"delete", "create"}, terraform.Replace, false, false},
	{[]string{"create", "delete"}, terraform.Replace, true, false},
	{[]string{"forget", "create"}, terraform.Forget, false, true},
	{[]string{"create", "forget"}, terraform.Forget, true, true},
}

// classify returns the action that a list of words stands for. It compares the whole
// list: an unknown one is Unclear, whatever words it contains.
func classify(words []string) (action terraform.Action, createFirst, creates bool) {
	for _, set := range actionSets {
		if slices.Equal(set.words, words) {
			return set.action, set.createFirst, set.creates
		}
	}
	return terraform.Unclear, false, false
}

// reasons maps the keywords of action_reason to text. The texts of replacements are
// those of the headers in a printed plan.
var reasons = map[tfjson.ActionReason]string{
	tfjson.ActionReasonReplaceBecauseCannotUpdate:    "must be replaced",
	tfjson.ActionReasonReplaceBecauseTainted:         "is tainted, so must be replaced",
	tfjson.ActionReasonReplaceByRequest:              "will be replaced, as requested",
	tfjson.ActionReasonReplaceByTriggers:             "will be replaced due to changes in replace_triggered_by",
	tfjson.ActionReasonDeleteBecauseNoResourceConfig: "it is no longer in the configuration",
	tfjson.ActionReasonDeleteBecauseWrongRepetition:  "its index does not fit the configuration's count or for_each",
	tfjson.ActionReasonDeleteBecauseCountIndex:       "its index is beyond count",
	tfjson.ActionReasonDeleteBecauseEachKey:          "its key is not in for_each",
	tfjson.ActionReasonDeleteBecauseNoModule:         "its module is no longer in the configuration",
	tfjson.ActionReasonDeleteBecauseNoMoveTarget:     "it was moved to an address that is not in the configuration",
	tfjson.ActionReasonReadBecauseConfigUnknown:      "its arguments are not known yet",
	tfjson.ActionReasonReadBecauseDependencyPending:  "it depends on what has changes pending",
	tfjson.ActionReasonReadBecauseCheckNested:        "a check block asks for it",
	// OpenTofu's own, of 1.12.
	"forgot_because_lifecycle_destroy_in_state":  "its configuration said destroy = false when it was made",
	"forgot_because_lifecycle_destroy_in_config": "its configuration says destroy = false",
}

// reason returns the text for a keyword. An unknown keyword stands for itself, since
// later versions of Terraform may add some.
func reason(keyword string) clean.Text {
	if words, ok := reasons[tfjson.ActionReason(keyword)]; ok {
		return clean.Line(words)
	}
	return clean.Line(strings.ReplaceAll(keyword, "_", " "))
}
