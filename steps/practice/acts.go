package practice

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/state"
)

// Act is something that a person does elsewhere: on GitHub's or Airflow's pages, or
// on another machine.
type Act struct {
	ID      string
	Label   string // an imperative, without a final period
	Hint    string // what follows from it, or why it cannot be done now
	Enabled bool
	// Publishes reports whether it publishes the release that a run is about.
	Publishes bool
}

const (
	publishAct = "publish-release"
	restoreAct = "restore-database"
	replaceAct = "replace-instance"
	failPrefix = "fail-" // and the DAG run's DAG
)

// Acts lists what can be done in this world, in a fixed order. Nothing can where
// the world cannot be read.
func (w *World) Acts() []Act {
	err := w.state.Refresh()
	acts := []Act{{
		ID: publishAct, Label: "publish the draft release " + draftTag, Enabled: true, Publishes: true,
		Hint: "on GitHub; its workflow run and its image follow some seconds later",
	}}
	if !w.state.ReleaseList(true)[0].Draft() {
		acts[0].Enabled, acts[0].Hint = false, "done: "+draftTag+" is published"
	}
	for _, r := range airflow.BusyRuns(w.state) {
		a := Act{
			ID:      failPrefix + r.DAG,
			Label:   fmt.Sprintf("mark the %s run of %s as failed", r.Was, r.DAG),
			Hint:    "in Airflow; what the run has done so far is lost",
			Enabled: r.Active(),
		}
		if !a.Enabled {
			a.Hint = "done: the run ended as " + r.State
		}
		acts = append(acts, a)
	}
	if w.scenario.withoutDBDef {
		a := Act{
			ID: restoreAct, Label: "revert the change that removed the database's file", Enabled: true,
			Hint: "a colleague does it, in one commit on main of the checkout; plan again afterwards",
		}
		if describesDatabase(w.folder) {
			a.Enabled, a.Hint = false, "done: "+databaseFile+" is in the checkout"
		}
		acts = append(acts, a)
	}
	if w.scenario.colleague {
		acts = append(acts, Act{
			ID: replaceAct, Label: "replace the Catalog's instance as it is", Enabled: true,
			Hint: "a colleague does it, from another machine; a plan that was made before is stale then",
		})
	}
	for i := range acts {
		if err != nil {
			acts[i].Enabled, acts[i].Hint = false, err.Error()
		}
	}
	return acts
}

// Do does an act. It fails, and changes nothing, when there is no such act or
// when it is not enabled.
func (w *World) Do(id string) error {
	w.acting.Lock() // what is enabled stays so until it is done
	defer w.acting.Unlock()
	acts := w.Acts()
	i := slices.IndexFunc(acts, func(a Act) bool { return a.ID == id })
	var err error
	switch {
	case i < 0:
		err = fmt.Errorf("there is no act %q", id)
	case !acts[i].Enabled:
		err = fmt.Errorf("cannot %s: %s", acts[i].Label, acts[i].Hint)
	case id == publishAct:
		err = publish(w.state)
	case id == restoreAct:
		err = w.restoreDatabase()
	case id == replaceAct:
		err = w.state.ReplaceInstance()
	default:
		err = airflow.FailRun(w.state, strings.TrimPrefix(id, failPrefix))
	}
	if err != nil {
		return fmt.Errorf("acting in the practice world: %w", err)
	}
	return nil
}

// restoreDatabase reverts on main what this scenario removed.
func (w *World) restoreDatabase() error {
	ctx, cancel := context.WithTimeout(context.Background(), gitLimit)
	defer cancel()
	if err := revertRemoval(ctx, w.folder, w.state.Now()); err != nil {
		return err
	}
	return w.state.Change(func(k *state.Facts, now time.Time) error {
		k.Tell(now, "", "git: a colleague reverted the removal of "+databaseFile)
		return nil
	})
}

// publish makes the draft a release. It fails when there is no draft any more.
func publish(s *state.Store) error {
	return s.Change(func(k *state.Facts, now time.Time) error {
		r := &k.Releases[0]
		if !r.Draft() {
			return fmt.Errorf("%s is published already", r.Tag)
		}
		r.Published = now
		k.Tell(now, "", "GitHub: release "+r.Tag+" was published")
		k.Foretell(now.Add(state.RunStarts), "", "GitHub: the workflow run of "+r.Tag+" started")
		k.Foretell(now.Add(state.RunEnds), "", "GitHub: the workflow run of "+r.Tag+" succeeded")
		k.Foretell(now.Add(state.ImageComes), "", "registry: the image "+r.Tag+" arrived")
		return nil
	})
}
