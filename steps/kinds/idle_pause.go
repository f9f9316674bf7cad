package kinds

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/kinds/pauses"
)

// factDue lists, one per line, the DAGs whose runs begin before the deployment is over.
const factDue runbook.Fact = "dags.due"

// The effects that pause DAGs until the deployment is over, and unpause them then.
const (
	effectPause   = "pause"
	effectUnpause = "unpause"
)

var pauseEffects = []steps.Effect{
	{
		Name: effectPause,
		Spec: func(steps.Params) runbook.EffectSpec {
			return runbook.EffectSpec{Label: clean.Line("pause DAGs"), Confirm: effectPause, Aside: true, Offered: factDue, Thing: "DAG", Made: "paused"}
		},
		Changes: &steps.Changes{Where: airflowOf, On: pausable, Set: pauseDAG, Look: pauses.Look(true)},
	},
	{
		Name: effectUnpause,
		Spec: func(steps.Params) runbook.EffectSpec {
			return runbook.EffectSpec{Label: clean.Line("unpause DAGs"), Confirm: effectUnpause, Aside: true, Undoes: effectPause, Thing: "DAG", Made: "unpaused"}
		},
		Changes: &steps.Changes{Where: airflowOf, On: unpausable, Set: unpauseDAG, Look: pauses.Look(false)},
	},
}

func airflowOf(p steps.Params) string { return p["airflow"] }

// startsAgain says what happens when a DAG is unpaused.
const startsAgain = "Unpausing starts the last interval's run at once if that has not run by then, and with catchup a run for each interval that has passed."

// listDAGs returns the step's Airflow and its DAGs.
func listDAGs(ctx context.Context, in steps.Input) (*airflow.Client, []airflow.DAG, error) {
	client, err := in.World.Airflow.At(in.Params["airflow"])
	if err != nil {
		return nil, nil, err
	}
	all, err := client.DAGs(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("asking Airflow for its DAGs: %w", err)
	}
	return client, all, nil
}

// pausable lists the DAGs that are on and have no active run, those first whose runs begin
// soon. A DAG is never paused while a run of it is active: the run wouldn't end then.
func pausable(ctx context.Context, in steps.Input) (steps.Scope, error) {
	client, all, err := listDAGs(ctx, in)
	if err != nil {
		return steps.Scope{}, err
	}
	seen, err := client.ActiveRuns(ctx)
	if err != nil {
		return steps.Scope{}, fmt.Errorf("asking Airflow for active DAG runs: %w", err)
	}
	active := map[clean.Text]bool{}
	for _, run := range slices.Concat(seen.Runs, seen.Waiting) {
		active[run.DAG] = true
	}
	if seen.Total > len(seen.Runs) {
		return steps.Scope{}, fmt.Errorf("%d DAG runs are active, more than can be listed, and a DAG with an active run must not be paused; hint: wait for runs to end", seen.Total)
	}
	var due, others []airflow.DAG
	var already, busy []clean.Text
	ends := seen.At.Add(horizonOf(in))
	for _, d := range all {
		switch soon := !d.NextRun.IsZero() && !d.NextRun.After(ends) || slices.Contains(seen.Due.Assets, d.ID) || slices.Contains(seen.Due.Unasked, d.ID); {
		case d.Paused && !slices.Contains(in.Held, d.ID.String()):
			already = append(already, d.ID)
		case d.Paused:
		case active[d.ID]:
			busy = append(busy, d.ID)
		case soon:
			due = append(due, d)
		default:
			others = append(others, d)
		}
	}
	slices.SortStableFunc(due, func(a, b airflow.DAG) int { return a.NextRun.Compare(b.NextRun) })
	s := steps.Scope{Urgent: len(due)}
	for _, d := range slices.Concat(due, others) {
		s.Things = append(s.Things, steps.Thing{Name: d.ID.String(), Note: dueNote(d, seen)})
	}
	if len(busy) > 0 {
		s.About = append(s.About, clean.Linef("Not paused, because a run is active and would never end: %s.", listed(busy)))
	}
	paused := map[clean.Text]bool{}
	for _, id := range already {
		paused[id] = true
	}
	left := leftPaused(in, in.Params["airflow"], paused)
	if len(already) > 0 {
		s.About = append(s.About, clean.Linef("Paused already, and stays so: %s.", listed(already)))
	}
	s.About = append(append(s.About, left...), clean.Line(startsAgain))
	return s, nil
}

// leftPaused says which of the DAGs that are paused an earlier run has paused and not
// unpaused, and how to do that.
func leftPaused(in steps.Input, address string, paused map[clean.Text]bool) []clean.Text {
	if in.World.Earlier == nil {
		return nil
	}
	of := map[string][]clean.Text{}
	var runs []string
	for _, c := range in.World.Earlier().Changes {
		name := clean.Line(c.Name)
		if c.Effect != effectPause || c.Where != clean.Masked(address) || !paused[name] || slices.Contains(in.Held, c.Name) {
			continue
		}
		if of[c.Run] == nil {
			runs = append(runs, c.Run)
		}
		of[c.Run] = append(of[c.Run], name)
	}
	var all []clean.Text
	for _, run := range runs {
		all = append(all, clean.Linef("An earlier run paused %s and hasn't undone that: catalog-runbook resume %s", listed(of[run]), run))
	}
	return all
}

// dueNote says when a DAG's next run begins, if that is soon.
func dueNote(d airflow.DAG, seen airflow.Activity) clean.Text {
	switch {
	case slices.Contains(seen.Due.Assets, d.ID):
		return clean.Line("an event of an asset is waiting")
	case slices.Contains(seen.Due.Unasked, d.ID):
		return clean.Line("it waits for assets, whose events are unknown")
	case d.NextRun.IsZero():
		return clean.Text{}
	}
	return clean.Line(dueAt(seen.At, d.NextRun))
}

// pauseDAG pauses one DAG, unless someone else has done so meanwhile.
func pauseDAG(ctx context.Context, in steps.Input, name string) steps.Change {
	return pauses.Set(ctx, in, name, true, func(d airflow.DAG) (steps.Change, bool) {
		switch {
		case d.Gone:
			return steps.Change{Text: clean.Linef("%s is gone from Airflow", name)}, true
		case d.Paused:
			return steps.Change{Text: clean.Linef("%s was paused by someone else, and stays so", name)}, true
		}
		return steps.Change{}, false
	})
}

// unpausable lists the DAGs that the run has paused.
func unpausable(ctx context.Context, in steps.Input) (steps.Scope, error) {
	_, all, err := listDAGs(ctx, in)
	if err != nil {
		return steps.Scope{}, err
	}
	var s steps.Scope
	var starts []clean.Text
	for _, name := range in.Held {
		thing := steps.Thing{Name: name}
		i := slices.IndexFunc(all, func(d airflow.DAG) bool { return d.ID.String() == name })
		switch now := in.World.Now(); {
		case i < 0:
			thing.Note = clean.Line("not in Airflow's list")
		case !all[i].Paused:
			thing.Note = clean.Line("unpaused by someone else")
		case !all[i].NextRun.IsZero() && !all[i].NextRun.After(now):
			thing.Note = clean.Line(dueAt(now, all[i].NextRun))
			starts = append(starts, all[i].ID)
		}
		s.Things = append(s.Things, thing)
	}
	if len(starts) > 0 {
		s.About = append(s.About, clean.Linef("A run starts at once: %s. With catchup, one for each interval that has passed.", listed(starts)))
	} else {
		s.About = append(s.About, clean.Line("None is overdue; one whose last interval has not run yet starts its run at once."))
	}
	return s, nil
}

// unpauseDAG unpauses one DAG that the run has paused, if it is still paused.
func unpauseDAG(ctx context.Context, in steps.Input, name string) steps.Change {
	return pauses.Set(ctx, in, name, false, func(d airflow.DAG) (steps.Change, bool) {
		return steps.Change{Done: true, Text: clean.Linef("%s was unpaused by someone else", name)}, !d.Paused
	})
}

// horizonOf is how long the answer that no DAG run is active has to hold: while it is
// fresh, or for as long as the last deployment's longest command took.
func horizonOf(in steps.Input) time.Duration {
	const most = time.Hour
	var takes time.Duration
	if in.World.Earlier != nil {
		takes = in.World.Earlier().Takes
	}
	return min(max(idleFresh, takes), most)
}

// dueAt says when a run begins, or should have begun.
func dueAt(now, at time.Time) string {
	if at.After(now) {
		return "due in " + say.Between(now, at)
	}
	return "due " + say.Between(at, now) + " ago"
}

// dueNames returns the DAGs of the lines for factActiveRuns whose runs begin soon.
func dueNames(lines []string) []string {
	var names []string
	for _, line := range lines {
		for _, what := range []string{lineDue, lineAsset, lineUnasked} {
			if name, ok := strings.CutPrefix(line, what); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

// The beginnings of the lines for factActiveRuns that name DAGs whose runs begin soon.
const (
	lineDue     = "due: "
	lineAsset   = "event of an asset: "
	lineUnasked = "unknown event of an asset: "
)
