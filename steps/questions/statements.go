package questions

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

// Statement is a question that a person answers in words of their own, which are recorded
// with their name.
type Statement struct {
	Title string
	About []string
}

// recorded ends the question for every reason.
const recorded = "The reason is recorded with your name."

// Skip asks why a step is left out.
func Skip(b *steps.Binding) Statement {
	return Statement{"Skip " + b.Label().String(), []string{"Why is it left out?", recorded}}
}

// Accept asks why what a check has found is acceptable. names is what is accepted, for
// Engine.Override.
func Accept(run *runbook.Run, b *steps.Binding) (s Statement, names string) {
	s, names = AcceptEach(run, b)
	found, why := s.About[:len(s.About)-2], s.About[len(s.About)-2]
	return Statement{s.Title, []string{strings.TrimSuffix(strings.Join(found, ", "), ".") + ". " + why, recorded}}, names
}

// AcceptEach is Accept with a line for each thing that is accepted.
func AcceptEach(run *runbook.Run, b *steps.Binding) (s Statement, names string) {
	res := run.Step(b.Step.ID).Result
	spec, _ := run.Spec(b.Step.ID)
	names = spec.Acceptable(res)
	for name := range strings.SplitSeq(names, "\n") {
		s.About = append(s.About, clean.Line(name).String())
	}
	s.Title, s.About = "Accept what "+b.Label().String()+" found", append(s.About, b.Accepting(res), recorded)
	return s, names
}

// Lapsed says why what was accepted of a step no longer counts: a sentence that doesn't begin with
// a capital letter.
func Lapsed(run *runbook.Run, id document.StepID) string {
	spec, _ := run.Spec(id)
	s := run.Step(id)
	const shown = 3
	found := spec.Acceptable(s.Result)
	if found != "" && found == s.Result.Facts[spec.Found] {
		return "something else was found then."
	}
	more := s.Lapsed.Beyond(found)
	names := strings.Join(more[:min(len(more), shown)], ", ")
	if len(more) > shown {
		names += fmt.Sprintf(", and %d more", len(more)-shown)
	}
	if names == "" {
		return "what is found now can't be listed."
	}
	return clean.Linef("%s came after that.", names).String()
}

// Fill asks what a placeholder stands for.
func Fill(run *runbook.Run, bound *steps.Bound, name string) Statement {
	in, doc := bound.HaveGap(name)
	labels := make([]string, len(in))
	for i, b := range in {
		labels[i] = b.Label().String()
	}
	title, stands := "What is "+clean.Line(name).String()+"?", "It stands for "+doc+" in "+strings.Join(labels, " and ")+"."
	if len(in) > 0 {
		if q := in[0].Question(name); q != nil {
			title, stands = q.Title, "It is for "+strings.Join(labels, " and ")+"."
		}
	}
	about := []string{stands, "It is kept for this run and recorded with your name. It can be changed until a command has been run with it."}
	if f := run.Filled(name); f != nil {
		about = append([]string{Filled(f).String() + "."}, about...)
	}
	return Statement{title, about}
}

// Filled says what a placeholder stands for, and who has said so.
func Filled(f *runbook.Filled) clean.Text {
	return clean.Linef("%s is '%s', said by %s", f.Name, f.Value, f.Actor)
}

// Elsewhere asks who has carried out a step that deploys. evidence is what services show
// about it.
func Elsewhere(run *runbook.Run, b *steps.Binding, evidence []runbook.Evidence) Statement {
	about := []string{"It deploys, so it can't be skipped. It can have been done elsewhere, by someone else or by hand."}
	for _, seen := range evidence {
		about = append(about, seen.Name.String()+": "+seen.Value.String())
	}
	if len(evidence) == 0 {
		about = append(about, "No service can be asked here, so only your word will say so.")
	}
	about = append(about, "Who has deployed "+clean.Line(run.Release()).String()+"?")
	return Statement{"Mark " + b.Label().String() + " as done elsewhere", about}
}

// ElsewhereHow asks how the person knows who has carried out a step that deploys.
func ElsewhereHow(run *runbook.Run, b *steps.Binding, by string) Statement {
	how := "How do you know that " + by + " has deployed " + clean.Line(run.Release()).String() + "? The answer is recorded with your name."
	return Statement{"Mark " + b.Label().String() + " as done elsewhere", []string{how}}
}

// Outcome asks how the person knows what became of a command in doubt.
func Outcome(doubt *steps.Doubt, done bool) Statement {
	what := "was not carried out, or not to its end"
	if done {
		what = "was carried out, to its end"
	}
	return Statement{Doubt(doubt).Title, []string{"You say that it " + what + ". How do you know? " + recorded}}
}

// The answers to Doubt, and to whether to look again at what the program was changing.
const (
	CarriedOut    = "It was carried out, to its end"
	NotCarriedOut = "It was not, or not to its end: it may be run again"
	LookAgain     = "Look again"
	SayOutcome    = "Say how it ended: you have looked yourself"
)

// Doubt asks what became of a command whose outcome is unknown.
func Doubt(doubt *steps.Doubt) Statement {
	about := []string{doubt.Event.Text.String()}
	if doubt.Since != nil {
		about = append(about, say.Capital(doubt.Effect.After)+" since then: "+doubt.Since.Result.Summary.String())
	}
	return Statement{"How did `" + doubt.Effect.Label.String() + "` end?", about}
}

// ShortReason says what is wrong with a reason, "" if it is long enough.
func ShortReason(reason string) string {
	if len(reason) < runbook.MinReason {
		return fmt.Sprintf("a reason has at least %d characters", runbook.MinReason)
	}
	return ""
}

// NotJudged says why the plan that an effect has made can't be called correct, however much
// of it has been read. It is empty if it can.
func NotJudged(run *runbook.Run, id document.StepID, effect string, now time.Time) clean.Text {
	state := run.Effect(id, effect)
	switch done := state.Finished; {
	case run.Status(id, now) == runbook.Done:
		return clean.Linef("The %s was carried out; nothing is left to judge.", effect)
	case done == nil:
		return clean.Linef("There is no %s to judge yet.", effect)
	case state.Voided != nil:
		return clean.Linef("The %s no longer counts: %s", effect, state.Voided.Text)
	case done.Result.Verdict != runbook.Passed:
		why := done.Result.Summary.String()
		if rest, ok := strings.CutPrefix(why, "The "+effect+" "); ok {
			why = "it " + rest
		}
		return clean.Linef("The %s can't be called correct: %s", effect, why)
	}
	return clean.Text{}
}

// Planner returns the effect of a step that makes a plan for people to judge, nil if none
// does.
func Planner(spec *runbook.Spec) *runbook.EffectSpec {
	if i := slices.IndexFunc(spec.Effects, func(e runbook.EffectSpec) bool { return e.Judged }); i >= 0 {
		return spec.Effect(spec.Effects[i].After)
	}
	return nil
}

// Pausing returns the effect of a step that pauses something beside its course, nil if
// none does.
func Pausing(spec *runbook.Spec) *runbook.EffectSpec {
	for i := range spec.Effects {
		if e := &spec.Effects[i]; e.Aside && e.Undoes == "" {
			return e
		}
	}
	return nil
}

// Unpause returns what a change lets start too early, if the deployment of the step isn't
// over. It is empty for a change that undoes nothing.
func Unpause(run *runbook.Run, b *steps.Binding, e runbook.EffectSpec, now time.Time) clean.Text {
	if e.Undoes == "" || steps.Deployed(run, b, now) {
		return clean.Text{}
	}
	return clean.Line("The deployment is not over: what starts now may be cut off by it.")
}

// Which asks for the release of a run.
func Which(run *runbook.Run) string {
	if run.Rollback() != nil {
		return "Which release do you go back to?"
	}
	return "Which release is this deployment about?"
}

// Release says what there is to know about a release that may be chosen. deployed is a
// sentence about one that is deployed already, else "".
func Release(run *runbook.Run, option steps.ReleaseOption) (hint, deployed string) {
	hint = "published " + option.Published.Local().Format("2006-01-02 15:04")
	if option.Prerelease {
		hint = "a pre-release, " + hint
	}
	if !option.Deployed.Empty() {
		hint = "deployed now, " + hint
		deployed = option.Shown.String() + " is deployed now: " + option.Deployed.String() + "."
	}
	if option.Draft {
		hint = "a draft: publish it first if you want to deploy it"
	}
	if option.Newer {
		hint = "a newer draft: publish it first if you want to deploy it"
	}
	if option.Tag == run.Release() {
		hint += ", chosen"
	}
	return hint, deployed
}
