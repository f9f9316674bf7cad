package terraform

import (
	"fmt"
	"slices"

	"catalog-runbook/runbook/clean"
)

// Verdict is what is thought of a plan. The zero value is Unknown.
type Verdict int

// The verdicts.
const (
	Unknown Verdict = iota // it cannot be told
	Passed                 // it deploys the service, and does nothing that is forbidden
	Failed                 // it does not deploy the service, or does something forbidden
)

// String returns the verdict in one word.
func (v Verdict) String() string {
	return [...]string{"unknown", "passed", "failed"}[v]
}

// Finding is one thing that a plan would do and that a person should know.
type Finding struct {
	Rule    string // a stable name, such as "destroy"
	Address clean.Text
	Actions []string // in the words of Terraform's JSON plans; empty where it is about the plan
	Blocks  bool     // it alone keeps the plan from passing
	Text    clean.Text
}

// Judgement is what Judge thinks of a plan. It does not say that the plan is
// right: that is for a person to say who has read it.
type Judgement struct {
	Verdict  Verdict
	Summary  clean.Text // one sentence
	Findings []Finding  // what blocks comes first, and of that the worst
}

// Rules that a Finding can name, the worst first.
const (
	RuleState     = "state-empty"       // the plan was made from a state with nothing in it
	RuleDatabase  = "database"          // a database would be changed
	RuleStorage   = "storage"           // what holds data would be destroyed
	RuleForbidden = "forbidden"         // the settings forbid it
	RuleDestroy   = "destroy"           // destroyed, and nothing created in its place
	RuleForget    = "forget"            // no longer managed
	RuleReplace   = "replace"           // something else than the service's instance would be replaced
	RuleUncertain = "not-understood"    // something is not understood, or does not agree
	RuleErrored   = "errors"            // planning failed
	RuleTargeted  = "targeted"          // the plan leaves resources out
	RuleFresh     = "service-created"   // the service's instance would be created beside nothing
	RuleNoChanges = "no-changes"        // nothing would be deployed
	RuleService   = "service-untouched" // the service's instance stays as it is

	RuleDatabaseDrift = "database-drift"   // a database was changed outside of Terraform
	RuleInstanceDrift = "instance-drift"   // so was the service's instance
	RuleInstance      = "service-instance" // the service's instance would be replaced or updated
	RuleVersion       = "version"          // which version the service's instance would get
	RuleAllowed       = "allowed"          // the settings allow it
	RuleDrift         = "drift"            // something else was changed outside of Terraform
	RuleCheck         = "check-failed"     // a check of the configuration does not hold
	RuleWarning       = "warning"          // Terraform warns
	RuleTie           = "tie-replaced"     // what ties something to the instance would be replaced with it
	RuleOther         = "changed-with-it"  // something else would be created or updated
	RuleHarmless      = "left-as-it-is"    // read, moved or imported
)

var ranks = rank(
	RuleState, RuleDatabase, RuleStorage, RuleForbidden, RuleDestroy, RuleForget, RuleReplace, RuleUncertain, RuleErrored, RuleTargeted,
	RuleFresh, RuleNoChanges, RuleService, RuleDatabaseDrift, RuleInstanceDrift, RuleInstance, RuleVersion, RuleAllowed, RuleDrift,
	RuleCheck, RuleWarning, RuleTie, RuleOther, RuleHarmless,
)

func rank(rules ...string) map[string]int {
	all := map[string]int{}
	for i, rule := range rules {
		all[rule] = i
	}
	return all
}

// judging is a judgement in the making. What blocks is kept apart by what it
// makes of the verdict.
type judging struct {
	Policy
	plan                           Plan
	forbidden, doubts, idle, notes []Finding
	deploys, createsAlone          bool                  // what the plan does with the service's instance
	replaced                       map[Identity]struct{} // what tells the ones that it replaces
}

// Judge says what is thought of a plan that is to deploy policy.Service. A
// change that is forbidden fails it, however little of the rest is understood;
// then what is not understood makes it unknown; then it fails if it would deploy
// nothing. It passes only where the service's instance would be replaced or
// updated.
func Judge(p Plan, policy Policy) Judgement {
	t := judging{Policy: policy, plan: p, replaced: map[Identity]struct{}{}}
	for _, c := range p.Changes {
		if t.instance(c) {
			_, allowed := t.allows(c, string(Create))
			for _, i := range c.Identities {
				t.replaced[i] = struct{}{}
			}
			t.deploys = t.deploys || c.Action == Replace || c.Action == Update || c.Action == Create && allowed
			t.createsAlone = t.createsAlone || c.Action == Create
		}
	}
	for _, c := range p.Changes {
		switch f := t.examine(c); {
		case f.Rule == RuleUncertain:
			t.doubts = append(t.doubts, f)
		case f.Blocks:
			t.forbidden = append(t.forbidden, f)
		default:
			t.notes = append(t.notes, f)
		}
	}
	t.version()
	t.undecided()
	t.uncertain()
	t.nothing()
	t.remarks()
	return t.judgement()
}

func (t *judging) judgement() Judgement {
	for _, group := range [][]Finding{t.forbidden, t.doubts, t.idle, t.notes} {
		slices.SortStableFunc(group, func(a, b Finding) int { return ranks[a.Rule] - ranks[b.Rule] })
	}
	j := Judgement{}
	switch {
	case len(t.forbidden) > 0:
		j.Verdict, j.Summary = Failed, sum("the plan does what a deployment must not", t.forbidden)
	case len(t.doubts) > 0:
		j.Verdict, j.Summary = Unknown, sum("the plan cannot be judged", t.doubts)
	case len(t.idle) > 0:
		j.Verdict, j.Summary = Failed, t.idle[0].Text
	default:
		j.Verdict, j.Summary = Passed, clean.Linef("the plan deploys %s: %s", t.name(), t.plan.Counts)
	}
	if len(t.forbidden) > 0 && t.emptyState() {
		// All else follows from it.
		j.Summary = sum("the plan does what a deployment must not, and its state may be the wrong one, since nothing is in it", t.forbidden)
	}
	j.Findings = slices.Concat(t.forbidden, t.doubts, t.idle, t.notes)
	return j
}

// name is the service in words.
func (t *judging) name() string {
	if t.Service == "" {
		return "the service"
	}
	return t.Service
}

// knowsService reports whether it can be told what runs the service.
func (t *judging) knowsService() bool { return t.Service != "" || len(t.Instance) > 0 }

// uncertain lists what keeps a plan from being judged. Warnings of a plan that
// leaves things out are among them; other warnings are not.
func (t *judging) uncertain() {
	p, before := t.plan, len(t.doubts)
	doubt := func(rule, format string, args ...any) {
		t.doubts = append(t.doubts, about(rule, true, format, args...))
	}
	for _, e := range p.Errors {
		doubt(RuleErrored, "planning failed: %s", e)
	}
	if p.Errored && len(p.Errors) == 0 {
		doubt(RuleErrored, "planning failed")
	}
	for _, problem := range p.Problems {
		doubt(RuleUncertain, "%s", problem)
	}
	for _, o := range p.Outputs {
		if o.Action == Unclear {
			doubt(RuleUncertain, "what would be done to the output %s is not understood", o.Name)
		}
	}
	for _, w := range p.Warnings {
		if w.About == Targeted {
			doubt(RuleTargeted, "the plan leaves resources out: %s", w.Title)
		}
	}
	if !p.Complete && len(t.doubts) == before {
		doubt(RuleUncertain, "the plan is not complete")
	}
	switch {
	case p.StateEmpty:
		doubt(RuleState, "nothing is in the state that the plan was made from: it may be the wrong one")
	case t.emptyState() && t.deploys: // else RuleFresh asks
		doubt(RuleState, "the plan only creates, as if nothing were in the state that it was made from: it may be the wrong one")
	}
}

// emptyState reports whether the plan was made from nothing. A text does not say
// so: it is enough that it looks like it.
func (t *judging) emptyState() bool {
	if t.plan.StateEmpty || t.plan.JSON {
		return t.plan.StateEmpty
	}
	return t.plan.OnlyCreates() && len(t.plan.Drifted) == 0 && t.createsAlone
}

// nothing says why the service would not be deployed.
func (t *judging) nothing() {
	switch {
	case !t.knowsService():
		t.doubts = append(t.doubts, about(RuleUncertain, true, "it is not known which service the plan is to deploy"))
	case t.plan.NoChanges || t.plan.OutputsOnly || t.plan.Complete && len(t.plan.Changes) == 0:
		t.idle = append(t.idle, about(RuleNoChanges, true, "the plan changes no resource, so nothing would be deployed"))
	case !t.plan.Complete && len(t.plan.Changes) == 0: // what is not known to be there may change
	case t.deploys:
	case t.createsAlone:
		t.doubts = append(t.doubts, about(RuleFresh, true, "the instance of %s would be created as if there were none: is this the right state?", t.name()))
	default:
		t.idle = append(t.idle, about(RuleService, true, "the plan does not touch the instance of %s, so it would not be deployed", t.name()))
	}
}

// remarks are what is shown of drift, checks and warnings.
func (t *judging) remarks() {
	for _, c := range t.plan.Drifted {
		f := Finding{Rule: RuleDrift, Address: clean.Line(c.Address), Actions: c.Actions()}
		what := ""
		switch {
		case t.database(c):
			f.Rule, what = RuleDatabaseDrift, ", which is a database's,"
		case t.instance(c):
			f.Rule, what = RuleInstanceDrift, ", which runs "+t.name()+","
		}
		how := "was changed"
		if c.Action == Delete {
			how = "was destroyed"
		}
		f.Text = clean.Linef("%s%s %s outside of Terraform", c.Address, what, how)
		t.notes = append(t.notes, f)
	}
	for _, w := range t.plan.Warnings {
		switch w.About {
		case Targeted: // a doubt
		case FailedCheck:
			t.notes = append(t.notes, about(RuleCheck, false, "something that the configuration checks does not hold: %s", w.Title))
		default:
			t.notes = append(t.notes, about(RuleWarning, false, "Terraform warns: %s", w.Title))
		}
	}
}

func about(rule string, blocks bool, format string, args ...any) Finding {
	return Finding{Rule: rule, Blocks: blocks, Text: clean.Linef(format, args...)}
}

// sum names the first of the findings and counts the others.
func sum(opening string, found []Finding) clean.Text {
	more := ""
	if n := len(found) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	return clean.Linef("%s: %s%s", opening, found[0].Text, more)
}
