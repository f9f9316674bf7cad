package doctor

import (
	"context"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/airflow"
)

const (
	// namedFiles is how many files that cannot be read are named, and reasonLength how
	// much of each one's reason is told, in characters.
	namedFiles, reasonLength = 3, 120
	// countable is among how many DAGs those that are paused are counted: a hundred of
	// them cost a request.
	countable = 500
)

// imports says which files of DAGs Airflow cannot read. That is worth knowing, and in
// no deployment's way.
func imports(ctx context.Context, client *airflow.Client, at string) Finding {
	f := Finding{ID: "airflow.imports", Name: clean.Line("Import errors"),
		For: clean.Line("DAGs that do what their files say: those of a file that cannot be read stay as they were, or are not run")}
	all, err := client.ImportErrors(ctx)
	if err != nil {
		return f.untold(err)
	}
	if len(all) == 0 {
		return f.ok("none")
	}
	var named []string
	for _, e := range all[:min(len(all), namedFiles)] {
		said := e.File.String()
		if reason := cut(e.Reason.String(), reasonLength); reason != "" {
			said += " (" + reason + ")"
		}
		named = append(named, said)
	}
	if len(all) > namedFiles {
		named = append(named, "…")
	}
	return f.is(Wrong, "open "+at+", which shows each error whole, and tell those who write these DAGs",
		"%s cannot be read: %s", count(len(all), "file", "files"), strings.Join(named, ", "))
}

// paused says how many DAGs are paused, among those that the account sees.
func paused(ctx context.Context, client *airflow.Client, seen int) Finding {
	f := Finding{ID: "airflow.paused", Name: clean.Line("Paused DAGs"),
		For: clean.Line("new DAGs: each is paused until somebody turns it on")}
	if seen > countable {
		return f.is(NotKnown, "", "not counted, because there are %d DAGs", seen)
	}
	all, err := client.PausedDAGs(ctx)
	switch {
	case err != nil:
		return f.untold(err)
	case len(all) == 0:
		return f.ok("none of %d", seen)
	}
	return f.ok("%d of %d", len(all), seen)
}

// untold completes a finding that is only worth having with why it cannot be had.
func (f Finding) untold(err error) Finding {
	f = f.problem(err)
	f.State, f.Denied = NotKnown, false
	return f
}

// cut shortens a text to so many characters.
func cut(s string, length int) string {
	if r := []rune(s); len(r) > length {
		return string(r[:length]) + "…"
	}
	return s
}
