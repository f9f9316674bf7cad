package tui

import (
	"testing"

	"catalog-runbook/runbook"
)

// TestRollback goes back to the release before. What that doesn't restore is shown before
// it is confirmed.
func TestRollback(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "rollback", runbook.Practice, w, h)
		d.sees("ROLLBACK")
		d.do("V")
		d.goTo("4")
		d.golden("01-by-hand")
		if err := d.world.Do("set-back"); err != nil {
			t.Fatal(err)
		}
		d.do("v")
		d.goTo("5")
		d.golden("02-what-stays")
		d.confirm()
		d.readPlan()
		d.do("t", "r")
		d.golden("03-confirm")
		d.sees("Not restored: Airflow's database,")
		d.do("esc")
		d.confirm()
		if got := d.status("5"); got != runbook.Done {
			t.Errorf("step 5 is %s", got)
		}
	})
}
