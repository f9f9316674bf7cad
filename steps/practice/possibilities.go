package practice

import (
	"context"
	"fmt"
	"slices"
	"time"

	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/state"
)

// A possibility is something that a person can do elsewhere. A scenario lists the
// possibilities that it has.
type possibility interface {
	// act describes it as of now.
	act(w *World) Act
	// do performs it; it is enabled.
	do(w *World) error
}

// publishRelease publishes the draft. Every scenario has it.
type publishRelease struct{}

func (publishRelease) act(w *World) Act {
	draft := w.state.Releases(true)[0]
	a := Act{
		ID: "publish-release", Label: "publish the draft release " + draft.Tag, Enabled: draft.Draft(), Publishes: true,
		Hint: "on GitHub; its workflow run and its image follow some seconds later",
	}
	if !a.Enabled {
		a.Hint = "done: " + draft.Tag + " is published"
	}
	return a
}

func (publishRelease) do(w *World) error { return publish(w.state) }

func publish(s *state.Store) error {
	return s.Change(func(k *state.Facts, now time.Time) error {
		r := &k.Releases[0]
		if !r.Draft() {
			return fmt.Errorf("%s is published already", r.Tag)
		}
		r.Published = now
		build := r.BuildTimes()
		k.Tell(now, "", "GitHub: release "+r.Tag+" was published")
		k.Foretell(now.Add(build.Starts), "", "GitHub: the workflow run of "+r.Tag+" started")
		k.Foretell(now.Add(build.Ends), "", "GitHub: the workflow run of "+r.Tag+" succeeded")
		k.Foretell(now.Add(build.Image), "", "registry: the image "+r.Tag+" arrived")
		return nil
	})
}

// failRun marks the DAG run that was active at the start as failed.
type failRun struct{ dag string }

func (f failRun) act(w *World) Act {
	was := "queued"
	for _, r := range w.scenario.runs {
		if r.dag == f.dag && r.running {
			was = "running"
		}
	}
	run := airflow.LatestRun(w.state, f.dag)
	a := Act{
		ID:    "fail-" + f.dag,
		Label: fmt.Sprintf("mark the %s run of %s as failed", was, f.dag),
		Hint:  "in Airflow; what the run has done so far is lost", Enabled: run.Active(),
	}
	if !a.Enabled {
		a.Hint = "done: the run ended as " + run.State
	}
	return a
}

func (f failRun) do(w *World) error { return airflow.FailRun(w.state, f.dag) }

// clearEvents takes the events of assets back that wait for a DAG.
type clearEvents struct{ dag string }

func (c clearEvents) act(w *World) Act {
	a := Act{
		ID: "clear-events-" + c.dag, Label: "clear the event that waits for " + c.dag, Hint: "in Airflow; the DAG then waits for the next one",
		Enabled: slices.Contains(w.state.Facts().AssetEvents, c.dag),
	}
	if !a.Enabled {
		a.Hint = "done: no event waits for it"
	}
	return a
}

func (c clearEvents) do(w *World) error {
	return w.state.Change(func(k *state.Facts, now time.Time) error {
		k.AssetEvents = slices.DeleteFunc(slices.Clone(k.AssetEvents), func(dag string) bool { return dag == c.dag })
		k.Tell(now, c.dag, "Airflow: the event that waited for "+c.dag+" was cleared")
		return nil
	})
}

// restoreFile reverts the scenario's removal of a file from the checkout.
type restoreFile struct{ what string } // what the file describes

func (f restoreFile) act(w *World) Act {
	a := Act{
		ID: "restore-" + f.what, Label: "revert the change that removed the " + f.what + "'s file", Enabled: true,
		Hint: "a colleague does it, in one commit on main of the checkout; plan again afterwards",
	}
	if hasFile(w.folder, w.scenario.removed.file) {
		a.Enabled, a.Hint = false, "done: "+w.scenario.removed.file+" is in the checkout"
	}
	return a
}

func (restoreFile) do(w *World) error {
	ctx, cancel := context.WithTimeout(context.Background(), gitLimit)
	defer cancel()
	removed := w.scenario.removed
	if err := removed.revert(ctx, w.folder, w.state.Now()); err != nil {
		return err
	}
	return w.state.Change(func(k *state.Facts, now time.Time) error {
		k.Tell(now, "", "git: a colleague reverted the removal of "+removed.file)
		return nil
	})
}

// replaceInstance replaces the instance by one that runs the same tag, which makes
// earlier plans stale. It stays enabled.
type replaceInstance struct{}

func (replaceInstance) act(*World) Act {
	return Act{
		ID: "replace-instance", Label: "replace the Catalog's instance as it is", Enabled: true,
		Hint: "a colleague does it, from another machine; a plan that was made before is stale then",
	}
}

func (replaceInstance) do(w *World) error { return w.state.ReplaceInstance() }
