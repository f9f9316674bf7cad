// Package terraform judges whether a plan of Terraform or OpenTofu deploys a service
// and does nothing harmful. Package exact reads plans in JSON and package text as they
// are printed; both return a Plan.
//
// The text is weaker evidence than the JSON: it may be truncated, it doesn't say what
// it leaves out, and plans that failed have a line of counts too. So the changes are
// read both from the resource headers and from the counts, and whatever isn't
// understood is a problem. Judge is never more lenient with the text of a plan than
// with its JSON.
package terraform

import (
	"fmt"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
)

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
	// Address is the resource's address as Terraform writes it. It isn't cleaned,
	// since it is compared.
	Address string
	// Type is the resource type, such as "aws_instance"; empty if the address isn't
	// understood.
	Type string
	// Deposed is the key of a deposed object, an earlier object of the resource
	// that is yet to be destroyed; empty otherwise.
	Deposed string
	// Previous is the address that the resource moves from; empty otherwise.
	Previous string
	Action   Action
	// CreateFirst says that a replacement is created before the old one is
	// destroyed.
	CreateFirst bool
	// Creates says that a resource that is forgotten is also created again.
	Creates bool
	// Imported says that the resource is imported, perhaps beside another action.
	Imported bool
	// Triggers are the attributes that force a replacement, as paths from the
	// resource: "user_data", "tags.Name", "disk[0].size". A replacement that was
	// requested has none.
	Triggers []clean.Text
	// Reason is the reason that Terraform gives; may be empty.
	Reason clean.Text
	// Body is the resource's block with its header in a plan's text. It is empty for
	// a JSON plan, whose changes exact.Diff shows.
	Body clean.Text
	// At is where the resource's object is in a JSON plan; zero for a text.
	At Extent
	// Edits are the differences in the values: always for a text, and for a JSON
	// plan if exact.Options asks for them. They leave out what the plan marks as
	// sensitive, and aren't cleaned, since they are compared.
	Edits []Edit
	// Payloads are the attributes that say what the resource runs, where Edits are kept.
	Payloads []Payload
	// Attributes are the names of the attributes and blocks that differ: always for a
	// text, and for a JSON plan if exact.Options asks for them. They aren't cleaned,
	// since they are compared.
	Attributes []string
	// Refreshes says that an autoscaling group is known to have an instance_refresh, or
	// an ECS service force_new_deployment, after the change.
	Refreshes bool
	// Opens is what the change newly lets in from anywhere, "tcp 22 from 0.0.0.0/0", and
	// OpensUnknown says that the plan doesn't show all of it; for a type that HasIngress.
	Opens        []string
	OpensUnknown bool
	// Hidden says that attributes and blocks that stay the same are left out, as a text
	// leaves them out.
	Hidden bool
	// Noise says how an update changes nothing that is known to matter; 0 if it may, and
	// for a JSON plan if exact.Options doesn't ask for it. It never changes a verdict.
	Noise Noise
	// Identities tell what a replacement replaces.
	Identities []Identity
}

// Edit is a difference in one value of a resource, in lines. Named says that the
// value has a name, so that the added lines replace the removed ones.
type Edit struct {
	Removed, Added []string
	Named          bool
}

// addresses returns the address that the resource would have, and its current one if
// that differs.
func (c Change) addresses() []string {
	if c.Previous == "" {
		return []string{c.Address}
	}
	return []string{c.Address, c.Previous}
}

// begins reports whether the address begins with the type, as that of a managed
// resource in the root module does. Then it need not be parsed to learn its type.
func (c Change) begins() bool {
	switch c.Type {
	case "", "module", "data", "ephemeral":
		return false
	}
	n := len(c.Type)
	return nameEnd(c.Type) == n && len(c.Address) > n && c.Address[:n] == c.Type && c.Address[n] == '.'
}

// ends reports whether the address ends with the type and a name, as it does if no key is
// a string. Then it need not be parsed either.
func (c Change) ends() bool {
	name := strings.LastIndexByte(c.Address, '.')
	at := name - len(c.Type)
	return c.Type != "" && at > 0 && c.Address[at-1] == '.' && c.Address[at:name] == c.Type && strings.IndexByte(c.Address, '"') < 0
}

// Extent is a range of bytes in a file.
type Extent struct{ Offset, Length int64 }

// Output is an output value that a plan would change.
type Output struct {
	Name      clean.Text
	Action    Action // Create, Update or Delete; Unclear for anything else
	Sensitive bool
}

// Actions returns the actions in the words and order of Terraform's JSON plans,
// in which a replacement is a delete and a create.
func (c Change) Actions() []string {
	switch {
	case c.Action == Replace && c.CreateFirst:
		return []string{"create", "delete"}
	case c.Action == Replace:
		return []string{"delete", "create"}
	case c.Creates && c.CreateFirst:
		return []string{"create", "forget"}
	case c.Creates:
		return []string{"forget", "create"}
	case c.Action == Move, c.Action == Import:
		return []string{"no-op"}
	default:
		return []string{string(c.Action)}
	}
}

// Counts are the numbers in the line that begins with "Plan:". A replacement counts as
// one to add and one to destroy.
type Counts struct {
	Import, Add, Change, Destroy int
	Forget                       int // OpenTofu only
	Invoke                       int // actions; Terraform only, since 1.14
}

// String returns the counts in Terraform's words.
func (n Counts) String() string {
	s := fmt.Sprintf("%d to add, %d to change, %d to destroy", n.Add, n.Change, n.Destroy)
	if n.Import > 0 {
		s = fmt.Sprintf("%d to import, ", n.Import) + s
	}
	if n.Forget > 0 {
		s += fmt.Sprintf(", %d to forget", n.Forget)
	}
	if n.Invoke > 0 {
		s += fmt.Sprintf(", %d to invoke", n.Invoke)
	}
	return s
}

// Plan is a plan, as read from its JSON or its text.
type Plan struct {
	// JSON says that the plan was read from JSON, not from text.
	JSON bool
	// Version is the version of the tool that made the plan, and Made when it did;
	// both are zero if the plan doesn't say, as a text never does.
	Version string
	Made    time.Time
	Changes []Change
	// Invocations are the actions that the plan would invoke.
	Invocations []Invocation
	// Drifted lists what changed outside of Terraform since the last apply.
	Drifted []Change
	// Unchanged is how many resources stay as they are; a text doesn't list them.
	Unchanged int
	// Outputs are the output values that would change; a text has none.
	Outputs []Output
	// Counts are the plan's own; zero if a text has no such line.
	Counts Counts
	// StateEmpty says that the state that the plan was made from is empty, so that it
	// may be the wrong one. A text doesn't tell.
	StateEmpty bool
	// NoChanges says that the plan has nothing to do.
	NoChanges bool
	// OutputsOnly says that only output values would change.
	OutputsOnly bool
	// Errored says that planning failed, or the command that should plan.
	Errored  bool
	Warnings []Warning
	// Errors are the titles of Terraform's errors.
	Errors []clean.Text
	// Complete says that the plan was read to its end and is consistent: its counts
	// are those of Changes, or it says that nothing, or only outputs, would change.
	Complete bool
	// Problems say what was not understood or is inconsistent.
	Problems []clean.Text
}

// Warning is one of Terraform's warnings.
type Warning struct {
	Title clean.Text
	About WarningKind
}

// WarningKind says what a warning is about. The zero value stands for anything else.
type WarningKind int

// The kinds of warnings that matter to Judge.
const (
	FailedCheck  WarningKind = iota + 1 // a check block does not hold
	Targeted                            // -target or -exclude was given, so the plan leaves resources out
	NotRefreshed                        // nothing shows that the state was refreshed; text only
	Remark                              // of the reader, not of Terraform
)

// Tally counts the changes by action.
func (p Plan) Tally() map[Action]int {
	tally := map[Action]int{}
	for _, c := range p.Changes {
		tally[c.Action]++
	}
	return tally
}

// Count counts the changes the way Terraform does for its own line.
func (p Plan) Count() Counts {
	n := Counts{Invoke: len(p.Invocations)}
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

// OnlyCreates reports whether the plan creates something and changes nothing else.
func (p Plan) OnlyCreates() bool {
	creates := false
	for _, c := range p.Changes {
		if c.Action != Create && c.Action != Read {
			return false
		}
		creates = creates || c.Action == Create
	}
	return creates
}
