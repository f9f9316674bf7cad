package plain

import (
	"context"
	"fmt"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/text"
)

// keptLines is the most lines of a command's output that are read. A longer output can't be
// read to its end here.
const keptLines = 100_000

// pages prints lines page by page, and reports whether the person has read them to the end.
// The lines of an output are as the command has printed them: a message that says what to run
// is copied whole.
func (w *walk) pages(what string, lines []string, verbatim bool) bool {
	show := w.out.verbatim
	if !verbatim {
		show = func(line string) { w.out.line("%s", line) }
	}
	if w.page(lines, verbatim) < len(lines) {
		w.out.line("%s: %s. Enter shows more; stop ends.", say.Capital(what), say.Count(len(lines), "line"))
	}
	for from := 0; from < len(lines); {
		if from > 0 {
			line, ok := w.prompt(fmt.Sprintf("%d of %d>", from, len(lines)))
			if !ok {
				return false
			}
			if line != "" && line != "more" {
				w.out.line("Stopped reading the %s.", what)
				return false
			}
		}
		n := w.page(lines[from:], verbatim)
		for _, line := range lines[from : from+n] {
			show(line)
		}
		from += n
	}
	w.out.line("End of the %s.", what)
	return true
}

// page returns how many of the lines fill a page, at least 1 if there are any.
func (w *walk) page(lines []string, verbatim bool) int {
	cells := w.out.cells()
	for i, rows := 0, 0; i < len(lines); i++ {
		switch line := spoken(lines[i]); {
		case cells <= 0:
			rows++
		case verbatim:
			rows += max(1, (text.Width(line)+cells-1)/cells)
		default:
			rows += len(w.out.rows(line))
		}
		if rows > w.Page {
			return max(i, 1)
		}
	}
	return len(lines)
}

// hasRead reports whether the newest plan of an effect was read to its end.
func (w *walk) hasRead(b *steps.Binding, effect string) bool {
	started := w.run().Effect(b.Step.ID, effect).Started
	return started != nil && w.read[started.Attempt]
}

// noteRead remembers that what an effect has made was read to its end.
func (w *walk) noteRead(id document.StepID, effect string) {
	if started := w.run().Effect(id, effect).Started; started != nil {
		w.read[started.Attempt] = true
	}
}

// readPlan shows the newest plan of the present step, or of the step that has one.
func (w *walk) readPlan(rest string) {
	b, made := w.planned()
	if made == nil {
		w.out.line("Not done: there is no plan yet.")
		return
	}
	var lines []string
	var err error
	if !w.during("reading the plan", func(ctx context.Context) {
		var r *steps.PlanReading
		if r, err = w.Engine.Plan(ctx, b.Step.ID); err == nil && r != nil {
			lines, err = w.Plan(r, rest == "all")
		}
	}) {
		return
	}
	if err != nil || len(lines) == 0 {
		if err != nil {
			w.out.line("The plan can't be shown: %s. Read what was printed instead.", clean.Line(err.Error()))
		}
		w.readPrinted(b, *made)
		w.tellNext()
		return
	}
	if w.pages(made.Name, lines, false) {
		w.noteRead(b.Step.ID, made.Name)
	}
	w.tellNext()
}

// planned returns the step whose plan is read, and the effect that has made it; nil if there
// is no plan.
func (w *walk) planned() (*steps.Binding, *runbook.EffectSpec) {
	of := func(b *steps.Binding) *runbook.EffectSpec {
		spec := w.spec(b)
		made := questions.Planner(&spec)
		if made == nil || w.run().Effect(b.Step.ID, made.Name).Finished == nil {
			return nil
		}
		return made
	}
	if made := of(w.at); made != nil {
		return w.at, made
	}
	for i := range w.Engine.Bound().Steps {
		b := &w.Engine.Bound().Steps[i]
		if made := of(b); made != nil {
			return b, made
		}
	}
	return nil, nil
}

// readOutput shows what the last command of a step has printed; without a step, what the
// last command of the run has.
func (w *walk) readOutput(rest string) {
	from := w.Engine.Bound().Steps
	if rest != "" {
		b, ok := w.named(rest)
		if !ok {
			return
		}
		from = []steps.Binding{*b}
	}
	var newest *runbook.EffectStarted
	var effect runbook.EffectSpec
	var of *steps.Binding
	for i := range from {
		spec := w.spec(&from[i])
		for j, e := range w.run().Step(from[i].Step.ID).Effects {
			if e.Started != nil && !spec.Effects[j].Aside && (newest == nil || e.Started.At.After(newest.At)) {
				of, effect, newest = &from[i], spec.Effects[j], e.Started
			}
		}
	}
	if of == nil {
		w.out.line("Not done: no command has run.")
		return
	}
	w.readPrinted(of, effect)
	w.tellNext()
}

// readPrinted shows what a command has printed. Reading that of the command that makes a plan
// to its end is reading the plan.
func (w *walk) readPrinted(b *steps.Binding, effect runbook.EffectSpec) {
	var lines []string
	dropped := 0
	var err error
	if !w.during("reading the output", func(ctx context.Context) {
		err = w.Engine.Printed(ctx, b.Step.ID, effect.Name, func(o steps.Output) {
			for _, l := range o.Lines {
				if len(lines) == keptLines {
					dropped++
					continue
				}
				lines = append(lines, l.String())
			}
		})
	}) {
		return
	}
	if err != nil {
		w.fail(err)
		return
	}
	whole := w.pages("output", lines, true)
	switch spec := w.spec(b); {
	case dropped > 0:
		w.out.line("Note: %s more are not shown, so this can't be judged here.", say.Count(dropped, "line"))
	case whole && w.run().Effect(b.Step.ID, effect.Name).Finished != nil && questions.Planner(&spec) != nil && questions.Planner(&spec).Name == effect.Name:
		w.noteRead(b.Step.ID, effect.Name)
	}
}

// document shows the whole document.
func (w *walk) document() {
	w.pages("document", text.Markdown(w.Engine.Bound().Document.Text(), wide, text.Plain), false)
}
