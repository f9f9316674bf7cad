// Package terraform reads what `terraform plan` and `tofu plan` print for people,
// and judges whether it deploys a service and nothing worse.
//
// The printed text is weaker evidence than the JSON of `terraform show -json`: it
// may be cut off, it says nothing of what it leaves out, and its one line of
// counts also stands on plans that failed. So everything is read twice, from the
// resource headers and from the counts, and what is not understood is kept as a
// problem. Plan is what both forms come down to: Judge does not know which it was.
package terraform

import "catalog-runbook/runbook/clean"

// Action is what a plan would do to one resource.
type Action string

// The actions.
const (
	Create  Action = "create"
	Update  Action = "update"
	Delete  Action = "delete"
	Replace Action = "replace" // destroyed and created, in either order
	Forget  Action = "forget"  // no longer managed, and left as it is
	Import  Action = "import"  // taken under management, and left as it is
	Move    Action = "move"    // another address, and left as it is
	Read    Action = "read"    // a data source
	Unclear Action = "unknown" // not understood
)

// Change is one resource in a plan.
type Change struct {
	// Address is the resource's address as Terraform writes it. It is not
	// cleaned: it is for comparing.
	Address string
	// Type is the resource type, "aws_instance", also of data sources and of
	// resources in modules; empty where the address is not understood.
	Type string
	// Deposed is the key of a deposed object, an earlier object of the
	// resource that is still to be destroyed; empty otherwise.
	Deposed string
	// Previous is the address that the resource moves from; empty otherwise.
	Previous string
	Action   Action
	// CreateFirst says that a replacement is created before the old one is
	// destroyed.
	CreateFirst bool
	// Imported says that the resource comes under management as well.
	Imported bool
	// Reason is what Terraform gives as the reason; may be empty.
	Reason clean.Text
	// Body is the resource's block with its header.
	Body clean.Text
}

// Actions returns the actions in the words and order of Terraform's JSON plans,
// in which a replacement is a delete and a create.
func (c Change) Actions() []string {
	switch {
	case c.Action == Replace && c.CreateFirst:
		return []string{"create", "delete"}
	case c.Action == Replace:
		return []string{"delete", "create"}
	case c.Action == Move, c.Action == Import:
		return []string{"no-op"}
	default:
		return []string{string(c.Action)}
	}
}

// Counts are the numbers of the line that begins with "Plan:". A replacement
// counts as one to add and one to destroy.
type Counts struct {
	Import, Add, Change, Destroy int
	Forget                       int // OpenTofu only
}

// Plan is what a plan says that would be done.
type Plan struct {
	Changes []Change
	// Drifted lists what changed outside of Terraform since the last apply.
	Drifted []Change
	// Counts are the plan's own; zero where it has no such line.
	Counts Counts
	// NoChanges says that the plan has nothing to do.
	NoChanges bool
	// OutputsOnly says that only output values would change.
	OutputsOnly bool
	// Errored says that planning failed, or that what was to plan did.
	Errored bool
	// Warnings are the titles of Terraform's warnings.
	Warnings []clean.Text
	// Errors are the titles of Terraform's errors.
	Errors []clean.Text
	// Complete says that the plan came to its end and agrees with itself: it
	// has its counts and they are those of Changes, or it says that there is
	// nothing, or nothing but outputs, to change.
	Complete bool
	// Problems say what was not understood, and what does not agree.
	Problems []clean.Text
}

// Tally counts the changes by action.
func (p Plan) Tally() map[Action]int {
	tally := map[Action]int{}
	for _, c := range p.Changes {
		tally[c.Action]++
	}
	return tally
}

// counts adds up the changes the way Terraform does for its own line.
func (p Plan) counts() Counts {
	var n Counts
	for _, c := range p.Changes {
		switch c.Action {
		case Create:
			n.Add++
		case Update:
			n.Change++
		case Delete:
			n.Destroy++
		case Replace:
			n.Add++
			n.Destroy++
		case Forget:
			n.Forget++
		}
		if c.Imported {
			n.Import++
		}
	}
	return n
}
