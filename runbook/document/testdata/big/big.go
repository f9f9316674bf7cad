// Package big makes large documents for benchmarks. Only tests import it.
package big

import (
	"fmt"
	"strings"
)

// Sizes are the numbers of steps that benchmarks compare.
var Sizes = []int{10, 1_000, 10_000}

// Document returns a runbook with that many steps, written as people write them:
// ten to a section, each with a link, a command and a nested list, and every
// other one with a fence.
func Document(steps int) []byte {
	var b strings.Builder
	b.WriteString("# Runbook\n")
	for i := range steps {
		if i%10 == 0 {
			fmt.Fprintf(&b, "\n## Part %d: the service\n\nThese steps deploy part %d. Ask **someone** before you begin.\n\n", i/10, i/10)
		}
		fmt.Fprintf(&b, "%d. Check that [release %d is there](https://example.org/releases/%d), then run\n   `just bump prod service-%d` in the infrastructure repository.\n", i%10+1, i, i, i)
		fmt.Fprintf(&b, "   - the version must be the one that was released\n   - nothing else may change\n")
		if i%2 == 0 {
			fmt.Fprintf(&b, "\n   ```sh\n   just plan prod service-%d\n   just apply prod service-%d\n   ```\n\n", i, i)
		}
	}
	return []byte(b.String())
}
