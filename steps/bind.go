package steps

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/candidates"
	"catalog-runbook/steps/hazard"
	"catalog-runbook/steps/wording"
)

// Binding ties a step to its kind and parameters, with the reason.
type Binding struct {
	Step     *document.Step
	Kind     *Kind
	By       By
	Params   Params
	Problems []clean.Text // what is missing or contradictory
	Notes    []clean.Text // what is worth a word, and in nobody's way

	procedure string          // the ID of the section that is walked by itself, "" for the document as a whole
	follows   document.StepID // see runbook.Spec.Follows
	why       clean.Text
	command   []string     // the command that bound it, if why is empty
	linked    bool         // it has a link that a kind recognizes
	overruled []clean.Text // problems of settings that contradict the step's own links
	lacks     clean.Text   // why a required parameter has no value; empty if all have one
	gaps      []gap        // the placeholders in required parameters that nothing else gives
	open      string       // the first of them that isn't filled in

	relies document.StepID // the earlier step whose check leaves what this one's needs, "" if none does
}

// Why returns what bound the step to its kind.
func (b *Binding) Why() clean.Text {
	if b.command != nil {
		return clean.Linef("the command `%s`", strings.Join(b.command, " "))
	}
	return b.why
}

// Bound is a runbook whose steps are bound. It is immutable.
type Bound struct {
	Document *document.Document
	Steps    []Binding         // in the order in which they are done, without passages that no kind recognized; then the questions
	Problems []document.Remark // of no step
	Notes    []document.Remark // of no step, besides those of the document
	index    map[document.StepID]int

	settings Settings
	kinds    []*Kind
	filled   map[string]string // what placeholders stand for
	practice bool              // see ForPractice
}

// Bind ties every step of the document to one of the kinds, which must be sorted by
// name. If several kinds recognize a step, the highest By wins. A parameter comes
// from the step's annotation, else from the settings, else from the step's own links
// and commands, else from those of other steps and of the document, if these agree. A
// step that asks for more than its kind does is done by hand. Bind uses no
// network and never fails: what is missing becomes a problem of the step, which lint
// shows and the gate refuses.
func Bind(doc *document.Document, s Settings, kinds []*Kind) *Bound { return bind(doc, s, kinds, nil) }

// bind is Bind where it is known what placeholders stand for.
func bind(doc *document.Document, s Settings, kinds []*Kind, filled map[string]string) *Bound {
	b := &Bound{
		Document: doc, Steps: make([]Binding, 0, len(doc.Steps)+len(kinds)), index: make(map[document.StepID]int, len(doc.Steps)),
		settings: s, kinds: kinds, filled: filled,
	}
	settings, lent := s.params(), candidates.New(doc)
	said := sync.OnceValue(func() wording.Names { return names(doc, settings, lent) })
	told := passages{names: said, kinds: kinds, listed: listed(doc), bound: map[place]bool{}}
	var prose []*document.Step
	var questions []Binding
	for _, step := range doc.Steps {
		binding, ok := bindStep(step, kinds)
		if !ok {
			binding, ok = told.bind(step)
		}
		if !ok {
			prose = append(prose, step)
			continue
		}
		if binding.Kind.Question {
			questions = append(questions, binding)
			continue
		}
		binding.procedure = told.procedure(&binding)
		b.Steps = append(b.Steps, binding)
	}
	b.Steps = append(inTurn(b.Steps), questions...)
	for i := range b.Steps {
		b.index[b.Steps[i].Step.ID] = i
	}
	notes := b.judge(kinds)
	b.lend(lent, kinds)
	b.readTexts(said, kinds)
	for i := range b.Steps {
		b.Steps[i].settle(settings, lent, filled)
		b.Steps[i].Notes = append(b.Steps[i].Notes, notes[i]...)
	}
	b.follow(kinds, settings, lent)
	b.noteGaps()
	b.compareOwners(settings)
	b.needFacts()
	b.Problems = append(b.Problems, hazard.InProse(doc, prose)...)
	return b
}

// ForPractice drops from b that services are others than those that the document links
// to, as they all are in a practice world, and returns b.
func (b *Bound) ForPractice() *Bound {
	b.practice = true
	for i := range b.Steps {
		step := &b.Steps[i]
		step.Notes = nil
		for _, p := range step.Kind.Params {
			delete(step.Params, p.Linked)
		}
		step.Problems = slices.DeleteFunc(step.Problems, func(p clean.Text) bool { return slices.Contains(step.overruled, p) })
		if slices.Contains(step.overruled, step.lacks) {
			step.lacks = clean.Text{}
		}
	}
	return b
}

// Environment returns the name of the environment that the commands deploy to, "" if they
// name none.
func (b *Bound) Environment() string {
	for i := range b.Steps {
		if env := b.Steps[i].Params["environment"]; env != "" {
			return env
		}
	}
	return ""
}

// needFacts adds a problem to each step that relies on a fact which no earlier step
// of its procedure leaves.
func (b *Bound) needFacts() {
	left := map[place]document.StepID{}
	for i := range b.Steps {
		step := &b.Steps[i]
		if check := step.Check(); check != nil && check.Needs != "" {
			step.relies = left[place{string(check.Needs), step.procedure}]
		}
		left[place{string(step.Kind.Leaves), step.procedure}] = step.Step.ID
		if r := step.Kind.Relies; r.Fact != "" && left[place{string(r.Fact), step.procedure}] == "" {
			step.Problems = append(step.Problems, r.Missing)
		}
	}
}

// Walked returns the steps of a run in the order of the document: those of the first procedure, and
// what was done of the others.
func Walked(run *runbook.Run, bound *Bound, now time.Time) []*Binding {
	return slices.DeleteFunc(bound.InOrder(), func(b *Binding) bool {
		return run.Status(b.Step.ID, now) == runbook.Pending && (b.Kind.Question || b.Procedure() != bound.Steps[0].Procedure())
	})
}

// Place returns which of the steps of its procedure a step is, counted from 1, and how many there
// are. A question isn't counted: its place is 0.
func (b *Bound) Place(step *Binding) (place, of int) {
	for i := range b.Steps {
		if s := &b.Steps[i]; s.procedure == step.procedure && !s.Kind.Question {
			if of++; s.Step.ID == step.Step.ID {
				place = of
			}
		}
	}
	return place, of
}

// InOrder returns the steps, and the questions among them, in the order of the document.
// What the program has added follows what it belongs to.
func (b *Bound) InOrder() []*Binding {
	all := make([]*Binding, len(b.Steps))
	at := map[*Binding]int{}
	for i := range b.Steps {
		step := &b.Steps[i]
		all[i], at[step] = step, step.Step.Start
		if lead, ok := b.Step(step.follows); ok && step.Added() {
			at[step] = max(lead.Step.Start, at[all[max(i-1, 0)]])
		}
	}
	slices.SortStableFunc(all, func(x, y *Binding) int { return at[x] - at[y] })
	return all
}

// Step returns the binding of a step and whether there is one.
func (b *Bound) Step(id document.StepID) (*Binding, bool) {
	i, ok := b.index[id]
	if !ok {
		return nil, false
	}
	return &b.Steps[i], true
}

var notAsked = clean.Line("nothing in it can be checked")

// bindStep finds the kind of a step by its annotation, its links and its commands. A list
// item that no kind recognizes is done by hand; a passage that no kind recognizes is prose.
func bindStep(step *document.Step, kinds []*Kind) (Binding, bool) {
	best := Binding{Step: step, Kind: fallback(kinds), By: ByNone, why: notAsked}
	if a := step.Annotation; a != nil {
		return annotated(step, a, best, kinds), true
	}
	if step.Shape == document.Passage && len(step.Links) == 0 && len(step.Commands) == 0 {
		return Binding{}, false
	}
	var won Match
	var beside *Kind // the step has a link of this kind too
	found := step.Shape != document.Passage
	for _, k := range kinds {
		m, ok := k.recognise(step)
		if ok && m.By == ByLink {
			best.linked = true
		}
		switch {
		case !ok || step.Shape == document.Passage && !passageMayBind(step, m):
		case m.By == ByLink && k.owned() && candidates.AboutTools(step.Section):
			best.resembles(k, m.Why, "")
		case m.Mentioned || m.Negated != "":
			best.resembles(k, m.Why, m.Negated)
			beside = k
		case m.By == ByLink && won.By == ByLink:
			beside = k
		case m.By > best.By:
			best.Kind, best.By, won, found = k, m.By, m, true
		}
	}
	if won.By > ByNone {
		best.why, best.command, best.Params = won.Why, won.Command, won.Params
	}
	if won.By == ByLink && won.Other != "" {
		p := best.Kind.Params[0]
		best.Problems = append(best.Problems, clean.Linef("the step has two links for %s, %s and %s: make it two steps, or annotate it with kind=%s and %s=...", p.Doc, won.Params[p.Name], won.Other, best.Kind.Name, p.Name))
		best.unbind(kinds)
		return best, found
	}
	if won.By == ByLink && beside != nil {
		best.Problems = append(best.Problems, clean.Linef("the step is about two things, %s and %s: make it two steps, or annotate it with kind=%s or kind=%s", best.Kind.Name, beside.Name, best.Kind.Name, beside.Name))
		best.unbind(kinds)
	}
	return best, found
}

// resembles notes that a step looks like one of a kind and isn't bound to it.
func (b *Binding) resembles(k *Kind, why clean.Text, negated string) {
	but := "asks for something else or for more"
	if negated != "" {
		but = fmt.Sprintf("says %q", strings.Replace(negated, "n't", "not", 1))
	}
	b.Notes = append(b.Notes, clean.Linef("looks like %s (%s), but %s; if it is that, annotate it with kind=%s", k.Name, why, but, k.Name))
}

// unbind makes a step one that is done by hand.
func (b *Binding) unbind(kinds []*Kind) {
	b.Kind, b.By, b.why, b.command, b.Params = fallback(kinds), ByNone, notAsked, nil, nil
}

// fallback returns the kind of the steps that no other kind recognizes.
func fallback(kinds []*Kind) *Kind {
	return kinds[slices.IndexFunc(kinds, func(k *Kind) bool { return k.Fallback })]
}

func (k *Kind) recognise(step *document.Step) (Match, bool) {
	if k.Recognise == nil {
		return Match{}, false
	}
	return k.Recognise(step)
}

// judge looks for commands that change something and that nothing guards. It returns the
// notes on each step.
func (b *Bound) judge(kinds []*Kind) [][]clean.Text {
	all := make([]hazard.Step, len(b.Steps))
	for i := range b.Steps {
		step := &b.Steps[i]
		said := step.Step.Annotation != nil && step.Step.Annotation.Params["kind"] != ""
		all[i] = hazard.Step{Step: step.Step, Label: step.Label, Procedure: step.procedure, Kind: step.Kind.Name, Runs: step.Kind.Recipes, Said: said, Manual: step.Kind.Fallback}
	}
	notes := make([][]clean.Text, len(b.Steps))
	against := hazard.Judge(all)
	b.Problems, b.Notes = hazard.Unread(b.Document, all, against)
	for i, found := range against {
		step := &b.Steps[i]
		notes[i] = found.Notes
		if found.Unbind {
			step.unbind(kinds)
		}
		step.Problems = append(step.Problems, found.Problems...)
	}
	return notes
}

// annotated binds a step as its annotation says. Parameters that the annotation
// doesn't give are read from the step if its kind recognizes it.
func annotated(step *document.Step, a *document.Annotation, b Binding, kinds []*Kind) Binding {
	b.By, b.why = ByAnnotation, clean.Linef("the annotation in line %d", a.Line)
	b.Params = Params{}
	name := a.Params["kind"]
	switch i := slices.IndexFunc(kinds, func(k *Kind) bool { return k.Name == name }); {
	case i >= 0:
		b.Kind = kinds[i]
	case name == "":
		if own, ok := bindStep(withoutAnnotation(step), kinds); ok {
			if own.By == ByNone {
				own.readText(nil, kinds)
			}
			b.Kind = own.Kind
		}
	default:
		b.Problems = append(b.Problems, clean.Linef("line %d: unknown kind %q in annotation; did you mean %q?", a.Line, name, say.Nearest(name, kindNames(kinds))))
		return b // an unknown kind has no known parameters
	}
	for _, k := range kinds {
		if m, ok := k.recognise(step); ok && m.By == ByLink {
			b.linked = true
		}
	}
	if m, ok := b.Kind.recognise(step); ok {
		maps.Copy(b.Params, m.Params)
	}
	if env, service, ok := hazard.Place(step, b.Kind.Recipes); ok && b.Params["environment"] == "" && b.Params["service"] == "" {
		b.Params["environment"], b.Params["service"] = env, service
	}
	known := paramNames(b.Kind)
	for _, key := range slices.Sorted(maps.Keys(a.Params)) {
		switch {
		case key == "kind":
		case slices.Contains(known, key):
			b.Params[key] = a.Params[key]
		default:
			meant := ""
			if near := say.Nearest(key, known); near != "" {
				meant = fmt.Sprintf("; did you mean %q?", near)
			}
			b.Problems = append(b.Problems, clean.Linef("the annotation in line %d has the parameter %q, which the kind %s doesn't have%s", a.Line, key, b.Kind.Name, meant))
		}
	}
	return b
}

func withoutAnnotation(step *document.Step) *document.Step {
	bare := *step
	bare.Annotation = nil
	return &bare
}

func kindNames(kinds []*Kind) []string {
	all := make([]string, 0, len(kinds))
	for _, k := range kinds {
		all = append(all, k.Name)
	}
	return all
}

func paramNames(k *Kind) []string {
	names := make([]string, 0, 4)
	for _, p := range k.Params {
		names = append(names, p.Name)
	}
	return names
}

// Specs returns what a run needs to know about the steps.
func (b *Bound) Specs() []runbook.Spec {
	specs := make([]runbook.Spec, len(b.Steps))
	for i := range b.Steps {
		specs[i] = b.Steps[i].spec()
	}
	return specs
}

func (b *Binding) spec() runbook.Spec {
	s := runbook.Spec{ID: b.Step.ID, Label: b.Label(), Hash: b.Step.Hash(), Locked: b.Locked(), Procedure: b.procedure, Question: b.Kind.Question, Deploys: b.Kind.Deploys, Mentions: b.Kind.Mentions, Follows: b.follows}
	if b.Added() {
		s.Added = b.Step.Text
	}
	if c := b.Check(); c != nil {
		s.Stated = c.Stated != nil && c.Stated(b.Params)
		s.Checks, s.Fresh, s.Override = true, c.Fresh, c.Override
		if c.Harmless {
			s.Found = b.found()
		}
	}
	s.Effects = b.Kind.specs(b.shown()) // what is open is never run: see Engine.Command
	return s
}

// Check returns the check of the step, nil if it can't be checked.
func (b *Binding) Check() *Check {
	if c := b.Kind.Check; c == nil || c.Able != nil && !c.Able(b.Params) {
		return nil
	}
	return b.Kind.Check
}

// Title returns what there is to do, on one line: the step's text, or what its kind is
// for if a passage tells it in the midst of other things.
func (b *Binding) Title() clean.Text {
	if b.Kind.Passages && b.Step.Shape == document.Passage {
		return clean.Line(b.Kind.Doc)
	}
	return b.Step.Text
}

// Procedure returns the ID of the section that the step is walked with, "" for those of the
// document as a whole.
func (b *Binding) Procedure() string { return b.procedure }

// Locked reports whether the step is for maintainers with infrastructure access.
func (b *Binding) Locked() bool { return b.Step.Locked || b.Kind.Locked }

// Label returns the name of the step in sentences: "step 3".
func (b *Binding) Label() clean.Text {
	if b.Step.Number != "" {
		return clean.Linef("step %s", b.Step.Number)
	}
	if b.Kind.Passages && b.Step.Shape == document.Passage {
		return clean.Linef("%q", strings.TrimSuffix(b.Kind.Doc, "."))
	}
	return clean.Linef("%q", say.Shorten(b.Step.Text.String(), 40))
}

// ParamLine returns the parameters for the screen: "image=… repository=…".
func (b *Binding) ParamLine() clean.Text {
	var parts []string
	for _, p := range b.Kind.Params {
		if v := b.Params[p.Name]; v != "" {
			parts = append(parts, fmt.Sprintf("%s=%s", p.Name, v))
		}
	}
	return clean.Line(strings.Join(parts, " "))
}
