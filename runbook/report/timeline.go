package report

import (
	"fmt"
	"slices"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// timeline turns events into lines. It gets each event after the tracker, and
// merges the checks between two other events.
type timeline struct {
	tracker *tracker
	lines   []Entry
	checks  []check                    // since the last other event
	known   map[document.StepID]answer // the latest answer in the timeline, by what was checked
	clock   clock
}

// check is one check, of a step or of the person's access.
type check struct {
	about
	answer
}

// answer is the part of a result that the timeline shows.
type answer struct {
	verdict string
	summary clean.Text
}

func newTimeline(t *tracker) *timeline {
	return &timeline{tracker: t, lines: []Entry{}, known: map[document.StepID]answer{}}
}

// access stands for the check of the person's access, among the steps. No step has
// such an ID.
const access document.StepID = "\x00"

func (l *timeline) add(rec Record) {
	a := aboutOf(rec)
	if l.clock == "" {
		l.clock = clockOf(a.at)
	}
	switch e := rec.Event.(type) {
	case runbook.Checked:
		l.checks = append(l.checks, check{a, answer{l.verdict(a.step, e.Result), oneLine(e.Result.Summary)}})
		return
	case runbook.AccessSeen:
		a.step = access
		l.checks = append(l.checks, check{a, answer{granted(e.Granted), oneLine(e.Text)}})
		return
	}
	l.fold()
	if e, ok := rec.Event.(runbook.EffectFinished); ok {
		l.known[a.step] = answer{l.verdict(a.step, e.Result), oneLine(e.Result.Summary)}
	}
	w := l.describe(rec.Event, a)
	l.lines = append(l.lines, Entry{At: a.at, By: a.actor, Host: a.host, Event: rec.Event.Type(), Step: a.step, Count: 1, Text: w.plain(), words: w})
}

// entries returns the finished timeline.
func (l *timeline) entries() []Entry {
	l.fold()
	return l.lines
}

// verdict returns the word that the checklist has for a result.
func (l *timeline) verdict(id document.StepID, r runbook.Result) string {
	spec, _ := l.tracker.run.Spec(id)
	needs := len(spec.Effects) > 0 && spec.Effects[0].Needs != "" && r.Facts[spec.Effects[0].Needs] != ""
	switch {
	case r.Verdict == runbook.NotAsked:
		return string(runbook.Unknown)
	case r.Verdict == runbook.Failed && (needs || r.Facts[runbook.ByHand] != ""): // its command hasn't run yet
		return string(runbook.Pending)
	}
	return clean.Line(r.Word()).String()
}

func granted(yes bool) string {
	if yes {
		return "there"
	}
	return "not there"
}

// fold adds the checks since the last other event: one line for each step with
// news, and one for all others.
func (l *timeline) fold() {
	var order []document.StepID
	of := map[document.StepID][]check{}
	for _, c := range l.checks {
		if of[c.step] == nil {
			order = append(order, c.step)
		}
		of[c.step] = append(of[c.step], c)
	}
	var again []document.StepID
	told := len(l.lines)
	for _, id := range order {
		if l.asBefore(id, of[id]) {
			again = append(again, id)
		} else {
			l.lines = append(l.lines, l.news(id, of[id]))
		}
		l.known[id] = of[id][len(of[id])-1].answer
	}
	if len(again) > 0 {
		l.lines = append(l.lines, l.again(again, of))
	}
	slices.SortStableFunc(l.lines[told:], func(a, b Entry) int { return a.At.Compare(b.At) })
	l.checks = nil
}

// asBefore reports whether all checks had the answer that is in the timeline.
func (l *timeline) asBefore(id document.StepID, checks []check) bool {
	known, ok := l.known[id]
	return ok && !slices.ContainsFunc(checks, func(c check) bool { return c.answer != known })
}

// entry returns the line for some checks of one step, without its words.
func (l *timeline) entry(id document.StepID, checks []check) Entry {
	first, last := checks[0], checks[len(checks)-1]
	e := Entry{At: first.at, By: first.actor, Host: first.host, Event: runbook.Checked{}.Type(), Step: id, Count: len(checks)}
	if id == access {
		e.Event, e.Step = runbook.AccessSeen{}.Type(), ""
	}
	if len(checks) > 1 {
		e.Until = last.at
	}
	return e
}

// news returns the line for one or several checks of a step.
func (l *timeline) news(id document.StepID, checks []check) Entry {
	e := l.entry(id, checks)
	last := checks[len(checks)-1].answer
	verdicts := make([]string, len(checks))
	for i, c := range checks {
		verdicts[i] = c.verdict
	}
	since := len(checks) - 1
	for since > 0 && verdicts[since-1] == last.verdict {
		since--
	}
	switch {
	case id == access:
		e.words = said("looked for access to the infrastructure, which is %s: %s", last.verdict, last.summary)
	case len(checks) == 1:
		e.words = said("verified %s: %s. %s", l.tracker.label(id), last.verdict, last.summary)
	case since == 0:
		e.words = said("verified %s %d times, %s each time. %s", l.tracker.label(id), len(checks), last.verdict, last.summary)
	default:
		e.words = said("verified %s %d times (%s), %s at %s. %s", l.tracker.label(id), len(checks),
			countEach(verdicts), last.verdict, l.clock.at(checks[since].at), last.summary)
	}
	e.Text = e.words.plain()
	return e
}

// again returns the line for the steps without news.
func (l *timeline) again(ids []document.StepID, of map[document.StepID][]check) Entry {
	e := l.entry(ids[0], of[ids[0]])
	var parts []string
	for i, id := range ids {
		first, last := of[id][0].at, of[id][len(of[id])-1].at
		if first.Before(e.At) {
			e.At = first
		}
		if i > 0 {
			e.Step, e.Event, e.Count = "", runbook.Checked{}.Type(), e.Count+len(of[id])
		}
		if e.Count > 1 && last.After(e.Until) {
			e.Until = last
		}
		if id == access {
			parts = append(parts, fmt.Sprintf("access to the infrastructure %s", l.known[access].verdict))
		} else {
			parts = append(parts, fmt.Sprintf("%s %s", l.tracker.label(id), l.known[id].verdict))
		}
	}
	e.words = said("verified again, as before: %s", strings.Join(parts, ", "))
	e.Text = e.words.plain()
	return e
}
