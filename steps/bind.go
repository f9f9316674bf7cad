package steps

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
)

// Binding ties a step to its kind and parameters, with the reason.
type Binding struct {
	Step     *document.Step
	Kind     *Kind
	By       By
	Params   Params
	Problems []clean.Text // what is missing or contradictory
	Notes    []clean.Text // what is worth a word, and in nobody's way

	why     clean.Text
	command []string // the command that bound it, if why is empty
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
	Steps    []Binding // in the order of the document, without passages that no kind recognised
	index    map[document.StepID]int
}

// Bind ties every step of the document to one of the kinds, which must be sorted by
// name. If several kinds recognise a step, the highest By wins. A parameter comes
// from the step's annotation, else from the settings, else from the step's own links
// and commands, else from those of other steps and of the document. Bind uses no
// network and never fails: what is missing becomes a problem of the step, which lint
// shows and the gate refuses.
func Bind(doc *document.Document, s Settings, kinds []*Kind) *Bound {
	b := &Bound{Document: doc, Steps: make([]Binding, 0, len(doc.Steps)), index: make(map[document.StepID]int, len(doc.Steps))}
	shared := documentParams(doc, kinds)
	for _, step := range doc.Steps {
		binding, ok := bindStep(step, kinds)
		if !ok {
			continue
		}
		for name, value := range binding.Params {
			if shared[name] == "" {
				shared[name] = value
			}
		}
		b.index[step.ID] = len(b.Steps)
		b.Steps = append(b.Steps, binding)
	}
	settings := s.params()
	for i := range b.Steps {
		b.Steps[i].settle(settings, shared)
	}
	b.needFacts()
	return b
}

// ForPractice drops from b that services are others than those that the document links
// to, as they all are in a practice world, and returns b.
func (b *Bound) ForPractice() *Bound {
	for i := range b.Steps {
		step := &b.Steps[i]
		step.Notes = nil
		for _, p := range step.Kind.Params {
			delete(step.Params, p.Linked)
		}
	}
	return b
}

// needFacts adds a problem to each step that relies on a fact which no earlier step
// of its procedure leaves.
func (b *Bound) needFacts() {
	type place struct {
		fact      runbook.Fact
		procedure string
	}
	left := map[place]bool{}
	for i := range b.Steps {
		step := &b.Steps[i]
		in := procedure(step.Step.Section)
		left[place{step.Kind.Leaves, in}] = true
		if r := step.Kind.Relies; r.Fact != "" && !left[place{r.Fact, in}] {
			step.Problems = append(step.Problems, r.Missing)
		}
	}
}

// Step returns the binding of a step and whether there is one.
func (b *Bound) Step(id document.StepID) (*Binding, bool) {
	i, ok := b.index[id]
	if !ok {
		return nil, false
	}
	return &b.Steps[i], true
}

var notAsked = clean.Line("nothing in it can be asked")

// bindStep finds the kind of a step. A list item that no kind recognises is done by
// hand; a passage that no kind recognises is prose.
func bindStep(step *document.Step, kinds []*Kind) (Binding, bool) {
	best := Binding{Step: step, Kind: fallback(kinds), By: ByNone, why: notAsked}
	if a := step.Annotation; a != nil {
		return annotated(step, a, best, kinds), true
	}
	if step.Shape == document.Passage && len(step.Links) == 0 && len(step.Commands) == 0 {
		return Binding{}, false
	}
	var won Match
	found := step.Shape != document.Passage
	for _, k := range kinds {
		m, ok := k.recognise(step)
		if !ok || m.By <= best.By || (step.Shape == document.Passage && !passageMayBind(step, m)) {
			continue
		}
		best.Kind, best.By, won, found = k, m.By, m, true
	}
	switch {
	case won.By > ByNone:
		best.why, best.command, best.Params = won.Why, won.Command, won.Params
	case found:
		best.readText(kinds)
	}
	return best, found
}

// fallback returns the kind of the steps that no other kind recognises.
func fallback(kinds []*Kind) *Kind {
	return kinds[slices.IndexFunc(kinds, func(k *Kind) bool { return k.Fallback })]
}

func (k *Kind) recognise(step *document.Step) (Match, bool) {
	if k.Recognise == nil {
		return Match{}, false
	}
	return k.Recognise(step)
}

// readText binds the step to the first kind that its text is about.
func (b *Binding) readText(kinds []*Kind) {
	for _, k := range kinds {
		if k.Reads != nil {
			if why, ok := k.Reads(b.Step); ok {
				b.Kind, b.By, b.why = k, ByText, clean.Line(why)
				return
			}
		}
	}
}

// imperatives are the words that begin a passage with something to do. A passage
// that merely mentions a link is prose.
var imperatives = []string{"check", "ensure", "make sure", "verify", "confirm", "cut", "publish", "run", "wait", "look"}

func passageMayBind(step *document.Step, m Match) bool {
	if m.By < ByCommand {
		return false
	}
	text := strings.ToLower(step.Text.String())
	return slices.ContainsFunc(imperatives, func(w string) bool { return strings.HasPrefix(text, w+" ") })
}

// annotated binds a step as its annotation says. Parameters that the annotation
// doesn't give are read from the step if its kind recognises it.
func annotated(step *document.Step, a *document.Annotation, b Binding, kinds []*Kind) Binding {
	b.By, b.why = ByAnnotation, clean.Linef("the annotation in line %d", a.Line)
	b.Params = Params{}
	name := a.Params["kind"]
	switch i := slices.IndexFunc(kinds, func(k *Kind) bool { return k.Name == name }); {
	case i >= 0:
		b.Kind = kinds[i]
	case name == "":
		if own, ok := bindStep(withoutAnnotation(step), kinds); ok {
			b.Kind = own.Kind
		}
	default:
		b.Problems = append(b.Problems, clean.Linef("the annotation in line %d names the kind %q, which there is not; did you mean %q?", a.Line, name, say.Nearest(name, names(kinds))))
		return b // an unknown kind has no known parameters
	}
	if m, ok := b.Kind.recognise(step); ok {
		maps.Copy(b.Params, m.Params)
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
			b.Problems = append(b.Problems, clean.Linef("the annotation in line %d has the parameter %q, which the kind %s does not know%s", a.Line, key, b.Kind.Name, meant))
		}
	}
	return b
}

func withoutAnnotation(step *document.Step) *document.Step {
	bare := *step
	bare.Annotation = nil
	return &bare
}

// settle completes the parameters and adds a problem for each that is missing.
func (b *Binding) settle(settings, shared Params) {
	own := Params(nil)
	if a := b.Step.Annotation; a != nil {
		own = a.Params
	}
	params := b.Kind.Params
	for i := range params {
		p := &params[i]
		read := b.Params[p.Name]
		v := own[p.Name]
		if v == "" {
			v = settings[p.Name]
		}
		if v == "" {
			v = read
		}
		if v == "" {
			v = shared[p.Name]
		}
		documented := read
		if own[p.Name] != "" || documented == "" {
			documented = shared[p.Name]
		}
		switch {
		case v != "" && p.Accepts != nil && !p.Accepts(v):
			b.Problems = append(b.Problems, clean.Linef("%s cannot be %q: want letters, digits, \".\", \"_\" and \"-\", and neither an option nor a number like 1.10", p.Doc, v))
			delete(b.Params, p.Name)
		case v != read:
			if b.Params == nil {
				b.Params = Params{}
			}
			b.Params[p.Name] = v
		case v == "" && p.Required:
			b.Problems = append(b.Problems, missing(*p))
		}
		if p.Linked != "" && v != "" && documented != "" && p.Differs(v, documented) {
			b.Params[p.Linked] = documented
			b.Notes = append(b.Notes, clean.Linef("%s is %s; the document links to %s", p.Doc, v, documented))
		}
	}
}

func missing(p Param) clean.Text {
	return clean.Linef("%s is not known: set %s, or annotate the step with %s=...", p.Doc, p.Setting, p.Name)
}

// documentParams returns the parameters that the document's links give outside of
// its steps, such as the address of Airflow on a line of its own.
func documentParams(doc *document.Document, kinds []*Kind) Params {
	p := Params{}
	for i := range doc.Links {
		for _, k := range kinds {
			if k.Link == nil {
				continue
			}
			for name, value := range k.Link(doc.Links[i].Target) {
				if p[name] == "" {
					p[name] = value
				}
			}
		}
	}
	return p
}

func names(kinds []*Kind) []string {
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
	s := runbook.Spec{ID: b.Step.ID, Label: b.Label(), Hash: b.Step.Hash(), Locked: b.Step.Locked, Procedure: procedure(b.Step.Section), Mentions: b.Kind.Mentions}
	if c := b.Kind.Check; c != nil {
		s.Checks, s.Fresh, s.Override = true, c.Fresh, c.Override
		if c.Harmless {
			s.Found = b.found()
		}
	}
	s.Effects = b.Kind.specs(b.Params)
	return s
}

// Accepting returns the question to the person who accepts the step's result, ""
// if it can't be accepted.
func (b *Binding) Accepting(res runbook.Result) string {
	c := b.Kind.Check
	switch {
	case c == nil:
		return ""
	case c.Harmless && res.Facts[c.Override] == "":
		return "The step stays failed, and counts as accepted. Why is that all right?"
	}
	return c.Accepting
}

// found names the fact with all that a failed check of the kind has found.
func (b *Binding) found() runbook.Fact { return runbook.Fact(b.Kind.Name + ".found") }

// withFound returns the result with what a person accepts of it, if nothing is destroyed
// by going on without the step: its sentence, and which commit, image or checkout it is
// about, so that the same sentence about another one isn't accepted.
func (b *Binding) withFound(res runbook.Result) runbook.Result {
	c, fact := b.Kind.Check, b.found()
	if c == nil || !c.Harmless || res.Verdict != runbook.Failed || res.Facts[c.Override] != "" || res.Facts[fact] != "" {
		return res
	}
	found := strings.TrimSuffix(res.Summary.String(), ".")
	for _, m := range append(slices.Clone(b.Kind.Mentions), runbook.Mention{Fact: b.Kind.Leaves, Name: "checkout"}) {
		if value := strings.TrimPrefix(res.Facts[m.Fact], "sha256:"); value != "" {
			found += fmt.Sprintf(" (%s %s)", m.Name, value[:min(len(value), 12)])
		}
	}
	res.Facts = maps.Clone(res.Facts)
	if res.Facts == nil {
		res.Facts = runbook.Facts{}
	}
	res.Facts[fact] = found
	return res
}

// Label returns the name of the step in sentences: "step 3".
func (b *Binding) Label() clean.Text {
	if b.Step.Number != "" {
		return clean.Linef("step %s", b.Step.Number)
	}
	return clean.Linef("%q", say.Shorten(b.Step.Text.String(), 40))
}

// procedure returns the innermost section that is annotated as a procedure of
// its own, "" for the document as a whole.
func procedure(s *document.Section) string {
	for ; s != nil; s = s.Parent {
		if s.Separate {
			return s.ID
		}
	}
	return ""
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
