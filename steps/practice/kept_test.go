package practice

import (
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/practice/registry"
	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
	"catalog-runbook/steps/terraform/text"
)

// again closes a world and resumes it after a pause.
func again(t *testing.T, w *World, c *ask.Clock, pause time.Duration) *World {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	c.Pass(pause)
	return start(t, w.scenario.Name, Options{Now: c.Now, Folder: string(w.folder)})
}

func keep(t *testing.T, scenario string) (*World, *ask.Clock) {
	t.Helper()
	c := ask.NewClock()
	return start(t, scenario, Options{Now: c.Now, Folder: filepath.Join(t.TempDir(), "runs", "world")}), c
}

func TestAWorldIsLeftAndGoneOnWithAtEachStage(t *testing.T) {
	w, c := keep(t, "calm")
	first := w
	news := w.News()
	digest := func(tag string) string {
		t.Helper()
		url := w.registry.Origin + "/v2/" + registry.Image + "/manifests/" + tag
		return ask.Fetch(t, "HEAD", url, "", "Authorization", registryToken(t, w), "Accept", acceptImages).Header.Get("Docker-Content-Digest")
	}
	old := digest(release1)

	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	published := w.state.Releases(false)[0].Published
	w = again(t, w, c, 24*time.Hour)
	if r := w.state.Releases(false)[0]; r.Tag != draftTag || !r.Published.Equal(published) || w.Acts()[0].Enabled {
		t.Errorf("published: %+v, %+v", r, w.Acts()[0])
	}
	if runs := ask.Wants[struct {
		Total int `json:"total_count"`
	}](t, ask.Get(t, w.GitHubURL()+"/repos/"+w.Repository()+"/actions/runs?event=release&status=success&branch="+draftTag), 200); runs.Total != 1 {
		t.Errorf("the build of a day ago: %+v", runs)
	}
	fresh := digest(draftTag)
	if old == "" || fresh == "" || fresh == old || digest(release1) != old {
		t.Errorf("images: old %q and %q, new %q", old, digest(release1), fresh)
	}
	if w.GitHubToken() == first.GitHubToken() || w.AirflowPassword() == first.AirflowPassword() {
		t.Error("the secrets are those of before")
	}

	runJust(t, w, "", bump...).must(t, 0)
	diff := gitOutput(t, w, "diff")
	w = again(t, w, c, time.Minute)
	if got := gitOutput(t, w, "diff"); got != diff || !strings.Contains(diff, draftTag) || digest(draftTag) != fresh {
		t.Errorf("bumped: %s", got)
	}

	plan := runJust(t, w, "", plans...).stdout
	w = again(t, w, c, time.Minute)
	asked, _, _ := strings.Cut(runJust(t, w, "no\n", apply...).stdout, "Enter a value: ")
	if text.Fingerprint(asked) != text.Fingerprint(plan) || deployed(t, w).Deployed != release1 {
		t.Errorf("planned: %+v\n%s", deployed(t, w), asked)
	}

	runJust(t, w, "yes\n", apply...).must(t, 0)
	w = again(t, w, c, time.Minute)
	if d := deployed(t, w); d != (state.Deployment{Deployed: draftTag, Database: true, Serial: 1, Newest: draftTag}) {
		t.Errorf("applied: %+v", d)
	}
	runJust(t, w, "", plans...).must(t, 0, "No changes.")
	all := w.News()
	if len(all) != len(news)+5 || all[0] != news[0] || !strings.Contains(strings.Join(all, "\n"), "was replaced and runs "+draftTag) {
		t.Errorf("news:\n%s", strings.Join(all, "\n"))
	}
}

func TestWhatTimeDoesToDAGRunsGoesOnAfterAPause(t *testing.T) {
	w, c := keep(t, "busy-dags")
	w = again(t, w, c, 24*time.Hour)
	if runs := busyRuns(w); runs[0].State != "running" || runs[1].State != "queued" {
		t.Fatalf("nobody has seen them: %+v", runs)
	}
	api, who := signIn(w, w.AirflowUser())
	ask.Get(t, api+activePath, "Authorization", who)
	seen := c.Now()
	w = again(t, w, c, 30*time.Second-time.Second)
	if runs := busyRuns(w); runs[0].State != "running" || !runs[0].Seen.Equal(seen) {
		t.Errorf("ended too early: %+v", runs)
	}
	w = again(t, w, c, 24*time.Hour)
	if runs := busyRuns(w); runs[0].State != "success" || !runs[0].Ended.Equal(seen.Add(30*time.Second)) || runs[1].State != "queued" {
		t.Errorf("a day later: %+v", runs)
	}
	if err := w.Do("fail-" + runningDAG); err == nil {
		t.Error("a run that has ended was marked as failed")
	}
	if err := w.Do("fail-" + queuedDAG); err != nil {
		t.Fatal(err)
	}
	w = again(t, w, c, time.Hour)
	if runs := busyRuns(w); runs[1].State != "failed" || strings.Count(strings.Join(w.News(), "\n"), "ended as success") != 1 {
		t.Errorf("failed: %+v\n%s", runs, strings.Join(w.News(), "\n"))
	}
}

// The Airflow of a world that is gone on with is the one that it had.
func TestTheAirflowVersionIsKept(t *testing.T) {
	at := filepath.Join(t.TempDir(), "world")
	w := start(t, "calm", Options{Folder: at, AirflowVersion: 3})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Start("calm", Options{Folder: at, AirflowVersion: 2}); err == nil || !strings.Contains(err.Error(), "a world with Airflow 3, not 2") {
		t.Errorf("another version: %v", err)
	}
	w = start(t, "calm", Options{Folder: at})
	if a := ask.Get(t, w.AirflowURL()+"/api/v2/version"); a.Status != 200 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// typed is an apply that waits for an answer.
type typed struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Reader
	seen   strings.Builder
}

// untilAsked starts an apply and returns when it asks for its approval.
func untilAsked(t *testing.T, cmd *exec.Cmd) *typed {
	t.Helper()
	a := &typed{cmd: cmd}
	var err error
	if a.stdin, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if a.stdout, err = cmd.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	a.until(t, "Enter a value: ")
	return a
}

func (a *typed) until(t *testing.T, text string) {
	t.Helper()
	buffer := make([]byte, 4096)
	for !strings.Contains(a.seen.String(), text) {
		n, err := a.stdout.Read(buffer)
		a.seen.Write(buffer[:n])
		if err != nil {
			t.Fatalf("no %q: %v in\n%s", text, err, a.seen.String())
		}
	}
}

// yes answers, and reads on to the end.
func (a *typed) yes(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(a.stdin, "yes\n"); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(a.stdout)
	if err = errors.Join(err, a.cmd.Wait()); err != nil || !strings.Contains(string(rest), "Apply complete! Resources: 1 added, 0 changed, 1 destroyed.") {
		t.Errorf("%v\n%s", err, rest)
	}
}

func TestAnApplyCompletesWhileItsWorldIsClosed(t *testing.T) {
	w, c := keep(t, "calm")
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	runJust(t, w, "", bump...).must(t, 0)
	apply := untilAsked(t, justCmd(w, apply...))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	apply.yes(t)
	w = again(t, w, c, 0)
	if d := deployed(t, w); d.Deployed != draftTag || !strings.Contains(strings.Join(w.News(), "\n"), "runs "+draftTag) {
		t.Errorf("deployed %+v, news %q", d, w.News())
	}
}

// A world that is resumed while an earlier apply is still running sees how it ends.
func TestAnApplyIsSeenByTheWorldThatGoesOn(t *testing.T) {
	w, c := keep(t, "calm")
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	runJust(t, w, "", bump...).must(t, 0)
	apply := untilAsked(t, justCmd(w, apply...))
	w = again(t, w, c, 0)
	ask.Get(t, w.GitHubURL()+"/repos/"+w.Repository())
	apply.yes(t)
	ask.Get(t, w.GitHubURL()+"/repos/"+w.Repository())
	if d := w.state.Deployment(); d.Deployed != draftTag {
		t.Errorf("the service did not see it: %+v", d)
	}
}
