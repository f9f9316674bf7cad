package dags

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds/pauses"
	"catalog-runbook/steps/kinds/sentence"
	"catalog-runbook/steps/kinds/why"
)

// factOff lists, one per line, the new DAGs that are still paused.
const factOff runbook.Fact = "dags.off"

// On is a step in which new DAGs, which Airflow creates paused, are turned on. A check asks
// for the list of DAGs, and for the schedule of each that may be new.
var On = &steps.Kind{
	Name:    "dags-on",
	Doc:     "Turn the new DAGs on.",
	Explain: why.DAGsOn,
	Params: []steps.Param{
		{Name: "airflow", Doc: "Airflow's address", Required: true, Setting: "[airflow] url"},
		{Name: "repository", Doc: "the repository that has the pull request", Required: true, Setting: "[github] repository"},
		{Name: "dags-folder", Doc: "where the repository's DAGs are on Airflow's server", Setting: "[airflow] dags_folder"},
	},
	Passages: true,
	Locked:   true,
	Reads: sentence.Reads("words about turning DAGs on", []string{"DAG"}, func(text string) bool {
		return aboutTurningOn().MatchString(text)
	}, onSentence),
	Check: &steps.Check{
		Ask:       pausing(1, checkOn),
		Fresh:     time.Minute,
		Needs:     factSynced,
		Override:  factOff,
		Accepting: "These new DAGs stay paused. Why is that acceptable?",
	},
	Effects: []steps.Effect{{
		Name: effectOn,
		Spec: func(steps.Params) runbook.EffectSpec {
			return runbook.EffectSpec{Label: clean.Line("unpause a DAG"), Confirm: effectOn, Aside: true, Offered: factOff,
				Needs: factOff, NeedsText: clean.Line("Which DAGs are new and paused is unknown."), Singly: true, Releaseless: true, Thing: "DAG", Made: "unpaused"}
		},
		Changes: &steps.Changes{Where: func(p steps.Params) string { return p["airflow"] }, On: paused, Set: turnOn, Look: pauses.Look(false)},
	}},
}

const effectOn = "unpause"

var aboutTurningOn = pattern.Lazy(`(?i)\b(?:new|added)\b.*\b(?:turned on|turn on|enabled?|unpaused?|activated?|switched on)\b|\b(?:turn on|enable|unpause|activate|switch on)\b.*\bnew\b`)

const newDAGs = `(?:(?:the|a|any|all|your|each|every) )?(?:of the )?new(?:ly added|ly deployed|ly created)? dags?`

// onSentence asks to turn new DAGs on.
var onSentence = pattern.Lazy(`^(?:note: )?(?:` +
	newDAGs + ` (?:are|is) not (?:automatically )?(?:enabled|turned on|unpaused|activated)(?: automatically| by default)? and (?:will )?(?:need|needs|have|has) to be (?:turned on|enabled|unpaused|activated|switched on)(?: (?:manually|by hand|in airflow|in the airflow ui))?(?: (?:once|after|when) (?:they are |it is )?deployed| after (?:the )?deployment)?` +
	`|` + newDAGs + ` (?:must|need to|needs to|have to|has to|should) be (?:turned on|enabled|unpaused|activated|switched on)(?: (?:manually|by hand|in airflow|in the airflow ui))?(?: (?:once|after|when) (?:they are |it is )?deployed| after (?:the )?deployment)?` +
	`|(?:turn on|enable|unpause|activate|switch on) ` + newDAGs + `(?: (?:manually|by hand|in airflow|in the airflow ui))?(?: (?:once|after|when) (?:they are |it is )?deployed| after (?:the )?deployment)?` +
	`|(?:turn|switch) ` + newDAGs + ` on(?: (?:manually|by hand|in airflow|in the airflow ui))?(?: (?:once|after|when) (?:they are |it is )?deployed| after (?:the )?deployment)?` +
	`|if there (?:are|is) (?:any |a )?new dags?, (?:turn|switch) (?:them|it) on|if there (?:are|is) (?:any |a )?new dags?, (?:enable|unpause|activate) (?:them|it)` +
	`)$`)

// candidate is a DAG of a changed file that is paused and has never run.
type candidate struct {
	airflow.DAG
	schedule airflow.Schedule
}

// candidates returns the DAGs of the changed files that are new: those that are paused, and
// those that are on already, with an import error or without. A DAG of a file that was there
// before is new if the earlier text doesn't name it and it has never run.
func candidates(ctx context.Context, in steps.Input) (off []candidate, on []airflow.DAG, err error) {
	client, err := in.World.Airflow.At(in.Params["airflow"])
	if err != nil {
		return nil, nil, err
	}
	known, err := client.KnownDAGs(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("asking Airflow for its DAGs: %w", err)
	}
	var files []changed
	for line := range strings.Lines(in.Facts[factFiles]) {
		if f, ok := readFileLine(strings.TrimSuffix(line, "\n")); ok {
			files = append(files, f)
		}
	}
	folder, sure := newFolder(in.Params["dags-folder"], known, files)
	if !sure {
		return nil, nil, errors.New("where the repository's DAGs are on Airflow's server isn't configured; hint: set dags_folder under [airflow] in catalog-runbook.toml")
	}
	for _, f := range files {
		runs, _ := folder.of(f.name, f.root)
		for _, d := range runs {
			isNew := f.status == added
			if !isNew {
				if isNew, err = unnamedBefore(ctx, in, f, d.ID.String()); err != nil {
					return nil, nil, err
				}
			}
			switch {
			case isNew && !d.Paused:
				on = append(on, d)
			case isNew:
				schedule, err := client.Schedule(ctx, d)
				if err != nil {
					return nil, nil, fmt.Errorf("asking Airflow for the schedule of %s: %w", d.ID, err)
				}
				if !schedule.Ran {
					off = append(off, candidate{d, schedule})
				}
			}
		}
	}
	return off, on, nil
}

// unnamedBefore reports whether the text of a file before the pull request doesn't name a
// DAG.
func unnamedBefore(ctx context.Context, in steps.Input, f changed, dag string) (bool, error) {
	repo, number, err := pullOf(in)
	if err != nil {
		return false, err
	}
	p, err := in.World.GitHub.PullRequest(ctx, repo, number)
	if errors.Is(err, github.ErrAbsent) {
		return false, say.Hint(err, "verify the merge again")
	}
	if err != nil {
		return false, fmt.Errorf("asking for the pull request: %w", err)
	}
	before, err := in.World.GitHub.File(ctx, repo, f.name, p.BaseCommit)
	if errors.Is(err, github.ErrAbsent) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("asking for %s before the change: %w", f.base(), err)
	}
	return !strings.Contains(string(before), `"`+dag+`"`) && !strings.Contains(string(before), `'`+dag+`'`), nil
}

func checkOn(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	if in.Await(ctx, factSynced) == "" {
		return r.Unknown("Which DAGs are new is known only once Airflow has what was merged: verify that first.")
	}
	in.Facts = runbook.Facts{factFiles: in.Await(ctx, factFiles), factPull: in.Await(ctx, factPull)}
	address := in.Params["airflow"]
	off, on, err := candidates(ctx, in)
	if err != nil {
		return r.Problem("Looking for new DAGs", err)
	}
	for _, d := range on {
		r.Saw(d.ID.String(), "on", d.URL)
	}
	var names []string
	for _, c := range off {
		r.Saw(c.ID.String(), "paused; "+c.starts(r.Now), c.URL)
		names = append(names, c.ID.String())
	}
	slices.Sort(names)
	switch {
	case len(off) > 0:
		r.Facts[factOff] = strings.Join(names, "\n")
		return r.Failed("%s.", offText(names))
	case len(on) > 0:
		return r.Passed("Each new DAG is on: %s.", some(idsOf(on)))
	}
	r.Saw("new DAGs", "none", address)
	return r.Passed("No DAG is new, so none has to be turned on.")
}

func offText(names []string) string {
	if len(names) == 1 {
		return "The new DAG " + some(names) + " is paused: turn it on, or accept with a reason that it stays paused"
	}
	return fmt.Sprintf("%d new DAGs are paused, %s: turn each on, or accept with a reason that they stay paused", len(names), some(names))
}

func idsOf(all []airflow.DAG) []string {
	var names []string
	for _, d := range all {
		names = append(names, d.ID.String())
	}
	return names
}

// starts says when a DAG that is turned on runs: its schedule, its catch-up, and what begins
// at once.
func (c candidate) starts(now time.Time) string {
	s := c.schedule
	text := s.Text.String()
	over := !s.Next.IsZero() && !s.Next.After(now)
	limit := ""
	if s.AtATime > 0 {
		limit = fmt.Sprintf(", %d at a time", s.AtATime)
	}
	switch {
	case s.Assets:
		return "started by assets (" + text + "); nothing starts at once unless an event is waiting"
	case text == "":
		return "no schedule; nothing starts at once"
	case s.Next.IsZero():
		return text + "; no run is due"
	case !over:
		return text + catchupText(s) + "; the first run starts " + s.Next.UTC().Format("2006-01-02 15:04 MST")
	case s.Catchup:
		return text + catchupText(s) + "; at once starts a run for each date since " + day(s) + limit
	}
	return text + catchupText(s) + "; at once starts the run of " + day(s)
}

// day is the logical date of the next run.
func day(s airflow.Schedule) string {
	at := s.First
	if at.IsZero() {
		at = s.Next
	}
	return at.UTC().Format("2006-01-02 15:04 MST")
}

func catchupText(s airflow.Schedule) string {
	if s.Catchup {
		return ", with catchup"
	}
	return ", no catchup"
}

// paused lists the new DAGs that can be turned on.
func paused(ctx context.Context, in steps.Input) (steps.Scope, error) {
	off, _, err := candidates(ctx, in)
	if err != nil {
		return steps.Scope{}, err
	}
	var s steps.Scope
	for _, c := range off {
		if c.ImportErrors {
			s.About = append(s.About, clean.Linef("%s is left out: its file can't be imported.", c.ID))
			continue
		}
		s.Things = append(s.Things, steps.Thing{Name: c.ID.String(), Note: clean.Line(c.starts(in.World.Now()))})
	}
	s.Urgent = len(s.Things) // each note matters
	return s, nil
}

// turnOn turns one DAG on, and reads back that it is.
func turnOn(ctx context.Context, in steps.Input, name string) steps.Change {
	sent := false
	change := pauses.Set(ctx, in, name, false, func(d airflow.DAG) (steps.Change, bool) {
		switch {
		case d.Gone:
			return steps.Change{Text: clean.Linef("%s is gone from Airflow", name)}, true
		case d.ImportErrors:
			return steps.Change{Text: clean.Linef("%s is not unpaused: its file can't be imported", name)}, true
		case !d.Paused:
			return steps.Change{Done: true, Text: clean.Linef("%s was unpaused by someone else", name)}, true
		}
		sent = true
		return steps.Change{}, false
	})
	if !change.Done || !sent {
		return change
	}
	return pauses.Look(false)(ctx, in, name)
}
