package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/practice/elsewhere"
	"catalog-runbook/steps/transport"
)

type practiceCommand struct {
	Scenario string `arg:"" optional:"" default:"calm" env:"CATALOG_RUNBOOK_SCENARIO" help:"The scenario to practice (see --list)."`
	List     bool   `help:"List the scenarios."`
	JSON     bool   `help:"With --list: write JSON."`
	manner
}

// Run shows the checklist on a practice world. Of the settings it reads only what
// concerns the screen, and no credentials.
func (c practiceCommand) Run(ctx context.Context, s streams) error {
	if c.List {
		return c.list(s.out, textWidth(s))
	}
	if c.JSON {
		return errors.New("--json belongs to --list; hint: catalog-runbook practice --list --json")
	}
	if _, err := practice.FindScenario(c.Scenario); err != nil {
		return err
	}
	if err := c.needTerminal(s); err != nil {
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
	w := walk{run: k, world: &acting{World: world}, plainly: c.plain(s), settings: screenSettings(), Flags: c.Flags}
	var back *runbook.Rollback
	release := ""
	if world.GoesBack() {
		if back, release, w.notice, err = goBack(ctx, bound, *services, func(func([]runbook.Event) bool) {}, ""); err != nil {
			return errors.Join(err, k.discard())
		}
	}
	w.engine, err = steps.New(bound, services, k.options(steps.Options{Mode: runbook.Practice, Environment: c.Scenario, Rollback: back}))
	if err == nil && release != "" {
		err = w.engine.Choose(release)
	}
	if err != nil {
		return errors.Join(err, k.discard())
	}
	return show(ctx, s, w)
}

// acting is the world of a run that notes whether the person has done anything in it.
type acting struct {
	elsewhere.World
	did atomic.Bool
}

// Do does what people do elsewhere.
func (a *acting) Do(id string) error {
	a.did.Store(true)
	return a.World.Do(id)
}

// screenSettings returns the settings for what isn't bound to a document. A file that
// can't be read is none: practice has no need of it.
func screenSettings() steps.Settings {
	set, _, err := settings.Load("")
	if err != nil {
		return settings.Default()
	}
	return set
}

// scenariosOutput is the JSON of practice --list. `help json` documents its shape.
type scenariosOutput struct {
	Scenarios []scenarioOutput `json:"scenarios"`
}

type scenarioOutput struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Story string `json:"story"`
	Rare  bool   `json:"rare"` // it practices one state of a release or its image
}

// scenarioColumn is the width of the scenarios' names, in cells.
const scenarioColumn = 19

// list writes the scenarios, in lines no wider than width.
func (c practiceCommand) list(w io.Writer, width int) error {
	out := scenariosOutput{Scenarios: []scenarioOutput{}}
	var rare []string
	var text strings.Builder
	for _, sc := range practice.Scenarios() {
		out.Scenarios = append(out.Scenarios, scenarioOutput{sc.Name, sc.Title, sc.Story, sc.Rare})
		if sc.Rare {
			rare = append(rare, sc.Name)
			continue
		}
		wrapped(&text, pad(sc.Name, scenarioColumn), sc.Title, width)
		wrapped(&text, pad("", scenarioColumn), sc.Story, width)
	}
	if c.JSON {
		return writeJSON(w, out)
	}
	fmt.Fprintln(&text)
	wrapped(&text, "", "Each of these practices one state of a release or its image: "+strings.Join(rare, ", ")+".", width)
	_, err := io.WriteString(w, text.String())
	return err
}

// practiceFolder is the folder of the practice world in the run's folder.
const practiceFolder = "world"

// practiceSettling is short, so that nobody has to wait long in practice.
const (
	practiceSettling steps.Wait = "5s"
	practiceBack     steps.Wait = "90s"
)

// practiceServices binds the embedded runbook and connects to a practice world.
func practiceServices(w *practice.World) (*steps.Bound, *steps.World, error) {
	var s steps.Settings
	s.GitHub.APIURL = w.GitHubURL()
	s.GitHub.Repository = w.Repository()
	s.GitHub.Workflow, s.GitHub.PullRequest = w.Workflow(), w.PullRequest()
	s.Image.Reference, s.Image.PlainHTTP = w.Image(), true
	s.Airflow.URL, s.Airflow.Settling, s.Airflow.MayWait = w.AirflowURL(), practiceSettling, w.MayWait()
	s.Airflow.BackWithin = practiceBack
	s.Infrastructure.Directory = w.InfrastructureDir()
	if w.ApplyAsks() {
		s.Plan.Apply = steps.AppliesAsked
	}
	doc, err := embedded()
	if own := w.Document(); own != nil {
		doc, err = document.Parse("the practice "+runbook.DefaultName, own)
	}
	if err != nil {
		return nil, nil, err
	}
	creds := steps.Credentials{GitHubToken: transport.NewToken(w.GitHubToken()), AirflowUsername: w.AirflowUser(), AirflowPassword: w.AirflowPassword(), Docker: authn.NewMultiKeychain()}
	world, err := steps.Connect(s, creds, false, w.Environ(), nil)
	if err != nil {
		return nil, nil, err
	}
	world.Postgres = w.Postgres() // and not where the PG variables lead
	return steps.Bind(doc, s, kinds.All()).ForPractice(), world, err
}
