package tui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui/dialog"
	"catalog-runbook/tui/plan"
)

// haste is how soon after the question about a plan nobody can have read it: an
// answer that comes sooner is refused.
const haste = time.Second

// confirm asks for what must be typed before an effect is run.
func (m *Model) confirm(msg preparedMsg) {
	b, _ := m.engine.Bound().Step(msg.id)
	phrase := m.run.Phrase(msg.id, msg.effect.Name)
	shown := m.cfg.Now()
	p := dialog.NewPrompt(m.dialogConfig, "Run `"+msg.effect.Label.String()+"`", m.question(b, msg, phrase, named), func(text string) (tea.Msg, string) {
		switch {
		case msg.effect.Judged && m.cfg.Now().Sub(shown) < haste:
			return nil, "that was too quick to have read it: read it, then press enter"
		case strings.Join(strings.Fields(text), " ") != phrase:
			return nil, "that is not " + phrase
		}
		return do(func() tea.Cmd { return m.perform(msg.id, msg.effect, phrase) }), ""
	})
	p.Brief = m.question(b, msg, phrase, 0)
	p.Whole = true
	m.comeUp(p)
}

// named is how many of the resources that are destroyed a question names.
const named = 3

// question is what a person is to know before the command is run: the folder, and
// of a plan the verdict, the counts, and what is destroyed, of which so many are
// named; with none, no more than must be known.
func (m *Model) question(b *steps.Binding, msg preparedMsg, phrase string, names int) []string {
	dir := clean.Line(m.engine.World().Checkout.Dir).String()
	environment, number, _ := strings.Cut(phrase, " ")
	var about []string
	if msg.effect.After != "" {
		about = append(about, m.reviewed(msg, names)...)
		release := clean.Line(m.run.Release()).String()
		if names > 0 {
			release = "Release " + release
		}
		about = append(about, fmt.Sprintf("%s to %s, in %s", release, environment, dir))
	} else {
		about = append(about, "in "+dir)
	}
	if b.Step.Locked && (names > 0 || msg.effect.After == "") {
		about = append(about, "🔒 For maintainers with infrastructure access only.")
	}
	switch {
	case number != "" && names > 0:
		about = append(about, fmt.Sprintf("Type %s to run it: the environment, and how many resources are destroyed.", phrase))
	case number != "":
		about = append(about, fmt.Sprintf("Type %s (so many are destroyed).", phrase))
	default:
		about = append(about, "Type "+phrase+" to run it.")
	}
	return about
}

// reviewed says what the plan that was reviewed does.
func (m *Model) reviewed(msg preparedMsg, names int) []string {
	r := msg.plan
	if r == nil { // what it destroys is not known here
		lines := []string{}
		if done := m.run.Effect(msg.id, msg.effect.After).Finished; done != nil {
			lines = append(lines, done.Result.Summary.String())
		}
		return append(lines, "What is destroyed cannot be listed: "+msg.unread.String()+".")
	}
	verdict, n := say.Capital(r.Judgement.Verdict.String())+": ", r.Plan.Counts
	if names == 0 {
		counts := fmt.Sprintf("%d add, %d change, %d destroy", n.Add, n.Change, n.Destroy)
		if n.Forget+n.Import > 0 {
			counts += fmt.Sprintf(", %d forget, %d import", n.Forget, n.Import)
		}
		return append([]string{verdict + counts}, fallen(r.Plan, names)...)
	}
	summary := strings.TrimSuffix(r.Judgement.Summary.String(), ": "+n.String()) + "."
	counts := fmt.Sprintf("%d to add, %d to change, %d to destroy, %d to forget, %d to import.", n.Add, n.Change, n.Destroy, n.Forget, n.Import)
	return append([]string{verdict + summary, counts}, fallen(r.Plan, names)...)
}

// fallen names what a plan destroys, replaces or forgets: so many of each, and
// how many more there are.
func fallen(p terraform.Plan, names int) []string {
	var lines []string
	for _, kind := range []struct {
		action terraform.Action
		word   string
	}{{terraform.Delete, "Destroyed"}, {terraform.Replace, "Replaced"}, {terraform.Forget, "Forgotten"}} {
		var found []string
		n := 0
		for i := range p.Changes {
			if c := &p.Changes[i]; c.Action == kind.action {
				if n++; n <= max(names, 1) {
					found = append(found, clean.Line(c.Address).String())
				}
			}
		}
		if n == 0 {
			continue
		}
		line := kind.word + ": " + strings.Join(found, ", ")
		if more := n - len(found); more > 0 {
			line += fmt.Sprintf(", and %s more", say.Number(more))
		}
		lines = append(lines, line)
	}
	return lines
}

// planFor returns the plan that an effect would carry out: the one at hand, or
// read again. What it returns is called beside Update.
func (m *Model) planFor(id document.StepID, effect runbook.EffectSpec) func() (*steps.PlanReading, clean.Text) {
	if effect.After == "" {
		return func() (*steps.PlanReading, clean.Text) { return nil, clean.Text{} }
	}
	if started := m.run.Effect(id, effect.After).Started; started != nil && m.plan.Of(id, started.Attempt) && m.plan.Doc() != nil {
		r := m.plan.Doc().PlanReading
		return func() (*steps.PlanReading, clean.Text) { return r, clean.Text{} }
	}
	source, ctx := m.plans, m.ctx
	return func() (*steps.PlanReading, clean.Text) {
		doc, err := source(ctx, id)
		switch {
		case err != nil:
			return nil, clean.Line(err.Error())
		case doc == nil:
			return nil, clean.Line(plan.ErrNone.Error())
		}
		return doc.PlanReading, clean.Text{}
	}
}
