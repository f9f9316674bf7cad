package text

import (
	"strings"
	"testing"

	"catalog-runbook/steps/terraform"
)

// compact is what -compact-warnings prints below the counts.
const compact = `
Warnings:

- Check block assertion failed
  on main.tf line 9 (and 2 more)
- Resource targeting is in effect
- Something is deprecated
  (2 occurrences of this warning)

To see the full warning notes, run Terraform without -compact-warnings.
`

func TestReadCompactWarnings(t *testing.T) {
	deploy := fixture(t, "cloud-deploy")
	p := read(t, deploy+compact)
	var titles []string
	var kinds []terraform.WarningKind
	for _, w := range p.Warnings {
		titles, kinds = append(titles, w.Title.String()), append(kinds, w.About)
	}
	if got := strings.Join(titles, "|"); got != "Check block assertion failed|Resource targeting is in effect|Something is deprecated" {
		t.Errorf("got %s", got)
	}
	if len(kinds) != 3 || kinds[0] != terraform.FailedCheck || kinds[1] != terraform.Targeted || p.Complete {
		t.Errorf("got %v, complete %v", kinds, p.Complete)
	}
	for name, more := range map[string]string{
		"without its title":        "\n- Resource targeting is in effect\n",
		"with nothing in it":       "\nWarnings:\n\nTo see the full warning notes, run OpenTofu without -compact-warnings.\n",
		"of which the end is left": "\n- Something is deprecated\n\nTo see the full warning notes, run Terraform without -compact-warnings.\n",
	} {
		if p := read(t, deploy+more); p.Complete {
			t.Errorf("a list %s: the plan is complete", name)
		}
	}
	if p := read(t, "Warnings:\n- a linter's\n\n"+deploy); !p.Complete || len(p.Warnings) != 1 {
		t.Errorf("a list of another program: %q", p.Problems)
	}
}
