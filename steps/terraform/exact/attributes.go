package exact

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/steps/terraform"
)

// attributes returns the names of the attributes and blocks of a resource that differ
// before and after a change, in order, with those that aren't known yet.
func attributes(f changeFields) []string {
	before := map[string][]byte{}
	for name, value := range members(f.Before) {
		before[name] = value
	}
	var all []string
	unknown := map[string]bool{}
	for name, mark := range members(f.Unknown) {
		if unknown[name] = marks(mark); unknown[name] {
			all = append(all, name)
		}
	}
	for name, value := range members(f.After) {
		if was := before[name]; !unknown[name] && !same(was, value) {
			all = append(all, name)
		}
		delete(before, name)
	}
	for name, was := range before {
		if !unknown[name] && !absent(was) {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// refreshes reports whether an autoscaling group has an instance_refresh.
func refreshes(after []byte) bool {
	for name, value := range members(after) {
		if name == "instance_refresh" {
			for range elements(value) {
				return true
			}
		}
	}
	return false
}

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

// noise returns how the two sides of an update differ if that changes nothing that is
// known to matter, 0 if anything else differs. computed are the attributes that aren't
// known yet, which count only if the configuration doesn't set them.
func noise(f changeFields) (n terraform.Noise, computed []string) {
	if !same(f.BeforeSensitive, f.AfterSensitive) {
		return 0, nil
	}
	before, unknown := map[string][]byte{}, map[string]bool{}
	for name, value := range members(f.Before) {
		before[name] = value
	}
	for name, mark := range members(f.Unknown) {
		switch {
		case kind(mark) == 't':
			n, computed, unknown[name] = n|terraform.Computed, append(computed, name), true
		case marks(mark):
			return 0, nil // a part of something, which may be configured
		}
	}
	for name, value := range members(f.After) {
		was := before[name]
		delete(before, name)
		if unknown[name] || same(was, value) {
			continue
		}
		less := idle(was, value)
		if less == 0 || sensitive(f.AfterSensitive, name) {
			return 0, nil
		}
		n |= less
	}
	for name, was := range before {
		if !unknown[name] && !absent(was) {
			return 0, nil
		}
	}
	return n, computed
}

// idle returns how two values differ if that changes nothing that is known to matter, 0 if
// anything else differs or nothing.
func idle(was, is []byte) terraform.Noise {
	switch {
	case kind(was) == '[' && kind(is) == '[':
		if reordered(canonicals(was), canonicals(is)) {
			return terraform.Reordered
		}
	case document(was) != nil && bytes.Equal(document(was), document(is)):
		return terraform.Respelled
	}
	return 0
}

// canonicals returns the elements of a list in canonical form.
func canonicals(list []byte) []string {
	var all []string
	for element := range elements(list) {
		value := jsontext.Value(bytes.Clone(element))
		_ = canonical(&value) // it is valid
		all = append(all, string(value))
	}
	return all
}
