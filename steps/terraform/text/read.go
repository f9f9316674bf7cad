// Package text reads the output of Terraform and OpenTofu for people: plans, the
// question whether to apply one, and the outcome of that.
package text

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// maxBlock is the size in bytes of the largest line and of the largest block of a
// resource. A plan may have any number of them.
const maxBlock = 32 << 20

// Read reads the text of one plan, as `terraform plan`, `tofu plan` or a command that
// calls them prints it: with or without colors, with "\n" or "\r\n", and with other
// output before and after. It returns an error only if reading r fails or if a line or
// the block of a resource is larger than 32 MiB. Anything else that is wrong is a
// problem in the Plan.
//
// A text doesn't show three things, which the caller must know: whether the program
// printed everything, since warnings follow the counts; whether a line of a resource's
// block is missing; and what Terraform's experiments defer.
func Read(r io.Reader) (terraform.Plan, error) {
	var read reader
	err := eachLine(r, func(line string) error {
		read.line(line)
		if read.size > maxBlock {
			return fmt.Errorf("the block of %s is longer than 32 MiB", clean.Line(read.change.Address))
		}
		return nil
	})
	if err != nil {
		return terraform.Plan{}, fmt.Errorf("reading the plan: %w", err)
	}
	return read.end(), nil
}

// place is a part of the text.
type place int

const (
	outside place = iota // before the plan, and output of other programs
	inDrift              // changes outside of Terraform
	inPlan               // the list of actions
	after                // after the counts
)

type reader struct {
	plan    terraform.Plan
	place   place
	plans   int  // number of lists of actions
	looked  bool // it says that the state is refreshed
	counted bool // there is a line of counts
	ends    int  // number of lines that end a plan
	parts   bool // the text of a warning says that resources are left out
	actions actions
	compact bool // the list of -compact-warnings is being read
	lists   int  // number of such lists
	noted   int  // number of lines that end one
	listed  int  // number of warnings in them

	// The resource that is being read.
	open   bool // its header has been read, and its block has not ended
	block  bool // its block has begun
	change terraform.Change
	phrase phrase
	last   string // the last line of the block
	inside string // the indentation of its other lines
	forced bool   // the whole resource forces a replacement
	body   []string
	size   int // of body in bytes
	braces int // index in body of the first line between the braces
}

func (r *reader) line(line string) {
	if r.open && r.resource(line) {
		return
	}
	r.looked = r.looked || strings.Contains(line, ": Refreshing state...")
	if r.action(line) || r.mark(line) || r.compacted(line) || r.diagnostic(line) {
		return
	}
	switch m := headerLine().FindStringSubmatch(line); {
	case m != nil && r.heads(m[1]):
		r.begin(m[1], line)
	case r.place == inPlan && line != "":
		// The list of actions has only resources.
		r.problem("can't interpret a line of the plan: %s", line)
	}
}

// heads reports whether a comment is the header of a resource. In the list of actions
// every comment is one, elsewhere only one that is understood.
func (r *reader) heads(text string) bool {
	if r.place == inPlan {
		return true
	}
	c, _ := header(text)
	return c.Action != terraform.Unclear
}

func (r *reader) begin(text, line string) {
	r.open, r.block, r.body, r.size = true, false, nil, 0
	r.actions = actions{}
	r.keep(line)
	r.change, r.phrase = header(text)
	if r.change.Action == terraform.Unclear {
		r.problem("can't interpret what would be done to a resource: %s", text)
	}
	switch {
	case r.phrase.drift && r.place == inPlan:
		r.problem("the list of actions has a change that has happened already: %s", text)
	case !r.phrase.drift && r.place == inDrift, r.place == after:
		r.problem("a change is outside of the list of actions: %s", text)
	}
}

// resource reads a line of the open resource. If the line doesn't belong to it, it
// closes the resource and returns false.
func (r *reader) resource(line string) bool {
	if !r.block {
		if m := noteLine().FindStringSubmatch(line); m != nil {
			note(&r.change, m[1]+m[2]+m[3]) // at most one isn't empty
			r.keep(line)
			return true
		}
		if m := blockLine().FindStringSubmatch(line); m != nil {
			r.block = true
			r.keep(line)
			r.braces, r.forced = len(r.body), m[6] != ""
			r.agree(strings.TrimSpace(m[1]), m[3], m[4])
			if m[5] != "" {
				r.close()
			}
			return true
		}
		r.problem("the block of %s is missing", r.change.Address)
		r.close()
		return false
	}
	if line == r.last {
		r.keep(line)
		r.close()
		return true
	}
	if line != "" && !strings.HasPrefix(line, r.inside) {
		r.problem("the block of %s is cut off", r.change.Address)
		r.close()
		return false
	}
	r.keep(line)
	return true
}

// keep adds a line to the open resource.
func (r *reader) keep(line string) {
	r.body = append(r.body, line)
	r.size += len(line) + 1
}

// agree reports a problem if the first line of the block contradicts the header.
func (r *reader) agree(symbol, kind, name string) {
	r.change.CreateFirst = symbol == "+/-" || symbol == "+/."
	r.last, r.inside = "    }", "     "
	if r.phrase.words == fromTofu {
		r.last, r.inside = "}", "    "
	}
	if r.change.Action == terraform.Unclear {
		return
	}
	if symbol != r.phrase.symbols && !slices.Contains(strings.Fields(r.phrase.symbols), symbol) {
		r.problem("%s is said to %s, but its block is marked with %q", r.change.Address, r.change.Action, symbol)
	}
	if a, _ := terraform.ParseAddress(r.change.Address); kind != a.Type || name != a.Name {
		r.problem("the block below %s is of %s.%s", r.change.Address, kind, name)
	}
}

func (r *reader) close() {
	r.change.Body = clean.Block(strings.Join(r.body, "\n"))
	b := block{payload: payload{names: terraform.PayloadAttributes(r.change.Type)}}
	if r.block {
		if r.forced {
			b.forces("")
		}
		for _, line := range r.body[r.braces:] {
			b.line(line)
		}
		if b.torn || b.text > 0 {
			r.problem("a text in the block of %s has no end", r.change.Address)
		}
	}
	r.change.Triggers, r.change.Edits = b.triggers, b.edits
	r.change.Payloads = b.payload.all
	r.change.Noise = b.noise.of(r.change)
	r.change.Opens, r.change.OpensUnknown = b.opens.of(r.change)
	r.change.Attributes, r.change.Refreshes, r.change.Hidden = b.attributes, b.refreshes, true
	if r.change.Action == terraform.Replace {
		r.change.Identities = b.identified()
	}
	if r.phrase.drift {
		r.plan.Drifted = append(r.plan.Drifted, r.change)
	} else {
		r.plan.Changes = append(r.plan.Changes, r.change)
	}
	r.open, r.body = false, nil
}

// mark reads a line that separates the parts of a plan. It returns false for any other
// line.
func (r *reader) mark(line string) bool {
	switch {
	case actionsLine().MatchString(line):
		r.place = inPlan
		r.plans++
		if strings.Contains(line, "but then encountered") {
			r.plan.Errored = true
			r.place = outside // the sentence may continue; headers are still recognized
		}
	case strings.HasPrefix(line, "Note: Objects have changed outside of"):
		r.place = inDrift
	case strings.HasPrefix(line, "Unless you have made equivalent changes"), strings.HasPrefix(line, "─────") && r.place != after:
		r.place = outside
	case strings.HasPrefix(line, "Plan: "):
		r.counts(line)
	case strings.HasPrefix(line, noChanges):
		r.plan.NoChanges = true
		r.place = after
		r.ends++
	case strings.HasPrefix(line, outputsOnly):
		r.plan.OutputsOnly = true
		r.place = after
		r.ends++
	case line == "Changes to Outputs:":
		r.place = after
	case strings.HasPrefix(line, "This is a refresh-only plan"):
		r.problem("it is a refresh-only plan, which changes only Terraform's state")
	case strings.HasPrefix(line, "Note: This is a partial plan"):
		r.problem("it is a partial plan: some changes are deferred to a later one")
	case strings.HasPrefix(line, "No current changes."):
		r.problem("all changes are deferred to a later plan")
	case line == "Terraform will invoke the following action(s):":
		r.actions.asked = true
	case strings.HasPrefix(line, "Planning failed."):
		r.plan.Errored = true
	default:
		return false
	}
	return true
}

func (r *reader) counts(line string) {
	r.place = after
	r.ends++
	r.counted = true
	m := countsLine().FindStringSubmatch(line)
	if m == nil {
		r.problem("can't interpret the counts: %s", line)
		return
	}
	var n [6]int
	for i, digits := range m[1:] {
		if digits == "" {
			continue
		}
		var err error
		if n[i], err = strconv.Atoi(digits); err != nil {
			r.problem("can't interpret the counts: %s", line)
		}
	}
	r.plan.Counts = terraform.Counts{Import: n[0], Add: n[1], Change: n[2], Destroy: n[3], Forget: n[4], Invoke: n[5]}
	own := r.plan.Count()
	own.Invoke = n[5] // those that -invoke asks for follow
	if m[5] == "" {
		own.Forget = 0 // Terraform doesn't print this count
	}
	if own != r.plan.Counts {
		r.problem("the plan counts %s, but its resources add up to %s", r.plan.Counts, own)
	}
}

// diagnostic reads the title of a warning or error of Terraform or just. It returns
// false for any other line.
func (r *reader) diagnostic(line string) bool {
	line = unboxed(line)
	r.parts = r.parts || strings.HasPrefix(line, "You are creating a plan with ")
	if title, ok := strings.CutPrefix(line, "Warning: "); ok {
		r.plan.Warnings = append(r.plan.Warnings, warning(title))
		return true
	}
	for _, mark := range []string{"Error: ", "error: "} {
		if title, ok := strings.CutPrefix(line, mark); ok {
			r.plan.Errored = true
			r.plan.Errors = append(r.plan.Errors, clean.Line(title))
			return true
		}
	}
	return false
}

// compacted reads a line of the list that -compact-warnings prints instead of the
// warnings: "Warnings:", then "- " and a title for each, with indented lines that say
// where it comes from, and a sentence about the option. (Terraform's source,
// internal/command/format, DiagnosticWarningsCompact.) It returns false for any other
// line. A title outside of the list counts too if it says that resources are left out.
func (r *reader) compacted(line string) bool {
	title, isItem := strings.CutPrefix(line, "- ")
	switch {
	case line == "Warnings:":
		r.compact = true
		r.lists++
	case strings.HasPrefix(line, "To see the full warning notes, run "):
		r.compact = false
		r.noted++
	case isItem && (r.compact || warning(title).About == terraform.Targeted):
		r.listed++
		r.plan.Warnings = append(r.plan.Warnings, warning(title))
	case r.compact && (line == "" || strings.HasPrefix(line, "  ")):
	default:
		r.compact = false
		return false
	}
	return true
}

// warning returns a warning of Terraform with what it is about.
func warning(title string) terraform.Warning {
	w := terraform.Warning{Title: clean.Line(title)}
	switch text := w.Title.String(); {
	case strings.Contains(text, "targeting is in effect"), strings.Contains(text, "may be incomplete"):
		w.About = terraform.Targeted
	case strings.HasPrefix(text, "Check block assertion failed"):
		w.About = terraform.FailedCheck
	}
	return w
}

func (r *reader) problem(format string, args ...any) {
	const most = 20 // a text that isn't a plan may have one in every line
	if len(r.plan.Problems) < most {
		r.plan.Problems = append(r.plan.Problems, clean.Linef(format, args...))
	}
}

// hasState reports whether changes are to objects that are in the state.
func hasState(changes []terraform.Change) bool {
	return slices.ContainsFunc(changes, func(c terraform.Change) bool {
		return !c.Imported && c.Action != terraform.Create && c.Action != terraform.Read && c.Action != terraform.Unclear
	})
}

func (r *reader) end() terraform.Plan {
	if r.open {
		r.problem("the text ends in the middle of %s", r.change.Address)
		r.close()
	}
	p := &r.plan
	r.endActions()
	switch {
	case r.plans > 1 || r.ends > 1:
		r.problem("the text has more than one plan")
	case r.ends == 0 && !p.Errored:
		r.problem("the text ends before the plan does: it has no counts, and doesn't say that nothing changes")
	case r.counted && r.plans == 0:
		r.problem("the plan has counts, but no list of actions")
	case (p.NoChanges || p.OutputsOnly) && len(p.Changes) > 0:
		r.problem("the plan says that no resource changes, and lists %d", len(p.Changes))
	}
	partial := slices.ContainsFunc(p.Warnings, func(w terraform.Warning) bool { return w.About == terraform.Targeted })
	if !r.looked && hasState(r.plan.Changes) && len(p.Drifted) == 0 {
		p.Warnings = append(p.Warnings, terraform.Warning{
			Title: clean.Line("no line says that the state was refreshed, so the plan may have been made with -refresh=false, without reading what exists"),
			About: terraform.NotRefreshed,
		})
	}
	if r.noted > 0 && (r.lists == 0 || r.listed == 0) {
		r.problem("the list of warnings is cut off; hint: plan without -compact-warnings")
	}
	if r.parts && !partial {
		r.problem("the plan leaves resources out: it was made with -target or -exclude")
	}
	p.Complete = r.ends == 1 && !p.Errored && !partial && len(p.Problems) == 0
	return *p
}
