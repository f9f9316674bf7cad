package text

import (
	"regexp"
	"strings"

	"catalog-runbook/steps/terraform"
)

// identityLine is a line of a resource's block with an attribute of its own that a
// replacement changes: those in blocks and the lines of a text stand further right.
// Values are quoted plainly, so that none is one that was masked.
var identityLine = regexp.MustCompile(`^ {6}[-~] ([a-z_]+) += "([A-Za-z0-9_./:-]+)" -> `)

// identities returns those of a change in a plan's text.
func identities(body []string) []terraform.Identity {
	var all []terraform.Identity
	seen := map[string]bool{}
	for _, line := range body {
		if !strings.HasPrefix(line, "      ") || strings.HasPrefix(line, "        ") || len(line) > terraform.MaxIdentity {
			continue
		}
		m := identityLine.FindStringSubmatch(line)
		if m == nil || !terraform.Identifies(m[1]) {
			continue
		}
		if seen[m[1]] {
			return nil // it is not known which of them it is
		}
		seen[m[1]] = true
		all = append(all, terraform.Identity{Attribute: m[1], Value: m[2]})
	}
	return all
}
