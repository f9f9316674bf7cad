package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

const (
	// Limit is how long one question may take, with all its requests.
	Limit = 20 * time.Second
	// grace is how much longer is waited for a question that ends late. One that
	// does not end even then, such as a credential helper that hangs, is left alone.
	grace = 2 * time.Second
)

// Patient is what is looked at: a bound document, and what it would be walked with.
type Patient struct {
	Bound    *steps.Bound
	Settings steps.Settings
	// World is read-only; its Environ is that of commands.
	World *steps.World
	// SettingsFile is where a setting would be written, "" where there is none yet.
	SettingsFile string
	// Lint is the command that shows what each step is bound to.
	Lint string
	// APIProblem says why [github] api_url cannot be asked; nil where it can. The
	// world's GitHub is then another, and is not asked.
	APIProblem error
	// GitHub says where the GitHub token comes from, and Airflow with what Airflow
	// is asked. Names only.
	GitHub  Token
	Airflow Account
	Limit   time.Duration // of one question; 0 is Limit
}

// Token is the GitHub token without its value.
type Token struct {
	From string // "GH_TOKEN", "GITHUB_TOKEN", "`gh auth token`"; "" where there is none
	Kind string // "a classic token"
}

// Account is with what Airflow is asked, without values.
type Account struct {
	Given string // "the user mar, with AIRFLOW_PASSWORD"; "" for nothing
	Extra string // headers for a proxy: "the header CF-Access-Client-Id"; "" for none
	// Renew is what to do where Airflow does not take it; "" where that is not known.
	Renew string
	// Problems are all that of it cannot be had. No walk begins as long as there is one.
	Problems []error
}

// Question is one thing that is asked beside the others.
type Question struct {
	// About is told as not known where the answer does not come in time.
	About []Finding
	Ask   func(context.Context) []Finding
}

// Look asks about everything side by side, and returns what was found when the
// last has answered or its time is up. More are asked besides the patient's own. It
// ends a little after the limit whatever the questions do, and at once, with what
// is known by then, when the context is cancelled.
func Look(ctx context.Context, p Patient, more ...Question) []Finding {
	limit := p.Limit
	if limit == 0 {
		limit = Limit
	}
	questions := append(p.questions(), more...)
	answers := make([]chan []Finding, len(questions))
	asking, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for i, q := range questions {
		answers[i] = make(chan []Finding, 1)
		go func() { answers[i] <- q.Ask(asking) }()
	}
	late := time.NewTimer(limit + grace)
	defer late.Stop()
	up := false
	var found []Finding
	for i, q := range questions {
		if up {
			found = append(found, q.unanswered(answers[i], limit)...)
			continue
		}
		select {
		case f := <-answers[i]:
			found = append(found, f...)
			continue
		case <-ctx.Done():
		case <-late.C:
		}
		up = true
		found = append(found, q.unanswered(answers[i], limit)...)
	}
	Sort(found)
	return found
}

// unanswered takes an answer that has come all the same, and else says that none has.
func (q Question) unanswered(answer <-chan []Finding, limit time.Duration) []Finding {
	select {
	case f := <-answer:
		return f
	default:
	}
	all := slices.Clone(q.About)
	for i := range all {
		all[i] = all[i].is(NotKnown, "ask again; if it stays so, look at what it waits for", "there was no answer within %s", limit)
	}
	return all
}

// without leaves one finding out of the answer.
func (q Question) without(id string) Question {
	named := func(f Finding) bool { return f.ID == id }
	ask := q.Ask
	return Question{About: slices.DeleteFunc(slices.Clone(q.About), named), Ask: func(ctx context.Context) []Finding {
		return slices.DeleteFunc(ask(ctx), named)
	}}
}

// questions are those that this document raises.
func (p Patient) questions() []Question {
	n := needsOf(p.Bound)
	all := []Question{p.document(n)}
	for _, use := range n.repositories {
		all = append(all, p.github(use))
	}
	for _, use := range n.images {
		all = append(all, p.registry(use))
	}
	for _, use := range n.airflows {
		all = append(all, p.airflow(use))
	}
	if len(n.airflows) > 0 {
		all = append(all, p.lacking(n.airflows))
	}
	if len(n.commands) > 0 {
		all = append(all, p.checkout(n.by))
		for _, t := range toolsFor(n.commands) {
			all = append(all, p.tool(t, n.by))
		}
	}
	return append(all, p.gh())
}

// document says whether every step knows what it is about.
func (p Patient) document(n needs) Question {
	about := Finding{ID: "document", Name: clean.Line("Document"), Needed: true, For: clean.Line("all steps")}
	return Question{About: []Finding{about}, Ask: func(context.Context) []Finding {
		from := "no settings"
		if p.SettingsFile != "" {
			from = "settings from " + p.SettingsFile
		}
		all := []Finding{}
		for i := range p.Bound.Steps {
			b := &p.Bound.Steps[i]
			for _, problem := range b.Problems {
				f := about
				f.For = clean.Linef("%s (%s)", b.Label(), b.Kind.Name())
				all = append(all, f.is(Missing, "`"+p.Lint+"` shows what it is bound to", "%s", problem))
			}
		}
		if len(all) == 0 {
			all = append(all, about.ok("%s, %s", count(len(p.Bound.Steps), "step", "steps"), from))
		}
		return all
	}}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
