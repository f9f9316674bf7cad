package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

type lintCommand struct {
	source
	JSON bool `help:"Write JSON."`
}

// lintOutput is the JSON of lint. `help json` documents its shape.
type lintOutput struct {
	Title    clean.Text        `json:"title"`
	Sections []lintSection     `json:"sections"`
	Steps    []lintStep        `json:"steps"`
	Added    []lintStep        `json:"added,omitempty"` // by the program, to those of the document
	Problems []document.Remark `json:"problems,omitempty"`
	Notes    []document.Remark `json:"notes,omitempty"`
}

// lintSection is a section of the document, and how many steps it has without its
// subsections.
type lintSection struct {
	Path  []clean.Text `json:"path"`
	Line  int          `json:"line"`
	Steps int          `json:"steps"`
}

type lintStep struct {
	ID       string            `json:"id"`
	Number   string            `json:"number"`
	Section  []clean.Text      `json:"section"`
	Text     clean.Text        `json:"text"`
	Kind     string            `json:"kind"`
	Locked   bool              `json:"locked"`
	Commands [][]string        `json:"commands"`
	BoundBy  string            `json:"bound_by"`
	Params   map[string]string `json:"params"`
	Problems []clean.Text      `json:"problems"`
	Notes    []clean.Text      `json:"notes"`
}

// Run writes what each step is bound to. The exit code is 1 if there is a
// problem or no step.
func (c lintCommand) Run(s streams) error {
	defer collectLater(startMemory)()
	l, err := c.load()
	if err != nil {
		return err
	}
	out := lintOf(l.bound)
	if c.JSON {
		err = writeJSON(s.out, out)
	} else {
		err = writeLint(s.out, l.bound, out)
	}
	if err != nil {
		return err
	}
	if len(out.Problems) > 0 || slices.ContainsFunc(out.Steps, func(s lintStep) bool { return len(s.Problems) > 0 }) {
		return asError(exitFailed)
	}
	return nil
}

// problemsOf returns the problems of no step, in the order of the document.
func problemsOf(b *steps.Bound) []document.Remark {
	return byLine(b.Document.Problems, b.Problems)
}

// byLine returns what two lists say, in the order of the document.
func byLine(a, b []document.Remark) []document.Remark {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(x, y document.Remark) int { return cmp.Compare(x.Line, y.Line) })
	return all
}

func lintOf(b *steps.Bound) lintOutput {
	out := lintOutput{Title: b.Document.Title, Sections: sectionsOf(b), Steps: []lintStep{}, Problems: problemsOf(b), Notes: byLine(b.Document.Notes, b.Notes)}
	for _, step := range b.InOrder() {
		l := lintStep{
			ID: string(step.Step.ID), Number: step.Step.Number, Section: []clean.Text{}, Text: step.Step.Text,
			Kind: step.Kind.Name, Locked: step.Locked(), Commands: [][]string{}, BoundBy: step.By.String(),
			Params: map[string]string{}, Problems: []clean.Text{}, Notes: []clean.Text{},
		}
		if sec := step.Step.Section; sec != nil {
			l.Section = append(l.Section, sec.Path...)
		}
		for _, command := range step.Step.Commands {
			argv := make([]string, len(command.Argv))
			for j, a := range command.Argv {
				argv[j] = clean.Line(a).String()
			}
			l.Commands = append(l.Commands, argv)
		}
		for k, v := range step.Params {
			l.Params[k] = clean.Line(v).String()
		}
		l.Problems = append(l.Problems, step.Problems...)
		l.Notes = append(l.Notes, step.Notes...)
		if step.Added() {
			out.Added = append(out.Added, l)
		} else {
			out.Steps = append(out.Steps, l)
		}
	}
	if len(out.Steps) == 0 && len(out.Problems) == 0 {
		out.Problems = []document.Remark{{Line: 1, Text: clean.Line(`nothing in the document looks like a step: write steps as a numbered list ("1. ...") or with check boxes ("- [ ] ...").`)}}
	}
	return out
}

// sectionsOf lists every section with a heading.
func sectionsOf(b *steps.Bound) []lintSection {
	all := []lintSection{}
	has := map[*document.Section]int{}
	for i := range b.Steps {
		has[b.Steps[i].Step.Section]++
	}
	for _, s := range b.Document.Sections {
		if s.Level > 0 {
			all = append(all, lintSection{Path: s.Path, Line: s.Line, Steps: has[s]})
		}
	}
	return all
}

// writeLint writes the sections in order, each with its steps.
func writeLint(w io.Writer, b *steps.Bound, out lintOutput) error {
	var text strings.Builder
	fmt.Fprintln(&text, b.Document.Title)
	all := b.InOrder()
	next, gap := 0, "\n"
	for _, s := range b.Document.Sections {
		from := next
		for next < len(all) && all[next].Step.Section == s {
			next++
		}
		switch {
		case s.Level == 0 && from == next:
			continue
		case from == next:
			fmt.Fprintf(&text, "%s%s: no steps\n", gap, sectionPath(s))
			gap = ""
			continue
		}
		gap = "\n"
		fmt.Fprintf(&text, "\n%s\n", sectionPath(s))
		for i := from; i < next; i++ {
			writeLintStep(&text, all[i])
		}
	}
	if len(b.Steps) == 0 {
		fmt.Fprintln(&text, "\nNo steps: the document has no numbered lists and no task items.")
	}
	writeRemarks(&text, "Problems", out.Problems)
	writeRemarks(&text, "Notes", out.Notes)
	_, err := io.WriteString(w, text.String())
	return err
}

func writeLintStep(w io.Writer, step *steps.Binding) {
	lock := ""
	if step.Locked() {
		lock = "locked: "
	}
	fmt.Fprintf(w, "  %-4s %s%s\n", number(step), lock, step.Title())
	switch {
	case step.Added():
		fmt.Fprintf(w, "       %s, added by the program: %s\n", step.Kind.Name, step.Why())
	case step.By == steps.ByNone:
		fmt.Fprintf(w, "       done by hand: %s\n", step.Why())
	default:
		fmt.Fprintf(w, "       %s, by %s: %s\n", step.Kind.Name, step.By, step.Why())
	}
	fmt.Fprintf(w, "       %s\n", clean.Line(string(step.Step.ID)))
	if p := step.ParamLine(); !p.Empty() {
		fmt.Fprintf(w, "       %s\n", p)
	}
	for _, p := range step.Problems {
		fmt.Fprintf(w, "       missing: %s\n", p)
	}
	for _, n := range step.Notes {
		fmt.Fprintf(w, "       note: %s\n", n)
	}
}

func writeRemarks(w io.Writer, heading string, remarks []document.Remark) {
	if len(remarks) > 0 {
		fmt.Fprintf(w, "\n%s\n", heading)
	}
	for _, r := range remarks {
		fmt.Fprintf(w, "  line %d: %s\n", r.Line, r.Text)
	}
}

func number(b *steps.Binding) string {
	switch {
	case b.Added():
		return "+"
	case b.Step.Number == "":
		return "-"
	}
	return b.Step.Number + "."
}

func sectionPath(s *document.Section) string {
	parts := make([]string, len(s.Path))
	for i, p := range s.Path {
		parts[i] = p.String()
	}
	return strings.Join(parts, " > ")
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
