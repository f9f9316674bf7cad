package kinds_test

import (
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// namelessDAGs is a deployment of DAGs for which nothing names the pull request.
func namelessDAGs(t *testing.T) *steps.Bound {
	var s steps.Settings
	s.GitHub.Repository, s.Airflow.URL = "o/r", fake.AirflowURL
	return steps.Bind(fake.Parse(t, "# T\n\n1. Merge the PR.\n2. Wait until Airflow has the new DAGs.\n"), s, kinds.All())
}

// TestAskedForThePullRequest: what a person says is used, offered from one request, and what
// was found about another pull request counts no more, in the steps that rely on it too.
func TestAskedForThePullRequest(t *testing.T) {
	row := func(number int, state string, change fake.Object) fake.Object {
		p := fake.Object{"number": number, "title": "T", "html_url": "u", "state": state, "user": fake.Object{"login": "ana"}, "head": fake.Object{"ref": "a", "user": nil},
			"base": fake.Object{"ref": "main", "sha": earliest, "repo": fake.Object{"default_branch": "main"}}}
		for name, value := range change {
			p[name] = value
		}
		return p
	}
	list := fake.Exchange{URL: dagsRepo + "/pulls?direction=desc&per_page=30&sort=updated&state=all", Body: []fake.Object{row(14, "open", fake.Object{"draft": true}), row(13, "open", fake.Object{"user": nil}),
		row(12, "closed", fake.Object{"merged_at": pull(1, nil).Body.(fake.Object)["merged_at"]}), row(11, "closed", nil)}}
	asks := append(syncs(modified(dagFile), dagsOf(a), importErrors(), content(dagFile, fake.Commit, newText), source("a", newText)), list, pull(1, nil), lies(fake.Commit, "main", "identical", 0))
	w := fake.Connect(t, fake.QuietAirflow(fake.NewScript(t, asks...)))
	w.Executor = fake.NoCommand{T: t}
	e, err := steps.New(namelessDAGs(t), w, steps.Options{Mode: runbook.Live})
	if err != nil {
		t.Fatal(err)
	}
	merge := e.Bound().Steps[0].Step.ID
	if b, _ := e.Bound().Step(merge); b.Gap() != "PULL_REQUEST" || steps.Next(e.Run(), b, fake.Moment).Do != steps.TodoFill {
		t.Fatalf("step 1 asks for %q", b.Gap())
	}
	offers, err := e.Offers(t.Context(), merge, "PULL_REQUEST")
	var got string
	for _, o := range offers {
		got += o.Value + ": " + o.Shown.String() + ", " + o.Hint.String() + "\n"
	}
	if want := "14: #14 T, a draft, by ana\n13: #13 T, open\n12: #12 T, merged 10 min ago, by ana\n"; err != nil || got != want {
		t.Errorf("offered: %s%v", got, err)
	}
	if err := e.Fill("PULL_REQUEST", "latest"); err == nil {
		t.Error("what is no pull request was taken")
	}
	if err := e.Fill("PULL_REQUEST", "12"); err != nil {
		t.Fatal(err)
	}
	for _, b := range e.Bound().Steps {
		if res, err := e.Check(t.Context(), b.Step.ID); err != nil || res.Verdict != runbook.Passed {
			t.Fatalf("%s is %s: %s, %v", b.Kind.Name, res.Verdict, res.Summary, err)
		}
	}
	if err := e.Fill("PULL_REQUEST", "https://github.com/o/r/pull/13"); err != nil {
		t.Fatal(err)
	}
	for _, b := range e.Bound().Steps {
		if res := e.Run().Step(b.Step.ID).Result; res.Verdict != runbook.NotAsked {
			t.Errorf("%s is still %s: %s", b.Kind.Name, res.Verdict, res.Summary)
		}
	}
}

// TestGivenPullRequest: nobody is asked again in a run that was begun with an option.
func TestGivenPullRequest(t *testing.T) {
	b := namelessDAGs(t)
	id := b.Steps[0].Step.ID
	past := []runbook.Event{runbook.Checked{Head: runbook.Head{At: fake.Moment, Actor: clean.Line("ana")}, Step: id,
		Result: runbook.Result{Verdict: runbook.Failed, Facts: runbook.Facts{"pull-request.number": "o/r#12"}}}}
	step, _ := b.Filled(past).Step(id)
	if step.Gap() != "" || step.Params["pull-request"] != "o/r#12" {
		t.Errorf("it asks for %q, and has %q", step.Gap(), step.Params["pull-request"])
	}
}

// TestSyncedFollowsTheMerge: where the pull request isn't verified yet, that is what to do next,
// and not to ask again.
func TestSyncedFollowsTheMerge(t *testing.T) {
	w := fake.Connect(t, fake.QuietAirflow(fake.NewScript(t, append(dagsOf(a), importErrors())...)))
	w.Executor = fake.NoCommand{T: t}
	e, err := steps.New(namelessDAGs(t), w, steps.Options{Mode: runbook.Live})
	if err != nil {
		t.Fatal(err)
	}
	merge, sync := &e.Bound().Steps[0], &e.Bound().Steps[1]
	if res, err := e.Check(t.Context(), sync.Step.ID); err != nil || res.Verdict != runbook.Unknown {
		t.Fatalf("it is %s: %s, %v", res.Verdict, res.Summary, err)
	}
	if next := steps.Next(e.Run(), sync, fake.Moment); next.Do != steps.TodoEarlier || next.Earlier != merge.Step.ID {
		t.Errorf("to do: %d, about %s", next.Do, next.Earlier)
	}
}
