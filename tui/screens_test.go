package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"catalog-runbook/runbook"
	"catalog-runbook/tui/text"
)

var sizes = []struct{ w, h int }{{80, 24}, {120, 40}, {40, 12}}

// onSizes runs a test on every size of screen that a golden is kept for.
func onSizes(t *testing.T, run func(t *testing.T, w, h int)) {
	for _, s := range sizes {
		t.Run(fmt.Sprintf("%dx%d", s.w, s.h), func(t *testing.T) { run(t, s.w, s.h) })
	}
}

// TestCalm walks the calm scenario from the first frame to the applied plan.
func TestCalm(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "calm", runbook.Practice, w, h)
		d.golden("01-first")
		d.do("W")
		d.golden("02-world")
		d.do("enter", "esc", "c")
		d.golden("03-releases")
		d.pass(openGuard)
		d.do("enter")
		d.golden("04-build-missing")
		d.pass(3 * time.Second)
		d.do("v")
		d.golden("05-build-running")
		d.pass(6 * time.Second)
		d.do("V")
		d.golden("06-checks-passed")
		d.goTo("4")
		d.do("r")
		d.golden("07-confirm-bump")
		d.pass(openGuard)
		d.write("prod")
		d.golden("08-bumped")
		d.goTo("5")
		d.confirm()
		d.golden("09-plan")
		d.readPlan()
		d.golden("10-plan-read")
		d.do("t")
		d.golden("11-plan-judged")
		d.do("r")
		d.golden("12-confirm-apply")
		d.do("esc")
		d.confirm()
		d.golden("13-applied")
		d.do("n", "w")
		d.golden("14-away")
		d.pass(40 * time.Second)
		d.pass(30 * time.Second)
		d.golden("15-back")
		d.do("n", "v")
		d.golden("16-not-landed")
		d.act("land-version")
		d.do("v")
		d.golden("17-landed")
		d.do("esc", "esc", "g")
		d.golden("18-end")
	})
}

// TestNotBack deploys a service that doesn't come back: the run says how long it usually takes,
// and then what is known and how to go back.
func TestNotBack(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "not-back", runbook.Practice, w, h)
		d.publish()
		d.pass(10 * time.Second)
		d.do("V")
		d.goTo("4")
		d.confirm()
		d.goTo("5")
		d.confirm()
		d.readPlan()
		d.do("t")
		d.confirm()
		d.do("n", "v")
		d.golden("01-away")
		d.pass(20 * time.Minute)
		d.do("v")
		d.golden("02-not-back")
	})
}

// TestWhichDeployment asks which deployment is needed before anything else.
func TestWhichDeployment(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practiseWith(t, "calm", runbook.Practice, w, h, setting{question: true})
		d.golden("01-first")
		d.do("v")
		d.golden("02-service")
		d.do("n")
		if b, ok := d.m.selected(); !ok || b.Step.Number != "1" {
			t.Errorf("it goes on to %+v", b)
		}
	})
}

// TestBusy waits for DAG runs to end.
func TestBusy(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "busy-dags", runbook.Practice, w, h)
		d.goTo("3")
		d.do("v")
		d.golden("01-busy")
		d.do("w")
		d.pass(2 * time.Second)
		d.golden("02-waiting")
		d.pass(40 * time.Second)
		d.golden("03-one-left")
		d.do("a")
		d.golden("04-accept")
		d.write("the queued run waits for ever")
		d.golden("05-accepted")
	})
}

// TestRunsDue pauses the DAGs whose runs are due, deploys, and unpauses them.
func TestRunsDue(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "runs-due", runbook.Practice, w, h)
		d.publish()
		d.pass(10 * time.Second)
		d.do("V")
		d.goTo("3")
		d.golden("01-due")
		d.do("P")
		d.golden("02-which")
		d.pass(openGuard)
		d.do("1")
		d.golden("03-confirm")
		d.pass(openGuard)
		d.write("pause")
		d.golden("04-paused")
		d.goTo("4")
		d.confirm()
		d.goTo("5")
		d.confirm()
		d.readPlan()
		d.do("t")
		d.confirm()
		d.golden("05-applied")
		d.do("q")
		d.golden("06-leave")
		d.pass(openGuard)
		d.do("esc", "n", "w")
		d.pass(time.Minute)
		d.pass(time.Minute)
		d.golden("07-back-but-paused")
		d.do("P")
		d.golden("08-confirm-unpausing")
		d.pass(openGuard)
		d.write("unpause")
		d.golden("09-unpaused")
		d.do("q")
		if !d.quit {
			t.Errorf("it is not left:\n%s", d.screen())
		}
	})
}

// TestPauseAll names all DAGs before they are paused.
func TestPauseAll(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "runs-due", runbook.Practice, w, h)
		d.publish()
		d.pass(10 * time.Second)
		d.do("V")
		d.goTo("3")
		d.do("P")
		d.pass(openGuard)
		d.do("2")
		d.golden("01-all")
		for range 20 { // a small screen shows the list piece by piece
			d.pass(openGuard)
			if strings.Contains(d.screen(), "Type pause") {
				break
			}
			d.do("pgdown")
			d.do("n")
		}
		d.pass(openGuard)
		d.golden("02-confirm")
		d.write("pause")
		d.golden("03-paused")
	})
}

// TestDestroy shows a plan that must not be applied.
func TestDestroy(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "database-destroy", runbook.Practice, w, h)
		d.publish()
		d.pass(10 * time.Second)
		d.do("V")
		d.goTo("4")
		d.confirm()
		d.goTo("5")
		d.confirm()
		d.golden("01-plan")
		d.do("G", "t")
		d.golden("02-not-correct")
		d.do("esc", "o", "r")
		d.golden("03-run-again")
	})
}

// TestDryRun shows what would be run.
func TestDryRun(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "calm", runbook.DryRun, w, h)
		d.golden("01-first")
		d.goTo("4")
		d.do("r")
		d.golden("02-would-run")
		d.pass(openGuard)
		d.do("enter")
		d.golden("03-as-if-done")
	})
}

// TestViews shows what can be laid over the checklist.
func TestViews(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "calm", runbook.Practice, w, h)
		d.do("?")
		d.golden("help")
		d.do("esc", "d")
		d.golden("reading")
		d.do("G")
		d.golden("reading-end")
		d.do("esc", "/")
		d.press("d", "a", "g")
		d.rest()
		d.golden("filter")
		d.do("enter")
		d.golden("filtered")
		d.do("tab")
		d.golden("detail")
	})
}

// TestWhereTheCursorIs finds the cursor where the person looks: on the selected step, and on the input
// or the item of a dialogue.
func TestWhereTheCursorIs(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "calm", runbook.Practice, w, h)
		at := func(want string) {
			t.Helper()
			x, y, ok := d.m.Cursor()
			if !ok {
				t.Fatalf("there is no cursor on\n%s", d.screen())
			}
			line := strings.Split(d.m.View(), "\n")[y]
			if rest := ansi.TruncateLeft(line, x, ""); !strings.HasPrefix(rest, want) {
				t.Errorf("the cursor is on %q (%d, %d), not on %q, of\n%s", rest, x, y, want, d.screen())
			}
		}
		at("›○ 1")
		d.do("j", "j")
		at("›○ 3")
		d.do("W")
		at("› publish")
		d.do("esc", "/")
		d.press("d", "a", "g")
		if x, _, _ := d.m.Cursor(); x != ansi.StringWidth("› dag") {
			t.Errorf("the cursor is in column %d", x)
		}
	})
}

// TestColours keeps one screen in the colours of the themes that TestLooks leaves out, at one
// size of terminal each: what depends on the size is the same in all of them.
func TestColours(t *testing.T) {
	for name, c := range map[string]struct {
		theme text.Theme
		w, h  int
	}{
		"contrast-light":   {text.Theme{Background: text.BackgroundLight, Contrast: true}, 40, 12},
		"contrast-unknown": {text.Theme{Contrast: true}, 80, 24},
		"256":              {text.Theme{Background: text.BackgroundDark, Profile: termenv.ANSI256}, 80, 24},
		"16":               {text.Theme{Background: text.BackgroundDark, Profile: termenv.ANSI}, 200, 60},
	} {
		t.Run(name, func(t *testing.T) {
			d := practiseWith(t, "busy-dags", runbook.Practice, c.w, c.h, setting{theme: c.theme})
			d.goTo("3")
			d.do("v")
			d.golden("busy")
		})
	}
}
