package tui

import (
	"testing"
	"time"

	"catalog-runbook/runbook"
)

// TestDoneElsewhere marks the step that deploys, which can't be skipped, as done by
// someone else.
func TestDoneElsewhere(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		if h < 24 {
			return // the question isn't all visible, so it takes no answer
		}
		d := practise(t, "calm", runbook.Practice, w, h)
		d.goTo("5")
		d.do("s")
		d.sees("Choose a release first")
		d.publish()
		d.pass(10 * time.Second)
		d.do("V")
		d.goTo("5")
		d.do("s")
		d.golden("01-who")
		d.pass(openGuard)
		d.write("")
		d.sees("name who has done it")
		d.write("kit")
		d.golden("02-how")
		d.write("short")
		d.sees("a reason has at least 10 characters")
		d.write("er, but she told me on the phone")
		if got := d.status("5"); got != runbook.ElsewhereDone {
			t.Fatalf("step 5 is %s", got)
		}
		d.sees("@ done elsewhere", "done by kit: shorter, but she told me", "3 of 7 done, 1 done")
		d.golden("03-stated")
		d.do("u")
		if got := d.status("5"); got != runbook.Pending {
			t.Errorf("taken back, step 5 is %s", got)
		}
	})
}

// TestSkippedIsNotDone skips all that can be skipped in a run in which nobody can be asked.
func TestSkippedIsNotDone(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.publish()
	d.pass(10 * time.Second)
	if err := d.world.Close(); err != nil { // nobody answers any more
		t.Fatal(err)
	}
	d.do("V")
	for _, number := range []string{"1", "2", "3"} {
		d.goTo(number)
		d.do("s")
		d.write("nobody answers, and it is urgent")
	}
	d.sees("▧▧▧", "3 skipped")
	d.goTo("5")
	d.do("s")
	d.pass(openGuard)
	d.missing("Why is it left out?")
	d.sees("Mark step 5 as done elsewhere", "Who has deployed")
}

// TestActedSince: what was found before the person did something in the world isn't called new,
// and is asked for again before it is accepted.
func TestActedSince(t *testing.T) {
	d := practise(t, "busy-dags", runbook.Practice, 80, 24)
	d.goTo("3")
	d.do("v")
	d.sees("failed, just now. 2 DAG runs are active")
	d.pass(time.Second)
	d.do("W", "enter", "W", "enter")
	d.sees("failed, before your last act. 2 DAG runs are active")
	d.pass(time.Second)
	d.do("a")
	d.sees("Accept what step 3 found", "1 DAG run is active")
	d.do("esc")
	d.sees("failed, just now. 1 DAG run is active")
}

// TestByHandDone: who has done in the world what a step says isn't told to do it again.
func TestByHandDone(t *testing.T) {
	d := practise(t, "rollback", runbook.Practice, 80, 24)
	d.do("V")
	d.goTo("4")
	d.sees("Press W to do by hand what it says below")
	d.pass(time.Second)
	d.do("W", "enter")
	d.sees("Press v to verify it: what you did may have changed it.")
	d.pass(time.Second)
	d.do("v")
	d.sees("✓ passed")
}
