package terraform

import (
	"regexp"
	"strings"
)

// ties are patterns of the types that have no life of their own: they say that one
// thing belongs to another.
var ties = []string{"*_attachment", "*_association", "google_compute_attached_disk"}

// instanceSides are the attributes in which a tie names an instance, or what a new
// instance brings with it, each with the attributes in which the instance has it.
var instanceSides = map[string][]string{
	"instance":             {"id", "self_link"},
	"instance_id":          {"id"},
	"target_id":            {"id"},
	"virtual_machine_id":   {"id"},
	"network_interface_id": {"primary_network_interface_id"},
}

// identifies reports whether an attribute is one of either side.
func identifies(attribute string) bool {
	switch attribute {
	case "id", "self_link", "primary_network_interface_id":
		return true
	}
	return instanceSides[attribute] != nil
}

// identity is an attribute of what would be replaced that tells what it is, or
// what it belongs to.
type identity struct{ attribute, value string }

// was returns the value that an identifying attribute has before a replacement, and
// "" where that is not known.
func (c Change) was(attribute string) string {
	for _, i := range c.identities {
		if i.attribute == attribute {
			return i.value
		}
	}
	return ""
}

// tie reports whether a replacement is of what ties something to an instance, and
// is made for no other reason than that the instance is another.
func tie(c Change) bool {
	if c.Action != Replace || len(c.Triggers) == 0 || !matches(ties, c.Type) {
		return false
	}
	for _, trigger := range c.Triggers {
		if instanceSides[trigger.String()] == nil {
			return false
		}
	}
	return true
}

// goes reports whether a change is of a tie that is known to belong to the instance
// that is replaced: it names the one that there was before.
func (t *court) goes(c Change) bool {
	if !tie(c) {
		return false
	}
	for _, trigger := range c.Triggers {
		side, known := trigger.String(), false
		for _, attribute := range instanceSides[side] {
			_, found := t.replaced[identity{attribute, c.was(side)}]
			known = known || found
		}
		if !known {
			return false
		}
	}
	return true
}

// maxIdentity is the longest value that is taken for an identity, in bytes.
const maxIdentity = 1 << 10

// jsonIdentities are those of a change in a JSON plan.
func jsonIdentities(before []byte) []identity {
	var all []identity
	for name, value := range members(before) {
		if len(value) <= maxIdentity && identifies(string(name)) {
			if text, ok := word(value); ok && text != "" {
				all = append(all, identity{string(name), text})
			}
		}
	}
	return all
}

// textIdentity is a line of a resource's block with an attribute of its own that a
// replacement changes: those in blocks and the lines of a text stand further right.
// Values are quoted plainly, so that none is one that was masked.
var textIdentity = regexp.MustCompile(`^ {6}[-~] ([a-z_]+) += "([A-Za-z0-9_./:-]+)" -> `)

// textIdentities are those of a change in a plan's text.
func textIdentities(body []string) []identity {
	var all []identity
	seen := map[string]bool{}
	for _, line := range body {
		if !strings.HasPrefix(line, "      ") || strings.HasPrefix(line, "        ") || len(line) > maxIdentity {
			continue
		}
		m := textIdentity.FindStringSubmatch(line)
		if m == nil || !identifies(m[1]) {
			continue
		}
		if seen[m[1]] {
			return nil // it is not known which of them it is
		}
		seen[m[1]] = true
		all = append(all, identity{m[1], m[2]})
	}
	return all
}
