package terraform

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

// Identity is an attribute of what would be replaced that tells what it is, or
// what it belongs to.
type Identity struct{ Attribute, Value string }

// MaxIdentity is the longest value that is taken for an identity, in bytes.
const MaxIdentity = 1 << 10

// Identifies reports whether an attribute can be an Identity.
func Identifies(attribute string) bool {
	switch attribute {
	case "id", "self_link", "primary_network_interface_id":
		return true
	}
	return instanceSides[attribute] != nil
}

// was returns the value that an identifying attribute has before a replacement, and
// "" where that is not known.
func (c Change) was(attribute string) string {
	for _, i := range c.Identities {
		if i.Attribute == attribute {
			return i.Value
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

// belongs reports whether a change is of a tie that is known to belong to the instance
// that is replaced: it names the one that there was before.
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
