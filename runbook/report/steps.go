package report

import (
	"slices"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// addSteps adds the outcome of every step and the facts, unless the run's state is
// unknown.
func (r *Report) addSteps(in Input, t *tracker, now time.Time) {
	if t.misplaced != nil || t.run.Started() == nil {
		return
	}
	for name, value := range t.facts() {
		r.Facts[name] = names(value)
	}
	written := map[document.StepID]*document.Step{}
	if in.Document != nil {
		for _, s := range in.Document.Steps {
			written[s.ID] = s
		}
	}
	walked := make([]bool, len(t.specs))
	for _, i := range t.counted() {
		walked[i] = true
	}
	for i := range t.specs {
		spec := &t.specs[i]
		if !walked[i] && t.untouched(i) {
			continue // of another procedure, or a question that nobody asked
		}
		for _, m := range spec.Mentions {
			if !slices.Contains(r.mentions, m) {
				r.mentions = append(r.mentions, m)
			}
		}
		holds, answers := t.outcome(i)
		s := Step{
			ID: spec.ID, Label: oneLine(spec.Label), Locked: spec.Locked, Status: t.status(i, now), BegunAt: t.steps[i].acted, idle: !t.steps[i].touched,
			By: holds.by, HeldAt: holds.at, Evidence: []Evidence{},
		}
		s.Text, s.Added = oneLine(spec.Added), !spec.Added.Empty()
		if w := written[spec.ID]; w != nil {
			s.Text = oneLine(w.Text)
		}
		if holds.at.After(s.BegunAt) {
			s.Seconds = seconds(s.BegunAt, s.HeldAt)
		}
		if answers.last != nil {
			s.Summary = oneLine(answers.last.Summary)
		}
		if e := t.run.Step(spec.ID).Elsewhere; e != nil && holds.status == runbook.ElsewhereDone {
			s.Summary = clean.Linef("done by %s, as %s states: %s", oneLine(e.By), oneLine(e.Actor), oneLine(e.Reason))
			s.Evidence = evidence(e.Evidence)
		}
		for _, res := range slices.Concat(answers.effects, []*runbook.Result{answers.check}) {
			if res != nil {
				s.Evidence = newer(s.Evidence, evidence(res.Evidence))
			}
		}
		r.Steps = append(r.Steps, s)
	}
}

func evidence(seen []runbook.Evidence) []Evidence {
	all := make([]Evidence, len(seen))
	for i, e := range seen {
		address, _ := link(e.Source)
		all[i] = Evidence{
			Evidence: runbook.Evidence{Name: oneLine(e.Name), Value: oneLine(e.Value), Source: oneLine(e.Source), At: e.At.UTC()},
			Link:     address,
		}
	}
	return all
}

// newer appends more to all, and drops from all what was seen again.
func newer(all, more []Evidence) []Evidence {
	for _, e := range more {
		same := func(o Evidence) bool { return o.Name == e.Name && o.Value == e.Value && o.Source == e.Source }
		all = append(slices.DeleteFunc(all, same), e)
	}
	return all
}

// untouched reports whether nothing was seen, done or said about a step.
func (t *tracker) untouched(i int) bool {
	holds, answers := t.outcome(i)
	return holds.at.IsZero() && answers.last == nil && !t.steps[i].touched
}
