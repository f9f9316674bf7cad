package practice

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
	"catalog-runbook/steps/registry"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/text"
	"catalog-runbook/steps/transport"
)

// The tests in this file are the proof that the world serves those who will ask
// it: the real clients, and the reader of plans.

func TestTheGitHubClientFollowsARelease(t *testing.T) {
	w, c := begin(t, "calm", 2)
	ctx := t.Context()
	repo, err := github.ParseRepository(w.Repository())
	if err != nil {
		t.Fatal(err)
	}
	client, err := github.New(w.GitHubURL(), transport.NewToken(w.GitHubToken()), true, ask.FreshConnections())
	if err != nil {
		t.Fatal(err)
	}
	releases, _, err := client.Releases(ctx, repo, 10)
	if err != nil || len(releases) != 3 || !releases[0].Draft || releases[1].Tag != "v1.5.3" {
		t.Fatalf("releases %+v, %v", releases, err)
	}
	if _, err := client.ReleaseByTag(ctx, repo, draftTag); err == nil {
		t.Error("the draft was found under its tag")
	}
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	c.Pass(state.UsualBuild.Ends)
	r, err := client.ReleaseByTag(ctx, repo, draftTag)
	if err != nil || r.Draft || r.PublishedAt.IsZero() {
		t.Fatalf("release %+v, %v", r, err)
	}
	commit, err := client.TagCommit(ctx, repo, draftTag)
	if err != nil || commit != state.CommitOf(draftTag) {
		t.Fatalf("commit %q, %v", commit, err)
	}
	runs, err := client.WorkflowRuns(ctx, repo, w.Workflow(), github.RunFilter{Event: "release", SHA: commit})
	if err != nil || len(runs) != 1 || runs[0].Conclusion != "success" || runs[0].HeadBranch != draftTag {
		t.Fatalf("runs %+v, %v", runs, err)
	}
	jobs, err := client.Jobs(ctx, repo, runs[0].ID)
	if err != nil || len(jobs) != 4 || jobs[3].Name.String() != "Publish Docker images" || jobs[3].Conclusion != "success" {
		t.Fatalf("jobs %+v, %v", jobs, err)
	}
	// The annotated tag comes out as its commit.
	if commit, err := client.TagCommit(ctx, repo, "v1.5.2"); err != nil || commit != state.CommitOf("v1.5.2") {
		t.Errorf("commit of the annotated tag %q, %v", commit, err)
	}
	anonymous, err := github.New(w.GitHubURL(), nil, true, ask.FreshConnections())
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := github.New(w.GitHubURL(), transport.NewToken("not-the-token"), true, ask.FreshConnections())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := anonymous.Releases(ctx, repo, 10); err != nil {
		t.Error(err)
	}
	_, _, err = wrong.Releases(ctx, repo, 10)
	if cause, ok := transport.CauseOf(err); !ok || cause != transport.Credentials {
		t.Errorf("a wrong token: %v", err)
	}
}

func TestTheRegistryClientTiesTheImageToItsCommit(t *testing.T) {
	w, c := begin(t, "calm", 2)
	host, _, _ := strings.Cut(w.Image(), "/")
	client := registry.New(registry.Options{GitHubToken: transport.NewToken(w.GitHubToken()), PlainHTTP: host, ReadOnly: true, Base: ask.FreshConnections()})
	if _, err := client.Inspect(t.Context(), w.Image(), draftTag, state.CommitOf(draftTag)); !errors.Is(err, registry.ErrAbsent) {
		t.Errorf("before the release: %v, want absent", err)
	}
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	c.Pass(state.UsualBuild.Image)
	img, err := client.Inspect(t.Context(), w.Image(), draftTag, state.CommitOf(draftTag))
	if err != nil {
		t.Fatal(err)
	}
	if img.Provenance != registry.FromCommit || img.Revision != state.CommitOf(draftTag) || !slices.Equal(img.Platforms, []string{"linux/amd64"}) || img.Created.IsZero() || img.Requests > 4 {
		t.Errorf("image %+v", img)
	}
	if img, err := client.Inspect(t.Context(), w.Image(), "v1.5.3", state.CommitOf(draftTag)); err != nil || img.Provenance != registry.OtherCommit {
		t.Errorf("the old image for the new commit: %+v, %v", img, err)
	}
	other := strings.Replace(w.Image(), "openverse-catalog", "another", 1)
	if _, err := client.Inspect(t.Context(), other, draftTag, ""); err == nil || errors.Is(err, registry.ErrAbsent) {
		t.Errorf("an image that may not be seen: %v, want neither nil nor absent", err)
	}
}

func TestTheAirflowClientWaitsForRuns(t *testing.T) {
	for _, version := range []int{2, 3} {
		w, c := begin(t, "busy-dags", version)
		ask := func(user string) (airflow.Activity, error) {
			client, err := airflow.New(w.AirflowURL(), airflow.Options{
				Username: user, Password: w.AirflowPassword(), Base: ask.FreshConnections(), Now: c.Now, ExpectedDAGs: 38,
			})
			if err != nil {
				t.Fatal(err)
			}
			return client.ActiveRuns(t.Context())
		}
		if got, err := ask("powerless"); err == nil {
			t.Errorf("Airflow %d: the powerless are told that %d runs are active", version, got.Total)
		}
		got, err := ask(w.AirflowUser())
		if err != nil || got.Total != 2 || got.Version != version || len(got.Runs) != 2 {
			t.Fatalf("Airflow %d: %+v, %v", version, got, err)
		}
		for _, r := range got.Runs {
			if r.Since.IsZero() || !strings.HasPrefix(r.URL, w.AirflowURL()) {
				t.Errorf("Airflow %d: run %+v", version, r)
			}
		}
		c.Pass(30 * time.Second)
		if err := w.Do("fail-" + "add_license_url"); err != nil {
			t.Fatal(err)
		}
		if got, err = ask(w.AirflowUser()); err != nil || got.Total != 0 || got.DAGs != 38 {
			t.Errorf("Airflow %d: in the end %+v, %v", version, got, err)
		}
	}
}

func TestPlansAreJudgedAsTheScenarioMeans(t *testing.T) {
	read := func(out string) (terraform.Plan, terraform.Judgement) {
		p, err := text.Read(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		return p, terraform.Judge(p, terraform.Policy{Service: "catalog-airflow"})
	}
	for scenario, want := range map[string]terraform.Verdict{"calm": terraform.Passed, "database-destroy": terraform.Failed} {
		w, _ := begin(t, scenario, 2)
		before, j := read(runJust(t, w, "", plans...).stdout)
		if j.Verdict != terraform.Failed || !before.Complete {
			t.Errorf("%s: without a bump: %v, %s, problems %v", scenario, j.Verdict, j.Summary, before.Problems)
		}
		if err := w.Do("publish-release"); err != nil {
			t.Fatal(err)
		}
		runJust(t, w, "", bump...).must(t, 0)
		out := runJust(t, w, "", plans...).stdout
		p, j := read(out)
		if j.Verdict != want || !p.Complete || len(p.Problems) != 0 {
			t.Errorf("%s: %v, %s, problems %v\n%s", scenario, j.Verdict, j.Summary, p.Problems, out)
		}
		if tally := p.Tally(); tally[terraform.Replace] != 1 || tally[terraform.Delete] != before.Counts.Destroy {
			t.Errorf("%s: tally %v", scenario, tally)
		}
		// What the apply shows before it asks is the plan that was read.
		asked, _, found := strings.Cut(runJust(t, w, "no\n", apply...).stdout, "Enter a value: ")
		if !found || !text.AsksApproval(asked+"Enter a value: ") {
			t.Errorf("%s: not seen as the question:\n%s", scenario, asked)
		}
		if text.Fingerprint(asked) != text.Fingerprint(out) {
			t.Errorf("%s: the apply shows another plan than the plan:\n%s", scenario, asked)
		}
	}
}
