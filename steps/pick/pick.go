// Package pick finds the step that a person names on the command line.
package pick

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

// Step returns the step that name names: its ID, its number ("3"), which for a step that the
// program adds is its place in the procedure, its kind ("image-tag"),
// or the end of its ID from a "/" or "#" on ("deployment-workflow#3"). A number or a kind
// that several steps have is that of the document's first procedure, if only one of its
// steps has it. The error of a name that no step or several steps have says which
// steps are meant, or what to try.
func Step(b *steps.Bound, name string) (*steps.Binding, error) {
	if s, ok := b.Step(document.StepID(name)); ok {
		return s, nil
	}
	for _, match := range []func(*steps.Binding) bool{
		func(s *steps.Binding) bool { return s.Step.Number != "" && s.Step.Number == strings.Trim(name, "#.") },
		func(s *steps.Binding) bool {
			if !s.Added() {
				return false
			}
			place, _ := b.Place(s)
			return strconv.Itoa(place) == strings.Trim(name, "#.")
		},
		func(s *steps.Binding) bool { return s.Kind.Name == name },
		func(s *steps.Binding) bool { return endsWith(string(s.Step.ID), name) },
	} {
		found := all(b, match)
		if s := only(b, found); s != nil {
			return s, nil
		}
		if len(found) > 0 {
			return nil, ambiguous(name, found)
		}
	}
	err := fmt.Errorf("no step is named %q", clean.Line(name))
	const list = "`catalog-runbook lint` lists the steps with their IDs"
	if near := say.Near(name, Names(b)); near != "" {
		return nil, say.Hint(err, "did you mean %q? %s", near, list)
	}
	return nil, say.Hint(err, "%s", list)
}

// Names returns the names under which Step finds the steps: the numbers and kinds that
// lead to one step, in the order of the document, and then all IDs.
func Names(b *steps.Bound) []string {
	var names, ids []string
	having := map[string][]*steps.Binding{}
	for i := range b.Steps {
		s := &b.Steps[i]
		ids = append(ids, string(s.Step.ID))
		for _, name := range []string{s.Step.Number, s.Kind.Name} {
			if name != "" && having[name] == nil {
				names = append(names, name)
			}
			having[name] = append(having[name], s)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return only(b, having[name]) == nil })
	return append(names, ids...)
}

// all returns the steps that match, in order.
func all(b *steps.Bound, match func(*steps.Binding) bool) []*steps.Binding {
	var found []*steps.Binding
	for i := range b.Steps {
		if match(&b.Steps[i]) {
			found = append(found, &b.Steps[i])
		}
	}
	return found
}

// only returns the only step found, or the only one of them that belongs to the
// document's first procedure, nil if there are several.
func only(b *steps.Bound, found []*steps.Binding) *steps.Binding {
	if len(found) > 1 {
		first := b.Steps[0].Procedure()
		found = slices.DeleteFunc(slices.Clone(found), func(s *steps.Binding) bool { return s.Procedure() != first || s.Added() })
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// ambiguous is the error of a name that several steps have.
func ambiguous(name string, found []*steps.Binding) error {
	const most = 4 // of the IDs that a sentence lists
	var ids []string
	for _, s := range found[:min(len(found), most)] {
		ids = append(ids, string(s.Step.ID))
	}
	if len(found) > most {
		ids = append(ids, "...")
	}
	return say.Hint(fmt.Errorf("%q names %d steps", clean.Line(name), len(found)), "name one by its ID: %s", strings.Join(ids, ", "))
}

// endsWith reports whether name is the end of an ID, from one of its parts on.
func endsWith(id, name string) bool {
	return strings.HasSuffix("/"+id, "/"+name) || strings.HasPrefix(name, "#") && strings.HasSuffix(id, name)
}
