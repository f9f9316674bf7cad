package tui

import (
	"testing"
	"time"

	"catalog-runbook/runbook"
)

// act does in the world what people do elsewhere.
func (d *desk) act(id string) {
	d.t.Helper()
	if err := d.world.Do(id); err != nil {
		d.t.Fatal(err)
	}
}

// TestDAGsOnly deploys DAGs: the merge, the backlog of the sync, and the new DAG.
func TestDAGsOnly(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "dags-only", runbook.Practice, w, h)
		d.golden("01-first")
		d.act("merge-pull-request")
		d.do("V", "j")
		d.golden("02-behind")
		d.pass(10 * time.Second)
		d.do("V")
		d.golden("03-synced")
		d.do("j")
		d.golden("04-paused")
		d.do("P")
		d.golden("05-confirm")
		d.pass(openGuard)
		d.write("unpause")
		d.golden("06-on")
	})
}

// TestBrokenDAG shows an import error, and that a later commit repairs it.
func TestBrokenDAG(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "broken-dag", runbook.Practice, w, h)
		d.act("merge-pull-request")
		d.pass(10 * time.Second)
		d.do("V", "j")
		d.golden("01-broken")
		d.act("repair-pull-request")
		d.pass(10 * time.Second)
		d.do("V")
		d.golden("02-repaired")
	})
}

// TestDAGThatStarts says what begins at once before a DAG is turned on.
func TestDAGThatStarts(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practise(t, "dag-starts", runbook.Practice, w, h)
		d.act("merge-pull-request")
		d.pass(10 * time.Second)
		d.do("V", "j", "j")
		d.golden("01-paused")
		d.do("P")
		d.golden("02-confirm")
		d.pass(openGuard)
		d.write("unpause")
		d.golden("03-on")
	})
}
