package text

import "strings"

// Refusal is the reason why Terraform refused to apply a saved plan. Terraform itself
// has then changed nothing, but the command that called it may have.
type Refusal int

// The refusals.
const (
	NotRefused   Refusal = iota // no refusal was printed
	ItsArguments                // the command passes arguments of its own, which a saved plan does not allow
	Stale                       // the state has changed since the plan was made
	OtherVersion                // another version of the tool made it
	Incomplete                  // planning had failed
)

// refusals are titles of errors of Terraform 1.11 and OpenTofu 1.10. The errors of
// Terraform 1.5 contain them too.
var refusals = []struct {
	title string
	why   Refusal
}{
	{"Too many command line arguments", ItsArguments},
	{"Can't set variables when applying a saved plan", ItsArguments},
	{"Saved plan is stale", Stale},
	{"plan files cannot be transferred between different versions", OtherVersion},
	{"Cannot apply incomplete plan", Incomplete},
}

// Refused returns why a saved plan was refused, given the output of a failed `apply`.
// It returns NotRefused if the text shows that something may have been changed.
func Refused(text string) Refusal {
	found := NotRefused
	all := lines(text)
	for i, line := range all {
		all[i] = strings.TrimSpace(unboxed(line))
		if strings.HasPrefix(line, "Apply complete!") || began(line) {
			return NotRefused
		}
	}
	joined := strings.Join(all, " ") // because Terraform wraps errors
	for _, r := range refusals {
		if found == NotRefused && strings.Contains(joined, r.title) {
			found = r.why
		}
	}
	return found
}

// began reports whether a line says that Terraform has started to change a resource.
func began(line string) bool {
	for _, word := range []string{": Creating...", ": Modifying...", ": Destroying...", ": Importing...", ": Provisioning"} {
		if strings.Contains(line, word) {
			return true
		}
	}
	return false
}

// Applied reports whether a text says that a whole plan was applied.
func Applied(text string) bool {
	for _, line := range lines(text) {
		if strings.HasPrefix(line, "Apply complete!") {
			return true
		}
	}
	return false
}

// ShowsPlan reports whether a text contains at least a part of a plan: a list of
// actions, the counts, or the statement that there is nothing to do.
func ShowsPlan(text string) bool {
	o := outlineOf(text)
	return o.lists+o.ends > 0
}

// CountPlans returns how many plans a text contains, by the lines that end a plan.
func CountPlans(text string) int { return outlineOf(text).ends }
