package exact

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

// Placeholders for values.
const (
	hiddenValue  = "(sensitive value)"
	unknownValue = "(known after apply)"
)

// Limits for the comparison of one resource.
const (
	maxLines = 5000
	maxDepth = 32
)

// Diff compares the resource before and after a change, attribute by attribute.
// object is the change in a JSON plan, the bytes of Change.At. Attributes that stay
// the same are counted, not listed, and so are nulls in something that is added or
// removed. Diff hides the values that the plan marks as sensitive, and the same
// strings wherever else they occur in the resource. It returns an error if object
// isn't a resource change in valid JSON.
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
		return nil, errors.New("comparing a resource: it isn't a resource change of a plan")
	}
	d := &differ{}
	if err := d.compare(f); err != nil {
		return nil, fmt.Errorf("comparing a resource: %w", err)
	}
	if action == terraform.Forget && !creates {
		for i := range d.lines {
			d.lines[i].Mark = terraform.Same // it stays as it is, but is no longer managed
		}
	}
	return d.lines, nil
}

// edits returns the differences in the values of a resource change, without those
// that the plan marks as sensitive.
func edits(f changeFields) []terraform.Edit {
	d := &differ{onlyEdits: true}
	_ = d.compare(f) // fails only for invalid JSON
	return d.edits
}

// compare compares the values before and after a change.
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

// shortestSecret is the length in bytes of the shortest sensitive string that is also
// hidden where it isn't marked. Shorter strings are too common.
const shortestSecret = 4

// sided is a value on one side of a change. raw is empty if there is none.
type sided struct {
	raw, mark []byte
	unknown   []byte // what of it isn't known yet, in the form of a mark
}

// trigger is the path of an attribute that forces a replacement.
type trigger struct {
	steps []step
	shown bool
}

// inside returns the paths that lead through step s at the given depth.
func inside(all []*trigger, depth int, s step) []*trigger {
	var in []*trigger
	for _, f := range all {
		if len(f.steps) > depth && f.steps[depth] == s {
			in = append(in, f)
		}
	}
	return in
}

// differ compares the two sides of a change. It collects either up to maxLines lines
// to show, or all edits.
type differ struct {
	lines     []terraform.Line
	edits     []terraform.Edit
	onlyEdits bool
	secrets   map[string]bool // sensitive strings, true if hidden wherever they occur
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

// resource compares the whole resource. An attribute that forces a replacement but
// has no line yet gets one at the end.
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
	if !equal && !line.Sensitive && !line.Unknown && depth < maxDepth && (d.documents(line, before, after, forcing) || d.parts(line, before, after, forcing)) {
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

// edit adds the difference between the strings of a value, unless it is sensitive.
func (d *differ) edit(at step, before, after sided) {
	was, is := d.open(before), d.open(after)
	if was == is || covers(before.raw, before.mark) || covers(after.raw, after.mark) {
		return
	}
	e := terraform.EditOf(was, is)
	e.Named = at.index == isName
	d.edits = append(d.edits, e)
}

// open returns the strings of a value that aren't sensitive, one per line.
func (d *differ) open(s sided) string {
	var all []string
	for text := range stringsIn(s.raw) {
		if _, secret := d.secrets[text]; !secret || !marks(s.mark) {
			all = append(all, text)
		}
	}
	return strings.Join(all, "\n")
}

// documents compares two texts that are JSON, part by part. It returns false for others.
func (d *differ) documents(line terraform.Line, before, after sided, forcing []*trigger) bool {
	if d.onlyEdits {
		return false
	}
	was, is := document(before.raw), document(after.raw)
	if was == nil || is == nil {
		return false
	}
	if line.Name = clean.Linef("%s (JSON)", line.Name); !bytes.Equal(was, is) {
		return d.parts(line, sided{raw: was}, sided{raw: is}, forcing)
	}
	line.After = clean.Line(terraform.Respelled.String())
	line.Forces = len(forcing) > 0
	shown(forcing)
	d.add(line)
	return true
}

// parts compares an object, a list or a multi-line text part by part, below the given
// line. It returns false if the two sides can't be compared that way.
func (d *differ) parts(line terraform.Line, before, after sided, forcing []*trigger) bool {
	was, is := before.shape(), after.shape()
	switch {
	case was == 0:
		was = is
	case is == 0:
		is = was
	case was != '0' && kind(after.raw) == was:
		is = was // empty, or a single-line text
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

// hides reports whether the whole value is sensitive.
func (d *differ) hides(s sided) bool {
	if covers(s.raw, s.mark) {
		return true
	}
	text, ok := word(s.raw)
	return ok && d.secrets[text]
}

// conceals reports whether any part of a value is sensitive.
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
