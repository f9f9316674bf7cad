package text

import "catalog-runbook/steps/terraform"

// noise finds out whether all that a block marks as changed is JSON in another spelling,
// of which Terraform prints no more than that.
type noise struct{ respelled, other bool }

// line reads a line outside of a multi-line text.
func (n *noise) line(l bodyLine) {
	switch {
	case l.mark == "":
	case l.mark == "~" && l.name != "" && l.rest == "jsonencode( # whitespace changes":
		n.respelled = true
	case l.mark == "~" && (l.rest == "{" || l.rest == "[" || l.rest == "" && l.name != ""): // what is in it follows
	default:
		n.other = true
	}
}

// of returns the noise of a change.
func (n *noise) of(c terraform.Change) terraform.Noise {
	if n.respelled && !n.other && c.Action == terraform.Update && c.Previous == "" && !c.Imported {
		return terraform.Respelled
	}
	return 0
}
