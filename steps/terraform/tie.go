package terraform

// ties are patterns of the types that only attach one resource to another.
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

// Identity is an attribute of a resource that identifies it, or what it is attached
// to.
type Identity struct{ Attribute, Value string }

// MaxIdentity is the longest value of an Identity, in bytes.
const MaxIdentity = 1 << 10

// Identifies reports whether the attribute with this name can be an Identity.
func Identifies(attribute string) bool {
	switch attribute {
	case "id", "self_link", "primary_network_interface_id":
		return true
	}
	return instanceSides[attribute] != nil
}

// was returns the value of an identifying attribute before a replacement, "" if it
// isn't known.
func (c Change) was(attribute string) string {
	for _, i := range c.Identities {
		if i.Attribute == attribute {
			return i.Value
		}
	}
	return ""
}

// tie reports whether a change replaces a tie to an instance, for no other reason
// than that the instance is replaced.
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

// belongs reports whether a change is of a tie that is known to be one to the instance
// that is replaced: it names that instance's old identity.
func (t *judging) belongs(c Change) bool {
	if !tie(c) {
		return false
	}
	for _, trigger := range c.Triggers {
		side, known := trigger.String(), false
		for _, attribute := range instanceSides[side] {
			_, found := t.replaced[Identity{attribute, c.was(side)}]
			known = known || found
		}
		if !known {
			return false
		}
	}
	return true
}
