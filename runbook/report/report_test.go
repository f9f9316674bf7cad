package report

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

func markdownOf(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.Markdown(&b, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// statuses are those of the steps, in order.
func statuses(r *Report) string {
	all := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		all[i] = string(s.Status)
	}
	return strings.Join(all, ", ")
}

func TestEndings(t *testing.T) {
	for _, c := range []struct {
		name     string
		mode     runbook.Mode
		tell     func(*story)
		state    State
		standing string
		statuses string
		says     string // in the Markdown
	}{
		{
			name: "nothing but begun", tell: func(*story) {},
			state: State(runbook.StillOpen), standing: "0 of 5 done", statuses: "to do, to do, to do, to do, to do", says: "**Not done.** 0 of 5 steps are done. It is at step 1.",
		}, {
			name: "done", tell: func(s *story) { s.deployed() },
			state: State(runbook.AllDone), standing: "done", statuses: "passed, passed, passed, passed, passed", says: "**Done.** All 5 steps passed.",
		}, {
			// Opening the run again repeats all checks, but doesn't undo what was
			// deployed.
			name: "looked at after it was done", tell: func(s *story) {
				s.deployed().wait(time.Hour).as("kit@desk", "desk").resume().check(dagsStep, busy).check(releaseStep, noAnswer)
			},
			state: State(runbook.AllDone), standing: "done", statuses: "passed, passed, passed, passed, passed", says: "No DAG run is running or queued.",
		}, {
			name: "another process goes on", tell: func(s *story) { s.bumped().resume() },
			state: State(runbook.StillOpen), standing: "4 of 5 done", statuses: "passed, passed, passed, passed, to do", says: "It is at step 5.",
		}, {
			name: "found otherwise before the end", tell: func(s *story) { s.bumped().check(dagsStep, busy) },
			state: State(runbook.StillOpen), standing: "3 of 5 done", statuses: "passed, passed, failed, passed, to do", says: "It is at step 3, which failed: 1 DAG run is active.",
		}, {
			name: "unknown", tell: func(s *story) { s.choose("v1.5.3").check(releaseStep, noAnswer) },
			state: State(runbook.StillOpen), standing: "0 of 5 done", statuses: "unknown, to do, to do, to do, to do", says: "which is unknown: The registry did not answer within 20 s.",
		}, {
			name: "failed", tell: func(s *story) { s.judged().start(planStep, "apply").finish(planStep, "apply", notPlayed) },
			state: State(runbook.StillOpen), standing: "4 of 5 done", statuses: "passed, passed, passed, passed, failed", says: "It is at step 5, which failed: \\`just apply\\` ended with exit code 1",
		}, {
			name: "planned again after it was done, and applied badly", tell: func(s *story) {
				s.deployed().start(planStep, "plan").finish(planStep, "plan", planned).judge("9e107d9d").start(planStep, "apply").finish(planStep, "apply", notPlayed)
			},
			state: State(runbook.StillOpen), standing: "4 of 5 done", statuses: "passed, passed, passed, passed, failed", says: "**Not done.**",
		}, {
			name: "running, and nobody has it open", tell: func(s *story) { s.judged().start(planStep, "apply") },
			state: Running, standing: "`just apply prod catalog-airflow` running", statuses: "passed, passed, passed, passed, running",
			says: "Nobody has the run open. Run `catalog-runbook resume 20261123-0912-k3x9` to find out",
		}, {
			name: "an acceptance that was undone after it was done", tell: func(s *story) {
				s.verified().check(dagsStep, busy)
				s.add(runbook.Overridden{Head: s.head(), Step: dagsStep, Reason: line("it only reads"), Names: busy.Facts["dags.active"]})
				s.start(bumpStep, "bump").finish(bumpStep, "bump", bumped).start(planStep, "plan").finish(planStep, "plan", planned).judge("9e107d9d")
				s.start(planStep, "apply").finish(planStep, "apply", applied)
				s.add(runbook.Unticked{Head: s.head(), Step: dagsStep}).add(runbook.Unticked{Head: s.head(), Step: releaseStep})
			},
			state: State(runbook.StillOpen), standing: "4 of 5 done", statuses: "passed, passed, failed, passed, passed", says: "It is at step 3, which failed: 1 DAG run is active.",
		}, {
			name: "no process runs it", tell: func(s *story) {
				s.judged().start(planStep, "apply").input.Gone = func(attempt string) bool {
					return attempt == s.input.Records[len(s.input.Records)-1].Event.(runbook.EffectStarted).Attempt
				}
			},
			state: Running, standing: "`just apply prod catalog-airflow` no longer runs: resume the run to see how it ended", statuses: "passed, passed, passed, passed, running",
			says: "It no longer runs. Nobody has the run open.",
		}, {
			name: "ended early, with the old instance gone", tell: func(s *story) {
				s.judged().start(planStep, "apply").finish(planStep, "apply", runbook.Result{Verdict: runbook.Failed, Summary: line("It ended early."), Facts: runbook.Facts{runbook.MayBeDown: "catalog-airflow may be down"}})
			},
			state: State(runbook.StillOpen), standing: "4 of 5 done; catalog-airflow may be down", statuses: "passed, passed, passed, passed, failed",
			says: "Catalog-airflow may be down.",
		}, {
			name: "ended early, and applied again", tell: func(s *story) {
				s.judged().start(planStep, "apply").finish(planStep, "apply", runbook.Result{Verdict: runbook.Failed, Facts: runbook.Facts{runbook.MayBeDown: "catalog-airflow may be down"}})
				s.start(planStep, "plan").finish(planStep, "plan", planned).judge("9e107d9d").start(planStep, "apply").finish(planStep, "apply", applied)
			},
			state: State(runbook.AllDone), standing: "done", statuses: "passed, passed, passed, passed, passed", says: "**Done.**",
		}, {
			name: "in doubt", tell: func(s *story) {
				s.judged().start(planStep, "apply").resume()
				s.add(runbook.EffectDoubted{Head: s.head(), Step: planStep, Effect: "apply", Text: line("Its supervisor is gone.")})
			},
			state: Doubtful, standing: "outcome of `just apply prod catalog-airflow` unknown; the service may be down", statuses: "passed, passed, passed, passed, in doubt",
			says: "**Outcome unknown.** Nobody knows how `just apply prod catalog-airflow` of step 5 ended. Its supervisor is gone.",
		}, {
			name: "doubt settled as not done", tell: func(s *story) {
				s.judged().start(planStep, "apply")
				s.add(runbook.EffectDoubted{Head: s.head(), Step: planStep, Effect: "apply", Text: line("Its supervisor is gone.")})
				s.add(runbook.Settled{Head: s.head(), Step: planStep, Effect: "apply", Reason: line("the machine is the old one")})
			},
			state: State(runbook.StillOpen), standing: "4 of 5 done", statuses: "passed, passed, passed, passed, unknown",
			says: "decided that `just apply prod catalog-airflow` was not carried out. Reason: the machine is the old one",
		}, {
			name: "dry run", mode: runbook.DryRun, tell: func(s *story) {
				s.verified()
				for _, e := range []string{"bump", "plan", "apply"} {
					id := planStep
					if e == "bump" {
						id = bumpStep
					}
					s.add(runbook.Pretended{Head: s.head(), Step: id, Effect: e, Argv: []string{"just", e}, Dir: "/srv"})
				}
			},
			state: State(runbook.Undeployed), standing: "nothing deployed: 3 of 5 done, 2 as if done", statuses: "passed, passed, passed, as if done, as if done", says: "## DRY RUN: Catalog Deployments, v1.5.3 to prod\n\n> This was a dry run.",
		}, {
			name: "with a skipped and an accepted step", tell: func(s *story) {
				s.choose("v1.5.3").access().check(releaseStep, noAnswer).skip(releaseStep, "GitHub is down today").check(imageStep, found(runbook.Passed, "ok", nil))
				s.check(dagsStep, busy)
				s.add(runbook.Overridden{Head: s.head(), Step: dagsStep, Reason: line("it may be killed"), Names: busy.Facts["dags.active"]})
				s.check(bumpStep, bumped).start(planStep, "plan").finish(planStep, "plan", planned).judge("9e107d9d").start(planStep, "apply").finish(planStep, "apply", applied)
			},
			state: State(runbook.Excepting), standing: "done with exceptions: 1 skipped, 1 accepted", statuses: "skipped, passed, accepted, passed, passed",
			says: "**Done, with exceptions.** All 5 steps are dealt with: 1 skipped, 3 passed, 1 accepted.",
		}, {
			name: "done elsewhere", tell: func(s *story) {
				s.bumped()
				s.add(runbook.DoneElsewhere{Head: s.head(), Step: planStep, By: line("kit"), Reason: line("from the CI of infrastructure"),
					Evidence: []runbook.Evidence{{Name: line("main names"), Value: line("v1.5.3"), Source: line("git grep"), At: s.now}}})
			},
			state: State(runbook.ByOthers), standing: "done elsewhere, by kit", statuses: "passed, passed, passed, passed, done elsewhere",
			says: "**Done elsewhere.** kit has deployed, not this run, as was stated. All 5 steps are dealt with: 4 passed, 1 done elsewhere.",
		}, {
			// An earlier build let the step that deploys be skipped.
			name: "every step skipped", tell: func(s *story) {
				s.choose("v9.9.9")
				for _, id := range []document.StepID{releaseStep, imageStep, dagsStep, bumpStep, planStep} {
					s.skip(id, "I just want it green")
				}
			},
			state: State(runbook.Undeployed), standing: "nothing deployed: 5 skipped", statuses: "skipped, skipped, skipped, skipped, skipped",
			says: "**Nothing was deployed.** All 5 steps are dealt with: 5 skipped. None of them has deployed.",
		}, {
			name: "another release", tell: func(s *story) { s.verified().choose("v1.5.4") },
			state: State(runbook.StillOpen), standing: "0 of 5 done", statuses: "to do, to do, to do, to do, to do", says: "release `v1.5.4`\n",
		}, {
			name: "damaged", tell: func(s *story) {
				s.bumped()
				s.input.Damaged, s.input.Problems = true, []clean.Text{line("the journal is damaged: line 17: no checksum")}
			},
			state: NotKnown, standing: "the journal is damaged; before that: 4 of 5 done", statuses: "passed, passed, passed, passed, to do",
			says: "> **Note**: the journal is damaged: line 17: no checksum",
		}, {
			name: "newer", tell: func(s *story) { s.deployed().input.Newer = true },
			state: NotKnown, standing: "the journal can't be read to its end; before that: done", statuses: "passed, passed, passed, passed, passed", says: "**Unknown.**",
		}, {
			name: "document without the step", tell: func(s *story) {
				s.bumped()
				s.input.Specs = s.input.Specs[:3]
			},
			state: NotKnown, standing: "unknown", statuses: "", says: "How far it got is unknown.",
		}, {
			name: "document gone", tell: func(s *story) {
				s.verified()
				s.input.Specs, s.input.Document = nil, nil
			},
			state: NotKnown, standing: "no steps", statuses: "", says: "verified `airflow/service-deployments/deployment-workflow#1`: passed.",
		}, {
			name: "nothing on record", tell: func(s *story) { s.input.Records = nil },
			state: NotKnown, standing: "nothing recorded", statuses: "", says: "**Unknown.** Nothing was recorded.",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			mode := c.mode
			if mode == "" {
				mode = runbook.Live
			}
			s := tell(t, mode)
			c.tell(s)
			r := s.make()
			if r.State != c.state || r.Standing.String() != c.standing {
				t.Errorf("it is %q, %q; want %q, %q", r.State, r.Standing, c.state, c.standing)
			}
			if got := statuses(r); got != c.statuses {
				t.Errorf("the steps are %s; want %s", got, c.statuses)
			}
			if md := markdownOf(t, r); !strings.Contains(md, c.says) {
				t.Errorf("it does not say %q:\n%s", c.says, md)
			}
		})
	}
}

// A separate procedure counts once something is done in it, and not before.
func TestProcedures(t *testing.T) {
	s := tell(t, runbook.Live).deployed()
	s.input.Specs = append(s.input.Specs, runbook.Spec{ID: "rolling-back#1", Label: line("step 1"), Procedure: "rolling-back", Checks: true},
		runbook.Spec{ID: "rolling-back#2", Label: line("step 2"), Procedure: "rolling-back"})
	s.check("rolling-back#1", noAnswer)
	if r := s.make(); r.State != State(runbook.AllDone) || r.Of != 5 {
		t.Errorf("with a rollback that nobody began: %s, of %d", r.State, r.Of)
	}
	s.tick("rolling-back#2", "")
	if r := s.make(); r.Standing.String() != "6 of 7 done" {
		t.Errorf("with a rollback that was begun: %s", r.Standing)
	}
}

// How long a step took is from the first thing that was done or stated about it to when it held.
// When it was verified before and after that doesn't matter, nor when the run was opened.
func TestHowLong(t *testing.T) {
	s := tell(t, runbook.Live).check(bumpStep, checkout).wait(time.Hour)
	chosen := s.now
	s.choose("v1.5.3")
	for range 11 {
		s.check(imageStep, noImage).wait(13 * time.Second)
	}
	held := s.now
	for range 3 {
		s.check(imageStep, image)
	}
	s.check(bumpStep, checkout)
	began := s.now
	s.start(bumpStep, "bump").wait(time.Minute)
	bumpedAt := s.now
	s.finish(bumpStep, "bump", bumped)
	s.check(bumpStep, bumped)
	last := s.now
	s.tick(dagsStep, "").wait(time.Hour).check(bumpStep, bumped)
	r := s.make()
	if got := r.Steps[1]; !got.BegunAt.IsZero() || !got.HeldAt.Equal(held) || got.Seconds != nil {
		t.Errorf("only verified: begun %v, held %v, %v s", got.BegunAt, got.HeldAt, got.Seconds)
	}
	if got := r.Steps[2]; got.BegunAt.IsZero() || got.Seconds != nil {
		t.Errorf("only ticked: begun %v, held %v, %v s", got.BegunAt, got.HeldAt, got.Seconds)
	}
	if got := r.Steps[3]; !got.BegunAt.Equal(began) || !got.HeldAt.Equal(bumpedAt) || got.Seconds == nil || *got.Seconds != bumpedAt.Sub(began).Seconds() {
		t.Errorf("begun %v, held %v, %v s; want %v, %v", got.BegunAt, got.HeldAt, got.Seconds, began, bumpedAt)
	}
	if !r.ActedFrom.Equal(chosen) || !r.ActedTo.Equal(last) {
		t.Errorf("done from %v to %v, want %v to %v", r.ActedFrom, r.ActedTo, chosen, last)
	}
	want := "verified step 2 14 times (11 failed, 3 passed), passed at 10:16:04. The tag v1.5.3 is there."
	i := slices.IndexFunc(r.Timeline, func(e Entry) bool { return e.Count == 14 })
	if i < 0 || r.Timeline[i].Text.String() != want || !r.Timeline[i].Until.Equal(held.Add(14*time.Second)) {
		t.Errorf("the timeline doesn't say %q: %v", want, r.Timeline)
	}
}

// A plan that is made after the deployment, to see that nothing is left to do,
// does not make the deployment later.
func TestLookedAtAfterwards(t *testing.T) {
	s := tell(t, runbook.Live).deployed()
	held := s.make().Steps[4].HeldAt
	s.wait(time.Hour).start(planStep, "plan").finish(planStep, "plan", nothing)
	r := s.make()
	if r.State != State(runbook.AllDone) || !r.Steps[4].HeldAt.Equal(held) {
		t.Errorf("it is %s, and step 5 holds since %v, want %v", r.State, r.Steps[4].HeldAt, held)
	}
	if got := r.Facts["plan.hash"].String(); got != "9e107d9d" {
		t.Errorf("what was applied is said to be the plan %s", got)
	}
}

func TestClockSetBack(t *testing.T) {
	s := tell(t, runbook.Live).judged().start(planStep, "apply").wait(-time.Hour).finish(planStep, "apply", applied)
	r := s.make()
	if c := r.Commands[2]; c.Seconds != nil || c.Exit == nil {
		t.Errorf("a command that ended before it began took %v s", *c.Seconds)
	}
	if md := markdownOf(t, r); !strings.Contains(md, "| – | 0 | v1.5.3 is applied. |") {
		t.Errorf("a time that is not known is not left open:\n%s", md)
	}
}

// A decision that was undone is reported with when and why it stopped counting.
func TestDecisionsEnd(t *testing.T) {
	s := tell(t, runbook.Live).choose("v1.5.3").check(imageStep, noAnswer).skip(imageStep, "the registry is down")
	s.add(runbook.Unticked{Head: s.head(), Step: imageStep}).skip(imageStep, "the registry is still down").check(imageStep, noImage)
	var got []string
	for _, d := range s.make().Decisions {
		got = append(got, fmt.Sprintf("%s: %s; %s", d.Text, d.Reason, d.EndedBy))
	}
	want := []string{"skipped step 2: the registry is down; mar@laptop undid it", "skipped step 2: the registry is still down; the check found something else"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Every event has words of its own, and says who and when.
func TestEveryEventIsTold(t *testing.T) {
	head := runbook.Head{At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Actor: line("mar")}
	for _, e := range []runbook.Event{
		runbook.Started{Head: head}, runbook.Resumed{Head: head}, runbook.ReleaseChosen{Head: head}, runbook.AccessSeen{Head: head},
		runbook.Checked{Head: head}, runbook.Ticked{Head: head}, runbook.Unticked{Head: head}, runbook.Skipped{Head: head}, runbook.DoneElsewhere{Head: head},
		runbook.Overridden{Head: head}, runbook.Judged{Head: head}, runbook.Confirmed{Head: head}, runbook.EffectStarted{Head: head},
		runbook.EffectFinished{Head: head}, runbook.EffectDoubted{Head: head}, runbook.Settled{Head: head}, runbook.Pretended{Head: head},
	} {
		r := Make(Input{Records: []Record{{Host: "box", Event: e}}}, head.At)
		if len(r.Timeline) != 1 {
			t.Errorf("%s: %d lines", e.Type(), len(r.Timeline))
			continue
		}
		got := r.Timeline[0]
		if got.Event != e.Type() || got.By != head.Actor || got.Host.String() != "box" || !got.At.Equal(head.At) {
			t.Errorf("%s: got %+v", e.Type(), got)
		}
		if got.Text.Empty() || got.Text.String() == e.Type() {
			t.Errorf("%s is told as %q", e.Type(), got.Text)
		}
	}
}

// The time that a report takes grows with the length of the run, not with its square.
func TestLongRun(t *testing.T) {
	run := func(records int) *story {
		s := tell(t, runbook.Live).bumped()
		for len(s.input.Records) < records {
			s.check(dagsStep, busy).check(dagsStep, idle)
		}
		return s
	}
	// The fastest of some tries, so that another process that takes the processor
	// for a while doesn't count.
	fastest := func(s *story) time.Duration {
		best := time.Duration(math.MaxInt64)
		for range 3 {
			began := time.Now()
			markdownOf(t, s.make())
			best = min(best, time.Since(began))
		}
		return best
	}
	long := run(5_000)
	if short, took := fastest(run(500)), fastest(long); took > 50*short {
		t.Errorf("a report of 5,000 records took %v, one of 500 %v: the time grows faster than the run", took, short)
	}
	if md := markdownOf(t, long.make()); len(md) > 20_000 {
		t.Errorf("it has %d bytes: repeated checks are not folded", len(md))
	}
}

// A short report has no evidence and no timeline, and the rest is that of the whole one.
func TestShort(t *testing.T) {
	var short bytes.Buffer
	r := tell(t, runbook.Live).choose("v1.5.3").check(releaseStep, published).skip(imageStep, "seen by hand on ghcr.io").make()
	if err := r.Markdown(&short, true); err != nil {
		t.Fatal(err)
	}
	whole := markdownOf(t, r)
	if rest, ok := strings.CutPrefix(whole, short.String()); !ok || !strings.HasPrefix(rest, "\n### Evidence") || !strings.Contains(short.String(), "### Decisions") {
		t.Errorf("the short report is\n%s\nof\n%s", short.String(), whole)
	}
}
