package questions

import (
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

// Until says when what a step waits for is likely to end, as in "usually over by 14:20". It is ""
// if nobody knows.
func Until(run *runbook.Run, id document.StepID, now time.Time) string {
	end, err := time.Parse(time.RFC3339, run.Step(id).Result.Facts[steps.FactUntil])
	switch in := end.Sub(now); {
	case err != nil:
		return ""
	case in <= 0:
		return "usually over by now"
	case in < time.Minute:
		return "usually over by " + end.In(now.Location()).Format("15:04:05")
	}
	return "usually over by " + end.In(now.Location()).Format("15:04")
}

// Closing says in a sentence how far a walk has come that a person leaves.
func Closing(t runbook.Tally) string {
	if t.Ending() == runbook.StillOpen {
		return t.String() + "."
	}
	return say.Capital(Ended(t)) + "."
}

// Ended says how a walk without an open step has ended, as a clause.
func Ended(t runbook.Tally) string {
	switch t.Ending() {
	case runbook.Undeployed:
		return "nothing was deployed: " + t.Ways()
	case runbook.NothingDone:
		return "nothing was done: " + t.Ways()
	case runbook.ByOthers:
		return "deployed elsewhere, not by this run: " + t.Ways()
	case runbook.Excepting:
		return "no steps left: " + t.Ways()
	}
	return "all steps done"
}
