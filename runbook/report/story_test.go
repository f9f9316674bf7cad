package report

import (
	"slices"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// The steps of the embedded runbook.
const (
	workflow = "airflow/service-deployments/deployment-workflow"

	releaseStep document.StepID = workflow + "#1"
	imageStep   document.StepID = workflow + "#2"
	dagsStep    document.StepID = workflow + "#3"
	bumpStep    document.StepID = workflow + "#4"
	planStep    document.StepID = workflow + "#5"
)

var line = clean.Line

// specs are as package steps binds the embedded runbook.
func specs() []runbook.Spec {
	return []runbook.Spec{
		{ID: releaseStep, Label: line("step 1"), Checks: true, Fresh: 15 * time.Minute, Override: "release.older",
			Mentions: []runbook.Mention{{Fact: "release.commit", Name: "commit"}}},
		{ID: imageStep, Label: line("step 2"), Checks: true, Fresh: 15 * time.Minute, Mentions: []runbook.Mention{{Fact: "image.digest", Name: "image"}}},
		{ID: dagsStep, Label: line("step 3"), Checks: true, Fresh: time.Minute, Override: "dags.active"},
		{ID: bumpStep, Label: line("step 4"), Locked: true, Checks: true, Fresh: time.Minute, Effects: []runbook.EffectSpec{
			{Name: "bump", Label: line("just bump prod catalog-airflow"), Confirm: "prod", Needs: "bump.ready"},
		}},
		{ID: planStep, Label: line("step 5"), Locked: true, Deploys: true, Mentions: []runbook.Mention{{Fact: "plan.hash", Name: "plan"}}, Effects: []runbook.EffectSpec{
			{Name: "plan", Label: line("just plan prod catalog-airflow"), Confirm: "prod", Hash: "plan.hash"},
			{Name: "apply", Label: line("just apply prod catalog-airflow"), Confirm: "prod", After: "plan", Judged: true},
		}},
	}
}

// story builds a run event by event, some seconds apart.
type story struct {
	t     *testing.T
	input Input
	now   time.Time
	actor string
	host  string
}

func tell(t *testing.T, mode runbook.Mode) *story {
	t.Helper()
	doc, err := document.Parse(runbook.DefaultName, runbook.Default())
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t, now: time.Date(2026, 11, 23, 9, 12, 3, 0, time.UTC), actor: "mar@laptop", host: "laptop"}
	s.input = Input{ID: "20261123-0912-k3x9", Document: doc, Specs: specs()}
	return s.add(runbook.Started{
		Head: s.head(), Mode: mode, Environment: line("prod"), Document: line(runbook.DefaultName), DocumentHash: doc.Hash(), Text: doc.Text(),
	})
}

func (s *story) head() runbook.Head { return runbook.Head{At: s.now, Actor: line(s.actor)} }

func (s *story) add(e runbook.Event) *story {
	s.input.Records = append(s.input.Records, Record{Host: s.host, Event: e})
	s.now = s.now.Add(7 * time.Second)
	return s
}

func (s *story) wait(d time.Duration) *story {
	s.now = s.now.Add(d)
	return s
}

func (s *story) as(actor, host string) *story {
	s.actor, s.host = actor, host
	return s
}

func (s *story) choose(tag string) *story {
	return s.add(runbook.ReleaseChosen{Head: s.head(), Tag: tag})
}

func (s *story) check(id document.StepID, res runbook.Result) *story {
	return s.add(runbook.Checked{Head: s.head(), Step: id, Result: s.seen(res)})
}

func (s *story) access() *story {
	return s.add(runbook.AccessSeen{Head: s.head(), Granted: true, Text: line("the infrastructure checkout /srv/infrastructure is there.")})
}

func (s *story) tick(id document.StepID, note string) *story {
	return s.add(runbook.Ticked{Head: s.head(), Step: id, Note: line(note)})
}

func (s *story) skip(id document.StepID, reason string) *story {
	return s.add(runbook.Skipped{Head: s.head(), Step: id, Reason: line(reason)})
}

func (s *story) start(id document.StepID, effect string) *story {
	s.add(runbook.Confirmed{Head: s.head(), Step: id, Effect: effect, Phrase: "prod"})
	return s.add(runbook.EffectStarted{
		Head: s.head(), Step: id, Effect: effect, Argv: []string{"just", effect, "prod", "catalog-airflow"}, Dir: "/srv/infrastructure", Attempt: "a-" + effect,
	})
}

func (s *story) finish(id document.StepID, effect string, res runbook.Result) *story {
	return s.add(runbook.EffectFinished{Head: s.head(), Step: id, Effect: effect, Result: s.seen(res)})
}

// seen dates the evidence.
func (s *story) seen(res runbook.Result) runbook.Result {
	res.Evidence = slices.Clone(res.Evidence)
	for i := range res.Evidence {
		res.Evidence[i].At = s.now
	}
	return res
}

func (s *story) judge(hash string) *story {
	return s.add(runbook.Judged{Head: s.head(), Step: planStep, Effect: "plan", Hash: hash})
}

func (s *story) resume(changed ...document.StepID) *story {
	return s.add(runbook.Resumed{Head: s.head(), DocumentHash: s.input.Document.Hash(), Changed: changed})
}

func (s *story) make() *Report { return Make(s.input, s.now.Add(48*time.Hour)) }

// found is a result with evidence of one name, value and source after another.
func found(v runbook.Verdict, summary string, facts runbook.Facts, seen ...string) runbook.Result {
	r := runbook.Result{Verdict: v, Summary: line(summary), Facts: facts}
	for i := 0; i+2 < len(seen); i += 3 {
		r.Evidence = append(r.Evidence, runbook.Evidence{Name: line(seen[i]), Value: line(seen[i+1]), Source: line(seen[i+2])})
	}
	return r
}

// The answers that the stories are made of.
var (
	published = found(runbook.Passed, "v1.5.3 is published.", runbook.Facts{"release.commit": "4f2a9c1d"},
		"release", "v1.5.3", "https://github.com/WordPress/openverse-catalog/releases/tag/v1.5.3")
	noImage   = found(runbook.Failed, "There is no tag v1.5.3 yet.", nil)
	noAnswer  = found(runbook.Unknown, "The registry did not answer within 20 s.", nil)
	image     = found(runbook.Passed, "The tag v1.5.3 is there.", runbook.Facts{"image.digest": "sha256:ab12"}, "digest", "sha256:ab12", "https://ghcr.io/v2/wordpress/openverse-catalog/manifests/v1.5.3")
	idle      = found(runbook.Passed, "No DAG run is running or queued.", nil, "active DAG runs", "0", "https://airflow.example.org/api/v1/dags/~/dagRuns")
	busy      = found(runbook.Failed, "1 DAG run is active.", runbook.Facts{"dags.active": "phylopic_workflow manual__1"}, "active DAG run", "phylopic_workflow manual__1", "https://airflow.example.org/dags/phylopic_workflow/grid")
	checkout  = found(runbook.Failed, "The version is not raised yet.", runbook.Facts{"bump.ready": "yes"})
	bumped    = found(runbook.Passed, "The version was raised to v1.5.3 and nothing else was changed.", runbook.Facts{"bump.diff": "d1"}, "change", "catalog-airflow.tfvars", "git diff")
	planned   = found(runbook.Passed, "1 to replace, nothing else.", runbook.Facts{"plan.hash": "9e107d9d"}, "replace", "aws_instance.catalog", "just plan")
	nothing   = found(runbook.Passed, "Nothing is left to change.", runbook.Facts{"plan.hash": "e4d909c2"})
	applied   = found(runbook.Passed, "v1.5.3 is applied.", nil)
	notPlayed = found(runbook.Failed, "`just apply` ended with exit code 1: read its output.", nil)
)

// verified is a run in which all may be begun.
func (s *story) verified() *story {
	return s.choose("v1.5.3").check(releaseStep, published).check(imageStep, image).check(dagsStep, idle).check(bumpStep, checkout).access()
}

// bumped is a run in which the plan may be made.
func (s *story) bumped() *story {
	return s.verified().start(bumpStep, "bump").finish(bumpStep, "bump", bumped)
}

// judged is a run in which the plan may be applied.
func (s *story) judged() *story {
	return s.bumped().start(planStep, "plan").wait(time.Minute).finish(planStep, "plan", planned).judge("9e107d9d")
}

// deployed is a run that is done.
func (s *story) deployed() *story {
	return s.judged().start(planStep, "apply").wait(3*time.Minute).finish(planStep, "apply", applied)
}

// whole is a run in which everything happens: an image that can't be checked, DAG runs
// that block the deployment, a bump that outlives its terminal, and an apply whose
// outcome is unknown.
func (s *story) whole() *story {
	s.choose("v1.5.3").check(releaseStep, published).check(imageStep, noImage).check(dagsStep, busy).check(bumpStep, checkout).access()
	for range 10 {
		s.wait(20*time.Second).check(imageStep, noImage)
	}
	s.check(imageStep, noAnswer).check(imageStep, noAnswer)
	s.skip(imageStep, "seen on ghcr.io by hand, the API is down")
	s.check(dagsStep, busy).add(runbook.Overridden{Head: s.head(), Step: dagsStep, Reason: line("phylopic restarts by itself"), Names: busy.Facts["dags.active"]})
	s.start(bumpStep, "bump").wait(40 * time.Minute)
	s.as("kit@desk", "desk").resume()
	ended := s.now.Add(-39 * time.Minute)
	s.add(runbook.EffectFinished{Head: s.head(), Step: bumpStep, Effect: "bump", Result: s.seen(bumped), Ended: ended, Adopted: true})
	s.check(releaseStep, published).check(imageStep, noAnswer).check(dagsStep, busy).check(bumpStep, bumped).access()
	s.start(planStep, "plan").wait(time.Minute).finish(planStep, "plan", planned).judge("9e107d9d")
	s.check(releaseStep, published).check(imageStep, noAnswer).check(dagsStep, busy).check(bumpStep, bumped).access()
	s.start(planStep, "apply").wait(20 * time.Hour)
	s.resume()
	s.add(runbook.EffectDoubted{Head: s.head(), Step: planStep, Effect: "apply", Text: line("Its supervisor is gone and has left no outcome.")})
	s.check(releaseStep, published).check(imageStep, image).check(dagsStep, idle).check(bumpStep, bumped).access()
	s.start(planStep, "plan").wait(time.Minute).finish(planStep, "plan", nothing)
	return s.add(runbook.Settled{Head: s.head(), Step: planStep, Effect: "apply", Done: true, Reason: line("a new plan shows nothing left to do")})
}
