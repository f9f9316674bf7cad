package tui

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"catalog-runbook/runbook"
	commands "catalog-runbook/steps/command"
	"catalog-runbook/steps/notify"
	"catalog-runbook/tui/background"
	"catalog-runbook/tui/terminal/input"
	"catalog-runbook/tui/text"
)

// teller keeps what it is told.
type teller struct {
	mu        sync.Mutex
	events    []notify.Event
	elsewhere []bool
	err       error
}

func (l *teller) tell(e notify.Event, elsewhere bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events, l.elsewhere = append(l.events, e), append(l.elsewhere, elsewhere)
	return l.err
}

func (l *teller) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.events)
}

func TestTellOfCommand(t *testing.T) {
	var told teller
	d := running(t, 80, 24, func(ctx context.Context, io commands.Streams) int {
		io.Output([]byte("Continue? "))
		select {
		case <-io.Input:
		case <-ctx.Done():
		}
		io.Output([]byte("\r\nThank you.\r\n"))
		return 3
	})
	d.m.cfg.Tell = told.tell
	d.until("it asks", func() bool { return d.m.output.Asks() })
	d.drift(4 * time.Second)
	if told.count() > 0 {
		t.Fatalf("told of %+v", told.events)
	}
	d.until("it is told", func() bool { d.drift(time.Second); return told.count() > 0 })
	ticks := d.m.ticker.generation
	d.until("time passes", func() bool { d.drift(time.Second); return d.m.ticker.generation > ticks+20 }) // and it isn't told again
	if e := told.events[0]; told.count() != 1 || told.elsewhere[0] || e.Event != notify.AnswerNeeded || e.Step != d.step("4") || e.Mode != runbook.Practice ||
		e.Release.String() != "v1.5.4" || e.Environment.String() != "calm" || e.Verdict != runbook.Unknown || e.Label.String() != "step 4" ||
		e.Text.String() != "`just bump prod catalog-airflow` may be waiting for an answer." || e.At.IsZero() {
		t.Fatalf("told of %+v, elsewhere %v", told.events, told.elsewhere)
	}
	d.give(tea.BlurMsg{})
	told.err = errors.New("[notify] command failed: x")
	d.press("i")
	d.until("it may be shown", func() bool { return d.flying < 3 })
	d.write("yes")
	d.settle()
	if told.count() != 2 || told.events[1].Event != notify.CommandEnded || !told.elsewhere[1] || told.events[1].Verdict == runbook.Passed {
		t.Fatalf("told of %+v, elsewhere %v", told.events, told.elsewhere)
	}
	d.sees("command failed: x. Later failures aren't shown.")
}

func TestTellOfWait(t *testing.T) {
	told := teller{err: errors.New("[notify] command failed: x")}
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.m.cfg.Tell = told.tell
	d.publish()
	d.goTo("1")
	d.do("v")
	if told.count() > 0 {
		t.Fatalf("told of %+v, though nobody waits", told.events)
	}
	d.do("w")
	d.pass(20 * time.Second)
	if told.count() != 1 || told.events[0].Event != notify.WaitEnded || told.events[0].Verdict != runbook.Passed || told.elsewhere[0] {
		t.Fatalf("told of %+v, elsewhere %v:\n%s", told.events, told.elsewhere, d.screen())
	}
	d.sees("Later failures aren't shown.")
	d.do("j", "k", "w")
	d.pass(20 * time.Second)
	if told.count() != 2 {
		t.Fatalf("told of %+v", told.events)
	}
	d.missing("Later failures aren't shown.") // once is enough
	d.give(tea.BlurMsg{})
	d.do("w")
	d.pass(20 * time.Second)
	d.give(tea.FocusMsg{})
	d.do("w")
	d.pass(20 * time.Second)
	if told.count() != 4 || !told.elsewhere[2] || told.elsewhere[3] {
		t.Errorf("elsewhere: %v", told.elsewhere)
	}
}

// TestBackgroundIsAsked has a terminal say that its background is light, and another time
// that it doesn't know the question. Neither answer is a key.
func TestBackgroundIsAsked(t *testing.T) {
	light := input.Reply{Kind: ']', Body: "11;rgb:ffff/ffff/ffff"}
	attributes := input.Reply{Kind: '[', Body: "?62;22c"}
	d := practiseWith(t, "calm", runbook.Practice, 80, 24, setting{theme: text.Theme{Profile: termenv.ANSI256}})
	var sent []string
	d.m.cfg.Send = func(sequence string) error { sent = append(sent, sequence); return nil }
	dark := d.screen()
	d.give(light)
	if d.screen() != dark {
		t.Error("it counts, though nobody has asked")
	}
	d.give(tea.ResumeMsg{})
	d.pass(time.Second)
	if len(sent) != 1 || sent[0] != background.Query {
		t.Fatalf("the terminal was asked %q", sent)
	}
	d.give(attributes)
	d.give(light) // too late: its turn was before the attributes
	if d.screen() != dark {
		t.Error("it counts after the wait has ended")
	}
	d.give(tea.ResumeMsg{})
	d.pass(time.Second)
	d.give(light)
	d.rest()
	d.give(attributes)
	shown := d.screen()
	if shown == dark || ansi.Strip(shown) != ansi.Strip(dark) {
		t.Errorf("on a light background it is\n%s\nand was\n%s", shown, dark)
	}
	want := practiseWith(t, "calm", runbook.Practice, 80, 24, setting{theme: text.Theme{Background: text.BackgroundLight, Profile: termenv.ANSI256}})
	if shown != want.screen() {
		t.Errorf("the colours are not those of --theme light:\n%s\n%s", shown, want.screen())
	}
}
