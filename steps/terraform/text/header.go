package text

import (
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/terraform"
)

// headerLine matches the comment above a resource's block. Terraform 1.11 indents
// that of a forgotten resource by one space less than the others. The content of a
// block is indented further, so a value can't be mistaken for a header.
var headerLine = pattern.Lazy(`^ {1,2}# ([^( ].*)$`)

// noteLine matches a line between a header and its block: a reason, where the resource
// comes from, or that it is destroyed after it is imported. OpenTofu 1.12 prints one
// without a "#". It doesn't match a header, so that a missing block can't hide the next
// resource.
var noteLine = pattern.Lazy(`^ {1,2}# ?\((.*)\)$|^ \((because .*)\)$|^  # (Warning: this will destroy the imported resource|imported using resource identity.*|[ {}\[\]"].*)$`)

var deposedSuffix = pattern.Lazy(`^(.*) \(deposed object ([0-9a-f]+)\)$`)

// phrase is the meaning of the words in a header.
type phrase struct {
	words   string
	action  terraform.Action
	symbols string // that may precede the block, separated by spaces; "" for none
	drift   bool
}

// phrases are the phrases of Terraform 1.x and OpenTofu, taken from their source and
// their output; see testdata.
var phrases = []phrase{
	{" will be created", terraform.Create, "+", false},
	{" will be updated in-place", terraform.Update, "~", false},
	{" will be destroyed", terraform.Delete, "-", false},
	{" is tainted, so must be replaced", terraform.Replace, "-/+ +/-", false},
	{" is tainted, so it must be replaced", terraform.Replace, "-/+ +/-", false}, // OpenTofu
	{" must be replaced", terraform.Replace, "-/+ +/-", false},
	{" will be replaced, as requested", terraform.Replace, "-/+ +/-", false},
	{" will be replaced due to changes in replace_triggered_by", terraform.Replace, "-/+ +/-", false},
	{" will be read during apply", terraform.Read, "<=", false},
	{" will be imported", terraform.Import, "", false},
	{" will no longer be managed by Terraform, but will not be destroyed", terraform.Forget, ".", false},
	{" will be removed from Terraform state, but will not be destroyed", terraform.Forget, ".", false}, // a deposed object
	{fromTofu, terraform.Forget, ".", false},
	{" must be replaced, but the existing object will not be destroyed", terraform.Forget, "+/.", false}, // Terraform
	{" has changed", terraform.Update, "~", true},
	{" has been changed", terraform.Update, "~", true}, // Terraform 1.0
	{" has been deleted", terraform.Delete, "-", true},
	{" has moved to ", terraform.Move, "", false},
}

// fromTofu are OpenTofu's words for a resource that it forgets. It prints no symbols
// in the block below, and indents the block by four spaces less.
const fromTofu = " will be removed from the OpenTofu state but will not be destroyed"

// keeps is what OpenTofu 1.12 appends for a replacement that forgets the old object
// instead of destroying it.
const keeps = " - older instance will not be destroyed (lifecycle.destroy = false)"

// header parses a header. It returns a Change with the action Unclear for one that
// isn't understood.
func header(text string) (c terraform.Change, p phrase) {
	if replaced, ok := strings.CutSuffix(text, keeps); ok {
		if c, p := header(replaced); c.Action == terraform.Replace && !strings.HasSuffix(replaced, keeps) {
			c.Action, c.Creates, p.action, p.symbols = terraform.Forget, true, terraform.Forget, "./+"
			return c, p
		}
		return terraform.Change{Address: text, Action: terraform.Unclear}, phrase{action: terraform.Unclear}
	}
	for _, p := range phrases {
		if p.action == terraform.Move {
			if from, to, ok := moved(text, p.words); ok {
				a, _ := terraform.ParseAddress(to)
				return terraform.Change{Address: to, Previous: from, Type: a.Type, Action: terraform.Move}, p
			}
			continue
		}
		address, ok := strings.CutSuffix(text, p.words)
		if !ok {
			continue
		}
		c := terraform.Change{Action: p.action, Imported: p.action == terraform.Import, Creates: p.symbols == "+/."}
		if m := deposedSuffix().FindStringSubmatch(address); m != nil {
			address, c.Deposed = m[1], m[2]
		}
		a, ok := terraform.ParseAddress(address)
		if !ok {
			continue // a longer phrase may match
		}
		c.Address, c.Type = address, a.Type
		if p.action == terraform.Replace || c.Creates {
			c.Reason = clean.Line(strings.TrimSpace(p.words))
		}
		return c, p
	}
	return terraform.Change{Address: text, Action: terraform.Unclear}, phrase{action: terraform.Unclear}
}

// moved splits text at the first occurrence of words that has an address on both
// sides: a key in an address may contain the same words.
func moved(text, words string) (from, to string, ok bool) {
	for at := strings.Index(text, words); at >= 0; {
		from, to = text[:at], text[at+len(words):]
		_, left := terraform.ParseAddress(from)
		_, right := terraform.ParseAddress(to)
		if left && right {
			return from, to, true
		}
		next := strings.Index(text[at+1:], words)
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return "", "", false
}

// note adds the content of a comment below the header to a change.
func note(c *terraform.Change, text string) {
	switch {
	case strings.HasPrefix(text, "moved from "):
		c.Previous = strings.TrimPrefix(text, "moved from ")
	case strings.HasPrefix(text, "imported from "), strings.HasPrefix(text, "imported using "), text == "will be imported first":
		c.Imported = true
	case strings.HasPrefix(text, "Warning: "):
		c.Reason = clean.Line(strings.TrimPrefix(text, "Warning: "))
	case strings.ContainsAny(text[:min(1, len(text))], ` {}[]"`):
		// the rest of an identity
	case c.Reason.Empty():
		c.Reason = clean.Line(text)
	}
}
