package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/transport"
)

// airflow asks an Airflow which one it is, how it is, and what the account sees
// there. It sends eight requests at most, and where many DAGs are paused, or many files
// cannot be read, one more for each hundred of them.
func (p Patient) airflow(use use) Question {
	address := Finding{ID: "airflow", Name: clean.Line("Airflow"), Needed: true, For: use.by}
	health := Finding{ID: "airflow.health", Name: clean.Line("Airflow's health"), Needed: true,
		For: clean.Line("what it says of DAG runs: a scheduler that stands still starts and ends none")}
	account := Finding{ID: "airflow.account", Name: clean.Line("Airflow account"), Needed: true, For: use.by}
	dags := Finding{ID: "airflow.dags", Name: clean.Line("DAGs"), Needed: true,
		For: clean.Line("believing that no DAG run is active: an account that sees no DAG sees no run")}
	q := Question{About: []Finding{address, health, account, dags}, Ask: func(ctx context.Context) []Finding {
		at := shown(use.value)
		if at != use.value {
			address = address.is(Wrong, p.set("airflow", "url = "+quotedTOML(withScheme(at))), "%s: what stands before its host, or behind a ? or a #, does not belong there", at)
			return []Finding{address, health.waits("its address"), account.waits("its address"), dags.waits("its address")}
		}
		client, err := p.World.Airflow.At(use.value)
		if err != nil {
			address = address.problem(err)
			address.Next = clean.Line(p.set("airflow", "url = "+quotedTOML(withScheme(strings.TrimPrefix(at, "http://")))))
			return []Finding{address, health.waits("its address"), account.waits("its address"), dags.waits("its address")}
		}
		version, err := client.Version(ctx)
		if cause, _ := transport.CauseOf(err); err != nil && cause != transport.Credentials {
			address = address.reached(err, at, p.stands("airflow", "url", p.Settings.Airflow.URL, use.value))
			address.Found = clean.Linef("%s: %s", at, address.Found)
			return []Finding{address, health.waits("Airflow"), account.waits("Airflow"), dags.waits("Airflow")}
		}
		address = address.ok("%s, version %s", at, version)
		if err != nil { // a proxy, or a server that tells nothing to strangers
			address = address.ok("%s answers; it tells its version not to everybody", at)
		}
		n, account, dags := p.sees(ctx, client, use.value, account, dags)
		var beside sync.WaitGroup
		facts := make([]Finding, 2)
		if n > 0 {
			beside.Go(func() { facts[0] = imports(ctx, client, at) })
			beside.Go(func() { facts[1] = paused(ctx, client, n) })
		} else {
			facts = nil // who sees nothing is told nothing of it
		}
		state, err := client.Health(ctx)
		switch {
		case err == nil:
			health = well(health, state, p.World.Now())
		case account.Denied:
			health = health.waits("the account")
		default:
			health = health.problem(err)
			health.State, health.Denied = NotKnown, false
		}
		beside.Wait()
		return append([]Finding{address, health, account, dags}, facts...)
	}}
	if len(p.Airflow.Problems) > 0 {
		return q.without(account.ID) // they are told instead
	}
	return q
}

// well sums up the health of the parts.
func well(f Finding, h airflow.Health, now time.Time) Finding {
	words := map[airflow.Condition]string{airflow.Healthy: "healthy", airflow.Unhealthy: "unhealthy", airflow.NotRun: "not started"}
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
	if len(ill) > 0 {
		return f.is(Wrong, "ask those who run Airflow to look at its "+strings.Join(ill, " and its "), "%s", strings.Join(all, ", "))
	}
	return f.ok("%s", strings.Join(all, ", "))
}

func spaced(p airflow.Part) string { return strings.ReplaceAll(p.Name.String(), "_", " ") }

// sees says whether Airflow takes the account, and how many DAGs that account sees,
// 0 where it does not see enough of them.
func (p Patient) sees(ctx context.Context, client *airflow.Client, address string, account, dags Finding) (int, Finding, Finding) {
	given := p.Airflow.Given
	switch {
	case given == "":
		given = p.Airflow.Extra
	case p.Airflow.Extra != "":
		given += ", and " + p.Airflow.Extra
	}
	withheld := p.World.Airflow.Withholds(address)
	if withheld {
		given = ""
	}
	n, err := client.Sees(ctx)
	expected := max(p.Settings.Airflow.ExpectedDAGs, 1)
	cause, _ := transport.CauseOf(err)
	setting := p.set("airflow", "url = "+quotedTOML(shown(address)))
	switch {
	case err == nil:
		dags = dags.ok("%d seen, at least %d expected", n, expected)
		if p.Settings.Airflow.ExpectedDAGs == 0 {
			dags = dags.is(Wrong, p.set("airflow", fmt.Sprintf("expected_dags = %d", n)),
				"%d seen; how many there are is not in the settings, so that an account that sees fewer would be believed", n).optional()
		}
		switch {
		case withheld:
			account = account.is(Wrong, setting, "nobody: yours was not sent, because the address is the document's; everybody may look there").optional()
		case given == "":
			account = account.ok("nobody: everybody may look there")
		default:
			account = account.ok("%s", given)
		}
		return n, account, dags
	case cause == transport.ReadOnly:
		account = account.is(NotKnown, "put a token into AIRFLOW_TOKEN to have it asked; the checklist itself signs in with the password",
			"%s: not tried, because Airflow 3 wants a password exchanged by a POST, and only GET and HEAD are sent here", given)
		return 0, account, dags.waits("the account")
	case cause != transport.Credentials:
		dags = dags.problem(err)
		return 0, account.is(NotKnown, "", "%s: not answered for", orNobody(given)).optional(), dags
	}
	if seesTooLittle(err) {
		dags = dags.problem(err)
		return 0, account.ok("%s", orNobody(given)), dags
	}
	account.Denied = true
	switch {
	case withheld:
		account = account.is(Missing, setting, "yours was not sent, because the address is the document's and not that of [airflow] url")
	case given == "":
		account = account.is(Missing, "put a token into AIRFLOW_TOKEN; or "+p.set("airflow", `username = "NAME"`)+", and the password into AIRFLOW_PASSWORD", "no credentials are given, and Airflow answers nobody without")
	default:
		text, hint := account.problem(err).Found, account.problem(err).Next.String()
		if statusOf(err) == http.StatusUnauthorized && p.Airflow.Renew != "" {
			hint = p.Airflow.Renew
		}
		account = account.is(Wrong, hint, "%s: %s", given, text)
	}
	return 0, account, dags.waits("the account")
}

// seesTooLittle reports whether the account was taken, and is not shown enough.
func seesTooLittle(err error) bool { return strings.HasPrefix(err.Error(), "the account sees ") }

// lacking says what of the credentials cannot be had. Nobody need be asked for that.
func (p Patient) lacking(uses []use) Question {
	var by []string
	for _, u := range uses {
		by = append(by, u.by.String())
	}
	about := Finding{ID: "airflow.account", Name: clean.Line("Airflow account"), Needed: true, Denied: true,
		For: clean.Line(strings.Join(by, ", "))}
	return Question{Ask: func(context.Context) (all []Finding) {
		for _, problem := range p.Airflow.Problems {
			text, hint, _ := strings.Cut(problem.Error(), "; hint: ")
			all = append(all, about.is(Missing, hint, "%s", strings.TrimPrefix(text, "reading Airflow's credentials: ")))
		}
		return all
	}}
}

// withScheme makes an address one that can be asked.
func withScheme(address string) string {
	if strings.Contains(address, "://") {
		return address
	}
	return "https://" + address
}

func orNobody(given string) string {
	if given == "" {
		return "nobody"
	}
	return given
}
