//go:build !race

package text

import (
	"fmt"
	"strings"
	"testing"

	"catalog-runbook/runbook/testdata/heap"
	"catalog-runbook/steps/terraform"
)

// TestHeapOfVerdict limits what reading and judging the text of a plan of 1,000 changes
// allocates, from 400 KB. The limit is a quarter above what it takes today: 56,400
// allocations and 4,320 KiB.
func TestHeapOfVerdict(t *testing.T) {
	plan := longPlan(1_000)
	policy := terraform.Policy{Service: "worker"}
	heap.Of(func() {
		p := read(t, plan)
		if !p.Complete || len(p.Changes) != 1_000 {
			t.Fatalf("%d changes, %q", len(p.Changes), p.Problems)
		}
		terraform.Judge(p, policy)
	}).Check(t, "a verdict", heap.Use{Allocations: 70_500, Bytes: 5_400 << 10})
}

// longPlan is what is printed of a plan with n changes of several types, one of which is
// a database's.
func longPlan(n int) string {
	types := []string{"aws_instance", "aws_db_instance", "aws_security_group", "aws_route53_record", "aws_ebs_volume", "aws_iam_role", "aws_lb", "aws_s3_bucket", "terraform_data"}
	var b strings.Builder
	b.WriteString("Terraform used the selected providers to generate the following execution\nplan. Resource actions are indicated with the following symbols:\n  ~ update in-place\n\nTerraform will perform the following actions:\n\n")
	for i := range n {
		kind := types[i%len(types)]
		fmt.Fprintf(&b, "  # module.service.%s.worker[%d] will be updated in-place\n  ~ resource %q \"worker\" {\n        id        = \"i-%017x\"\n", kind, i, kind, i)
		fmt.Fprintf(&b, "      ~ user_data = \"ghcr.io/example/catalog:v1.5.4\" -> \"ghcr.io/example/catalog:v1.5.5\"\n      ~ tags      = {\n          ~ \"Release\" = \"v1.5.4\" -> \"v1.5.5\"\n            # (3 unchanged elements hidden)\n        }\n        # (21 unchanged attributes hidden)\n    }\n\n")
	}
	fmt.Fprintf(&b, "Plan: 0 to add, %d to change, 0 to destroy.\n", n)
	return b.String()
}
