package text

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Fingerprint returns a SHA-256 in hex over what a plan's text would do: the
// lines from the list of actions to the counts, without colours, line ends and
// trailing spaces. The plan that `terraform apply` shows has the fingerprint of
// the one that `terraform plan` showed if it would do the same. It returns "" for
// a text that has no such part, or more than one plan of any sort, also one
// without changes or of outputs alone.
func Fingerprint(text string) string {
	o := outlineOf(text)
	if o.lists != 1 || o.ends != 1 || o.counts < o.list {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(o.lines[o.list:o.counts+1], "\n")))
	return hex.EncodeToString(sum[:])
}

// AsksApproval reports whether a text ends in the question whether to apply, to
// which only "yes" means yes. The tail must hold the whole question, which is
// some 300 bytes. Terraform's questions for a variable's value, which end in the
// same words, are none.
func AsksApproval(tail string) bool {
	const question, prompt = "Do you want to perform these actions", "Enter a value:"
	all := strings.TrimRight(strings.Join(lines(tail), "\n"), " \n")
	all, asks := strings.CutSuffix(all, prompt)
	at := strings.LastIndex(all, question)
	return asks && at >= 0 &&
		strings.Contains(all[at:], "Only 'yes' will be accepted") &&
		!strings.Contains(all[at:], prompt)
}
