package exact

import (
	"slices"
	"strings"

	"catalog-runbook/steps/terraform"
)

// payloads returns what a resource runs after a change. It includes what the plan marks
// as sensitive, which is compared and not shown.
func payloads(kind string, f changeFields) []terraform.Payload {
	var all []terraform.Payload
	for _, name := range terraform.PayloadAttributes(kind) {
		before, after := member(f.Before, name), member(f.After, name)
		switch {
		case marks(member(f.Unknown, name)):
			all = append(all, terraform.Payload{Attribute: name, Changed: true, Unknown: true})
		case !absent(after) && (allStrings(after) != "" || !same(before, after)):
			p := terraform.NewPayload(name, allStrings(before), allStrings(after))
			p.Changed = !same(before, after) // also in a number
			p.Sensitive = sensitive(f.BeforeSensitive, name) || sensitive(f.AfterSensitive, name)
			all = append(all, p)
		}
	}
	return all
}

// sensitive reports whether a mark of a resource covers any of an attribute.
func sensitive(mark []byte, name string) bool {
	return kind(mark) == 't' || marks(member(mark, name))
}

// member returns the value with a name in an object, nil if there is none.
func member(object []byte, name string) []byte {
	for n, value := range members(object) {
		if n == name {
			return value
		}
	}
	return nil
}

func allStrings(value []byte) string {
	return strings.Join(slices.Collect(stringsIn(value)), "\n")
}
