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
	"github.token":      {name: "GitHub token", use: "seeing drafts and private repositories, and asking more than 60 times an hour"},
	"github.quota":      {name: "GitHub's limit"},
	"github.repository": {name: "Repository"},
	"registry":          {name: "Registry"},
	"registry.account":  {name: "Registry account", use: "images that not everybody may read"},
	"registry.image":    {name: "Image"},
	"airflow":           {name: "Airflow"},
	"airflow.health":    {name: "Airflow's health", use: "what it says of DAG runs: a scheduler that stands still starts and ends none"},
	"airflow.account":   {name: "Airflow account"},
	"airflow.dags":      {name: "DAGs", use: "believing that no DAG run is active: an account that sees no DAG sees no run"},
	"airflow.imports": {name: "Import errors", optional: true,
		use: "DAGs that do what their files say: those of a file that cannot be read stay as they were, or are not run"},
	"airflow.paused":   {name: "Paused DAGs", optional: true, use: "new DAGs: each is paused until somebody turns it on"},
	"checkout":         {name: "Checkout"},
	"checkout.remote":  {name: "Checkout's remote"},
	"checkout.branch":  {name: "Checkout's branch"},
	"checkout.changes": {name: "Checkout's changes"},
	"runs":             {name: "Runs", use: "walking at all: nothing is done that is not on disk"},
	"runs.unsettled":   {name: "Commands in doubt", use: "running a command in the infrastructure checkout"},
	"terminal":         {name: "Terminal", optional: true, use: "the checklist; all else works without one"},
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
