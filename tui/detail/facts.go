package detail

import (
	"slices"
	"strings"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/text"
)

// title draws the title: the step, its state, and its kind if there is room.
func title(c Content, s *text.Styles, w int, more string) string {
	b := c.Binding
	parts := []string{s.Status(c.Status).Render(text.Sign(c.Status) + " " + c.State)}
	if b.Locked() {
		parts = append(parts, "🔒 "+s.Dim.Render("maintainers only"))
	}
	parts = append(parts, more, s.Dim.Render(b.Kind.Name))
	if b.Added() {
		parts = append(parts, s.Dim.Render("added"))
	}
	return text.Title(w, s, c.Focused, say.Capital(strings.Trim(b.Label().String(), `"`)), parts...)
}

// next draws what to do next, in all the rows that it needs.
func next(c Content, s *text.Styles, w int) []string {
	if c.Next == "" {
		return nil
	}
	p := &page{styles: s, width: w}
	p.field(s.Key.Render("Next"), c.Next)
	return p.lines
}

// said adds what people have stated, with who and when.
func (p *page) said(c Content) {
	b := c.Binding
	s := c.Run.Step(b.Step.ID)
	at := func(h runbook.Head) string { return " (" + h.Actor.String() + ", " + p.at(h.At) + ")" }
	p.section()
	for _, name := range b.Placeholders() {
		if f := c.Run.Filled(name); f != nil && s.Result.Verdict == runbook.NotAsked { // else it is among the evidence
			p.field("Filled in", questions.Filled(f).String()+", "+p.at(f.At))
		}
	}
	if s.Tick != nil {
		p.field("Ticked", "done"+at(s.Tick.Head))
	}
	if s.Skip != nil {
		p.field("Skipped", s.Skip.Reason.String()+at(s.Skip.Head))
	}
	if e := s.Elsewhere; e != nil {
		p.field("Elsewhere", "done by "+e.By.String()+": "+e.Reason.String()+at(e.Head))
		if len(e.Evidence) == 0 {
			p.field("", "No service could be asked: only this statement says so.")
		}
		p.evidences(e.Evidence, evidenceLines)
	}
	if s.Override != nil {
		p.field("Accepted", s.Override.Reason.String()+at(s.Override.Head))
	}
	if s.Lapsed != nil {
		p.field(p.styles.Warn.Render("Lapsed"), "accepted before, but no longer: "+questions.Lapsed(c.Run, b.Step.ID)+" It was accepted because: "+s.Lapsed.Reason.String()+at(s.Lapsed.Head))
	}
	if s.Judgement != nil {
		p.field("Judged", "the "+s.Judgement.Effect+" looks correct"+at(s.Judgement.Head))
	}
	spec, _ := c.Run.Spec(b.Step.ID)
	for i, e := range s.Effects {
		label := "`" + spec.Effects[i].Label.String() + "`"
		switch {
		case e.Voided != nil:
			p.field(p.styles.Warn.Render("Lapsed"), label+" no longer counts ("+p.at(e.Voided.At)+"): "+e.Voided.Text.String())
		case e.InDoubt():
			p.field(p.styles.Bad.Render("Unknown"), e.Doubted.Text.String())
		case e.Settled != nil && e.Settled.Done:
			p.field("Decided", label+" was carried out: "+e.Settled.Reason.String()+at(e.Settled.Head))
		case e.Settled != nil:
			p.field("Decided", label+" was not carried out, or not to its end: "+e.Settled.Reason.String()+at(e.Settled.Head))
		}
	}
	for _, h := range c.Run.Held() {
		if h.Step == b.Step.ID {
			p.field(p.styles.Warn.Render(say.Capital(h.Effect.Made)), h.Text().String())
		}
	}
	if s.Changed {
		p.field(p.styles.Warn.Render("Changed"), "the text of this step has changed; what was said about it no longer counts")
	}
	if c.Run.Rollback() != nil {
		for i, text := range b.Kind.Unrestored.All {
			name := ""
			if i == 0 {
				name = p.styles.Warn.Render("Stays")
			}
			p.field(name, text)
		}
	}
	if b.Step.Marked {
		p.field("Author", "marked as done in the document; that says nothing about this run")
	}
}

// found adds what checks and commands have found: the verdict and its evidence.
func (p *page) found(c Content) {
	b := c.Binding
	s := c.Run.Step(b.Step.ID)
	p.section()
	spec, _ := c.Run.Spec(b.Step.ID)
	for i, e := range s.Effects {
		if e.Finished != nil && i < spec.Course()-1 {
			p.result(say.Capital(spec.Effects[i].Name), e.Finished.Result, p.at(e.Finished.At))
		}
	}
	if !p.alarming(c) {
		p.seen(c)
	}
	if a := c.Run.Access(); b.Step.Locked && a != nil && len(b.Kind.Effects) == 0 { // else the gate says it
		style := p.styles.Warn
		if a.Granted {
			style = p.styles.Dim
		}
		p.field(style.Render("Access"), say.Capital(a.Text.String()))
	}
	for _, problem := range b.Problems {
		p.field(p.styles.Warn.Render("Missing"), problem.String())
	}
	for _, note := range b.Notes {
		p.field(p.styles.Warn.Render("Note"), note.String())
	}
}

// alarming reports whether a command of the step has failed: that comes before all else.
func (p *page) alarming(c Content) bool {
	s := c.Run.Step(c.Binding.Step.ID)
	n := len(s.Effects)
	return n > 0 && s.Effects[n-1].Finished != nil && s.Result.Verdict == runbook.Failed && !s.Result.Waiting
}

// seen adds the verdict and its evidence.
func (p *page) seen(c Content) {
	b := c.Binding
	s := c.Run.Step(b.Step.ID)
	doubt := steps.FindDoubt(c.Run, b.Step.ID)
	if s.Result.Verdict != runbook.NotAsked && (doubt == nil || doubt.Event.Text != s.Result.Summary) {
		if c.Run.Status(b.Step.ID, c.Now) == runbook.Ready {
			p.field("Seen", "not done yet, "+p.checked(s.CheckedAt)+". "+s.Result.Summary.String())
			p.evidences(s.Result.Evidence, evidenceLines)
		} else {
			p.result("Seen", s.Result, p.checked(s.CheckedAt))
		}
		if s.Known != nil {
			p.result("Before", s.Known.Result, p.at(s.Known.At))
		}
	}
}

func (p *page) result(name string, r runbook.Result, when string) {
	status := map[runbook.Verdict]runbook.Status{
		runbook.Passed: runbook.Done, runbook.Failed: runbook.Rejected, runbook.Unknown: runbook.Unsure,
	}[r.Verdict]
	if r.Waiting {
		status = runbook.Waiting
	}
	p.field(p.styles.Status(status).Render(name), r.Word()+", "+when+". "+r.Summary.String())
	lines := evidenceLines
	if r.Verdict == runbook.Failed && !r.Waiting {
		lines = failedLines
	}
	p.evidences(slices.DeleteFunc(slices.Clone(r.Evidence), func(e runbook.Evidence) bool { return repeats(e, r.Summary) }), lines)
}

// repeats reports whether a sentence that was seen is in the summary, word for word. One about
// a file isn't said without its path.
func repeats(e runbook.Evidence, summary clean.Text) bool {
	value := e.Value.String()
	return strings.Count(value, " ") > 4 && !strings.Contains(e.Name.String(), "/") && strings.Contains(summary.String(), value)
}

// ahead returns what to do next about the step if that is to run a command.
func ahead(c Content) (steps.Advice, bool) {
	a := steps.Next(c.Run, c.Binding, c.Now)
	switch {
	case a.Effect == nil, a.Do == steps.TodoByHand:
		return a, false
	case c.Next == "" && c.Run.Mode() == runbook.DryRun: // a dialogue shows what would have been run, and this is what comes after that
		return a, false
	case a.Doubt != nil && a.Doubt.Effect.Name == a.Effect.Name: // its outcome must be decided first
		return a, false
	}
	return a, true
}

// gate adds the next command, and the reasons why it may not run.
func (p *page) gate(a steps.Advice) {
	p.section()
	p.field("Command", a.Effect.Label.String())
	if p.dir != "" {
		p.field("in", p.dir)
	}
	for i, r := range a.Reasons {
		name := ""
		if i == 0 {
			name = p.styles.Warn.Render("Before it")
		}
		p.field(name, r.Text.String())
	}
}
