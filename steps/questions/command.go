// Package questions words what a person is asked before anything is done or recorded. Every
// front end asks in these words, so that nobody confirms less in one than in another.
package questions

import (
	"errors"
	"fmt"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
)

// Named is the number of destroyed resources that a full question lists.
const Named = 3

// Command is an effect that Engine.Prepare has found to be allowed once it is confirmed.
type Command struct {
	Step   *steps.Binding
	Effect runbook.EffectSpec
	Phrase string             // what confirms it
	Dir    string             // where it runs
	Plan   *steps.PlanReading // what it would carry out, or nil
	Unread clean.Text         // why there is no plan
	Asks   []clean.Text       // what it asks, which the confirmation answers
}

// Question returns what a person should know before the command runs: the folder and, for
// a plan, the verdict, the counts and the first destroyed resources, as many as names
// says. If names is 0, it returns only what a person must know.
func (c *Command) Question(run *runbook.Run, names int) []string {
	dir := clean.Line(c.Dir).String()
	environment, number, _ := strings.Cut(c.Phrase, " ")
	var about []string
	if c.Effect.After != "" {
		about = append(about, c.reviewed(run, names)...)
		release := clean.Line(run.Release()).String()
		if names > 0 {
			release = "Release " + release
		}
		about = append(about, fmt.Sprintf("%s to %s, in %s", release, environment, dir))
		about = append(about, excepted(run, c.Step, names)...)
	} else {
		about = append(about, "in "+dir)
	}
	if back := run.Rollback(); back != nil && c.Effect.Judged {
		about = append(about, c.Step.Kind.Unrestored.Brief)
	}
	if c.Step.Locked() && (names > 0 || c.Effect.After == "") {
		about = append(about, "🔒 For maintainers with infrastructure access only.")
	}
	if len(c.Asks) > 0 {
		about = append(about, "It asks, and your confirmation answers yes: "+c.Asks[0].String()+andMore(len(c.Asks)-1))
	}
	switch {
	case number != "" && names > 0:
		about = append(about, fmt.Sprintf("Type %s to run it: the environment, and how many resources are destroyed.", c.Phrase))
	case number != "":
		about = append(about, fmt.Sprintf("Type %s (so many are destroyed).", c.Phrase))
	default:
		about = append(about, "Type "+c.Phrase+" to run it.")
	}
	return about
}

// excepted names the steps before a step that don't hold by what was found, but because a person
// has accepted or skipped them. If names is 0, it leaves out why.
func excepted(run *runbook.Run, b *steps.Binding, names int) []string {
	var lines []string
	own, _ := run.Spec(b.Step.ID)
	for _, spec := range run.Specs() {
		if spec.ID == own.ID {
			break
		}
		s := run.Step(spec.ID)
		if spec.Procedure != own.Procedure || s.Result.Verdict == runbook.Passed {
			continue
		}
		var word, reason string
		switch {
		case s.Override != nil:
			word, reason = "Accepted", s.Override.Reason.String()
		case s.Skip != nil:
			word, reason = "Skipped", s.Skip.Reason.String()
		default:
			continue
		}
		line := word + ": " + spec.Label.String()
		if names > 0 {
			line += ", " + reason
		}
		lines = append(lines, line+".")
	}
	return lines
}

// reviewed describes the plan that the person has reviewed.
func (c *Command) reviewed(run *runbook.Run, names int) []string {
	r := c.Plan
	if r == nil { // what it destroys is unknown
		lines := []string{}
		if done := run.Effect(c.Step.Step.ID, c.Effect.After).Finished; done != nil {
			lines = append(lines, done.Result.Summary.String())
		}
		return append(lines, "Can't list what is destroyed: "+c.Unread.String()+".")
	}
	verdict, n := say.Capital(r.Judgement.Verdict.String())+": ", r.Plan.Counts
	if names == 0 {
		counts := fmt.Sprintf("%d add, %d change, %d destroy", n.Add, n.Change, n.Destroy)
		if n.Forget+n.Import > 0 {
			counts += fmt.Sprintf(", %d forget, %d import", n.Forget, n.Import)
		}
		return append([]string{verdict + counts}, Destructions(r.Plan, names)...)
	}
	summary := strings.TrimSuffix(r.Judgement.Summary.String(), ": "+n.String()) + "."
	counts := fmt.Sprintf("%d to add, %d to change, %d to destroy", n.Add, n.Change, n.Destroy)
	if n.Forget+n.Import > 0 {
		counts += fmt.Sprintf(", %d to forget, %d to import", n.Forget, n.Import)
	}
	return append([]string{verdict + summary, counts + "."}, Destructions(r.Plan, names)...)
}

// Destructions lists what a plan destroys, replaces or forgets: as many of each as names
// says, and how many more there are.
func Destructions(p terraform.Plan, names int) []string {
	var lines []string
	for _, kind := range []struct {
		action terraform.Action
		word   string
	}{{terraform.Delete, "Destroyed"}, {terraform.Replace, "Replaced"}, {terraform.Forget, "Forgotten"}} {
		var found []string
		n := 0
		for i := range p.Changes {
			if c := &p.Changes[i]; c.Action == kind.action {
				if n++; n <= max(names, 1) {
					found = append(found, clean.Line(c.Address).String())
				}
			}
		}
		if n == 0 {
			continue
		}
		line := kind.word + ": " + strings.Join(found, ", ")
		lines = append(lines, line+andMore(n-len(found)))
	}
	return lines
}

// andMore returns the end of a list from which n items are left out.
func andMore(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(", and %s more", say.Number(n))
}

// Reasons returns why something is refused, one sentence per line, without the demand for
// a confirmation that is still to be asked for.
func Reasons(err error) []string {
	var refusal *runbook.Refusal
	if !errors.As(err, &refusal) {
		return []string{clean.Line(err.Error()).String()}
	}
	var lines []string
	for _, r := range refusal.Reasons {
		if r.Demand != runbook.DemandConfirmation {
			lines = append(lines, "- "+r.Text.String())
		}
	}
	return lines
}
