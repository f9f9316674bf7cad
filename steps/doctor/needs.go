package doctor

import (
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

// needs are what a document needs of the world. They come from the parameters and
// commands of its steps, so that they include those of a new kind.
type needs struct {
	repositories, images, airflows []use
	databases                      []use      // by their names, "" for that of the PG variables
	commands                       []string   // the programs that its steps start, each once
	by                             clean.Text // the steps that start them
}

// use is one address and the steps that need it.
type use struct {
	value string
	by    clean.Text
	// linked is what the document links to instead, "" if it is the same.
	linked string
}

func needsOf(b *steps.Bound) needs {
	var n needs
	var by []string
	for i := range b.Steps {
		step := &b.Steps[i]
		label := step.Label().String() + " (" + step.Kind.Name + ")"
		for name, list := range map[string]*[]use{"repository": &n.repositories, "image": &n.images, "airflow": &n.airflows} {
			// What isn't required is only compared with, and nothing is asked of it.
			asks := slices.ContainsFunc(step.Kind.Params, func(p steps.Param) bool { return p.Name == name && p.Required })
			if v := step.Params[name]; v != "" && asks {
				*list = used(*list, v, label, step.Params["linked-"+name])
			}
		}
		if asks := func(p steps.Param) bool { return p.Name == "database" }; step.Check() != nil && slices.ContainsFunc(step.Kind.Params, asks) {
			n.databases = used(n.databases, step.Params["database"], label, "")
		}
		if !slices.ContainsFunc(step.Kind.Effects, func(e steps.Effect) bool { return e.Command != nil }) {
			continue
		}
		by = append(by, label)
		for _, effect := range step.Kind.Effects {
			if effect.Command == nil {
				continue
			}
			if argv := effect.Command(step.Params); len(argv) > 0 && !slices.Contains(n.commands, argv[0]) {
				n.commands = append(n.commands, argv[0])
			}
		}
	}
	n.by = clean.Line(strings.Join(by, ", "))
	return n
}

// used adds a step to those that need the value.
func used(list []use, value, label, linked string) []use {
	for i := range list {
		if list[i].value == value {
			list[i].by = clean.Linef("%s, %s", list[i].by, label)
			return list
		}
	}
	return append(list, use{value, clean.Line(label), linked})
}
