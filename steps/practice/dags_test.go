package practice

import (
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/practice/testdata/ask"
	"catalog-runbook/steps/transport"
)

// TestDAGDeployments: what the three steps say in each scenario, with each Airflow, and what
// its GitHub answers is as described.
func TestDAGDeployments(t *testing.T) {
	type moment struct {
		act  string
		pass time.Duration
		says [3]string
	}
	const unread = "only once Airflow has what was merged"
	open := moment{says: [3]string{"is open: merge it into main", "isn't merged", unread}}
	for scenario, moments := range map[string][]moment{
		"dags-only": {open,
			{act: "merge-pull-request", says: [3]string{"is merged into main", "The sync is 1 to 2 commits behind", unread}},
			{pass: 10 * time.Second, says: [3]string{"is merged", "Airflow has europeana_workflow.py and rijksmuseum_workflow.py", "The new DAG rijksmuseum_workflow is paused"}}},
		"broken-dag": {open,
			{act: "merge-pull-request", pass: 10 * time.Second, says: [3]string{"is merged", "europeana_workflow.py can't be imported: ModuleNotFoundError", unread}},
			{act: "repair-pull-request", pass: 10 * time.Second, says: [3]string{"is merged", "or a later commit", "No DAG is new"}}},
		"dag-starts": {open,
			{act: "merge-pull-request", pass: time.Second, says: [3]string{"is merged", "rijksmuseum_workflow.py is new", unread}},
			{pass: 10 * time.Second, says: [3]string{"is merged", "Airflow has rijksmuseum_workflow.py", "The new DAG rijksmuseum_workflow is paused"}}},
	} {
		for _, version := range []int{2, 3} {
			t.Run(scenario, func(t *testing.T) {
				w, c := begin(t, scenario, version)
				e := w.deployingDAGs(t, c)
				for _, m := range moments {
					if m.act != "" {
						if err := w.Do(m.act); err != nil {
							t.Fatal(err)
						}
					}
					c.Pass(m.pass)
					var ids []document.StepID
					for _, b := range e.Bound().Steps {
						ids = append(ids, b.Step.ID)
					}
					e.CheckAll(t.Context(), ids)
					for i, want := range m.says {
						if res := e.Run().Step(ids[i]).Result; !strings.Contains(res.Summary.String(), want) {
							t.Errorf("with Airflow %d, step %d is %s: %s; want %q", version, i+1, res.Verdict, res.Summary, want)
						}
					}
				}
				// Nothing shows in this run that it is a maintainer's.
				if on := e.Bound().Steps[2].Step.ID; scenario != "broken-dag" {
					if _, err := e.Scope(t.Context(), on, "unpause"); err == nil || !strings.Contains(err.Error(), "Only maintainers with infrastructure access may do this") || strings.Contains(err.Error(), "release") {
						t.Errorf("what is refused is %v", err)
					}
				}
			})
		}
	}
}

// deployingDAGs is a run on this world's document.
func (w *World) deployingDAGs(t *testing.T, c *ask.Clock) *steps.Engine {
	t.Helper()
	var s steps.Settings
	s.GitHub.APIURL, s.GitHub.Repository, s.GitHub.PullRequest = w.GitHubURL(), w.Repository(), w.PullRequest()
	s.Airflow.URL = w.AirflowURL()
	creds := steps.Credentials{GitHubToken: transport.NewToken(w.GitHubToken()), AirflowUsername: w.AirflowUser(), AirflowPassword: w.AirflowPassword()}
	services, err := steps.Connect(s, creds, false, nil, onlyGitHub{asDescribed(t, ask.FreshConnections()), w.GitHubURL()})
	if err != nil {
		t.Fatal(err)
	}
	services.Now, services.Airflow.Options.Now = c.Now, c.Now
	doc, err := document.Parse("DEPLOYMENT.md", w.Document())
	if err != nil {
		t.Fatal(err)
	}
	e, err := steps.New(steps.Bind(doc, s, kinds.All()), services, steps.Options{Mode: runbook.Practice})
	if err != nil {
		t.Fatal(err)
	}
	return e
}
