package steps_test

import (
	"iter"
	"slices"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps/testdata/fake"
)

// none are no earlier runs.
func none(func([]runbook.Event) bool) {}

// A rollback goes through the same steps and gates. The older release is what is wanted, and
// the version is set back by hand.
func TestRollback(t *testing.T) {
	w := practise(t, "rollback", runbook.Practice)
	from, to, why, err := w.engine.Back(t.Context(), none, "")
	w.must(err)
	if from != "v1.5.4" || to != "v1.5.3" || why.String() != "origin/main named it before" {
		t.Errorf("it goes from %q to %q, since %q", from, to, why)
	}
	w.must(w.engine.Choose(to))
	w.checkAll()
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Ready, runbook.Pending)
	fake.Contains(t, w.at(bump).Result.Summary.String(), "main still names v1.5.4", "write v1.5.3 into environments/prod/catalog-airflow.tf yourself")
	refused(t, w.perform(bump, "bump"), runbook.DemandOwn)
	refused(t, w.perform(plan, "plan"), runbook.DemandEarlier)
	w.do("set-back")
	w.checkAll()
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Pending)
	w.must(w.perform(plan, "plan"))
	refused(t, w.perform(plan, "apply"), runbook.DemandJudgement)
	w.must(w.judge())
	w.must(w.perform(plan, "apply"))
	if got := w.engine.Run().Status(w.id(plan), w.clock.Now()); got != runbook.Done {
		t.Errorf("the step that deploys is %s", got)
	}
	fake.Contains(t, w.world.News()[len(w.world.News())-1], "replaced and runs v1.5.3")
}

// The newest run that has deployed says what was there before, also if its bump was never
// committed; what others have deployed since makes it say nothing.
func TestRollbackFromTheJournal(t *testing.T) {
	deployed := func(w *walk, release, previous string) iter.Seq[[]runbook.Event] {
		return slices.Values([][]runbook.Event{
			{runbook.Started{}, runbook.ReleaseChosen{Tag: "v9"}}, // deployed nothing
			{
				runbook.Started{}, runbook.ReleaseChosen{Tag: release},
				runbook.Checked{Step: w.id(bump), Result: runbook.Result{Facts: runbook.Facts{"bump.previous": previous}}},
				runbook.EffectStarted{Step: w.id(plan), Effect: "apply"},
			},
		})
	}
	for name, c := range map[string]struct {
		scenario          string
		release, previous string
		from, to          string
	}{
		"merged":          {"rollback", "v1.5.4", "v1.5.2", "v1.5.4", "v1.5.2"},
		"never committed": {"calm", "v1.5.4", "v1.5.3", "v1.5.4", "v1.5.3"}, // main still names v1.5.3
		"others since":    {"rollback", "v1.5.3", "v1.5.2", "v1.5.4", "v1.5.3"},
	} {
		t.Run(name, func(t *testing.T) {
			w := practise(t, c.scenario, runbook.Practice)
			from, to, _, err := w.engine.Back(t.Context(), deployed(w, c.release, c.previous), "")
			if err != nil || from != c.from || to != c.to {
				t.Errorf("it goes from %q to %q, %v; want from %q to %q", from, to, err, c.from, c.to)
			}
			if _, to, _, err := w.engine.Back(t.Context(), none, "v1.5.2"); err != nil || to != "v1.5.2" {
				t.Errorf("to a named release, it goes to %q, %v", to, err)
			}
		})
	}
	w := practise(t, "calm", runbook.Practice)
	if _, to, _, err := w.engine.Back(t.Context(), none, ""); err == nil {
		t.Errorf("without a history, it goes back to %q", to)
	}
}
