package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/terminal/display"
	"catalog-runbook/tui/terminal/job"
)

// TestResumeAsksAnew: the time limit of a check that was under way has passed when the program
// goes on, so the check begins again, and its first result is dropped.
func TestResumeAsksAnew(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.goTo("1")
	id := d.step("1")
	d.press("v")
	before := d.m.checks.asking[id]
	if before == nil {
		t.Fatal("nothing is asked")
	}
	d.give(tea.ResumeMsg{})
	if after := d.m.checks.asking[id]; after == nil || after.generation == before.generation {
		t.Errorf("the check goes on as it was: %+v", after)
	}
	d.settle()
	if left := d.m.checks.asking[id]; left != nil {
		t.Errorf("the check has no end: %+v", left)
	}
}

// TestBeside: the title says what the walk waits for, and a wait shows as a progress.
func TestBeside(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.goTo("1")
	is := func(title string, phase display.Phase) {
		t.Helper()
		if s := d.m.Beside(); s.Title.String() != title || s.Progress.Phase != phase {
			t.Errorf("%q and %d, want %q and %d", s.Title, s.Progress.Phase, title, phase)
		}
	}
	is("0/7 · waiting for you · PRACTICE", display.Idle)
	d.press("w")
	is("0/7 · waiting for step 1 · PRACTICE", display.Running)
	d.press("w")
	is("0/7 · waiting for you · PRACTICE", display.Idle)
	d.settle()
	d.give(job.NoShell{})
	d.sees("no shell to go back to")
}
