//go:build !race

package exact

import (
	"bytes"
	"io"
	"testing"

	"catalog-runbook/runbook/testdata/heap"
	"catalog-runbook/steps/terraform"
)

// TestHeapOfVerdict limits what reading and judging a plan of 1,000 changes allocates,
// from 4.9 MB of JSON. The limit is a quarter above what it takes today: 117,000
// allocations and 6,390 KiB.
func TestHeapOfVerdict(t *testing.T) {
	plan, err := io.ReadAll(&bigPlan{n: 1_000})
	if err != nil {
		t.Fatal(err)
	}
	policy := terraform.Policy{Service: "worker"}
	heap.Of(func() {
		p, err := Read(bytes.NewReader(plan), Options{Edits: policy.NeedsEdits, Secret: func(string) {}})
		if err != nil || !p.Complete || len(p.Changes) != 1_000 {
			t.Fatalf("%d changes, %v, %q", len(p.Changes), err, p.Problems)
		}
		terraform.Judge(p, policy)
	}).Check(t, "a verdict", heap.Use{Allocations: 146_000, Bytes: 7_980 << 10})
}
