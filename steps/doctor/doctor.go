package doctor

import (
	"cmp"
	"context"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

const (
	// questionLimit is how long one question may take, with all its requests.
	questionLimit = 20 * time.Second
	// grace is how much longer to wait for a question that ends late. One that doesn't
	// end even then, such as a credential helper that hangs, is left alone.
	grace = 2 * time.Second
)

// Setup is what is examined: a bound document, and what it would be walked with.
type Setup struct {
	Bound    *steps.Bound
	Settings steps.Settings
	// World is read-only; its Environ is that of commands.
	World *steps.World
	// SettingsFile is where to write a setting; "" if there is no file yet.
	SettingsFile string
	// Lint is the command that shows what each step is bound to.
	Lint string
	// APIProblem says why [github] api_url can't be asked, or is nil. The world's
	// GitHub is then another server, and isn't asked.
	APIProblem error
	// GitHub says where the GitHub token comes from, and Airflow which credentials
	// Airflow gets. Names only.
	GitHub  Token
	Airflow Account
	limit   time.Duration // of one question; 0 is questionLimit
}

// Token is the GitHub token without its value.
type Token struct {
	From string // "GH_TOKEN", "GITHUB_TOKEN", "`gh auth token`"; "" where there is none
	Kind string // "a classic token"
}

// String says what the token is and where it comes from.
func (t Token) String() string { return t.Kind + " from " + t.From }

// variable reports whether the token is in an environment variable.
func (t Token) variable() bool { return t.From == "GH_TOKEN" || t.From == "GITHUB_TOKEN" }

// Account names the credentials that Airflow gets, without their values.
type Account struct {
	Given string // "the user mar, with AIRFLOW_PASSWORD"; "" for nothing
	Extra string // headers for a proxy: "the header CF-Access-Client-Id"; "" for none
	// Renew is what to do if Airflow refuses them; "" if that isn't known.
	Renew string
	// Problems say which credentials are missing. Airflow isn't asked by a walk while there is one.
	Problems []error
}

// Diagnose asks about everything at the same time, and returns what was found when
// the last question is answered or its time is up: the setup's own questions and
// more. It ends soon after the limit even if a question doesn't, and at once, with
// what is known by then, when the context is canceled.
func Diagnose(ctx context.Context, s Setup, more ...Question) []Finding {
	limit := cmp.Or(s.limit, questionLimit)
	questions := append(s.questions(), more...)
	answers := make([]chan []Finding, len(questions))
	asking, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for i, q := range questions {
		answers[i] = make(chan []Finding, 1)
		go func() { answers[i] <- q.Ask(asking) }()
	}
	waiting, stop := context.WithTimeout(ctx, limit+grace)
	defer stop()
	var found []Finding
	for i, q := range questions {
		select {
		case f := <-answers[i]:
			found = append(found, f...)
		case <-waiting.Done():
			found = append(found, q.unanswered(answers[i], limit)...)
		}
	}
	sortByRank(found)
	return found
}

// questions are those that this document raises.
func (s Setup) questions() []Question {
	n := needsOf(s.Bound)
	all := []Question{s.document()}
	for _, use := range n.repositories {
		all = append(all, s.github(use))
	}
	for _, use := range n.images {
		all = append(all, s.registry(use))
	}
	for _, use := range n.airflows {
		all = append(all, s.airflow(use))
	}
	if len(n.airflows) > 0 {
		all = append(all, s.lacking(n.airflows))
	}
	for _, use := range n.databases {
		all = append(all, s.database(use))
	}
	if len(n.commands) > 0 {
		all = append(all, s.checkout(n.by))
		for _, t := range toolsFor(n) {
			all = append(all, s.tool(t))
		}
	}
	return append(all, s.tool(ghTool))
}

// document checks that every step has the parameters of its kind.
func (s Setup) document() Question {
	about := About(clean.Text{}, "document")
	return Question{About: about, Ask: func(context.Context) (all []Finding) {
		for i := range s.Bound.Steps {
			b := &s.Bound.Steps[i]
			for _, problem := range b.Problems {
				f := about[0]
				f.For = clean.Linef("%s (%s)", b.Label(), b.Kind.Name)
				all = append(all, *f.Is(Missing, "`"+s.Lint+"` shows what it is bound to", "%s", problem))
			}
		}
		if len(all) > 0 {
			return all
		}
		from := "no settings"
		if s.SettingsFile != "" {
			from = "settings from " + s.SettingsFile
		}
		f := about[0]
		return []Finding{*f.ok("%s, %s", say.Plural(len(s.Bound.Steps), "step", "steps"), from)}
	}}
}
