// Package exact reads the JSON that `terraform show -json` and `tofu show -json` print
// for a saved plan, and compares resources before and after a change, attribute by
// attribute.
package exact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/terraform"
)

// Options are the options of Read.
type Options struct {
	// Edits reports whether to keep Change.Edits of a change. They stay in memory, so
	// it should be true for a few changes only. Nil keeps none.
	Edits func(terraform.Change) bool
	// Attributes reports whether to set Change.Attributes of a change. Nil sets none.
	Attributes func(terraform.Change) bool
	// Noise says whether to set Change.Noise.
	Noise bool
	// Secret is called with each value that the plan marks as sensitive, once and
	// while the plan is read, at most a thousand times. It may be nil.
	Secret func(string)
	// Ended says that planning is known to have succeeded by its exit code, and that
	// what it printed was read as the same plan. The JSON may not say so: Terraform's
	// has no "errored" before 1.6.
	Ended bool
}

// Read reads one plan as `terraform show -json` or `tofu show -json` print it. It
// reads r once and holds one change in memory besides the Plan, so a plan may have
// any size. It returns an error if reading r fails or if r isn't such a plan at all
// but a saved plan, the log of `plan -json` or a state. Anything else that is wrong,
// such as truncated JSON, is a problem in the Plan.
func Read(r io.Reader, o Options) (terraform.Plan, error) {
	all, isJSON, err := Sniff(r)
	if err != nil {
		return terraform.Plan{}, err
	}
	if !isJSON {
		if _, err := all.ReadByte(); err != nil && err != io.EOF {
			return terraform.Plan{}, fmt.Errorf("reading the plan: %w", err)
		}
		return terraform.Plan{}, errNoJSON
	}
	skipped := 0
	if start, _ := all.Peek(len(byteOrderMark)); string(start) == byteOrderMark {
		skipped, _ = all.Discard(len(byteOrderMark))
	}
	var before []byte
	if start, _ := all.Peek(near); !bytes.HasPrefix(bytes.TrimLeft(start, " \t\r\n"), []byte("{")) {
		before = bytes.Clone(start[:preface(start)])
		n, _ := all.Discard(len(before))
		skipped += n
	}
	plan, err := read(all, int64(skipped), o)
	if err == nil && len(before) > 0 {
		first, _, _ := bytes.Cut(bytes.TrimSpace(before), []byte("\n"))
		if title, ok := bytes.CutPrefix(first, []byte("Warning: ")); ok {
			// OpenTofu's own, as it prints if TF_CLI_CONFIG_FILE names no file.
			plan.Warnings = append(plan.Warnings, terraform.Warning{Title: clean.Line(string(title))})
			return plan, nil
		}
		plan.Complete = false
		plan.Problems = append(plan.Problems, clean.Linef("a line of another program is before the JSON: %s; hint: give only what `show -json` prints", first))
	}
	return plan, err
}

var (
	errLog   = errors.New("reading the plan: it is the log that `plan -json` writes; hint: save the plan with -out=FILE, and give what `terraform show -json FILE` prints")
	errState = errors.New("reading the plan: it is a state; hint: give the JSON of a plan, `terraform show -json FILE`")
)

// reader reads one plan. Its own fields hold what can be judged only at the end,
// because the parts of a plan may come in any order.
type reader struct {
	in      *stream
	options Options
	plan    terraform.Plan
	secrets secrets
	seen    map[[2]string]struct{} // the addresses of the changes, with the keys of deposed objects
	fields  resourceFields         // of the change that is being read
	kept    int64                  // bytes of the changes whose Edits are kept
	more    int                    // problems that aren't listed

	format              string
	isPlan, isState     bool // it has a part that only a plan, or only a state, has
	complete, applyable *bool
	ended               bool // it says whether planning failed
	managed             bool // the state has a managed resource
	listed, configured  bool // it has resource_changes, and a configuration
	left                leftOut
	computed            map[string][]string // attributes that count as noise, by address without keys
	unset               map[string]bool     // true for such an address whose attributes aren't configured
	checks              []check
	variables           map[string][]byte
	sensitive           []string // the names of the sensitive variables
}

func read(r io.Reader, skipped int64, o Options) (terraform.Plan, error) {
	read := &reader{
		in:        newStream(r, skipped),
		options:   o,
		plan:      terraform.Plan{JSON: true},
		secrets:   secrets{tell: o.Secret, told: map[string]struct{}{}},
		seen:      map[[2]string]struct{}{},
		variables: map[string][]byte{},
		computed:  map[string][]string{},
		unset:     map[string]bool{},
	}
	_, err := read.in.object(read.part)
	if err == errLog || err == errSealed {
		return terraform.Plan{}, err
	}
	if err == nil {
		if _, err = read.in.dec.ReadToken(); err == io.EOF {
			err = nil
		} else if read.in.failure == nil {
			read.problem("there is text after the plan's end, so it isn't just one plan")
			err = nil
		}
	}
	whole := err == nil
	if !whole {
		words, err := read.in.trouble(err)
		if err == nil && read.format == "" {
			err = fmt.Errorf("reading the plan: %s", clean.Line(words))
		}
		if err != nil {
			return terraform.Plan{}, err
		}
		read.problem("%s", words)
	}
	switch {
	case whole && !read.isPlan && read.isState:
		return terraform.Plan{}, errState
	case read.format == "" || whole && !read.isPlan:
		return terraform.Plan{}, errNoJSON
	}
	return read.end(whole), nil
}

// part reads one part of the plan. A minor version of the format may add parts
// (Terraform's documentation, "JSON Output Format"); one that isn't known and isn't
// empty is a problem.
func (r *reader) part(name string) error {
	switch name {
	case "resource_changes", "planned_values", "output_changes", "resource_drift":
		r.isPlan = true
	case "values", "lineage":
		r.isState = true
	}
	switch name {
	case "format_version":
		return r.text(name, &r.format)
	case "terraform_version":
		return r.text(name, &r.plan.Version)
	case "timestamp":
		return r.made()
	case "resource_changes":
		r.listed = true
		return r.changes()
	case "resource_drift":
		return r.drift()
	case "output_changes":
		return r.outputs()
	case "prior_state":
		return r.state()
	case "checks":
		return r.checkResults()
	case "variables":
		return r.variableValues()
	case "configuration":
		r.configured = true
		return r.configuration()
	case "deferred_changes":
		return r.count(name, "it defers changes to a later plan: %d")
	case "deferred_action_invocations":
		return r.count(name, "it defers actions to a later plan: %d")
	case "action_invocations":
		return r.invocations()
	case "errored":
		r.ended = true
		return r.truth(name, func(errored bool) { r.plan.Errored = errored })
	case "complete":
		return r.truth(name, func(complete bool) { r.complete = &complete })
	case "applyable":
		return r.truth(name, func(applyable bool) { r.applyable = &applyable })
	case "@level", "@message":
		if r.format == "" {
			return errLog
		}
	case "encrypted_data":
		if r.format == "" {
			return errSealed
		}
	case "planned_values", "relevant_attributes": // resource_changes say more
		return r.in.dec.SkipValue()
	}
	return r.unknown(name)
}

// made reads when the plan was made.
func (r *reader) made() error {
	var text string
	if err := r.text("timestamp", &text); err != nil || text == "" {
		return err
	}
	made, err := time.Parse(time.RFC3339, text)
	if err != nil {
		r.problem("can't interpret when the plan was made: %s", text)
		return nil
	}
	r.plan.Made = made
	return nil
}

// maxWord is the longest version or time in bytes.
const maxWord = 64

// text reads a short string.
func (r *reader) text(name string, to *string) error {
	raw, err := r.in.dec.ReadValue()
	if err != nil {
		return err
	}
	text, ok := word(raw)
	if !ok || len(text) > maxWord || clean.Line(text).String() != text {
		r.problem("can't interpret the plan's %s", name)
		text = "unknown"
	}
	*to = text
	return nil
}

// truth reads true or false and calls f with it. Anything else is a problem.
func (r *reader) truth(name string, f func(bool)) error {
	raw, err := r.in.dec.ReadValue()
	switch truth := kind(raw); {
	case err != nil:
		return err
	case truth == 't', truth == 'f':
		f(truth == 't')
	default:
		r.problem("the plan's %s is neither true nor false", name)
	}
	return nil
}

// count reads a list whose elements can't be judged, and reports their number as a
// problem.
func (r *reader) count(name, format string) error {
	n := 0
	err := r.array(name, func() error { n++; return r.in.dec.SkipValue() })
	if n > 0 {
		r.problem(format, n)
	}
	return err
}

// array reads a part that must be a list.
func (r *reader) array(name string, f func() error) error {
	r.mustBe('[', name, "list")
	_, err := r.in.array(f)
	return err
}

// object reads a part that must be an object.
func (r *reader) object(name string, f func(name string) error) error {
	r.mustBe('{', name, "object")
	_, err := r.in.object(f)
	return err
}

// mustBe reports a problem if the next value isn't of the kind that the part must be.
func (r *reader) mustBe(kind jsontext.Kind, name, what string) {
	if got := r.in.dec.PeekKind(); got != kind && got != 0 {
		r.problem("the plan's %s isn't a JSON %s", name, what)
	}
}

func (r *reader) problem(format string, args ...any) {
	const most = 20 // a plan may have one in each of its changes
	if len(r.plan.Problems) == most {
		r.more++
		return
	}
	r.plan.Problems = append(r.plan.Problems, clean.Linef(format, args...))
}

// formats matches the versions of the format that are understood. A minor version
// only adds to the format.
var formats = pattern.Lazy(`^[01]\.[0-9]+$`)

// end checks the plan as a whole and returns it. whole reports whether all of it was
// read; if not, a missing part means nothing.
func (r *reader) end(whole bool) terraform.Plan {
	p := &r.plan
	if !formats().MatchString(r.format) {
		r.problem("its format has version %s, which this program doesn't know", r.format)
	}
	r.tellVariables()
	if r.secrets.untold {
		p.Warnings = append(p.Warnings, terraform.Warning{Title: clean.Line("the plan marks so many values as sensitive that some are hidden only where they are marked")})
	}
	r.judgeChecks()
	p.Counts = p.Count()
	for _, c := range p.Changes {
		if c.Creates {
			p.Counts.Add++
		}
	}
	changes := len(p.Changes) + len(p.Outputs) + len(p.Invocations)
	if whole && !r.ended && !r.options.Ended {
		r.problem("it doesn't say whether planning succeeded: no plan of Terraform before 1.6 does")
	}
	partial := false
	switch {
	case !whole || p.Errored || r.complete != nil && *r.complete:
	case r.listed:
		partial = r.tellLeftOut()
		if !r.configured && r.complete == nil && !r.options.Ended {
			r.problem("it doesn't say whether resources were left out with -target or -exclude, and has no configuration that would show it")
		}
	case r.managed && !r.options.Ended:
		r.problem("it lists none of the resources in its state, as a refresh-only plan does")
	}
	switch {
	case p.Errored: // then it is neither complete nor applyable
	case r.complete != nil && !*r.complete:
		r.problem("it is a partial plan: it was made for some resources only, or some changes are deferred")
	case r.applyable != nil && !*r.applyable && changes > 0:
		r.problem("the tool says that the plan can't be applied, although it has changes")
	case r.applyable != nil && *r.applyable && changes == 0 && len(p.Drifted) > 0:
		r.problem("it is a refresh-only plan, which changes only Terraform's state")
	case r.applyable != nil && *r.applyable && changes == 0:
		r.problem("the tool says that the plan can be applied, although it has no changes")
	}
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Noise&terraform.Computed != 0 && !r.unset[withoutKeys(c.Address)] {
			c.Noise = 0
		}
	}
	p.StateEmpty = whole && !r.managed && p.OnlyCreates()
	p.NoChanges = whole && changes == 0 && !p.Errored
	p.OutputsOnly = whole && len(p.Changes)+len(p.Invocations) == 0 && len(p.Outputs) > 0 && !p.Errored
	if r.more > 0 {
		p.Problems = append(p.Problems, clean.Linef("and %d more", r.more))
	}
	p.Complete = !p.Errored && !partial && len(p.Problems) == 0
	return *p
}
