package practice

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Act is something that a person does elsewhere: on GitHub's or Airflow's pages, or
// on another machine.
type Act struct {
	ID      string
	Label   string // an imperative, without a final period
	Hint    string // what follows from it, or why it cannot be done now
	Enabled bool
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
	err := w.state.refresh()
	acts := []Act{{
		ID: publishAct, Label: "publish the draft release " + draftTag, Enabled: true,
		Hint: "on GitHub; its workflow run and its image follow some seconds later",
	}}
	if !w.state.releaseList(true)[0].draft() {
		acts[0].Enabled, acts[0].Hint = false, "done: "+draftTag+" is published"
	}
	for _, r := range w.state.busyRuns() {
		a := Act{
			ID:      failPrefix + r.DAG,
			Label:   fmt.Sprintf("mark the %s run of %s as failed", r.was, r.DAG),
			Hint:    "in Airflow; what the run has done so far is lost",
			Enabled: r.active(),
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
		if w.folder.describesDatabase() {
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
		err = w.state.publish()
	case id == restoreAct:
		err = w.restoreDatabase()
	case id == replaceAct:
		err = w.state.replaceInstance()
	default:
		err = w.state.failRun(strings.TrimPrefix(id, failPrefix))
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
	if err := revertRemoval(ctx, w.folder, w.state.now()); err != nil {
		return err
	}
	return w.state.change(func(k *facts, now time.Time) error {
		k.tell(now, "", "git: a colleague reverted the removal of "+databaseFile)
		return nil
	})
}
