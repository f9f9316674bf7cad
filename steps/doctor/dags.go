package doctor

import (
	"context"
	"strings"

	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/airflow"
)

const (
	// namedFiles is how many files that can't be read are named, and reasonLength how
	// much of each one's reason is quoted, in characters.
	namedFiles, reasonLength = 3, 120
	// countable is the most DAGs among which the paused ones are counted: a hundred
	// cost a request.
	countable = 500
)

// importErrors reports the files of DAGs that Airflow can't read. They are worth
// knowing, and don't block a deployment.
func importErrors(ctx context.Context, f *Finding, client *airflow.Client, at string) {
	all, err := client.ImportErrors(ctx)
	if err != nil {
		f.untold(err)
		return
	}
	if len(all) == 0 {
		f.ok("none")
		return
	}
	var named []string
	for _, e := range all[:min(len(all), namedFiles)] {
		said := e.File.String()
		if reason := say.Shorten(e.Reason.String(), reasonLength+1); reason != "" {
			said += " (" + reason + ")"
		}
		named = append(named, said)
	}
	if len(all) > namedFiles {
		named = append(named, "…")
	}
	f.Is(Wrong, "open "+at+", which shows each error in full, and tell the DAGs' authors",
		"can't read %s: %s", say.Plural(len(all), "file", "files"), strings.Join(named, ", "))
}

// pausedDAGs counts the paused DAGs among those that the account sees.
func pausedDAGs(ctx context.Context, f *Finding, client *airflow.Client, seen int) {
	if seen > countable {
		f.Is(NotKnown, "", "not counted: there are %d DAGs", seen)
		return
	}
	switch all, err := client.PausedDAGs(ctx); {
	case err != nil:
		f.untold(err)
	case len(all) == 0:
		f.ok("none of %d", seen)
	default:
		f.ok("%d of %d", len(all), seen)
	}
}
