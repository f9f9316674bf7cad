package steps

import (
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/candidates"
	"catalog-runbook/steps/wording"
)

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

// passages binds paragraphs by their words.
type passages struct {
	names  func() wording.Names
	kinds  []*Kind
	listed map[*document.Section]bool // see listed
	bound  map[place]bool             // the kinds of the passages that are bound, by procedure
}

// place is a name in a procedure.
type place struct{ name, procedure string }

// listed returns the sections that list steps, in themselves or in a section below.
func listed(doc *document.Document) map[*document.Section]bool {
	all := map[*document.Section]bool{}
	for _, step := range doc.Steps {
		if step.Shape == document.Passage {
			continue
		}
		for s := step.Section; s != nil && !all[s]; s = s.Parent {
			all[s] = true
		}
	}
	return all
}

// bind binds a passage to the only kind that its words ask for. A section that lists its
// steps explains them in its prose, and what was bound once in a procedure is mentioned
// again.
func (p *passages) bind(step *document.Step) (Binding, bool) {
	if step.Shape != document.Passage || step.Section.IsProse() {
		return Binding{}, false
	}
	for _, k := range p.kinds {
		if !k.Passages || p.listed[step.Section] && !k.Question {
			continue
		}
		r := k.Reads(step, p.names())
		b := Binding{Step: step, Kind: k, By: ByText, why: clean.Line(r.Why)}
		in := place{name: k.Name}
		if !k.Question {
			in.procedure = p.procedure(&b)
		}
		if r.Asks && step.IfWrong == "" && !p.bound[in] {
			p.bound[in] = true
			return b, true
		}
	}
	return Binding{}, false
}

// procedure returns the ID of the section around a step that is walked by itself.
func (p *passages) procedure(b *Binding) string {
	var own *document.Section
	for s := b.Step.Section; s != nil; s = s.Parent {
		if s.Separate {
			return s.ID
		}
		if !p.listed[s] && s.Level > 0 {
			own = s
		}
	}
	if own == nil || !b.Kind.Passages || b.Step.Shape != document.Passage {
		return ""
	}
	return own.ID
}

// inTurn moves each passage behind the one of its procedure that leaves the fact that it
// needs. Prose may tell of what happens before it tells how to bring that about.
func inTurn(all []Binding) []Binding {
	for i := 0; i < len(all); i++ {
		step := all[i]
		if !step.Kind.Passages || step.Kind.Check == nil || step.Kind.Check.Needs == "" {
			continue
		}
		later := slices.IndexFunc(all[i+1:], func(b Binding) bool {
			return b.Kind.Leaves == step.Kind.Check.Needs && b.procedure == step.procedure
		})
		if later >= 0 {
			all = slices.Insert(slices.Delete(all, i, i+1), i+later+1, step)
			i--
		}
	}
	return all
}

// names returns the words that the document uses for what it deploys.
func names(doc *document.Document, settings Params, lent *candidates.Set) wording.Names {
	names := wording.Names{}
	names.Add(doc.Title.String())
	for _, param := range []string{"repository", "image", "service"} {
		names.Add(settings[param])
		for _, value := range lent.Values(param) {
			names.Add(value)
		}
	}
	return names
}

// readTexts binds each item that no link or command says anything of to the only kind that
// its words ask for.
func (b *Bound) readTexts(names func() wording.Names, kinds []*Kind) {
	for i := range b.Steps {
		step := &b.Steps[i]
		if step.By == ByNone && len(step.Problems) == 0 && len(step.Notes) == 0 && step.Step.Shape != document.Passage {
			step.readText(names(), kinds)
		}
	}
}

func (b *Binding) readText(names wording.Names, kinds []*Kind) {
	for _, k := range kinds {
		if k.Reads == nil {
			continue
		}
		switch r := k.Reads(b.Step, names); {
		case r.Asks && b.Step.IfWrong != "":
			b.resembles(k, clean.Line(r.Why), b.Step.IfWrong)
		case r.Asks:
			b.Kind, b.By, b.why, b.Notes = k, ByText, clean.Line(r.Why), nil
			return
		case r.Why != "":
			b.resembles(k, clean.Line(r.Why), b.Step.Negated)
		}
	}
}
