package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/transport"
	"catalog-runbook/tui"
)

type practiceCommand struct {
	Scenario string `arg:"" optional:"" default:"calm" help:"What happens in the practice world."`
	List     bool   `help:"List the scenarios."`
	appearance
}

// Run shows the checklist on a practice world. It reads neither settings nor
// credentials.
func (c practiceCommand) Run(ctx context.Context, s streams) error {
	if c.List {
		for _, sc := range practice.Scenarios() {
			if _, err := fmt.Fprintf(s.out, "%-18s %s\n%-18s %s\n", sc.Name, sc.Title, "", sc.Story); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := practice.FindScenario(c.Scenario); err != nil {
		return err
	}
	if err := needTerminal(s); err != nil {
		return err
	}
	runs, err := openRuns(s)
	if err != nil {
		return err
	}
	k, err := runs.begin()
	if err != nil {
		return err
	}
	defer k.close()
	world, err := practice.Start(c.Scenario, practice.Options{Folder: filepath.Join(k.journal.Folder(), practiceFolder)})
	if err != nil {
		return errors.Join(err, k.discard())
	}
	defer world.Close()
	bound, services, err := practiceServices(world)
	if err != nil {
		return errors.Join(err, k.discard())
	}
	engine, err := steps.New(bound, services, k.options(steps.Options{Mode: runbook.Practice, Environment: c.Scenario}))
	if err != nil {
		return errors.Join(err, k.discard())
	}
	return show(ctx, s, walk{engine: engine, run: k, world: elsewhere{world}, appearance: c.appearance})
}

// practiceFolder is the folder of the practice world in the run's folder.
const practiceFolder = "world"

// practiceSettling is short, so that nobody has to wait long in practice.
const practiceSettling steps.Wait = "5s"

// practiceServices binds the embedded runbook and connects to a practice world.
func practiceServices(w *practice.World) (*steps.Bound, *steps.World, error) {
	var s steps.Settings
	s.GitHub.APIURL = w.GitHubURL()
	s.GitHub.Repository = w.Repository()
	s.GitHub.Workflow = w.Workflow()
	s.Image.Reference, s.Image.PlainHTTP = w.Image(), true
	s.Airflow.URL, s.Airflow.Settling, s.Airflow.MayWait = w.AirflowURL(), practiceSettling, w.MayWait()
	s.Infrastructure.Directory = w.InfrastructureDir()
	if w.ApplyAsks() {
		s.Plan.Apply = steps.AppliesAsked
	}
	doc, err := embedded()
	if err != nil {
		return nil, nil, err
	}
	creds := steps.Credentials{GitHubToken: transport.NewToken(w.GitHubToken()), AirflowUsername: w.AirflowUser(), AirflowPassword: w.AirflowPassword(), Docker: authn.NewMultiKeychain()}
	world, err := steps.Connect(s, creds, false, w.Environ(), nil)
	return steps.Bind(doc, s, kinds.All()).ForPractice(), world, err
}

// elsewhere adapts the practice world to the checklist.
type elsewhere struct{ w *practice.World }

func (e elsewhere) Acts() []tui.Act {
	var acts []tui.Act
	for _, a := range e.w.Acts() {
		acts = append(acts, tui.Act{ID: a.ID, Label: a.Label, Hint: a.Hint, Enabled: a.Enabled, Publishes: a.Publishes})
	}
	return acts
}

func (e elsewhere) Do(id string) error { return e.w.Do(id) }
func (e elsewhere) News() []string     { return e.w.News() }
