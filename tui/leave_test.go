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
	d.press("q", "d")
	if d.m.quit {
		t.Fatal("a letter that was typed ahead decided")
	}
	d.drift(openGuard)
	d.sees("`just bump prod catalog-airflow` is running", "d  leave it running", "i  interrupt it once")
	d.missing("kill")
	d.press("k", "x", "esc")
	d.missing("leave it running")
	d.press("ctrl+c")
	d.drift(openGuard)
	d.sees("leave it running")
	d.press("d")
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
	d.press("i")
	d.sees("is interrupted: it finishes what it has begun")
	d.until("it has been interrupted", func() bool { return strings.Contains(d.screen(), "tidying up") })
	if d.m.quit || d.m.running == nil {
		t.Fatal("to interrupt is not to leave")
	}
	d.drift(9 * time.Second)
	d.sees("interrupted")
	d.press("q")
	d.drift(openGuard)
	d.sees("It was interrupted 9 s ago", "k  kill it", "a lock stays locked")
	d.missing("i  interrupt")
	d.press("i", "k")
	d.sees("Type kill to do so.", "a state lock stays")
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
	d.sees("not all of it fits")
	d.press("d", "i")
	if d.m.quit || !d.m.running.interrupted.IsZero() {
		t.Fatal("decided without having read it")
	}
	d.press("esc") // on the smallest screen that the program is made for it fits
	d.resize(40, 12)
	d.press("q")
	d.drift(openGuard)
	d.sees("d  leave", "i  interrupt", "a letter decides")
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
	d.sees("not all of the question")
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
	d.sees("leave it running")
	end()
	d.missing("leave it running")
}

// TestLeaveBeforeItBegins: nobody is told that a command goes on which never
// began.
func TestLeaveBeforeItBegins(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	spec := d.m.run.Specs()[3]
	d.m.runner.attach(spec.ID, spec.Effects[0], d.clock.Now())
	d.press("q")
	d.drift(openGuard)
	d.sees("`just bump prod catalog-airflow` has not begun yet", "d  leave: it is not run then")
	d.missing("goes on by itself")
	d.press("d")
	if !d.m.quit {
		t.Error("nobody can leave")
	}
}

// TestOutputThatNobodyListensFor: what was not fetched to its end is fetched anew.
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
