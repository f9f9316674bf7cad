package exact

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// What stands in the place of values.
const (
	hiddenValue  = "(sensitive value)"
	unknownValue = "(known after apply)"
)

// Limits of what is shown of one resource.
const (
	maxLines = 5000
	maxDepth = 32
)

// Diff returns what a resource change of a JSON plan, the bytes of Change.At, would
// do, attribute by attribute. What stays the same is counted, not listed, and so is
// what is null in something new or gone. Sensitive values are hidden by the plan's
// marks, and wherever else in the resource the same string stands. It errs for
// what is no valid JSON object.
func Diff(object []byte) ([]terraform.Line, error) {
	if len(object) > maxValue {
		return nil, fmt.Errorf("comparing a resource: %w", errTooLong)
	}
	var fields resourceFields
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, fmt.Errorf("comparing a resource: %w", err)
	}
	f := fields.Change
	_, ok := fields.text()
	action, _, creates := classify(f.actions())
	if kind(object) != '{' || !ok || len(f.actions()) == 0 {
		return nil, errors.New("comparing a resource: it is no resource change of a plan")
	}
	d := &differ{}
	if err := d.compare(f); err != nil {
		return nil, fmt.Errorf("comparing a resource: %w", err)
	}
	if action == terraform.Forget && !creates {
		for i := range d.lines {
			d.lines[i].Mark = terraform.Same // it stays as it is, and is only not managed any more
		}
	}
	return d.lines, nil
}

// edits returns what differs in the values of a resource change. Those that the plan
// marks as sensitive are left out.
func edits(f changeFields) []terraform.Edit {
	d := &differ{onlyEdits: true}
	_ = d.compare(f) // which was read as valid JSON
	return d.edits
}

// compare compares what is before a change with what is after it.
func (d *differ) compare(f changeFields) error {
	for _, part := range []*jsontext.Value{&f.Before, &f.After, &f.Unknown, &f.BeforeSensitive, &f.AfterSensitive} {
		if len(*part) > 0 {
			if *part = part.Clone(); canonical(part) != nil {
				return canonical(part)
			}
		}
	}
	d.secrets = map[string]bool{}
	for _, side := range [][2][]byte{{f.Before, f.BeforeSensitive}, {f.After, f.AfterSensitive}} {
		for text := range markedStrings(side[0], side[1]) {
			d.secrets[text] = len(text) >= shortestSecret
		}
	}
	for _, steps := range paths(f.ReplacePaths) {
		d.forcing = append(d.forcing, &trigger{steps: steps})
	}
	d.resource(sided{raw: f.Before, mark: f.BeforeSensitive}, sided{raw: f.After, mark: f.AfterSensitive, unknown: f.Unknown})
	return nil
}

// shortestSecret is the shortest string that is hidden where it is not marked: a
// shorter one stands in too many places.
const shortestSecret = 4

// sided is a value on one side of a change. It has no bytes where there is none.
type sided struct {
	raw, mark []byte
	unknown   []byte // what of it is not known yet, with the structure of a mark
}

// trigger is a path of what forces a replacement.
type trigger struct {
	steps []step
	shown bool
}

// inside are the paths that lead further into a part.
func inside(all []*trigger, depth int, s step) []*trigger {
	var in []*trigger
	for _, f := range all {
		if len(f.steps) > depth && f.steps[depth] == s {
			in = append(in, f)
		}
	}
	return in
}

// differ compares the two sides of a change. It gathers lines for people, a limited
// number of them, or all edits.
type differ struct {
	lines     []terraform.Line
	edits     []terraform.Edit
	onlyEdits bool
	secrets   map[string]bool // strings that are hidden wherever they stand
	forcing   []*trigger
	full      bool
}

func (d *differ) add(l terraform.Line) {
	if d.full || d.onlyEdits {
		return
	}
	if len(d.lines) == maxLines {
		d.full = true
		l = terraform.Line{Mark: terraform.Same, After: clean.Linef("(more than %d lines: the rest is not shown)", maxLines)}
	}
	d.lines = append(d.lines, l)
}

// resource compares the whole. What forces a replacement and is not found gets a
// line as well.
func (d *differ) resource(before, after sided) {
	if covers(before.raw, before.mark) || covers(after.raw, after.mark) || kind(after.unknown) == 't' || odd(before.raw) || odd(after.raw) {
		d.part(0, step{index: isWhole}, before, after, d.forcing)
	} else {
		d.attributes(0, before, after, d.forcing)
	}
	for _, f := range d.forcing {
		if name := pathText(f.steps); !f.shown && !name.Empty() {
			d.add(terraform.Line{Mark: terraform.Same, Name: name, Forces: true})
		}
	}
}

// odd reports whether a resource's value is neither an object nor absent.
func odd(raw []byte) bool { return !absent(raw) && kind(raw) != '{' }

// part compares one attribute or element, and reports whether it changes.
func (d *differ) part(depth int, at step, before, after sided, forcing []*trigger) bool {
	if at.index != isWhole {
		forcing = inside(forcing, depth, at)
	}
	line := terraform.Line{Depth: depth, Mark: terraform.Changed, Name: at.title(), Unknown: kind(after.unknown) == 't'}
	line.Sensitive = d.hides(before) || d.hides(after)
	for _, f := range forcing {
		line.Forces = line.Forces || len(f.steps) <= depth+1
	}
	equal := before.equal(after)
	switch {
	case equal && len(forcing) == 0:
		return false
	case equal:
		line.Mark = terraform.Same
	case len(before.raw) == 0:
		line.Mark = terraform.Added
	case len(after.raw) == 0 && !marks(after.unknown):
		line.Mark = terraform.Removed
	}
	if !equal && !line.Sensitive && !line.Unknown && depth < maxDepth && d.parts(line, before, after, forcing) {
		return true
	}
	if d.onlyEdits {
		d.edit(at, before, after)
		return true
	}
	line.Sensitive = line.Sensitive || d.conceals(before) || d.conceals(after)
	line.Before, line.After = d.values(before, after, line.Sensitive)
	if equal {
		line.Before = clean.Text{}
	}
	line.Forces = len(forcing) > 0
	shown(forcing)
	d.add(line)
	return true
}

// edit adds what differs in the strings of a value, unless it is sensitive.
func (d *differ) edit(at step, before, after sided) {
	was, is := d.open(before), d.open(after)
	if was == is || covers(before.raw, before.mark) || covers(after.raw, after.mark) {
		return
	}
	e := terraform.Edit{Named: at.index == isName}
	count := map[string]int{}
	for line := range strings.SplitSeq(is, "\n") {
		count[line]++
	}
	for line := range strings.SplitSeq(was, "\n") {
		if count[line]--; count[line] < 0 {
			e.Removed = append(e.Removed, line)
		}
	}
	for line := range strings.SplitSeq(is, "\n") {
		if count[line] > 0 {
			count[line]--
			e.Added = append(e.Added, line)
		}
	}
	d.edits = append(d.edits, e)
}

// open returns the strings of a value that are not marked as sensitive.
func (d *differ) open(s sided) string {
	var all []string
	for text := range stringsIn(s.raw) {
		if _, secret := d.secrets[text]; !secret || !marks(s.mark) {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

// parts compares what has parts, below a line of its own. It reports false for
// what has none on one of the sides.
func (d *differ) parts(line terraform.Line, before, after sided, forcing []*trigger) bool {
	was, is := before.shape(), after.shape()
	switch {
	case was == 0:
		was = is
	case is == 0:
		is = was
	case was != '0' && kind(after.raw) == was:
		is = was // empty, or a text of one line
	case is != '0' && kind(before.raw) == is:
		was = is
	}
	if was != is || was == 0 || was == '0' || was == '"' && d.onlyEdits {
		return false
	}
	switch {
	case absent(before.raw):
		line.Mark, before = terraform.Added, sided{}
	case absent(after.raw) && !marks(after.unknown):
		line.Mark, after = terraform.Removed, sided{}
	}
	at := len(d.lines)
	d.add(line)
	switch was {
	case '{':
		d.attributes(line.Depth+1, before, after, forcing)
	case '[':
		d.elements(line.Depth+1, before, after, forcing)
	default:
		d.text(line.Depth+1, before, after)
	}
	for _, f := range forcing {
		if !f.shown && at < len(d.lines) {
			d.lines[at].Forces = true
		}
	}
	shown(forcing)
	return true
}

func shown(all []*trigger) {
	for _, f := range all {
		f.shown = true
	}
}

// hides reports whether a value is sensitive as a whole.
func (d *differ) hides(s sided) bool {
	if covers(s.raw, s.mark) {
		return true
	}
	text, ok := word(s.raw)
	return ok && d.secrets[text]
}

// conceals reports whether something in a value is sensitive.
func (d *differ) conceals(s sided) bool {
	if !absent(s.raw) && marks(s.mark) {
		return true
	}
	for text := range stringsIn(s.raw) {
		if d.secrets[text] {
			return true
		}
	}
	return false
}
