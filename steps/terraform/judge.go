package terraform

import (
	"fmt"
	"strings"

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
	Findings []Finding  // what blocks comes first
}

// Rules that a Finding can name.
const (
	RuleDatabase  = "database"          // a database would be changed
	RuleDestroy   = "destroy"           // destroyed, and nothing created in its place
	RuleForget    = "forget"            // no longer managed
	RuleStorage   = "storage-replaced"  // what holds data would be made anew
	RuleNoChanges = "no-changes"        // nothing would be deployed
	RuleService   = "service-untouched" // the service's instance stays as it is
	RuleFresh     = "service-created"   // the service's instance would be created beside nothing
	RuleUncertain = "not-understood"    // something is not understood, or does not agree
	RuleErrored   = "errors"            // planning failed
	RuleTargeted  = "targeted"          // the plan leaves resources out
	RuleWarning   = "warning"           // Terraform warns
	RuleDrift     = "drift"             // changed outside of Terraform
	RuleInstance  = "service-instance"  // the service's instance would be replaced or updated
	RuleReplace   = "replaced-with-it"  // something else would be replaced
	RuleHarmless  = "left-as-it-is"     // read, moved or imported
	RuleOther     = "changed-with-it"   // something else would be created or updated
)

// Judge says what is thought of a plan that is to deploy policy.Service. A
// change that is forbidden fails it, however little of the rest is understood;
// then what is not understood makes it unknown; then it fails if it would deploy
// nothing. It passes only where the service's instance would be replaced or
// updated.
func Judge(p Plan, policy Policy) Judgement {
	var forbidden, doubts, idle, notes []Finding
	replaced, created := false, false
	for _, c := range p.Changes {
		f, forbids := examine(c, policy)
		switch {
		case forbids:
			forbidden = append(forbidden, f)
		case c.Action == Unclear:
			doubts = append(doubts, f)
		default:
			notes = append(notes, f)
		}
		if policy.instance(c) {
			replaced = replaced || c.Action == Replace || c.Action == Update
			created = created || c.Action == Create
		}
	}
	doubts = append(doubts, uncertain(p)...)
	switch {
	case policy.Service == "":
		doubts = append(doubts, about(RuleUncertain, true, "it is not known which service the plan is to deploy"))
	case p.NoChanges || p.OutputsOnly || len(p.Changes) == 0:
		idle = append(idle, about(RuleNoChanges, true, "the plan changes no resource, so nothing would be deployed"))
	case !replaced && created:
		doubts = append(doubts, about(RuleFresh, true, "the instance of %s would be created as if there were none: is this the right state?", policy.Service))
	case !replaced:
		idle = append(idle, about(RuleService, true, "the plan does not touch the instance of %s, so it would not be deployed", policy.Service))
	}
	for _, c := range p.Drifted {
		f, _ := examine(c, policy)
		f.Rule, f.Blocks = RuleDrift, false
		f.Text = clean.Linef("%s was changed outside of Terraform", c.Address)
		notes = append(notes, f)
	}

	for _, w := range p.Warnings {
		if !targeted(w.String()) {
			notes = append(notes, about(RuleWarning, false, "Terraform warns: %s", w))
		}
	}

	j := Judgement{}
	switch {
	case len(forbidden) > 0:
		j.Verdict, j.Summary = Failed, sum("the plan does what a deployment must not", forbidden)
	case len(doubts) > 0:
		j.Verdict, j.Summary = Unknown, sum("the plan cannot be judged", doubts)
	case len(idle) > 0:
		j.Verdict, j.Summary = Failed, idle[0].Text
	default:
		j.Verdict, j.Summary = Passed, clean.Linef("the plan deploys %s: %s", policy.Service, p.Counts)
	}
	for _, group := range [][]Finding{forbidden, doubts, idle, notes} {
		j.Findings = append(j.Findings, group...)
	}
	return j
}

// examine says what one change means, and whether it is forbidden.
func examine(c Change, policy Policy) (f Finding, forbidden bool) {
	f = Finding{Address: clean.Line(c.Address), Actions: c.Actions()}
	say := func(rule string, blocks bool, text string) {
		f.Rule, f.Blocks, f.Text = rule, blocks, clean.Linef("%s %s", c.Address, text)
	}
	switch {
	case c.Action == Unclear:
		say(RuleUncertain, true, ": what would be done to it is not understood")
	case c.Action == Read:
		say(RuleHarmless, false, "would be read")
	case c.Action == Forget:
		say(RuleForget, true, "would no longer be managed by Terraform")
	case c.Action == Delete:
		say(RuleDestroy, true, "would be destroyed, and nothing created in its place")
		if policy.database(c) {
			say(RuleDatabase, true, "is a database's, and would be destroyed")
		}
	case c.Action == Move:
		f.Text = clean.Linef("%s would be known as %s, and stay as it is", c.Previous, c.Address)
		f.Rule = RuleHarmless
	case c.Action == Import:
		say(RuleHarmless, false, "would come under Terraform's management, and stay as it is")
	case policy.database(c):
		say(RuleDatabase, true, "is a database's, and would be "+participle(c.Action))
	case c.Action == Replace && policy.storage(c):
		say(RuleStorage, true, "holds data, and would be destroyed and created empty")
	case policy.instance(c):
		say(RuleInstance, false, "would be "+participle(c.Action))
	case c.Action == Replace:
		say(RuleReplace, false, "would be replaced")
	default:
		say(RuleOther, false, "would be "+participle(c.Action))
	}
	if !c.Reason.Empty() {
		f.Text = clean.Linef("%s (%s)", f.Text, c.Reason)
	}
	return f, f.Blocks && c.Action != Unclear
}

func participle(a Action) string {
	return strings.TrimSuffix(string(a), "e") + "ed"
}

// uncertain lists what keeps a plan from being judged. Warnings of a plan that
// leaves things out are among them; other warnings are not.
func uncertain(p Plan) []Finding {
	var all []Finding
	for _, e := range p.Errors {
		all = append(all, about(RuleErrored, true, "planning failed: %s", e))
	}
	if p.Errored && len(p.Errors) == 0 {
		all = append(all, about(RuleErrored, true, "planning failed"))
	}
	for _, problem := range p.Problems {
		all = append(all, about(RuleUncertain, true, "%s", problem))
	}
	for _, w := range p.Warnings {
		if targeted(w.String()) {
			all = append(all, about(RuleTargeted, true, "the plan leaves resources out: %s", w))
		}
	}
	if !p.Complete && len(all) == 0 {
		all = append(all, about(RuleUncertain, true, "the plan is not complete"))
	}
	return all
}

// targeted reports whether a warning's title says that -target or -exclude was
// given.
func targeted(title string) bool {
	return strings.Contains(title, "targeting is in effect") || strings.Contains(title, "may be incomplete")
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
