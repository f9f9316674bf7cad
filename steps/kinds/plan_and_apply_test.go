package kinds

import (
	"strings"
	"testing"

	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
)

func TestAQuestionAfterTooMuchOutputIsAnsweredNo(t *testing.T) {
	const question = "\nDo you want to perform these actions?\n  Only 'yes' will be accepted to approve.\n\n  Enter a value: "
	reply, note := planAndApply.Effect(effectApply).Answer(steps.Input{World: &steps.World{ApplyAsks: true}}, command.Gap+question)
	if reply != "no\n" || !strings.Contains(note.String(), "longer than what is kept") {
		t.Errorf("answers %q: %s", reply, note)
	}
}
