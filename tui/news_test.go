package tui

import (
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
)

// TestNoMatch: a filter that no step matches says so, and how to see all steps again.
func TestNoMatch(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "calm", runbook.Practice, w, h)
		d.do("/")
		d.write("zzz")
		d.sees(`No step matches "zzz". Press esc to show`, "esc back")
		d.missing("explain the step")
		d.do("esc")
		d.missing("zzz")
		if _, ok := d.m.selected(); !ok {
			t.Errorf("no step is selected:\n%s", d.screen())
		}
	})
}

// TestAnotherRelease: what was found before a release was chosen is asked again, and the person
// is told why.
func TestAnotherRelease(t *testing.T) {
	d := practiseWith(t, "calm", runbook.Practice, 80, 24, setting{question: true})
	d.do("v")
	d.sees("✓ passed")
	d.do("W", "enter", "esc", "c")
	d.pass(openGuard)
	d.do("enter")
	d.sees("Release v1.5.4: what was found before doesn't count for it, so it's asked again.", "✓ passed", "between v1.5.3 and v1.5.4")
	d.do("c")
	d.pass(openGuard)
	d.do("enter") // the same again
	d.missing("doesn't count for it")
}

// TestAcceptWhatIsFoundNow: what was found some time ago is asked for again before it is
// accepted, the confirmation of the apply names it, and then it can't be undone.
func TestAcceptWhatIsFoundNow(t *testing.T) {
	d := practise(t, "busy-dags", runbook.Practice, 80, 24)
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("3")
	d.sees("2 DAG runs are active")
	d.pass(45 * time.Second)
	d.do("a")
	d.sees("Accept what step 3 found", "1 DAG run is active", "add_license_url manual__2024-02-29T07:00:00+00:00")
	d.write("x") // too early: the key was pressed some time ago
	d.pass(openGuard)
	d.write("the queued run waits for ever")
	if d.status("3") != runbook.Accepted {
		t.Fatalf("step 3 is %s:\n%s", d.status("3"), d.screen())
	}
	d.goTo("4")
	d.confirm()
	d.goTo("5")
	d.confirm()
	d.readPlan()
	d.do("t", "r")
	d.sees("Accepted: step 3, the queued run waits for ever.")
	d.do("esc")
	d.confirm()
	d.goTo("3")
	events := len(d.kept.since(0))
	d.do("u")
	d.sees("Can't undo this: step 5 relied on it", "! accepted", "1 accepted")
	if n := len(d.kept.since(events)); n != 0 {
		t.Errorf("%d events were recorded", n)
	}
}

// TestNothingLeftToAccept: what holds by the time that it is asked for again isn't accepted.
func TestNothingLeftToAccept(t *testing.T) {
	d := practise(t, "busy-dags", runbook.Practice, 80, 24)
	d.goTo("3")
	d.do("v")
	d.act("fail-metropolitan_museum_reingestion_workflow")
	d.act("fail-add_license_url")
	d.pass(45 * time.Second)
	d.do("a")
	d.sees("Step 3 holds now: there's nothing to accept.", "✓ passed")
	if d.m.dialog != nil {
		t.Errorf("it is asked for:\n%s", d.screen())
	}
}

// TestDryRunGoesOn: a dry run names one command at a time, and goes on as if the plan had been
// made.
func TestDryRunGoesOn(t *testing.T) {
	d := practise(t, "calm", runbook.DryRun, 120, 40)
	d.goTo("5")
	d.sees("Command   just plan")
	d.do("r")
	d.sees("Would run: just plan")
	d.missing("just apply prod catalog-airflow\n", "Command ")
	d.pass(openGuard)
	d.do("enter")
	d.sees("Command   just apply")
	d.missing("There is no plan")
	d.do("r")
	d.sees("Would run: just apply", "Read the plan to its end")
	d.missing("Make the plan")
}

// TestShortNames: no two steps have the same name in the strip.
func TestShortNames(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.goTo("4")
	strip := strings.Split(d.screen(), "\n")[d.m.places.Outline.Y]
	for _, name := range []string{"4🔒 bump", "○ landed"} {
		if strings.Count(strip, name) != 1 {
			t.Errorf("%q isn't once in %s", name, strip)
		}
	}
	if strings.Count(strip, "bump") != 1 {
		t.Errorf("two steps have the same name in %s", strip)
	}
}

// TestLeavingTheDocument: the keys that close what covers the checklist are named at every size.
func TestLeavingTheDocument(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "calm", runbook.Practice, w, h)
		for _, k := range []string{"d", "?", "e"} {
			before := d.screen()
			d.do(k)
			d.sees("esc back")
			d.missing("q quit")
			d.do("esc")
			if d.screen() != before {
				t.Errorf("esc leads from %s to\n%s", k, d.screen())
			}
		}
	})
}
