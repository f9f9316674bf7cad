package terraform

import (
	"cmp"
	"fmt"
	"slices"

	"catalog-runbook/runbook/clean"
)

// Verdict is the outcome of judging a plan. The zero value is Unknown.
type Verdict int

// The verdicts.
const (
	Unknown Verdict = iota // it can't be judged
	Passed                 // it deploys the service, and does nothing that is forbidden
	Failed                 // it doesn't deploy the service, or does something forbidden
)

// String returns the verdict in one word.
func (v Verdict) String() string {
	return [...]string{"unknown", "passed", "failed"}[v]
}

// Finding is one thing about a plan that a person should know.
type Finding struct {
	Rule    string // a stable name, such as "destroy"
	Address clean.Text
	Actions []string // in the words of Terraform's JSON plans; empty for a finding about the plan
	Blocks  bool     // keeps the plan from passing
	Text    clean.Text
}

// Judgement is what Judge returns. It doesn't say that the plan is right: only a
// person who has read it can.
type Judgement struct {
	Verdict  Verdict
	Summary  clean.Text // one sentence
	Findings []Finding  // blocking ones first, and in each part the gravest
}

// Rules that a Finding can name, the worst first where their effects are equally grave. They are part of the output of
// `catalog-runbook verdict --json`.
const (
	ruleState     = "state-empty"       // the plan was made from a state with nothing in it
	ruleDatabase  = "database"          // a database would be changed
	ruleStorage   = "storage"           // what holds data would be destroyed
	ruleForbidden = "forbidden"         // the settings forbid it
	ruleDestroy   = "destroy"           // destroyed, and nothing created in its place
	ruleForget    = "forget"            // no longer managed
	ruleReplace   = "replace"           // something else than the service's instance would be replaced
	ruleExposed   = "exposed"           // a security group would let traffic in from anywhere
	ruleAction    = "action"            // an action would be invoked
	ruleUncertain = "not-understood"    // something is not understood, or does not agree
	ruleErrored   = "errors"            // planning failed
	ruleTargeted  = "targeted"          // the plan leaves resources out
	ruleFresh     = "service-created"   // the service's instance would be created beside nothing
	ruleNoChanges = "no-changes"        // nothing would be deployed
	ruleService   = "service-untouched" // the service's instance stays as it is

	ruleUndeployed = "not-deployed" // the service's instance changes, and no new version starts

	ruleDatabaseDrift = "database-drift"   // a database was changed outside of Terraform
	ruleInstanceDrift = "instance-drift"   // so was the service's instance
	ruleInstance      = "service-instance" // the service's instance would be replaced or updated
	ruleVersion       = "version"          // which version the service's instance would get
	ruleAllowed       = "allowed"          // the settings allow it
	ruleDrift         = "drift"            // something else was changed outside of Terraform
	ruleUnrefreshed   = "not-refreshed"    // the plan may have been made without looking at what is there
	ruleCheck         = "check-failed"     // a check of the configuration does not hold
	ruleWarning       = "warning"          // Terraform warns
	ruleTie           = "tie-replaced"     // what ties something to the instance would be replaced with it
	ruleOther         = "changed-with-it"  // something else would be created or updated
	ruleHarmless      = "left-as-it-is"    // read, moved or imported
)

// ranks orders the rules, the worst first.
var ranks = rank(
	ruleState, ruleDatabase, ruleStorage, ruleForbidden, ruleDestroy, ruleForget, ruleReplace, ruleExposed, ruleAction, ruleUncertain, ruleErrored, ruleTargeted,
	ruleFresh, ruleNoChanges, ruleService, ruleUndeployed, ruleDatabaseDrift, ruleInstanceDrift, ruleInstance, ruleVersion, ruleAllowed, ruleDrift,
	ruleUnrefreshed, ruleCheck, ruleWarning, ruleTie, ruleOther, ruleHarmless,
)

func rank(rules ...string) map[string]int {
	all := map[string]int{}
	for i, rule := range rules {
		all[rule] = i
	}
	return all
}

// Expected reports whether the finding is about what a deployment does anyway.
func (f Finding) Expected() bool {
	switch f.Rule {
	case ruleInstance, ruleVersion, ruleTie, ruleOther, ruleHarmless:
		return !f.Blocks
	}
	return false
}

// Minor reports whether the finding says no more than that something would be created,
// updated, read, moved or imported.
func (f Finding) Minor() bool { return f.Rule == ruleOther || f.Rule == ruleHarmless }

// judging collects findings. Those that block are kept apart by the verdict that
// they lead to.
type judging struct {
	Policy
	plan                           Plan
	forbidden, doubts, idle, notes []Finding
	deploys, createsAlone          bool                  // what the plan does with the service's instance
	replaced                       map[Identity]struct{} // identities of the instances that it replaces
}

// Judge judges a plan that should deploy policy.Service. A forbidden change fails
// the plan, however little of the rest is understood. Otherwise anything that isn't
// understood makes the verdict Unknown. Otherwise the plan fails if it would deploy
// nothing: it passes only if the service's instance would be replaced, or updated so
// that a new version starts.
func Judge(p Plan, policy Policy) Judgement {
	t := judging{Policy: policy, plan: p, replaced: map[Identity]struct{}{}}
	for _, c := range p.Changes {
		if t.instance(c) {
			_, allowed := t.allows(c, string(Create))
			for _, i := range c.Identities {
				t.replaced[i] = struct{}{}
			}
			t.deploys = t.deploys || deploymentOf(c).does && (c.Action != Create || allowed)
			t.createsAlone = t.createsAlone || c.Action == Create
		}
	}
	for _, c := range p.Changes {
		switch f := t.examine(c); {
		case f.Rule == ruleUncertain:
			t.doubts = append(t.doubts, f)
		case f.Blocks:
			t.forbidden = append(t.forbidden, f)
		default:
			t.notes = append(t.notes, f)
		}
	}
	t.exposures()
	t.invocations()
	t.version()
	t.undecided()
	t.uncertain()
	t.nothing()
	t.remarks()
	return t.judgement()
}

func (t *judging) judgement() Judgement {
	for _, group := range [][]Finding{t.forbidden, t.doubts, t.idle, t.notes} {
		slices.SortStableFunc(group, func(a, b Finding) int {
			return cmp.Or(int(a.severity()-b.severity()), ranks[a.Rule]-ranks[b.Rule])
		})
	}
	j := Judgement{}
	switch {
	case len(t.forbidden) > 0:
		j.Verdict, j.Summary = Failed, sum("the plan does what a deployment must not", t.forbidden)
	case len(t.doubts) > 0:
		j.Verdict, j.Summary = Unknown, sum("can't judge the plan", t.doubts)
	case len(t.idle) > 0:
		j.Verdict, j.Summary = Failed, t.idle[0].Text
	default:
		j.Verdict, j.Summary = Passed, clean.Linef("the plan deploys %s: %s", t.name(), t.plan.Counts)
	}
	if len(t.forbidden) > 0 && t.emptyState() {
		// The other findings follow from that.
		j.Summary = sum("the plan does what a deployment must not, and its state may be the wrong one, since it is empty", t.forbidden)
	}
	j.Findings = slices.Concat(t.forbidden, t.doubts, t.idle, t.notes)
	return j
}

// name returns the service's name for a sentence.
func (t *judging) name() string {
	if t.Service == "" {
		return "the service"
	}
	return t.Service
}

// knowsService reports whether the policy says what runs the service.
func (t *judging) knowsService() bool { return t.Service != "" || len(t.Instance) > 0 }

// uncertain adds what keeps the plan from being judged. The only such warning is that
// the plan leaves resources out.
func (t *judging) uncertain() {
	p, before := t.plan, len(t.doubts)
	for _, e := range p.Errors {
		t.doubt(ruleErrored, "planning failed: %s", e)
	}
	if p.Errored && len(p.Errors) == 0 {
		t.doubt(ruleErrored, "planning failed")
	}
	for _, problem := range p.Problems {
		t.doubt(ruleUncertain, "%s", problem)
	}
	for _, o := range p.Outputs {
		if o.Action == Unclear {
			t.doubt(ruleUncertain, "can't interpret what would be done to the output %s", o.Name)
		}
	}
	for _, w := range p.Warnings {
		if w.About == Targeted {
			t.doubt(ruleTargeted, "the plan leaves resources out: %s", w.Title)
		}
	}
	if !p.Complete && len(t.doubts) == before {
		t.doubt(ruleUncertain, "the plan is not complete")
	}
	switch {
	case p.StateEmpty:
		t.doubt(ruleState, "the plan's state is empty: it may be the wrong one")
	case t.emptyState() && t.deploys: // otherwise ruleFresh applies
		t.doubt(ruleState, "the plan only creates, as if its state were empty: it may be the wrong one")
	}
}

// emptyState reports whether the plan was made from an empty state. A text doesn't say
// so; it counts if it looks like that.
func (t *judging) emptyState() bool {
	if t.plan.StateEmpty || t.plan.JSON {
		return t.plan.StateEmpty
	}
	return t.plan.OnlyCreates() && len(t.plan.Drifted) == 0 && t.createsAlone
}

// nothing adds why the service would not be deployed.
func (t *judging) nothing() {
	switch {
	case !t.knowsService():
		t.doubt(ruleUncertain, "which service the plan is to deploy is unknown")
	case t.plan.NoChanges || t.plan.OutputsOnly || t.plan.Complete && len(t.plan.Changes) == 0:
		t.idle = append(t.idle, about(ruleNoChanges, true, "the plan changes no resource, so nothing would be deployed"))
	case !t.plan.Complete && len(t.plan.Changes) == 0: // there may be changes that weren't read
	case t.deploys, t.undeployed():
	case t.createsAlone:
		t.doubt(ruleFresh, "the instance of %s would be created, as if it didn't exist: is this the right state?", t.name())
	default:
		hint := ""
		for _, c := range t.plan.Changes {
			if hint == "" && (c.Action == Update || c.Action == Replace) {
				hint = t.hint(c)
			}
		}
		t.idle = append(t.idle, about(ruleService, true, "the plan does not touch the instance of %s, so it would not be deployed%s", t.name(), hint))
	}
}

// remarks adds notes about drift, checks and warnings.
func (t *judging) remarks() {
	for _, c := range t.plan.Drifted {
		f := Finding{Rule: ruleDrift, Address: clean.Line(c.Address), Actions: c.Actions()}
		what := ""
		switch {
		case t.database(c):
			f.Rule, what = ruleDatabaseDrift, ", which is a database's,"
		case t.instance(c):
			f.Rule, what = ruleInstanceDrift, ", which runs "+t.name()+","
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
			t.note(ruleCheck, "a check in the configuration fails: %s", w.Title)
		case NotRefreshed:
			t.note(ruleUnrefreshed, "%s", w.Title)
		case Remark:
			t.note(ruleWarning, "%s", w.Title)
		default:
			t.note(ruleWarning, "Terraform warns: %s", w.Title)
		}
	}
}

func (t *judging) doubt(rule, format string, args ...any) {
	t.doubts = append(t.doubts, about(rule, true, format, args...))
}

func (t *judging) note(rule, format string, args ...any) {
	t.notes = append(t.notes, about(rule, false, format, args...))
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
