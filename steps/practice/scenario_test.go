package practice

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	realairflow "catalog-runbook/steps/airflow"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/text"
	"catalog-runbook/steps/transport"
)

// A scenario is only data: this one exists only in this test, and yet a run of it works.
var fridayEvening = Scenario{
	Name:    "friday-evening",
	Title:   "everything is slow",
	Story:   "The build takes twelve minutes, and a run of Flickr five. Somebody has removed the database's file.",
	teaches: "patience",
	runs:    []run{{dag: "flickr_workflow", running: true, age: time.Hour, lasts: 5 * time.Minute}},
	removed: removal{databaseFile, "Remove what nobody needs"},
	build:   state.Build{Starts: time.Minute, Ends: 10 * time.Minute, Image: 12 * time.Minute},

	applyFlags: "-parallelism=1",
	elsewhere:  []possibility{failRun{"flickr_workflow"}, restoreFile{"database"}, replaceInstance{}},
}

func TestAScenarioIsDataAlone(t *testing.T) {
	c := ask.NewClock()
	options := Options{Now: c.Now, Folder: filepath.Join(t.TempDir(), "world")}
	begin := func() *World {
		w, err := fridayEvening.start(options)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
		return w
	}
	w := begin()
	is := func(enabled ...string) {
		t.Helper()
		var got []string
		for _, a := range w.Acts() {
			if a.Enabled {
				got = append(got, a.ID)
			}
		}
		if !slices.Equal(got, enabled) {
			t.Errorf("what can be done is %q, want %q", got, enabled)
		}
	}
	do := func(id string) {
		t.Helper()
		if err := w.Do(id); err != nil {
			t.Fatal(err)
		}
	}
	build := func() string {
		t.Helper()
		client, err := github.New(w.GitHubURL(), transport.NewToken(w.GitHubToken()), true, ask.FreshConnections())
		if err != nil {
			t.Fatal(err)
		}
		repo, err := github.ParseRepository(w.Repository())
		if err != nil {
			t.Fatal(err)
		}
		runs, err := client.WorkflowRuns(t.Context(), repo, w.Workflow(), github.RunFilter{Event: "release", SHA: state.CommitOf(draftTag)})
		if err != nil || len(runs) != 1 {
			t.Fatalf("runs %+v, %v", runs, err)
		}
		return runs[0].Status
	}
	active := func() int {
		t.Helper()
		client, err := realairflow.New(w.AirflowURL(), realairflow.Options{Username: w.AirflowUser(), Password: w.AirflowPassword(), Base: ask.FreshConnections(), Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.ActiveRuns(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return got.Total
	}
	judged := func(want terraform.Verdict) {
		t.Helper()
		p, err := text.Read(strings.NewReader(runJust(t, w, "", plans...).stdout))
		if err != nil {
			t.Fatal(err)
		}
		if j := terraform.Judge(p, terraform.Policy{Service: "catalog-airflow", Release: draftTag}); j.Verdict != want {
			t.Errorf("the plan: %v, %s", j.Verdict, j.Summary)
		}
	}

	is("publish-release", "fail-flickr_workflow", "restore-database", "replace-instance")
	do("publish-release")
	if n := active(); n != 1 {
		t.Errorf("%d runs are active", n)
	}
	c.Pass(5*time.Minute - time.Second)
	if got := build(); got != "in_progress" || active() != 1 {
		t.Errorf("just before five minutes: the build is %s, and %d runs are active", got, active())
	}
	c.Pass(time.Second)
	if n := active(); n != 0 {
		t.Errorf("after five minutes, %d runs are active", n)
	}
	is("restore-database", "replace-instance")
	c.Pass(5 * time.Minute)
	if got := build(); got != "completed" || len(w.state.Images()) != 2 {
		t.Errorf("after ten minutes the build is %s, and the images are %+v", got, w.state.Images())
	}
	c.Pass(2 * time.Minute)
	if n := len(w.state.Images()); n != 3 {
		t.Errorf("after twelve minutes there are %d images", n)
	}

	// The world can be left, and gone on with.
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w = begin()
	runJust(t, w, "", bump...).must(t, 0)
	judged(terraform.Failed)
	do("restore-database")
	judged(terraform.Passed)
	is("replace-instance")
	do("replace-instance")
	saved := filepath.Join(t.TempDir(), "plan")
	withPlan(t, w, saved, "", plans).must(t, 0, "Saved the plan to: ")
	withPlan(t, w, saved, "", apply).must(t, 1, "Too many command line arguments")
	if !w.ApplyAsks() {
		t.Error("the settings do not say that the recipe asks")
	}
	runJust(t, w, "yes\n", apply...).must(t, 0, "terraform -chdir=environments/prod apply -no-color -parallelism=1", "1 added, 0 changed, 1 destroyed")
	if d := deployed(t, w); d.Deployed != draftTag || !d.Database {
		t.Errorf("deployed %+v", d)
	}
}

// TestRefreshWaits: the run that waits doesn't count where the settings say so, and the
// event does until it is cleared or its DAG is paused.
func TestRefreshWaits(t *testing.T) {
	for _, version := range []int{2, 3} {
		c := ask.NewClock()
		w, err := Start("refresh-waits", Options{Now: c.Now, Folder: filepath.Join(t.TempDir(), "world"), AirflowVersion: version})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = w.Close() })
		look := func(mayWait []string) realairflow.Activity {
			t.Helper()
			client, err := realairflow.New(w.AirflowURL(), realairflow.Options{Username: w.AirflowUser(), Password: w.AirflowPassword(), Base: ask.FreshConnections(), Now: c.Now, MayWait: mayWait})
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.ActiveRuns(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if a := look(nil); a.Total != 1 {
			t.Errorf("%d: without the setting, %d are active", version, a.Total)
		}
		if a := look(w.MayWait()); a.Total != 0 || len(a.Waiting) != 1 || a.Slots != 0 || len(a.Due.Assets) != 1 || a.Due.Assets[0].String() != consumerDAG {
			t.Errorf("%d: got %+v", version, a)
		}
		if err := w.Do("clear-events-" + consumerDAG); err != nil {
			t.Fatal(err)
		}
		if a := look(w.MayWait()); len(a.Due.Assets) != 0 || len(a.Due.Unasked) != 0 {
			t.Errorf("%d: after it was cleared: %+v", version, a.Due)
		}
	}
}

func TestScenariosTeachSomething(t *testing.T) {
	for _, s := range Scenarios() {
		if s.teaches == "" || strings.HasSuffix(s.teaches, ".") {
			t.Errorf("%s teaches %q", s.Name, s.teaches)
		}
	}
}
