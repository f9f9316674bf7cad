package terraform

// Policy says what a plan may do. What is forbidden in Forbid is; what is allowed
// in Allow is; and for all else there are defaults:
//
//   - what runs the service may be updated or replaced; it has to be one instance;
//   - nothing may be destroyed or forgotten. A replacement destroys, so nothing but
//     the service's instance may be replaced, and what only ties something to it
//     and is known to;
//   - nothing that is a database may change, move, or come under management;
//   - anything else may be created, updated, moved, imported or read.
//
// What is not understood is never allowed.
type Policy struct {
	// Service is the service that the plan is to deploy, "catalog-airflow". What
	// runs it is called so, or stands in a module that is, with hyphens or
	// underscores.
	Service string
	// Instance are the address patterns of what runs the service, as in a Rule,
	// which may be several. None takes the one that is of a type that can run it
	// and called like it: the name of the resource or of its module is the
	// service's, perhaps with the environment or a word like "this" or "server"
	// beside it, and nothing there speaks of a database.
	Instance []string
	// Release is the tag that is to be deployed; empty if it is not known, so
	// that no version is looked for.
	Release string
	Allow   []Rule
	Forbid  []Rule
}

// NeedsEdits reports whether Judge looks into a change's values: those of what runs
// the service, where a release is looked for.
func (p Policy) NeedsEdits(c Change) bool {
	return p.Release != "" && (c.Action == Update || c.Action == Replace || c.Action == Create) && p.instance(c)
}
