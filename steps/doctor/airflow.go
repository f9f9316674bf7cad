package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/transport"
)

// airflow asks an Airflow for its version, its health, and what the account sees
// there. It sends eight requests at most, and where many DAGs are paused, or many
// files can't be read, one more for each hundred of them.
func (s Setup) airflow(use use) Question {
	var facts []Finding
	q := question(About(use.by, "airflow", "airflow.health", "airflow.account", "airflow.dags"), func(ctx context.Context, f []*Finding) string {
		address, health, account, dags := f[0], f[1], f[2], f[3]
		at := shown(use.value)
		if at != use.value {
			address.Is(Wrong, s.set("airflow", "url = "+quotedTOML(withScheme(at))), "%s: remove everything before the host, and from ? or # on", at)
			return "its address"
		}
		client, err := s.World.Airflow.At(use.value)
		if err != nil {
			address.Fail(err)
			address.Next = clean.Line(s.set("airflow", "url = "+quotedTOML(withScheme(strings.TrimPrefix(at, "http://")))))
			return "its address"
		}
		version, err := client.Version(ctx)
		if cause, _ := transport.CauseOf(err); err != nil && cause != transport.Credentials {
			address.unreached(err, at, s.source("airflow", "url", s.Settings.Airflow.URL, use.value))
			address.Found = clean.Linef("%s: %s", at, address.Found)
			return "Airflow"
		}
		if err == nil {
			address.ok("%s, version %s", at, version)
		} else { // a proxy, or a server that tells strangers nothing
			address.ok("%s responds; it shows its version only to signed-in users", at)
		}
		if use.linked != "" {
			address.Is(Wrong, "make sure this is the Airflow to deploy to, or correct "+s.source("airflow", "url", s.Settings.Airflow.URL, use.value),
				"%s; the document links to a different one, %s", address.Found, shown(use.linked)).optional()
		}
		var beside sync.WaitGroup
		if n := s.visibleDAGs(ctx, client, use.value, account, dags); n > 0 { // who sees nothing is told nothing of it
			facts = About(use.by, "airflow.imports", "airflow.paused")
			beside.Go(func() { importErrors(ctx, &facts[0], client, at) })
			beside.Go(func() { pausedDAGs(ctx, &facts[1], client, n) })
		}
		state, err := client.Health(ctx)
		switch {
		case err == nil:
			condition(health, state, s.World.Now())
		case account.Denied:
			health.waits("the account")
		default:
			health.untold(err)
		}
		beside.Wait()
		return "the account"
	})
	ask := q.Ask
	q.Ask = func(ctx context.Context) []Finding { return append(ask(ctx), facts...) }
	if len(s.Airflow.Problems) > 0 {
		return q.without("airflow.account") // lacking reports them instead
	}
	return q
}

// condition sums up the health of the parts.
func condition(f *Finding, h airflow.Health, now time.Time) {
	words := map[airflow.Condition]string{airflow.Healthy: "healthy", airflow.Unhealthy: "unhealthy", airflow.NotRun: "not started"}
	spaced := func(p airflow.Part) string { return strings.ReplaceAll(p.Name.String(), "_", " ") }
	var all, ill []string
	for _, part := range h.Parts {
		said := spaced(part) + " " + words[part.Condition]
		if age := now.Sub(part.Heartbeat).Round(time.Second); !part.Heartbeat.IsZero() && part.Condition != airflow.Healthy && age > 0 {
			said += fmt.Sprintf(" (last seen %s ago)", age)
		}
		all = append(all, said)
	}
	for _, part := range h.Ailing() {
		ill = append(ill, spaced(part))
	}
	f.ok("%s", strings.Join(all, ", "))
	if len(ill) > 0 {
		f.State, f.Next = Wrong, clean.Line("ask the people who run Airflow to check its "+strings.Join(ill, " and its "))
	}
}

// visibleDAGs checks whether Airflow accepts the account, and returns how many DAGs
// that account sees, 0 if it doesn't see enough of them. The DAGs that it leaves
// without a state wait for the account.
func (s Setup) visibleDAGs(ctx context.Context, client *airflow.Client, address string, account, dags *Finding) int {
	given, withheld := s.given(), s.World.Airflow.Withholds(address)
	if withheld {
		given = ""
	}
	setting := s.set("airflow", "url = "+quotedTOML(shown(address)))
	n, err := client.Sees(ctx)
	cause, _ := transport.CauseOf(err)
	switch {
	case err == nil && withheld:
		account.Is(Wrong, setting, "not signed in: your credentials weren't sent, because the address comes from the document; none are needed").optional()
	case err == nil && given == "":
		account.ok("not signed in; none needed")
	case err == nil:
		account.ok("%s", given)
	case errors.As(err, new(airflow.TooFewDAGs)):
		account.ok("%s", cmp.Or(given, "not signed in"))
		dags.Fail(err)
	case cause == transport.ReadOnly:
		account.Is(NotKnown, "set AIRFLOW_TOKEN to have it checked here; the checklist itself signs in with the password",
			"%s: not tried, because Airflow 3 exchanges a password for a token with a POST, and doctor sends only GET and HEAD", given)
	case cause != transport.Credentials:
		account.Is(NotKnown, "", "%s: no answer", cmp.Or(given, "not signed in")).optional()
		dags.Fail(err)
	case withheld:
		account.Is(Missing, setting, "your credentials weren't sent, because the address comes from the document and not from [airflow] url").Denied = true
	case given == "":
		account.Is(Missing, "set AIRFLOW_TOKEN; or "+s.set("airflow", `username = "NAME"`)+", and set AIRFLOW_PASSWORD",
			"no Airflow credentials, and Airflow requires them").Denied = true
	default:
		account.Fail(err)
		hint := account.Next.String()
		if transport.StatusOf(err) == http.StatusUnauthorized {
			switch o := s.World.Airflow.Options; {
			case s.Airflow.Renew != "" && o.Token == "" && o.Username != "": // there are more reasons than a wrong password
				hint = s.Airflow.Renew + "; or " + hint
			default:
				hint = cmp.Or(s.Airflow.Renew, hint)
			}
		}
		account.Is(Wrong, hint, "%s: %s", given, account.Found)
	}
	if err != nil {
		return 0
	}
	s.enoughDAGs(dags, address, n)
	return n
}

// enoughDAGs compares how many DAGs the account sees with the settings, or with an earlier
// run if those don't say how many there are.
func (s Setup) enoughDAGs(dags *Finding, address string, n int) {
	before := 0
	if s.World.Earlier != nil {
		before = s.World.Earlier().DAGs[address]
	}
	expect := func(n int) string { return s.set("airflow", fmt.Sprintf("expected_dags = %d", n)) }
	switch {
	case s.Settings.Airflow.ExpectedDAGs > 0:
		dags.ok("%d seen, at least %d expected", n, s.Settings.Airflow.ExpectedDAGs)
	case n < before:
		dags.Is(Wrong, fmt.Sprintf("find out what happened to the others; %s, or %d if they were removed", expect(before), n),
			"%d seen, but %d in an earlier run: DAGs were removed, or this account sees fewer", n, before)
	default:
		dags.Is(Wrong, expect(n), "%d seen; without expected_dags in the settings, an account that sees only some DAGs goes unnoticed", n).optional()
	}
}

// given names everything that Airflow gets; "" for nothing.
func (s Setup) given() string {
	if s.Airflow.Given == "" || s.Airflow.Extra == "" {
		return s.Airflow.Given + s.Airflow.Extra
	}
	return s.Airflow.Given + ", and " + s.Airflow.Extra
}

// lacking reports the credentials that are missing, for which nobody has to be asked.
func (s Setup) lacking(uses []use) Question {
	var by []string
	for _, u := range uses {
		by = append(by, u.by.String())
	}
	return Question{Ask: func(context.Context) (all []Finding) {
		for _, problem := range s.Airflow.Problems {
			f := About(clean.Line(strings.Join(by, ", ")), "airflow.account")[0]
			text, hint := hinted(problem)
			f.Is(Missing, hint, "%s", strings.TrimPrefix(text, "reading Airflow's credentials: ")).Denied = true
			all = append(all, f)
		}
		return all
	}}
}

// withScheme completes an address that lacks a scheme.
func withScheme(address string) string {
	if strings.Contains(address, "://") {
		return address
	}
	return "https://" + address
}
