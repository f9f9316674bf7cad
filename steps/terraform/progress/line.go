// Package progress follows an apply by the lines that Terraform and OpenTofu print for
// each resource, and estimates how long it will take by those of earlier applies. It is for
// the screen only: what a command prints is no evidence of what it did.
package progress

import (
	"strings"
	"time"

	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/terraform"
)

// verb is what is done to a resource.
type verb int

const (
	creating verb = iota + 1
	updating
	destroying
	reading
	importing
)

// verbs has, for each verb, the words of its lines and those for the screen.
var verbs = []struct {
	verb                 verb
	begins, still, ended string
	doing, done          string
}{
	{creating, "Creating...", "Still creating...", "Creation complete", "creating", "created"},
	{updating, "Modifying...", "Still modifying...", "Modifications complete", "updating", "updated"},
	{destroying, "Destroying...", "Still destroying...", "Destruction complete", "destroying", "destroyed"},
	{reading, "Reading...", "Still reading...", "Read complete", "reading", "read"},
	{importing, "Importing...", "Still importing...", "Import complete", "importing", "imported"},
}

// doing and done return the verb for the screen.
func (v verb) doing() string { return verbs[v-1].doing }
func (v verb) done() string  { return verbs[v-1].done }

// phase is what a line says of a verb.
type phase int

const (
	begins phase = iota
	goesOn
	ends
)

// event is what one line says.
type event struct {
	resource string // its address, and the key of a deposed object as Terraform writes it
	verb     verb
	phase    phase
	took     time.Duration // so far, or in all; negative if the line doesn't say
}

// afterwards matches what stands behind the words: "after 12s [id=a]", "[10s elapsed]",
// "[id=a, 00m10s elapsed]".
var afterwards = pattern.Lazy(`^(?: after ([0-9a-z.]+))?(?: \[(?:id=.*?)?(?:, )?(?:([0-9a-z.]+) elapsed)?\])?$`)

// deposed matches how a deposed object follows its resource's address.
var deposed = pattern.Lazy(` \(deposed object [0-9a-f]+\)$`)

// parse reads a line about a resource. It returns false for any other line, such as one
// that a provisioner has printed, which has the resource's address before it too.
func parse(line string) (event, bool) {
	const longest = 4 << 10
	if len(line) > longest || !strings.Contains(line, "...") && !strings.Contains(line, " complete") {
		return event{}, false
	}
	for i, v := range verbs {
		for p, words := range []string{v.begins, v.still, v.ended} {
			at := strings.Index(line, ": "+words)
			if at < 0 {
				continue
			}
			address, behind := line[:at], line[at+len(": ")+len(words):]
			bare := deposed().ReplaceAllString(address, "")
			found := afterwards().FindStringSubmatch(behind)
			if _, ok := terraform.ParseAddress(bare); !ok || found == nil {
				return event{}, false
			}
			return event{address, verbs[i].verb, phase(p), duration(found[1] + found[2])}, true
		}
	}
	return event{}, false
}

// duration returns a time as Terraform prints it, -1 for anything else.
func duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return -1
	}
	return d
}
