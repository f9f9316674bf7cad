package practice

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/practice/testdata/ask"
	"catalog-runbook/steps/transport"
)

// TestStatesOfARelease: each rare scenario makes the first two steps say what it is about,
// and what its GitHub answers is as described.
func TestStatesOfARelease(t *testing.T) {
	const passed, failed, unknown = runbook.Passed, runbook.Failed, runbook.Unknown
	type said struct {
		release runbook.Verdict
		says    string
		image   runbook.Verdict
		of      string
	}
	built := "built from the release's commit"
	all := map[string]said{
		"pre-release":      {failed, "v1.5.4 is a pre-release, though its build succeeded", passed, built},
		"two-builds":       {failed, "One build of v1.5.4 has succeeded, and another is in progress", passed, built},
		"built-before":     {failed, "since its publication", passed, built},
		"approval":         {failed, "waits for an approval", passed, built},
		"moved-tag":        {failed, "The tag v1.5.4 was moved", passed, built},
		"skipped-job":      {failed, `"Publish Docker images" ended as "skipped"`, failed, "has no tag v1.5.4"},
		"skipped-push":     {failed, "was skipped, so no image was published", failed, "has no tag v1.5.4"},
		"unlisted-jobs":    {unknown, "GitHub does not list its jobs yet", passed, built},
		"other-workflow":   {failed, "GitHub lists no workflow run for the release v1.5.4", passed, built},
		"tag-started":      {unknown, `The event "push" started one for its tag`, passed, built},
		"workflow-token":   {unknown, "with a workflow's own token", failed, "has no tag v1.5.4 yet"},
		"dropped-event":    {failed, "GitHub lists no workflow run for the release v1.5.4 yet", failed, "has no tag v1.5.4 yet"},
		"edited-notes":     {passed, "v1.5.4 is published and its build succeeded", passed, built},
		"base-label":       {passed, "its build succeeded", passed, "the tag of the commit has the same digest"},
		"untied-image":     {passed, "its build succeeded", unknown, "inherited from a base image"},
		"wrong-provenance": {passed, "its build succeeded", failed, "the provenance of linux/amd64 names another commit"},
		"bare-tag":         {passed, "its build succeeded", passed, ":1.5.4 is there, built from the release's commit"},
		"deleted-image":    {passed, "its build succeeded", failed, "although its build has ended: it pushed another tag, or this version was deleted"},
		"private-image":    {passed, "its build succeeded", unknown, "it doesn't exist, or it is private"},
		"old-release":      {unknown, "GitHub no longer has the workflow runs of v1.5.2", passed, built},
	}
	for _, s := range Scenarios() {
		want, told := all[s.Name]
		if told != s.Rare {
			t.Errorf("%s is rare: %t, and what it says is told: %t", s.Name, s.Rare, told)
		}
		if !told {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			w, c := begin(t, s.Name, 2)
			tag := draftTag
			if s.older > 0 {
				tag = "v1.5.2"
			} else if err := w.Do("publish-release"); err != nil {
				t.Fatal(err)
			}
			c.Pass(time.Minute)
			if s.Name == "deleted-image" {
				c.Pass(10 * time.Minute)
			}
			e := w.deploying(t, tag, c)
			for i, want := range []struct {
				verdict runbook.Verdict
				says    string
			}{{want.release, want.says}, {want.image, want.of}} {
				res := e.Run().Step(e.Bound().Steps[i].Step.ID).Result
				if res.Verdict != want.verdict || !strings.Contains(res.Summary.String(), want.says) {
					t.Errorf("step %d is %s: %s; want %s: %s", i+1, res.Verdict, res.Summary, want.verdict, want.says)
				}
			}
		})
	}
}

// deploying asks about the first two steps of a deployment of a release in this world.
func (w *World) deploying(t *testing.T, tag string, c *ask.Clock) *steps.Engine {
	t.Helper()
	var s steps.Settings
	s.GitHub.APIURL, s.GitHub.Repository, s.GitHub.Workflow = w.GitHubURL(), w.Repository(), w.Workflow()
	s.Image.Reference, s.Image.PlainHTTP = w.Image(), true
	services, err := steps.Connect(s, steps.Credentials{GitHubToken: transport.NewToken(w.GitHubToken())}, true, nil, onlyGitHub{asDescribed(t, ask.FreshConnections()), w.GitHubURL()})
	if err != nil {
		t.Fatal(err)
	}
	services.Now = c.Now
	doc, err := document.Parse("DEPLOYMENT.md", runbook.Default())
	if err != nil {
		t.Fatal(err)
	}
	e, err := steps.New(steps.Bind(doc, s, kinds.All()), services, steps.Options{Mode: runbook.Practice})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Choose(tag); err != nil {
		t.Fatal(err)
	}
	e.CheckAll(t.Context(), []document.StepID{e.Bound().Steps[0].Step.ID, e.Bound().Steps[1].Step.ID})
	return e
}

// onlyGitHub holds what is asked of GitHub against its description, and passes the rest.
type onlyGitHub struct {
	described http.RoundTripper
	origin    string
}

func (o onlyGitHub) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme+"://"+r.URL.Host == o.origin {
		return o.described.RoundTrip(r)
	}
	return ask.FreshConnections().RoundTrip(r)
}
