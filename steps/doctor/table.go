package doctor

import "catalog-runbook/runbook/clean"

// table names every finding by its id, and says what it is needed for; "" means the
// steps that use it. The findings about tools are made from the commands that
// start them.
var table = map[string]struct {
	name, use string
	optional  bool
}{
	"document":          {name: "Document", use: "all steps"},
	"github":            {name: "GitHub"},
	"github.token":      {name: "GitHub token", use: "seeing drafts and private repositories, and more than 60 requests an hour"},
	"github.quota":      {name: "GitHub's limit"},
	"github.repository": {name: "Repository"},
	"registry":          {name: "Registry"},
	"registry.account":  {name: "Registry account", use: "private images"},
	"registry.image":    {name: "Image"},
	"airflow":           {name: "Airflow"},
	"airflow.health":    {name: "Airflow's health", use: "trusting what it says about DAG runs: a stopped scheduler starts and ends none"},
	"airflow.account":   {name: "Airflow account"},
	"airflow.dags":      {name: "DAGs", use: "trusting that no DAG run is active: an account that sees no DAGs sees no runs"},
	"airflow.imports": {name: "Import errors", optional: true,
		use: "running the DAGs as written: those in a file that Airflow can't import are out of date or don't run"},
	"airflow.paused":   {name: "Paused DAGs", optional: true, use: "new DAGs: they stay paused until you turn them on"},
	"database":         {name: "Database", optional: true},
	"checkout":         {name: "Checkout"},
	"checkout.remote":  {name: "Checkout's remote"},
	"checkout.branch":  {name: "Checkout's branch"},
	"checkout.changes": {name: "Checkout's changes"},
	"runs":             {name: "Runs", use: "saving the run: nothing happens that isn't recorded on disk"},
	"runs.unsettled":   {name: "Unknown outcomes", use: "running a command in the infrastructure checkout"},
	"terminal":         {name: "Terminal", optional: true, use: "the checklist; everything else works without one"},
}

// About returns the findings with these ids, still without a state. by names the
// steps that use what they are about.
func About(by clean.Text, ids ...string) []Finding {
	all := make([]Finding, len(ids))
	for i, id := range ids {
		row := table[id]
		all[i] = Finding{ID: id, Name: clean.Line(row.name), Needed: !row.optional, For: by}
		if row.use != "" {
			all[i].For = clean.Line(row.use)
		}
	}
	return all
}
