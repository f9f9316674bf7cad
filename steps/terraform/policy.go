package terraform

import "slices"

// Policy says what a plan may do. Forbid comes first, then Allow, then these
// defaults:
//
//   - the service's instance, of which there is one, may be updated or replaced;
//   - nothing may be destroyed or forgotten. A replacement destroys too, so only the
//     service's instance may be replaced, and resources that are known to do no more
//     than attach something to it;
//   - no database may be created, changed, moved or imported;
//   - anything else may be created, updated, moved, imported or read.
//
// A change that isn't understood is never allowed.
type Policy struct {
	// Service is the service that the plan should deploy, "catalog-airflow". Its
	// instance, or a module around it, has that name, with hyphens or underscores.
	Service string
	// Instance are address patterns, as in a Rule, of what runs the service, which may
	// be several resources. Without one it is the resource that has a type that can
	// run a service, and the service's name: its own or its module's, perhaps with
	// the environment or a word like "this" or "server" beside it, and with no word
	// that suggests a database.
	Instance []string
	// Release is the tag to be deployed. If it is empty, no version is looked for.
	Release string
	Allow   []Rule
	Forbid  []Rule
}

// NeedsEdits reports whether Judge uses the change's Edits. It does for the service's
// instance if the policy names a release.
func (p Policy) NeedsEdits(c Change) bool {
	return p.Release != "" && (c.Action == Update || c.Action == Replace || c.Action == Create) && p.instance(c)
}

// NeedsAttributes reports whether Judge uses the change's Attributes.
func (p Policy) NeedsAttributes(c Change) bool {
	if c.Action != Update && c.Action != Replace {
		return false
	}
	limits := func(r Rule) bool {
		return len(r.Attributes) > 0 && slices.ContainsFunc(c.addresses(), func(address string) bool { return glob(r.Address, address) })
	}
	return p.database(c) || p.instance(c) || slices.ContainsFunc(p.Allow, limits) || slices.ContainsFunc(p.Forbid, limits)
}
