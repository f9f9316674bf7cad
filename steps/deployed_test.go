package steps_test

import (
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

// Who chooses the release that is deployed already is told so at once, and what to do.
func TestDeployedReleaseIsNoDeadEnd(t *testing.T) {
	w := practise(t, "calm", runbook.Practice)
	options, err := w.engine.Releases(t.Context())
	w.must(err)
	for _, o := range options {
		if o.Newer != (o.Tag == fake.Tag) || o.Deployed.Empty() != (o.Tag != "v1.5.3") {
			t.Errorf("%s: newer %v, deployed %q", o.Tag, o.Newer, o.Deployed)
		}
	}
	w.must(w.engine.Choose("v1.5.3"))
	w.checkAll()
	w.status(runbook.Unsure, runbook.Done, runbook.Done, runbook.Unsure, runbook.Pending)
	fake.Contains(t, w.at(release).Result.Summary.String(), "v1.5.3 is what is deployed now", "publish the draft v1.5.4")
	fake.Contains(t, w.at(bump).Result.Summary.String(), "main names v1.5.3 already")
	for _, step := range []int{release, bump} {
		b, _ := w.engine.Bound().Step(w.id(step))
		if a := steps.Next(w.engine.Run(), b, w.clock.Now()); a.Do != steps.TodoChooseOther {
			t.Errorf("step %d: next is %v", step+1, a.Do)
		}
	}
	refused(t, w.engine.Run().May(runbook.Effect("bump"), w.id(bump), w.clock.Now()), runbook.DemandEarlier, runbook.DemandOwn, runbook.DemandConfirmation)

	w.must(w.engine.Override(w.id(release), "an environment variable has changed", w.engine.Run().Step(w.id(release)).Result.Facts["release.found"]))
	w.checkAll()
	if got := w.engine.Run().Status(w.id(release), w.clock.Now()); got != runbook.Accepted {
		t.Errorf("what was found is accepted, and the step is %s", got)
	}
}

// The bump keeps which version it has replaced, and once it was begun, that the release is
// named as deployed speaks against nothing.
func TestBumpKeepsThePreviousVersion(t *testing.T) {
	w := practise(t, "calm", runbook.Practice)
	w.ready()
	if got := w.at(bump).Result.Facts["bump.previous"]; got != "v1.5.3" {
		t.Errorf("before the bump, the previous version is %q", got)
	}
	w.must(w.perform(bump, "bump"))
	if got := w.at(bump).Result.Facts["bump.previous"]; got != "v1.5.3" {
		t.Errorf("after the bump, the previous version is %q", got)
	}
	fake.Git(t, w.dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--all", "--message=Bump")
	w.checkAll()
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Pending)
	if got := w.at(bump).Result.Facts["bump.previous"]; got != "v1.5.3" {
		t.Errorf("once the bump is committed, the previous version is %q", got)
	}
}

// What was done elsewhere comes with what the checkout and Airflow show.
func TestElsewhereIsShown(t *testing.T) {
	w := practise(t, "calm", runbook.Practice)
	w.ready()
	shown := func() string {
		var all []string
		for _, e := range w.engine.Elsewhere(t.Context(), w.id(plan)) {
			all = append(all, e.Name.String()+": "+e.Value.String())
		}
		return strings.Join(all, "\n")
	}
	fake.Contains(t, shown(), "main names: v1.5.3, which is not v1.5.4, in environments/prod/catalog-airflow.tf", "Airflow reports: ")
	if shown := w.engine.Elsewhere(t.Context(), w.id(bump)); len(shown) != 0 {
		t.Errorf("a step that doesn't deploy shows %v", shown)
	}
	w.must(w.engine.DoneElsewhere(w.id(plan), "kit", "she ran the apply from the CI", w.engine.Elsewhere(t.Context(), w.id(plan))))
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Ready, runbook.ElsewhereDone)
	if got := w.engine.Run().Step(w.id(plan)).Elsewhere; len(got.Evidence) != 2 || got.By.String() != "kit" {
		t.Errorf("it is kept as %+v", got)
	}
}
