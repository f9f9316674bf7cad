package report

import (
	"io"
	"testing"
	"time"

	"pgregory.net/rapid"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// Whatever a journal holds, in whatever order, there is a report, and its parts
// agree.
func TestAnyHistory(t *testing.T) {
	ids := rapid.SampledFrom([]document.StepID{releaseStep, imageStep, dagsStep, bumpStep, planStep, "gone#1", ""})
	effects := rapid.SampledFrom([]string{"bump", "plan", "apply", "none", ""})
	results := rapid.SampledFrom([]runbook.Result{published, noImage, noAnswer, image, idle, busy, checkout, bumped, planned, applied, notPlayed, {}})
	rapid.Check(t, func(r *rapid.T) {
		s := tell(t, rapid.SampledFrom([]runbook.Mode{runbook.Live, runbook.DryRun, runbook.Practice}).Draw(r, "mode"))
		if rapid.IntRange(0, 9).Draw(r, "without beginning") == 0 {
			s.input.Records = nil
		}
		for range rapid.IntRange(0, 40).Draw(r, "events") {
			s.wait(time.Duration(rapid.IntRange(-20, 2000).Draw(r, "wait")) * time.Second)
			id, effect, res := ids.Draw(r, "step"), effects.Draw(r, "effect"), results.Draw(r, "result")
			s.add([]runbook.Event{
				runbook.Checked{Head: s.head(), Step: id, Result: res},
				runbook.Ticked{Head: s.head(), Step: id},
				runbook.Unticked{Head: s.head(), Step: id},
				runbook.Skipped{Head: s.head(), Step: id, Reason: line("for a good reason")},
				runbook.Overridden{Head: s.head(), Step: id, Reason: line("for a good reason"), Names: res.Facts["dags.active"]},
				runbook.Judged{Head: s.head(), Step: id, Effect: effect, Hash: res.Facts["plan.hash"]},
				runbook.EffectStarted{Head: s.head(), Step: id, Effect: effect, Argv: []string{"just", effect}},
				runbook.EffectFinished{Head: s.head(), Step: id, Effect: effect, Exit: -1, Result: res},
				runbook.EffectDoubted{Head: s.head(), Step: id, Effect: effect},
				runbook.EffectVoided{Head: s.head(), Step: id, Effect: effect, Text: clean.Line("it is gone")},
				runbook.Settled{Head: s.head(), Step: id, Effect: effect, Done: len(res.Facts) == 0, Reason: line("for a good reason")},
				runbook.Pretended{Head: s.head(), Step: id, Effect: effect},
				runbook.Resumed{Head: s.head(), Changed: []document.StepID{id}},
				runbook.ReleaseChosen{Head: s.head(), Tag: effect},
				runbook.AccessSeen{Head: s.head()},
				runbook.Filled{Head: s.head(), Name: effect, Value: "prod", Steps: []document.StepID{id}},
				runbook.Started{Head: s.head(), Mode: runbook.Live},
			}[rapid.IntRange(0, 15).Draw(r, "event")])
		}
		rep := s.make()
		if err := rep.Markdown(io.Discard, false); err != nil {
			r.Fatal(err)
		}
		told := 0
		for _, e := range rep.Timeline {
			told += e.Count
		}
		if told != len(s.input.Records) {
			r.Errorf("the timeline tells of %d events, there are %d", told, len(s.input.Records))
		}
		if (rep.State == State(runbook.AllDone)) != (rep.Done == rep.Of && rep.Of > 0 && rep.State != NotKnown && rep.State != Running && rep.State != Doubtful) {
			r.Errorf("it is %q with %d of %d", rep.State, rep.Done, rep.Of)
		}
		for _, step := range rep.Steps {
			if step.Status == runbook.Done && step.HeldAt.IsZero() {
				r.Errorf("%s passed, but it is not known when", step.Label)
			}
		}
	})
}
