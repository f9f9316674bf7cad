package exact

import "slices"

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
