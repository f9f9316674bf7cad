package tui

import (
	"testing"
	"time"

	"catalog-runbook/runbook"
)

// TestMigration runs a migration by hand: one that is at work, one that has failed and left
// an index that isn't valid, and one that is proven and ticked.
func TestMigration(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "migration", runbook.Practice, w, h)
		d.golden("01-first")
		d.do("V")
		d.sees("Press n to go to")
		d.do("n")
		d.golden("02-to-run")
		d.act("run-migration")
		d.do("v")
		d.golden("03-at-work")
		d.pass(10 * time.Second)
		d.do("v")
		d.golden("04-invalid")
		d.act("run-migration")
		d.pass(10 * time.Second)
		d.do("v")
		d.golden("05-proven")
		d.do("t")
		d.golden("06-ticked")
	})
}
