package plan

import (
	"fmt"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui/text"
)

// Lines returns what a plan would do to its i-th resource, either as lines or as the
// text that Terraform printed. It may block, and may be called concurrently.
type Lines func(i int) ([]terraform.Line, clean.Text, error)

// Doc is a plan laid out for reading: the judgement, then the resources in groups, the
// gravest first. The body of a resource is read when it is shown.
type Doc struct {
	*steps.PlanReading
	lines     Lines
	entries   []entry
	blocked   map[string][]clean.Text // why the plan does not pass, by address
	resources int
}

// entry is a resource, or a line of other text.
type entry struct {
	mark   string // before the text
	text   string // a single line
	change int    // the index of the resource, or -1
	group  int    // the index of the group whose title it is, or -1
	before int    // the number of resources before it
	tone   text.Tone
	must   bool // a resource that is open at first, and must be read open
	open   bool
}

// findingsShown is the number of findings above the resources. Findings about a
// resource are shown with it too.
const findingsShown = 12

// LayOut lays out a plan for reading. A large plan takes a while.
func LayOut(r *steps.PlanReading, lines Lines) *Doc {
	d := &Doc{PlanReading: r, lines: lines, blocked: map[string][]clean.Text{}}
	for _, f := range r.Judgement.Findings {
		if f.Blocks && !f.Address.Empty() {
			d.blocked[f.Address.String()] = append(d.blocked[f.Address.String()], f.Text)
		}
	}
	d.opinion()
	n := 0
	for g, group := range r.Groups {
		d.add(entry{before: n})
		d.add(entry{text: fmt.Sprintf("%s: %s", say.Capital(group.Title), say.Number(len(group.Changes))), tone: text.ToneTitle, group: g, before: n})
		for _, i := range group.Changes {
			c := &r.Plan.Changes[i]
			why := d.blocked[clean.Line(c.Address).String()]
			e := entry{text: resource(c, len(why) > 0), change: i, group: -1, before: n}
			switch c.Action {
			case terraform.Delete, terraform.Replace, terraform.Forget, terraform.Unclear:
				e.must = true
			}
			e.must = e.must || len(why) > 0 || c.Type == ""
			e.open = e.must
			d.entries = append(d.entries, e)
			n++
		}
	}
	d.resources = n
	d.beside(n)
	return d
}

// add adds a line that is not a resource.
func (d *Doc) add(e entry) {
	if e.change = -1; e.tone != text.ToneTitle {
		e.group = -1
	}
	d.entries = append(d.entries, e)
}

// opinion adds the head of the plan: the verdict, the counts, and the findings about
// the plan as a whole.
func (d *Doc) opinion() {
	j := d.Judgement
	how, mark := text.ToneWarn, "?"
	switch j.Verdict {
	case terraform.Passed:
		how, mark = text.ToneGood, "✓"
	case terraform.Failed:
		how, mark = text.ToneBad, "✗"
	}
	summary := j.Summary.String()
	d.add(entry{mark: mark, text: j.Verdict.String() + ": " + summary + ".", tone: how})
	if counts := d.Plan.Counts.String(); !strings.Contains(summary, counts) {
		d.add(entry{mark: " ", text: say.Capital(counts) + "."})
	}
	d.add(entry{mark: " ", text: d.origin(), tone: text.ToneDim})
	shown, more := 0, 0
	for _, f := range j.Findings {
		switch {
		case f.Blocks && strings.Contains(summary, f.Text.String()):
		case f.Blocks && shown == findingsShown:
			more++
		case f.Blocks:
			shown++
			d.add(entry{mark: "✗", text: f.Text.String(), tone: text.ToneBad})
		}
	}
	if more > 0 {
		d.add(entry{mark: "✗", text: fmt.Sprintf("and %s more, each with its resource", say.Number(more)), tone: text.ToneBad})
	}
	for _, f := range j.Findings {
		if !f.Blocks && f.Address.Empty() && !f.Minor() {
			d.add(entry{mark: "!", text: f.Text.String(), tone: text.ToneWarn})
		}
	}
}

// beside adds what the plan says besides its resource changes, such as outputs. Before
// is the number of resources above.
func (d *Doc) beside(before int) {
	title := func(what string, n int) {
		d.add(entry{before: before})
		d.add(entry{text: what + ": " + say.Number(n), tone: text.ToneTitle, group: -1, before: before})
	}
	if n := len(d.Plan.Invocations); n > 0 {
		title("Actions that would be invoked", n)
		for _, i := range d.Plan.Invocations {
			e := entry{mark: "  !", text: clean.Linef("%s  %s", i.Address, i.When()).String(), before: before}
			if d.blocked[clean.Line(i.Address).String()] != nil {
				e.text, e.tone = e.text+"  ✗ not allowed", text.ToneBad
			}
			d.add(e)
		}
	}
	if n := len(d.Plan.Outputs); n > 0 {
		title("Output values that would change", n)
		for _, o := range d.Plan.Outputs {
			name := o.Name.String()
			if o.Sensitive {
				name += "  (sensitive)"
			}
			d.add(entry{mark: terraform.Change{Action: o.Action}.Sign(), text: name, before: before})
		}
	}
	if n := len(d.Plan.Drifted); n > 0 {
		title("Changed outside of Terraform", n)
		for _, c := range d.Plan.Drifted {
			d.add(entry{mark: c.Sign(), text: clean.Line(c.Address).String(), before: before})
		}
	}
	if d.Plan.Unchanged > 0 {
		d.add(entry{before: before})
		d.add(entry{text: "Unchanged: " + say.Number(d.Plan.Unchanged), tone: text.ToneDim, before: before})
	}
}

// resource returns the line of a resource: the sign, the address, what forces its
// replacement, and what else the sign does not tell.
func resource(c *terraform.Change, blocks bool) string {
	line := c.Sign() + " " + clean.Line(c.Address).String()
	var parts []string
	if blocks {
		parts = append(parts, "✗ not allowed")
	}
	for _, remark := range c.Remarks() {
		parts = append(parts, remark.String())
	}
	if len(parts) > 0 {
		line += "  " + strings.Join(parts, ", ")
	}
	return line
}

// origin returns where the plan was read from, and what that means for its apply.
func (d *Doc) origin() string {
	switch {
	case d.Apart && d.Exact:
		return "Read from the plan's JSON. Nothing is applied from here."
	case d.Apart:
		return "Read from what was printed, which says less than JSON. Nothing is applied from here."
	case d.Exact && d.Asked:
		return "Read from the saved plan. Apply makes a plan of its own, which is compared with what was printed."
	case d.Exact:
		return "Read from the saved plan, which is what would be applied."
	case d.Asked:
		return "Read from what was printed, which is compared with what apply shows."
	}
	return "Read from what was printed; no plan was saved that could be applied."
}
