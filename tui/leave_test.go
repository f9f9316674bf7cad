package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	commands "catalog-runbook/steps/command"
)

// stopped is a checklist whose command says which wishes to end it has got, and
// ends when it is killed or left.
func stopped(t *testing.T, w, h int) *desk {
	t.Helper()
	d := running(t, w, h, func(ctx context.Context, io commands.Streams) int {
		io.Output([]byte("busy\n"))
		for {
			select {
			case s := <-io.Stop:
				if s == commands.Kill {
					return 137
				}
				io.Output([]byte("tidying up\n"))
			case <-ctx.Done():
				return 130
			}
		}
	})
	d.until("it runs", func() bool { return strings.Contains(d.screen(), "busy") })
	return d
}

func TestLeaveRunning(t *testing.T) {
	d := stopped(t, 80, 24)
	d.press("q", "1")
	if d.m.quit {
		t.Fatal("what was typed ahead decided")
	}
	d.drift(openGuard)
	d.sees("`just bump prod catalog-airflow` is running", "1  Leave it running", "2  Interrupt it")
	d.missing("kill")
	d.press("k", "x", "esc")
	d.missing("Leave it running")
	d.press("ctrl+c")
	d.drift(openGuard)
	d.sees("Leave it running")
	d.press("1")
	d.until("it leaves", func() bool { return d.quit })
	if d.m.View() != "" {
		t.Error("the last frame is not empty")
	}
	d.m.Close()
}

func TestInterruptAndKill(t *testing.T) {
	d := stopped(t, 80, 24)
	d.press("q")
	d.drift(openGuard)
	d.press("2")
	d.sees("is interrupted: it finishes what it has begun")
	d.until("it has been interrupted", func() bool { return strings.Contains(d.screen(), "tidying up") })
	if d.m.quit || d.m.running == nil {
		t.Fatal("to interrupt is not to leave")
	}
	d.drift(9 * time.Second)
	d.sees("interrupted")
	d.press("q")
	d.drift(openGuard)
	d.sees("It was interrupted 9 s ago", "2  Kill it", "a lock stays locked")
	d.missing("2  Interrupt")
	d.press("i", "2")
	d.sees("Type kill to do so.", "a state lock")
	d.give(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("yes")})
	d.press("enter")
	d.sees("type kill, or press esc")
	d.press("ctrl+u")
	d.write("kill")
	d.settle()
	d.sees("exit code 137")
	if d.m.running != nil {
		t.Error("it is not killed")
	}
}

// TestDecisionTooLarge: on a small screen nobody decides what they cannot read.
func TestDecisionTooLarge(t *testing.T) {
	d := stopped(t, 80, 24)
	d.resize(24, 9)
	d.press("q")
	d.drift(openGuard)
	d.sees("pgdn shows")
	d.press("1", "2")
	if d.m.quit || !d.m.running.interrupted.IsZero() {
		t.Fatal("decided without having read it")
	}
	d.press("esc") // on the smallest screen that the program is made for it fits
	d.resize(40, 12)
	d.press("q")
	d.drift(openGuard)
	d.sees("1  Leave", "2  Interrupt", "press 1 or 2")
}

// TestQuestionTooLarge: what does not fit is not confirmed either.
func TestQuestionTooLarge(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("4")
	d.do("r")
	d.pass(openGuard)
	d.resize(24, 6)
	d.write("prod")
	d.sees("read all of it first")
	if d.m.running != nil || d.status("4") == runbook.Done {
		t.Fatal("it runs")
	}
	d.resize(80, 24)
	d.do("enter")
	if d.status("4") != runbook.Done {
		t.Errorf("step 4 is %s:\n%s", d.status("4"), d.screen())
	}
}

// TestSheetGoesWithCommand: a question about a command is gone when that ends.
func TestSheetGoesWithCommand(t *testing.T) {
	d, say, end := flow(t)
	say("here\n")
	d.press("q")
	d.sees("Leave it running")
	end()
	d.missing("Leave it running")
}

// TestLeaveBeforeItBegins: nobody is told that a command goes on which never
// began.
func TestLeaveBeforeItBegins(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	spec := d.m.run.Specs()[3]
	d.m.runner.attach(spec.ID, spec.Effects[0], d.clock.Now())
	d.press("q")
	d.drift(openGuard)
	d.sees("`just bump prod catalog-airflow` has not started yet", "1  Quit: it will not be run")
	d.missing("Leave it running")
	d.press("1")
	if !d.m.quit {
		t.Error("nobody can leave")
	}
}

// TestInterruptAnApply takes a typed word, whatever letters are typed.
func TestInterruptAnApply(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	spec := d.m.run.Specs()[4]
	d.m.runner.attach(spec.ID, *spec.Effect("apply"), d.clock.Now())
	c := d.m.running
	d.press("q")
	d.drift(openGuard)
	d.sees("2  Interrupt it (type a word)", "stays destroyed")
	d.press("i", "k", "d")
	if !c.interrupted.IsZero() || d.m.quit {
		t.Fatal("a letter decided")
	}
	d.press("2")
	d.sees("Interrupt `just apply prod catalog-airflow`", "Type interrupt to do so.", "begins no other")
	d.write("yes")
	d.sees("type interrupt, or press esc")
	if !c.interrupted.IsZero() {
		t.Fatal("another word interrupts it")
	}
	d.press("ctrl+u")
	d.write("interrupt")
	d.sees("is interrupted: it finishes what it has begun")
	if c.interrupted.IsZero() || d.m.quit {
		t.Error("the word does not interrupt it")
	}
	d.m.running = nil // nothing was running
}

// TestOutputThatNobodyListensFor: what was not fetched to its end is fetched again.
func TestOutputThatNobodyListensFor(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	specs := d.m.run.Specs()
	d.m.results.replaceOutput(specs[3].ID, specs[3].Effects[0], time.Time{}) // and not all has come
	d.m.runner.attach(specs[4].ID, specs[4].Effects[0], d.clock.Now())
	c := d.m.running
	d.m.runner.performed(c, errors.New("it was not run"))
	if d.m.output.Any() {
		t.Error("half an output is shown, and nothing more comes of it")
	}
}
