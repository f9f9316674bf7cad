package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	commands "catalog-runbook/steps/command"
)

// rejoined is an executor of a later process: the command is there already.
type rejoined struct {
	commands.Executor
	run func(ctx context.Context, io commands.Streams) (commands.Outcome, error)
}

func (r rejoined) Rejoin(ctx context.Context, _ string, io commands.Streams) (commands.Outcome, error) {
	return r.run(ctx, io)
}

// later is a checklist of a process that goes on with a run in which a command
// has been left running.
func later(t *testing.T, run func(ctx context.Context, io commands.Streams) (commands.Outcome, error)) *desk {
	t.Helper()
	d := stopped(t, 120, 40)
	past := d.kept.since(0)
	d.clock.Set(d.clock.Now().Add(20 * time.Second))
	world := *d.m.engine.World()
	world.Executor = rejoined{world.Executor, run}
	engine, err := steps.Resume(d.m.engine.Bound(), &world, steps.Options{Mode: runbook.Practice, Actor: "sam@desk", Folder: t.TempDir()}, past)
	if err != nil {
		t.Fatal(err)
	}
	return seat(t, d.clock, Config{Engine: engine}, 120, 40)
}

func TestRejoin(t *testing.T) {
	goOn := make(chan struct{})
	d := later(t, func(ctx context.Context, io commands.Streams) (commands.Outcome, error) {
		io.Output([]byte("from its beginning\n"))
		select {
		case <-io.Stop:
		case <-ctx.Done():
			return commands.Outcome{}, commands.ErrDetached
		}
		<-goOn
		io.Output([]byte("and its end\n"))
		return commands.Outcome{Exit: 4, Ended: time.Date(2024, 3, 1, 9, 4, 5, 0, time.UTC), Whole: true}, nil
	})
	d.until("its output has come", func() bool { return strings.Contains(d.screen(), "from its beginning") })
	d.sees("▶ running for 20 s", "The command is running. Press i to type into it.")
	if b, _ := d.m.selected(); b.Step.Number != "4" {
		t.Errorf("the cursor is on step %s", b.Step.Number)
	}
	d.press("q")
	d.drift(openGuard)
	d.press("2")
	close(goOn)
	d.settle()
	d.sees("and its end", "exit code 4, 09:04:05")
	if d.m.running != nil {
		t.Error("it is running still")
	}
}

func TestRejoinLost(t *testing.T) {
	d := later(t, func(context.Context, commands.Streams) (commands.Outcome, error) {
		return commands.Outcome{}, commands.ErrLost
	})
	d.settle()
	d.sees("¿ outcome unknown", "press x to resolve it")
}

// TestRejoinFails: where it cannot be found out how the command stands, that is
// said, and it is not shown as if someone followed it.
func TestRejoinFails(t *testing.T) {
	d := later(t, func(context.Context, commands.Streams) (commands.Outcome, error) {
		return commands.Outcome{}, errors.New("no permission")
	})
	d.settle()
	d.sees("no permission")
	d.press("q")
	if !d.m.quit {
		t.Error("nobody can leave")
	}
}
