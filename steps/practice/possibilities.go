package practice

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/state"
)

// A possibility is something that a person can do elsewhere. A scenario lists the
// possibilities that it has.
type possibility interface {
	// act describes it as of now.
	act(w *World) act
	// do performs it; it is enabled.
	do(w *World) error
}

// publishRelease publishes the draft. Every scenario has it.
type publishRelease struct{}

func (publishRelease) act(w *World) act {
	draft := w.state.Releases(true)[0]
	a := act{
		ID: "publish-release", Label: "publish the draft release " + draft.Tag, Enabled: draft.Draft(), Publishes: true,
		Hint: "on GitHub; its workflow run and its image follow a few seconds later",
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

// landVersion brings the version that is deployed to the main branch of the infrastructure.
// Every scenario that deploys the service has it.
type landVersion struct{}

func (landVersion) act(w *World) act {
	k := w.state.Facts()
	a := act{
		ID: "land-version", Label: "commit the version, open its pull request and have it merged", Enabled: k.Serial > 0 && !k.Landed,
		Hint: "in the infrastructure repository; you and a reviewer do that",
	}
	switch {
	case k.Landed:
		a.Hint = "done: main names it"
	case !a.Enabled:
		a.Hint = "after the deployment"
	}
	return a
}

func (landVersion) do(w *World) error {
	ctx, cancel := context.WithTimeout(context.Background(), gitLimit)
	defer cancel()
	tag := w.state.Facts().Deployed
	if err := land(ctx, w.folder, tag, w.state.Now()); err != nil {
		return err
	}
	return w.state.Change(func(k *state.Facts, now time.Time) error {
		k.Landed = true
		k.Tell(now, "", "git: the main branch of the infrastructure names "+tag)
		return nil
	})
}

// failRun marks the DAG run that was active at the start as failed.
type failRun struct{ dag string }

func (f failRun) act(w *World) act {
	was := "queued"
	for _, r := range w.scenario.runs {
		if r.dag == f.dag && r.running {
			was = "running"
		}
	}
	run := airflow.LatestRun(w.state, f.dag)
	a := act{
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

func (c clearEvents) act(w *World) act {
	a := act{
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

func (f restoreFile) act(w *World) act {
	a := act{
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

// setBack writes the version before into the checkout, as a person does with an editor.
type setBack struct{}

func (setBack) act(w *World) act {
	a := act{ID: "set-back", Label: "write v1.5.3 into " + path.Base(serviceFile), Enabled: true, Hint: "with an editor, in the checkout, where v1.5.4 is"}
	if data, err := os.ReadFile(filepath.Join(w.folder.Checkout(), filepath.FromSlash(serviceFile))); err != nil || !bytes.Contains(data, []byte(draftTag)) {
		a.Enabled, a.Hint = false, "done: it is there"
	}
	return a
}

func (setBack) do(w *World) error {
	if err := replaceTag(w.folder, draftTag, "v1.5.3"); err != nil {
		return err
	}
	return w.state.Change(func(k *state.Facts, now time.Time) error {
		k.Tell(now, "", "editor: "+serviceFile+" names v1.5.3 again")
		return nil
	})
}

// replaceInstance replaces the instance by one that runs the same tag, which makes
// earlier plans stale. It stays enabled.
type replaceInstance struct{}

func (replaceInstance) act(*World) act {
	return act{
		ID: "replace-instance", Label: "replace the Catalog's instance as it is", Enabled: true,
		Hint: "a colleague does it, from another machine; a plan that was made before is stale then",
	}
}

func (replaceInstance) do(w *World) error { return w.state.ReplaceInstance() }

// mergePull merges the pull request.
type mergePull struct{}

func (mergePull) act(w *World) act {
	p := w.state.Facts().Pull
	a := act{ID: "merge-pull-request", Label: fmt.Sprintf("merge the pull request #%d", p.Number), Hint: "on GitHub; the sync follows a few seconds later", Enabled: p.Merged.IsZero()}
	if !a.Enabled {
		a.Hint = "done: it is merged"
	}
	return a
}

func (mergePull) do(w *World) error {
	return w.state.Change(func(k *state.Facts, now time.Time) error {
		k.Pull.Merged = now.Truncate(time.Second) // as GitHub tells it
		k.Tell(now, "", fmt.Sprintf("GitHub: the pull request #%d was merged", k.Pull.Number))
		return nil
	})
}

// repairPull repairs the file that the pull request broke.
type repairPull struct{}

func (repairPull) act(w *World) act {
	p := w.state.Facts().Pull
	a := act{ID: "repair-pull-request", Label: "repair the broken DAG with another commit", Hint: "a colleague does it, on main", Enabled: !p.Merged.IsZero() && p.Fixed.IsZero()}
	switch {
	case p.Merged.IsZero():
		a.Hint = "nothing is merged yet"
	case !a.Enabled:
		a.Hint = "done: a later commit has repaired it"
	}
	return a
}

func (repairPull) do(w *World) error {
	return w.state.Change(func(k *state.Facts, now time.Time) error {
		k.Pull.Fixed = now.Truncate(time.Second)
		k.Tell(now, "", "GitHub: a colleague has repaired the DAG on main")
		return nil
	})
}
