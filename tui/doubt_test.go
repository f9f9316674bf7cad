package tui

import (
	"context"
	"testing"
	"time"

	"catalog-runbook/runbook"
	commands "catalog-runbook/steps/command"
)

// lost is an executor that has lost every command.
type lost struct{ commands.Executor }

func (lost) Run(context.Context, commands.Command, commands.Streams) (commands.Outcome, error) {
	return commands.Outcome{}, &commands.Lost{}
}

func TestDoubt(t *testing.T) {
	d := practiseWith(t, "calm", runbook.Practice, 120, 40, setting{executor: func(e commands.Executor) commands.Executor { return lost{e} }})
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("4")
	d.do("x")
	d.sees("No command of this step has an unknown outcome.")
	d.confirm()
	if got := d.status("4"); got != runbook.Doubtful {
		t.Fatalf("step 4 is %s:\n%s", got, d.screen())
	}
	d.sees("¿ outcome unknown", "Unknown ", "Nobody knows how", "press x to resolve it")
	d.golden("01-in-doubt")
	d.do("x")
	d.pass(openGuard)
	d.golden("02-decide")
	d.sees("How did `just bump prod catalog-airflow` end?", "1  It was carried out", "2  It was not, or not to its end")
	d.do("2")
	d.sees("You say that it was not carried out, or not to its end.")
	d.write("dunno")
	d.sees("a reason has at least 10 characters")
	if d.status("4") != runbook.Doubtful {
		t.Fatal("decided without a reason")
	}
	d.press("ctrl+u")
	d.write("git shows no change at all")
	if got := d.status("4"); got == runbook.Doubtful {
		t.Fatalf("it is still in doubt:\n%s", d.screen())
	}
	d.golden("03-decided")
	d.sees("Decided", "was not carried out, or", "not to its end: git shows no change at all (sam@desk")
}
