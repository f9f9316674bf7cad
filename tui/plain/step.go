package plain

import (
	"fmt"
	"strconv"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/text"
)

// name returns how a step is called at the beginning of a line: "Step 4".
func name(b *steps.Binding) string { return say.Capital(strings.Trim(b.Label().String(), `"`)) }

// head returns the line of a step: "Step 4 of 6, locked, to do: Update the version".
func (w *walk) head(b *steps.Binding) string {
	line := name(b)
	title := ": " + strings.TrimSuffix(b.Title().String(), ".")
	switch place, of := w.Engine.Bound().Place(b); {
	case b.Added():
		line = fmt.Sprintf("Step %d of %d, added", place, of)
	case b.Step.Number == strconv.Itoa(place):
		line += " of " + say.Number(of)
	case b.Step.Number == "" && strings.HasPrefix(b.Title().String(), strings.TrimSuffix(line, "…")):
		line = "Step" // the title says it all
	}
	if b.Locked() {
		line += ", for maintainers only"
	}
	return line + ", " + w.run().Status(b.Step.ID, w.Now()).String() + title
}

// list prints one line for each step.
func (w *walk) list() {
	var section string
	for _, b := range w.Engine.Bound().InOrder() {
		if s := strings.Join(sectionOf(b), ", "); s != section {
			section = s
			w.out.line("Section: %s", s)
		}
		here := ""
		if b == w.at || b.Step.ID == w.at.Step.ID {
			here = "Here: "
		}
		named := ""
		if b.Step.Number == "" {
			named = ", named " + b.Kind.Name
		}
		w.out.line("%s%s%s.", here, w.head(b), named)
	}
	w.tellProgress()
}

func sectionOf(b *steps.Binding) []string {
	var path []string
	if b.Step.Section == nil {
		return nil
	}
	for _, p := range b.Step.Section.Path {
		path = append(path, p.String())
	}
	return path
}

// tellStep says where the walk is and what to do next.
func (w *walk) tellStep() {
	w.out.line("%s.", w.head(w.at))
	if res := w.run().Step(w.at.Step.ID).Result; res.Verdict != runbook.NotAsked {
		w.out.line("Seen: %s", res.Summary)
	}
	w.tellNext()
}

// tellNext says what to do next.
func (w *walk) tellNext() {
	if w.left {
		return
	}
	if b := w.at; b.Kind.Question {
		if next := steps.NextStep(w.run(), w.Engine.Bound(), b, w.Now()); next != nil {
			what := "verify compares what is deployed with main, "
			if w.run().Step(b.Step.ID).Result.Verdict != runbook.NotAsked {
				what = "you decide: "
			}
			w.out.line("Next: %snext goes to %s.", what, next.Label())
			return
		}
	}
	w.out.line("Next: %s.", strings.TrimSuffix(w.todo(w.at), "."))
}

// status says how far the walk is.
func (w *walk) status() {
	w.tellProgress()
	w.tellStep()
}

// explain prints why there are such steps, and what can go wrong.
func (w *walk) explain(b *steps.Binding) {
	w.out.line("%s.", w.head(b))
	for _, line := range text.Markdown(b.Kind.Explain, wide, text.Plain) {
		switch heading, ok := strings.CutPrefix(line, "## "); {
		case ok:
			w.out.line("%s:", heading)
		case strings.TrimSpace(line) != "":
			w.out.line("  %s", line)
		}
	}
}

// show prints all there is to know about a step.
func (w *walk) show(b *steps.Binding) {
	w.out.line("%s.", w.head(b))
	w.out.line("Text:")
	w.out.lines(text.Markdown(b.Step.Markdown(), wide, text.Plain))
	w.out.line("Why: %s Type why for more.", b.Kind.Doc)
	w.said(b)
	w.seen(b)
	if a := steps.Next(w.run(), b, w.Now()); a.Effect != nil {
		w.out.line("Command: %s", a.Effect.Label)
		for _, r := range a.Reasons {
			w.out.line("Before it: %s", r.Text)
		}
	}
	w.tellNext()
}

// wide is the width for text that the terminal wraps, or the ears need not.
const wide = 1000

// said prints what people have stated about a step.
func (w *walk) said(b *steps.Binding) {
	s := w.run().Step(b.Step.ID)
	by := func(h runbook.Head) string { return h.Actor.String() + ", " + w.ago(h.At) }
	for _, name := range b.Placeholders() {
		if f := w.run().Filled(name); f != nil && s.Result.Verdict == runbook.NotAsked { // else it is among the evidence
			w.out.line("Filled in: %s, %s.", questions.Filled(f), w.ago(f.At))
		}
	}
	if s.Tick != nil {
		w.out.line("Ticked: by %s.", by(s.Tick.Head))
	}
	if s.Skip != nil {
		w.out.line("Skipped: %s, by %s.", s.Skip.Reason, by(s.Skip.Head))
	}
	if e := s.Elsewhere; e != nil {
		w.out.line("Done elsewhere: by %s. %s, stated by %s.", e.By, e.Reason, by(e.Head))
	}
	if s.Override != nil {
		w.out.line("Accepted: %s, by %s.", s.Override.Reason, by(s.Override.Head))
	}
	w.lapsed(b)
	if s.Judgement != nil {
		w.out.line("Judged: the %s looks correct, by %s.", s.Judgement.Effect, by(s.Judgement.Head))
	}
	spec := w.spec(b)
	for i, e := range s.Effects {
		switch label := spec.Effects[i].Label; {
		case e.Voided != nil:
			w.out.line("No longer valid: %s, %s. %s", label, w.ago(e.Voided.At), e.Voided.Text)
		case e.InDoubt():
			w.out.line("Outcome unknown: %s", e.Doubted.Text)
		case e.Settled != nil && e.Settled.Done:
			w.out.line("Decided: %s was carried out. %s, by %s.", label, e.Settled.Reason, by(e.Settled.Head))
		case e.Settled != nil:
			w.out.line("Decided: %s was not carried out, or not to its end. %s, by %s.", label, e.Settled.Reason, by(e.Settled.Head))
		}
	}
	for _, h := range w.run().Held() {
		if h.Step == b.Step.ID {
			w.out.line("Still %s: %s.", h.Effect.Made, h.Text())
		}
	}
	if s.Changed {
		w.out.line("Changed: the text of this step is not what it was; what was stated about it no longer counts.")
	}
	if w.run().Rollback() != nil {
		for _, stays := range b.Kind.Unrestored.All {
			w.out.line("Not restored: %s", stays)
		}
	}
}

// seen prints what checks and commands have found.
func (w *walk) seen(b *steps.Binding) {
	s, spec := w.run().Step(b.Step.ID), w.spec(b)
	for i, e := range s.Effects {
		if e.Finished != nil {
			w.out.line("%s: %s. %s (%s)", say.Capital(spec.Effects[i].Name), e.Finished.Result.Word(), e.Finished.Result.Summary, w.ago(e.Finished.At))
		}
	}
	if s.Result.Verdict != runbook.NotAsked {
		w.out.line("Seen: %s. %s (%s)", s.Result.Word(), s.Result.Summary, w.ago(s.CheckedAt))
		for _, e := range s.Result.Evidence {
			w.evidence(e)
		}
	}
	if a := w.run().Access(); b.Step.Locked && a != nil {
		w.out.line("Access: %s", a.Text)
	}
	for _, p := range b.Problems {
		w.out.line("Missing: %s", p)
	}
	for _, n := range b.Notes {
		w.out.line("Note: %s", n)
	}
}

func (w *walk) evidence(e runbook.Evidence) {
	name := e.Name.String()
	switch name {
	case "-":
		name = "Removed line"
	case "+":
		name = "Added line"
	}
	line := name + ": " + e.Value.String()
	if src := e.Source.String(); text.WebLink(src) && src != e.Value.String() {
		line += ", from " + src
	}
	w.out.line("  %s", line)
}

// ago returns "2 min ago, at 14:02:11".
func (w *walk) ago(t interface {
	Format(string) string
}) string {
	return "at " + t.Format("15:04:05")
}

// links prints where a step's links lead, and the commands of its text.
func (w *walk) links(b *steps.Binding) {
	n := 0
	for _, l := range b.Step.Links {
		n++
		w.out.line("Link %d: %s", n, clean.Line(l.Target))
	}
	for _, e := range w.run().Step(b.Step.ID).Result.Evidence {
		if src := e.Source.String(); text.WebLink(src) {
			n++
			w.out.line("Link %d: %s, from %s", n, src, e.Name)
		}
	}
	for _, c := range b.Step.Commands {
		w.out.line("Command in the text: %s", say.CommandLine(c.Argv))
	}
	if n == 0 {
		w.out.line("Links: none in this step.")
	}
}
