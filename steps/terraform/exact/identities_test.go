package exact

import (
	"strings"
	"testing"

	"catalog-runbook/steps/terraform"
)

func TestJSONIdentityIsAString(t *testing.T) {
	for before, want := range map[string]int{
		`{"id":"a","self_link":"b","x":"c"}`: 2,
		`{"id":1}`:                           0,
		`{"id":""}`:                          0,
		`{"id":null}`:                        0,
		`null`:                               0,
		`{"id":"` + strings.Repeat("x", terraform.MaxIdentity) + `"}`: 0,
	} {
		if got := identities([]byte(before)); len(got) != want {
			t.Errorf("%.40s: %v", before, got)
		}
	}
}
