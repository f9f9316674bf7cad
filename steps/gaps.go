package steps

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// gap is a placeholder in a parameter.
type gap struct {
	name  string // as the document has it
	param *Param
	read  string // the parameter as the document has it
}

// fill replaces the placeholders in a parameter by what they stand for, and returns the first
// of which that isn't known.
func (b *Binding) fill(p *Param, filled map[string]string) (open string) {
	value, gaps, open := fillIn(b.Params[p.Name], filled)
	for _, name := range gaps {
		b.gaps = append(b.gaps, gap{name, p, b.Params[p.Name]})
	}
	switch {
	case open == "":
		b.Params[p.Name] = value
	case b.open == "":
		b.open = open
	}
	return open
}

// fillIn replaces the placeholders in a value by what they stand for. It returns all that
// there are, up to the first of which that isn't known, which is open.
func fillIn(value string, filled map[string]string) (_ string, gaps []string, open string) {
	const most = 8 // each one that is replaced is gone, unless what replaces it makes another
	open = document.PlaceholderValue(value)
	for range most {
		if open == "" {
			break
		}
		gaps = append(gaps, open)
		if filled[open] == "" {
			break
		}
		value = strings.ReplaceAll(value, open, filled[open])
		open = document.PlaceholderSaid(value)
	}
	return value, gaps, open
}

// asked returns what a person has said a parameter is, "" if they haven't yet.
func (b *Binding) asked(p *Param, filled map[string]string) string {
	name := p.Asks.Name
	b.gaps = append(b.gaps, gap{name: name, param: p})
	if filled[name] == "" && b.open == "" {
		b.open = name
	}
	return filled[name]
}

// Question returns what a person is asked for a parameter which the document doesn't mention,
// by the name under which it's filled in; nil for a placeholder of the document.
func (b *Binding) Question(name string) *Question {
	for _, g := range b.gaps {
		if g.name == name && g.param.Asks != nil {
			return g.param.Asks
		}
	}
	return nil
}

// Placeholders returns the placeholders in what a step requires, which a person fills in.
func (b *Binding) Placeholders() []string {
	var all []string
	for _, g := range b.gaps {
		if !slices.Contains(all, g.name) {
			all = append(all, g.name)
		}
	}
	return all
}

// noteGaps names the placeholders in the commands that a person runs.
func (b *Bound) noteGaps() {
	for i := range b.Steps {
		step := &b.Steps[i]
		if !step.Kind.Fallback {
			continue
		}
		var gaps []string
		for _, c := range step.Step.Commands {
			gaps = append(gaps, c.Gaps()...)
		}
		if len(gaps) > 0 {
			step.Notes = append(step.Notes, clean.Linef("fill in %s before you run the command", strings.Join(slices.Compact(gaps), ", ")))
		}
	}
}

// shown returns the parameters for the screen: placeholders stand where nothing is known.
func (b *Binding) shown() Params {
	if b.open == "" {
		return b.Params
	}
	all := maps.Clone(b.Params)
	for _, g := range b.gaps {
		if all[g.param.Name] == "" {
			all[g.param.Name] = g.read
		}
	}
	return all
}

// Gap returns the first of these that isn't filled in, "" if all are.
func (b *Binding) Gap() string { return b.open }

// Asked says what a person is asked for with a placeholder: its name in the document, or what
// the document doesn't mention.
func (b *Binding) Asked(name string) clean.Text {
	for _, g := range b.gaps {
		if g.name == name && g.param.Asks != nil {
			return clean.Line(g.param.Doc)
		}
	}
	return clean.Line(name)
}

// HaveGap returns the steps that have a placeholder which a person fills in, and what it
// stands for: "the environment".
func (b *Bound) HaveGap(name string) (in []*Binding, doc string) {
	for i := range b.Steps {
		if at := slices.IndexFunc(b.Steps[i].gaps, func(g gap) bool { return g.name == name }); at >= 0 {
			in, doc = append(in, &b.Steps[i]), b.Steps[i].gaps[at].param.Doc
		}
	}
	return in, doc
}

// placeholder returns the placeholder that a person means by its name, with or without the
// signs around it.
func (b *Bound) placeholder(name string) (string, error) {
	var all []string
	for i := range b.Steps {
		all = append(all, b.Steps[i].Placeholders()...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if slices.Contains(all, name) {
		return name, nil
	}
	named := slices.DeleteFunc(slices.Clone(all), func(g string) bool { return document.PlaceholderName(g) != name })
	switch {
	case len(named) == 1:
		return named[0], nil
	case len(named) > 1:
		return "", fmt.Errorf("%s can be %s; hint: write the one that you mean with the signs around it", clean.Line(name), clean.Line(strings.Join(named, " or ")))
	case len(all) == 0:
		return "", fmt.Errorf("no step waits for what %s stands for: the runbook has no such placeholder, or it is given already", clean.Line(name))
	}
	return "", fmt.Errorf("no step has the placeholder %s; hint: fill in %s", clean.Line(name), clean.Line(strings.Join(all, ", ")))
}

// Fill returns the runbook in which a placeholder stands for a value, and the placeholder's
// whole name. The steps stay the same but for their parameters. The error says why it can't
// be the value.
func (b *Bound) Fill(name, value string) (*Bound, string, error) {
	name, err := b.placeholder(name)
	if err != nil {
		return nil, "", err
	}
	if err := document.CheckFill(value); err != nil {
		return nil, "", err
	}
	if clean.Masked(value) != value {
		return nil, "", errors.New("that is a secret, which isn't kept")
	}
	in, _ := b.HaveGap(name)
	for _, step := range in {
		if q := step.Question(name); q != nil {
			if err := q.Check(value); err != nil {
				return nil, "", err
			}
		}
	}
	next := b.with(map[string]string{name: value})
	var stands *Param
	for i := range next.Steps {
		step := &next.Steps[i]
		for _, g := range step.gaps {
			if g.name != name {
				continue
			}
			if stands != nil && stands.Name != g.param.Name {
				return nil, "", fmt.Errorf("%s stands for several things, %s and %s; hint: set them in the settings, or annotate the steps", clean.Line(name), stands.Doc, g.param.Doc)
			}
			stands = g.param
			if g.param.Name == "environment" && !startsWithLetter(value) || step.Params[g.param.Name] == "" && step.open == "" {
				return nil, "", fmt.Errorf("%s can't be %q", g.param.Doc, clean.Line(value))
			}
		}
	}
	return next, name, nil
}

func startsWithLetter(word string) bool { return unicode.IsLetter(rune(word[0])) }

// Filled returns the runbook in which placeholders stand for what the events of a run say.
func (b *Bound) Filled(events []runbook.Event) *Bound {
	said := map[string]string{}
	for _, e := range events {
		switch e := e.(type) {
		case runbook.Filled:
			if document.CheckFill(e.Value) == nil {
				said[e.Name] = e.Value
			}
		case runbook.Checked:
			b.given(e, said)
		}
	}
	if len(said) == 0 {
		return b
	}
	return b.with(said)
}

// given adds what a check was told of a parameter in another way, which a later process may
// not be told again.
func (b *Bound) given(e runbook.Checked, said map[string]string) {
	step, ok := b.Step(e.Step)
	if !ok {
		return
	}
	for _, g := range step.gaps {
		if q := g.param.Asks; q != nil && said[q.Name] == "" && e.Result.Facts[q.Fact] != "" {
			said[q.Name] = e.Result.Facts[q.Fact]
		}
	}
}

// with binds the steps again where more is known of the placeholders.
func (b *Bound) with(said map[string]string) *Bound {
	filled := maps.Clone(b.filled)
	if filled == nil {
		filled = map[string]string{}
	}
	maps.Copy(filled, said)
	next := bind(b.Document, b.settings, b.kinds, filled)
	if b.practice {
		next.ForPractice()
	}
	return next
}

// Fill records what a placeholder of the document stands for in this run, and takes it up in
// the steps that have it. What was found about them counts no more. It returns an error if a
// command was run with another value, or while one is running.
func (e *Engine) Fill(name, value string) error {
	if !e.effects.TryLock() { // what runs must be what was confirmed
		return errors.New("filling in a placeholder: a command is running; hint: wait until it has ended")
	}
	defer e.effects.Unlock()
	e.order.Lock()
	defer e.order.Unlock()
	before := e.Bound()
	bound, name, err := before.Fill(name, value)
	if err != nil {
		return fmt.Errorf("filling in a placeholder: %w", err)
	}
	if before.filled[name] == value {
		return nil
	}
	filled := runbook.Filled{Head: e.head(), Name: name, Value: value}
	lost := map[runbook.Fact]bool{} // what they have found, on which later ones rely
	for i := range bound.Steps {
		b := &bound.Steps[i]
		if check := b.Check(); !maps.Equal(b.Params, before.Steps[i].Params) || check != nil && lost[check.Needs] {
			filled.Steps = append(filled.Steps, b.Step.ID)
			lost[b.Kind.Leaves] = b.Kind.Leaves != ""
		}
	}
	if now := bound.Environment(); e.options.Mode != runbook.Practice && now != before.Environment() {
		filled.Environment = clean.Line(now)
	}
	return e.append(filled)
}

// Offers lists what a placeholder of a step can stand for, if anything tells. It asks services
// and may block.
func (e *Engine) Offers(ctx context.Context, id document.StepID, name string) ([]Offer, error) {
	b, ok := e.Bound().Step(id)
	if !ok {
		return nil, fmt.Errorf("there is no step %s", id)
	}
	q := b.Question(name)
	if q == nil || q.Offers == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	return q.Offers(ctx, e.input(b))
}

// take makes the run one of the runbook in which placeholders stand for what the events say.
func (e *Engine) take(next *runbook.Run, events []runbook.Event) (*Bound, error) {
	bound := e.Bound().Filled(events)
	if bound == e.Bound() {
		return bound, nil
	}
	return bound, next.Refit(bound.Specs())
}

// withFilled adds to a result what the placeholders of the step stand for, and who has said so.
func (b *Binding) withFilled(res runbook.Result, run *runbook.Run) runbook.Result {
	var said []runbook.Evidence
	for _, name := range b.Placeholders() {
		if f := run.Filled(name); f != nil {
			said = append(said, runbook.Evidence{Name: clean.Line(name), Value: clean.Linef("%s, said by %s", f.Value, f.Actor), At: f.At})
		}
	}
	res.Evidence = append(said, res.Evidence...)
	return res
}
