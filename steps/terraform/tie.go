package terraform

// ties are patterns for the types that only attach one resource to another.
var ties = newTypeSet("*_attachment", "*_association", "google_compute_attached_disk")

// instanceSides maps each attribute with which a tie refers to an instance, or to
// something that a new instance brings with it, to the attributes of the instance that
// have the same value.
var instanceSides = map[string][]string{
	"instance":             {"id", "self_link"},
	"instance_id":          {"id"},
	"target_id":            {"id"},
	"virtual_machine_id":   {"id"},
	"network_interface_id": {"primary_network_interface_id"},
}

// Identity is an attribute that identifies a resource or what it is attached to.
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

// tie reports whether a change replaces a tie to an instance only because the instance
// is replaced.
func tie(c Change) bool {
	if c.Action != Replace || len(c.Triggers) == 0 || !ties.has(c.Type) {
		return false
	}
	for _, trigger := range c.Triggers {
		if instanceSides[trigger.String()] == nil {
			return false
		}
	}
	return true
}

// belongs reports whether a change replaces a tie to an instance of the service that is
// replaced too: the tie must refer to the instance's old identity.
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
