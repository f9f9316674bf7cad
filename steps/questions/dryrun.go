package questions

import (
	"fmt"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

// DryRun words what a dry run shows of an effect that it doesn't run: a headline, which
// says whether a live run would refuse it, and what that would demand. reasons are those
// of Engine.Pretend, w is the world in which the command would run.
func DryRun(run *runbook.Run, id document.StepID, effect runbook.EffectSpec, reasons []runbook.Reason, w *steps.World) (title string, lines []string) {
	var refused, asked []string
	rehearsed := effect.After != "" && run.Effect(id, effect.After).Pretended != nil
	for _, r := range reasons {
		line := "- " + demanded(run, id, effect, r)
		switch {
		case r.Demand == runbook.DemandConfirmation, r.Demand == runbook.DemandJudgement, r.Demand == runbook.DemandBefore && rehearsed:
			asked = append(asked, line)
		default:
			refused = append(refused, line)
		}
	}
	title = "Dry run: a live run would do this"
	if n := len(refused); n > 0 {
		title = fmt.Sprintf("Dry run: a live run would refuse this (%s)", say.Count(n, "reason"))
		lines = append(append(lines, "It would first require:"), refused...)
	}
	if len(asked) > 0 {
		lines = append(append(lines, "It would ask you:"), asked...)
	}
	return title, append(lines, "Would run: "+effect.Label.String(), "In: "+Where(w), "Dry run: nothing was executed. Continuing as if this step had run.")
}

// Where says where a live run would run a command.
func Where(w *steps.World) string {
	if dir := clean.Line(w.Checkout.Dir).String(); dir != "" {
		return dir
	}
	return "the infrastructure checkout, which isn't configured: " + w.HowToSet("[infrastructure] directory")
}

// demanded words a reason as what has to be done.
func demanded(run *runbook.Run, id document.StepID, effect runbook.EffectSpec, r runbook.Reason) string {
	spec, known := run.Spec(r.Step)
	switch {
	case r.Demand == runbook.DemandRelease:
		return "Choose a release."
	case r.Demand == runbook.DemandEarlier && known:
		if run.Step(r.Step).Result.Verdict == runbook.NotAsked {
			return "Complete " + spec.Label.String() + "."
		}
		return "Complete " + spec.Label.String() + ". " + r.Text.String()
	case r.Demand == runbook.DemandFresh && known && r.Step != id:
		return "Verify " + spec.Label.String() + " again: its result is too old."
	case r.Demand == runbook.DemandAccess && run.Access() == nil:
		return "Have access to the infrastructure, which hasn't been checked yet."
	case r.Demand == runbook.DemandBefore && run.Effect(id, effect.After).Pretended == nil && run.Effect(id, effect.After).Finished == nil:
		return "Make the " + effect.After + "."
	case r.Demand == runbook.DemandJudgement, r.Demand == runbook.DemandBefore && run.Effect(id, effect.After).Pretended != nil:
		return "Read the " + effect.After + " to its end, and say that it looks correct."
	case r.Demand == runbook.DemandConfirmation:
		return fmt.Sprintf("Type %q.", clean.Line(run.Phrase(id, effect.Name)))
	}
	return r.Text.String()
}
