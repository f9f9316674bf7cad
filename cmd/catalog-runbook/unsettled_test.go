package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/steps"
)

func (r *pastRun) doubts(effect string) *pastRun {
	r.t.Helper()
	return r.add(runbook.EffectDoubted{Head: r.head(), Step: planID, Effect: effect, Text: clean.Line("nobody knows")})
}

func (r *pastRun) ends(effect string) *pastRun {
	r.t.Helper()
	return r.add(runbook.EffectFinished{Head: r.head(), Step: planID, Effect: effect})
}

func (r *pastRun) settles(effect string) *pastRun {
	r.t.Helper()
	return r.add(runbook.Settled{Head: r.head(), Step: planID, Effect: effect, Reason: clean.Line("looked at it")})
}

func runsIn(state string) runStore {
	return runStore{store: journal.Store{Dir: filepath.Join(state, "catalog-runbook", "runs")}}
}

// A doubt in a checkout keeps every other run from it until a person has settled
// it, whatever else happens meanwhile.
func TestADoubtElsewhereDoesNotDisappear(t *testing.T) {
	const there = "/srv/infrastructure"
	for name, c := range map[string]struct {
		happens func(*pastRun)
		open    bool
	}{
		"a command runs":               {func(r *pastRun) { r.begins(planID, "apply") }, true},
		"it has ended":                 {func(r *pastRun) { r.begins(planID, "apply").ends("apply") }, false},
		"it is in doubt":               {func(r *pastRun) { r.begins(planID, "apply").doubts("apply") }, true},
		"in doubt, and a plan is made": {func(r *pastRun) { r.begins(planID, "apply").doubts("apply").begins(planID, "plan").ends("plan") }, true},
		"settled":                      {func(r *pastRun) { r.begins(planID, "apply").doubts("apply").settles("apply") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			state, begun := t.TempDir(), november
			r := begunRun(t, state, runbook.Live, begun)
			c.happens(r)
			for i := range 25 {
				begunRun(t, state, runbook.Practice, begun.Add(time.Duration(i+1)*time.Minute))
			}
			runs := runsIn(state)
			err := runs.unsettled(there, "")
			if got := err != nil; got != c.open {
				t.Errorf("it is refused: %v, want %v (%v)", got, c.open, err)
			}
			if err != nil && !strings.Contains(err.Error(), r.journal.ID()) {
				t.Errorf("%q does not name the run", err)
			}
			if err := runs.unsettled("/srv/another", ""); err != nil {
				t.Errorf("it is refused in another checkout: %v", err)
			}
			if err := runs.unsettled(there, r.journal.ID()); err != nil {
				t.Errorf("a run stands in its own way: %v", err)
			}
		})
	}
}

// What cannot be read may hide a command.
func TestAnUnreadableRunIsNotPassedOver(t *testing.T) {
	state := t.TempDir()
	r := begunRun(t, state, runbook.Live, november).begins(planID, "apply")
	path := filepath.Join(r.journal.Folder(), "journal")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if err := runsIn(state).unsettled("/srv/infrastructure", ""); err == nil || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("it is passed over: %v", err)
	}
}

func TestADamagedRunIsNotPassedOver(t *testing.T) {
	state := t.TempDir()
	r := begunRun(t, state, runbook.Live, november).begins(planID, "apply").ends("apply")
	path := filepath.Join(r.journal.Folder(), "journal")
	text := readFile(t, path)
	at := strings.LastIndex(text, "effect-finished")
	if err := os.WriteFile(path, []byte(text[:at]+"E"+text[at+1:]), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := runsIn(state).unsettled("/srv/infrastructure", ""); err == nil || !strings.Contains(err.Error(), r.journal.Folder()) {
		t.Errorf("it is passed over: %v", err)
	}
}

// A run that is gone on with is kept even where nothing of it has a place in the
// document any more.
func TestAResumedRunIsNotForgotten(t *testing.T) {
	run, err := runbook.Replay(nil, []runbook.Event{runbook.Started{Mode: runbook.Live}, runbook.Ticked{Step: "gone"}, runbook.Resumed{}})
	if err != nil {
		t.Fatal(err)
	}
	if !touched(run) {
		t.Error("it would be removed")
	}
}

// A run is gone on with as what it was begun for.
func TestResumeKeepsToWhatTheRunIsFor(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	doc := write("D.md", "# Deploy\n\n1. [ ] Sit down.\n")
	s := streams{environ: func() []string { return nil }, getenv: func(string) string { return "" }}
	started := runbook.Started{Mode: runbook.DryRun, Source: doc, Document: clean.Line("D.md")}

	write(settings.FileName, "[infrastructure]\ndirectory = \"elsewhere\"\n")
	_, world, _, err := realAgain(t.Context(), s, started, []runbook.Event{started})
	if err != nil {
		t.Fatal(err)
	}
	if got := world.Checkout.Dir; got != "" {
		t.Errorf("a run that was begun without settings has the checkout %s", got)
	}

	started.Environment = clean.Line("staging")
	if _, _, err := (resumeCommand{}).open(t.Context(), s, "r", []runbook.Event{started}, steps.Options{}); err == nil || !strings.Contains(err.Error(), "staging") {
		t.Errorf("a run for staging goes on for something else: %v", err)
	}
}
