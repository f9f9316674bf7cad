package text

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Fingerprint returns the SHA-256, in hex, of the part of a plan's text that says what
// it would do: the lines from the list of actions to the counts, without colors, line
// ends and trailing spaces. If a plan shown by `terraform apply` would do the same as
// one shown by `terraform plan`, they have the same fingerprint. It returns "" if the
// text has no such part or more than one plan, including plans without changes and
// plans that only change outputs.
func Fingerprint(text string) string {
	o := outlineOf(text)
	if o.lists != 1 || o.ends != 1 || o.counts < o.list {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(o.lines[o.list:o.counts+1], "\n")))
	return hex.EncodeToString(sum[:])
}

// AsksApproval reports whether a text ends with Terraform's question whether to apply
// a plan, to which only "yes" means yes. tail must contain the whole question, about
// 300 bytes. Terraform's questions for the value of a variable, which end in the same
// words, don't count.
func AsksApproval(tail string) bool {
	const question, prompt = "Do you want to perform these actions", "Enter a value:"
	all := strings.TrimRight(strings.Join(lines(tail), "\n"), " \n")
	all, asks := strings.CutSuffix(all, prompt)
	at := strings.LastIndex(all, question)
	return asks && at >= 0 &&
		strings.Contains(all[at:], "Only 'yes' will be accepted") &&
		!strings.Contains(all[at:], prompt)
}
