package steps

import (
	"maps"
	"slices"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/candidates"
)

// Added reports whether the program has added the step to those of the document.
func (b *Binding) Added() bool { return b.Step.Shape == document.Added }

// AddedSteps returns the steps that the program has added, in their order.
func (b *Bound) AddedSteps() []document.StepID {
	var all []document.StepID
	for i := range b.Steps {
		if b.Steps[i].Added() {
			all = append(all, b.Steps[i].Step.ID)
		}
	}
	return all
}

// follow adds the steps that the document lacks after those whose kinds others follow, and
// ties each step to the one that it follows.
func (b *Bound) follow(kinds []*Kind, settings Params, lent *candidates.Set) {
	done := map[*Kind]bool{}
	var follow func(k *Kind)
	follow = func(k *Kind) {
		if done[k] || len(k.Follows) == 0 {
			return
		}
		done[k] = true
		for _, other := range kinds { // which may be added itself
			if slices.Contains(k.Follows, other.Name) {
				follow(other)
			}
		}
		b.addAfter(k, settings, lent)
	}
	for _, k := range kinds {
		follow(k)
	}
	for i := range b.Steps {
		b.index[b.Steps[i].Step.ID] = i
	}
}

// addAfter adds the step of a kind to each procedure that lacks it, and ties all steps of
// the kind.
func (b *Bound) addAfter(k *Kind, settings Params, lent *candidates.Set) {
	last := map[string]int{} // the step that is followed, by procedure
	has := map[string]bool{}
	for i := range b.Steps {
		step := &b.Steps[i]
		switch in := step.procedure; {
		case slices.Contains(k.Follows, step.Kind.Name):
			last[in] = i
		case step.Kind == k:
			has[in] = true
			if lead, ok := last[in]; ok {
				step.follows = b.Steps[lead].lead()
			}
		}
	}
	for _, i := range slices.Backward(slices.Sorted(maps.Values(last))) {
		if has[b.Steps[i].procedure] || !b.concerns(k, lent) {
			continue
		}
		added := b.Steps[i].adding(k)
		added.settle(settings, lent, b.filled)
		at := i + 1
		for at < len(b.Steps) && within(b.Steps[at].Step, b.Steps[i].Step) {
			at++
		}
		b.Steps = slices.Insert(b.Steps, at, added)
	}
}

// lead returns the step whose command others see to the end: itself, or the one that it
// follows.
func (b *Binding) lead() document.StepID {
	if b.follows != "" {
		return b.follows
	}
	return b.Step.ID
}

// adding returns the step of a kind that follows b.
func (b *Binding) adding(k *Kind) Binding {
	after := b.Step
	added := Binding{
		Kind: k, By: ByProgram, Params: Params{}, follows: b.lead(), procedure: b.procedure,
		Step: document.AddStep(after, k.Adds.Name, k.Adds.Text, k.Adds.Markdown),
		why:  clean.Linef("%s is followed by it, though the document doesn't say so", b.Label()),
	}
	added.Step.Locked = k.Adds.Locked && after.Locked
	for _, p := range k.Params {
		if v := b.Params[p.Name]; v != "" {
			added.Params[p.Name] = v
		}
	}
	return added
}

// concerns reports whether the document says something of all that a kind requires.
func (b *Bound) concerns(k *Kind, lent *candidates.Set) bool {
	for _, p := range k.Params {
		value, several := lent.Of(p.Name)
		if !p.Required || value != "" || len(several) > 0 {
			continue
		}
		if !slices.ContainsFunc(b.Steps, func(step Binding) bool { return slices.Contains(paramNames(step.Kind), p.Name) }) {
			return false
		}
	}
	return true
}

// within reports whether a step is nested in another one.
func within(step, other *document.Step) bool {
	for p := step.Parent; p != nil; p = p.Parent {
		if p == other {
			return true
		}
	}
	return false
}
