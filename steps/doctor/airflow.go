package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/transport"
)

// airflow asks an Airflow which one it is, how it is, and what the account sees
// there, with six requests at most.
func (p Patient) airflow(use use) Question {
	address := Finding{ID: "airflow", Name: clean.Line("Airflow"), Needed: true, For: use.by}
	health := Finding{ID: "airflow.health", Name: clean.Line("Airflow's health"), Needed: true,
		For: clean.Line("what it says of DAG runs: a scheduler that stands still starts and ends none")}
	account := Finding{ID: "airflow.account", Name: clean.Line("Airflow account"), Needed: true, For: use.by}
	dags := Finding{ID: "airflow.dags", Name: clean.Line("DAGs"), Needed: true,
		For: clean.Line("believing that no DAG run is active: an account that sees no DAG sees no run")}
	return Question{About: []Finding{address, health, account, dags}, Ask: func(ctx context.Context) []Finding {
		at := shown(use.value)
		if at != use.value {
			address = address.is(Wrong, "[airflow] url = "+quotedTOML(at)+p.into(), "%s: what stands before its host, or behind a ? or a #, does not belong there", at)
			return []Finding{address, health.waits("its address"), account.waits("its address"), dags.waits("its address")}
		}
		client, err := p.World.Airflow.At(use.value)
		if err != nil {
			return []Finding{address.problem(err), health.waits("its address"), account.waits("its address"), dags.waits("its address")}
		}
		version, err := client.Version(ctx)
		if cause, _ := transport.CauseOf(err); err != nil && cause != transport.Credentials {
			address = address.problem(err)
			address.Found = clean.Linef("%s: %s", at, address.Found)
			return []Finding{address, health.waits("Airflow"), account.waits("Airflow"), dags.waits("Airflow")}
		}
		address = address.ok("%s, version %s", at, version)
		if err != nil { // a proxy, or a server that tells nothing to strangers
			address = address.ok("%s answers; it tells its version not to everybody", at)
		}
		account, dags = p.sees(ctx, client, use.value, account, dags)
		state, err := client.Health(ctx)
		if err != nil {
			health = health.problem(err)
			health.State, health.Denied = NotKnown, false
			if account.Denied {
				health = health.waits("the account")
			}
			return []Finding{address, health, account, dags}
		}
		return []Finding{address, well(health, state, p.World.Now()), account, dags}
	}}
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

// sees says whether Airflow takes the account, and how many DAGs that account sees.
func (p Patient) sees(ctx context.Context, client *airflow.Client, address string, account, dags Finding) (Finding, Finding) {
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
	setting := "[airflow] url = " + quotedTOML(shown(address)) + p.into()
	switch {
	case err == nil:
		dags = dags.ok("%d seen, at least %d expected", n, expected)
		if p.Settings.Airflow.ExpectedDAGs == 0 {
			dags = dags.is(Wrong, fmt.Sprintf("[airflow] expected_dags = %d", n)+p.into(),
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
		if p.Airflow.Problem != nil {
			account = p.lacking(account).optional()
		}
		return account, dags
	case cause == transport.ReadOnly:
		account = account.is(NotKnown, "to have it asked, export AIRFLOW_TOKEN",
			"%s: not tried, because Airflow 3 wants a password exchanged by a POST, and only GET and HEAD are sent here", given)
		return account, dags.waits("the account")
	case cause != transport.Credentials:
		dags = dags.problem(err)
		return account.is(NotKnown, "", "%s: not answered for", orNobody(given)).optional(), dags
	}
	if seesTooLittle(err) {
		dags = dags.problem(err)
		return account.ok("%s", orNobody(given)), dags
	}
	account.Denied = true
	switch {
	case withheld:
		account = account.is(Missing, setting, "yours was not sent, because the address is the document's and not that of [airflow] url")
	case p.Airflow.Problem != nil:
		account = p.lacking(account)
	case given == "":
		account = account.is(Missing, "export AIRFLOW_TOKEN, or set [airflow] username"+p.into()+" and export AIRFLOW_PASSWORD", "no credentials are given, and Airflow answers nobody without")
	default:
		text, hint := account.problem(err).Found, account.problem(err).Next
		account = account.is(Wrong, hint.String(), "%s: %s", given, text)
	}
	return account, dags.waits("the account")
}

// seesTooLittle reports whether the account was taken, and is not shown enough.
func seesTooLittle(err error) bool { return strings.HasPrefix(err.Error(), "the account sees ") }

// lacking says what of the credentials cannot be had.
func (p Patient) lacking(f Finding) Finding {
	text, hint, _ := strings.Cut(p.Airflow.Problem.Error(), "; hint: ")
	f.Denied = true
	return f.is(Missing, hint, "%s", text)
}

// into names the file for a setting.
func (p Patient) into() string {
	if p.SettingsFile == "" {
		return " in catalog-runbook.toml"
	}
	return " in " + p.SettingsFile
}

func orNobody(given string) string {
	if given == "" {
		return "nobody"
	}
	return given
}

// quotedTOML writes a string as TOML has it, but for what an address cannot hold.
func quotedTOML(s string) string { return `"` + s + `"` }
