package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/tui/dialog"
)

// statements records what a person says about a step.
type statements struct {
	*core
	checks *checks
	look   func() tea.Cmd // finds out what became of a change in doubt
}

// skip asks for the reason to skip a step.
func (s *statements) skip(b *steps.Binding) {
	s.askReason(b.Step.ID, runbook.Skip, "Skip "+b.Label().String(), "Why is it left out?", s.engine.Skip)
}

// accept asks for the reason to accept what a check has found.
func (s *statements) accept(b *steps.Binding) {
	spec, res := s.spec(b.Step.ID), s.run.Step(b.Step.ID).Result
	names := spec.Acceptable(res)
	lines := strings.Split(names, "\n")
	shown := strings.TrimSuffix(strings.Join(cleaned(lines, len(lines)), ", "), ".") + ". " + b.Accepting(res)
	s.askReason(b.Step.ID, runbook.Override, "Accept what "+b.Label().String()+" found", shown, func(id document.StepID, reason string) error {
		return s.engine.Override(id, reason, names)
	})
}

// untick undoes a statement.
func (s *statements) untick(id document.StepID) tea.Cmd {
	engine := s.engine
	return s.tell(func() error { return engine.Untick(id) })
}

// askReason asks for the reason of a skip or an override.
func (s *statements) askReason(id document.StepID, a runbook.Action, title, about string, record func(document.StepID, string) error) {
	if !s.may(a, id) {
		return
	}
	s.open(s.reasonPrompt(title, []string{about, "The reason is recorded with your name."}, func(reason string) tea.Cmd {
		s.checks.stop(id)
		return s.tell(func() error { return record(id, reason) })
	}))
}

// reasonPrompt returns a prompt for a reason. It takes an answer only if all of the
// question is on the screen: a person must have seen what they accept.
func (s *statements) reasonPrompt(title string, about []string, then func(reason string) tea.Cmd) *dialog.Prompt {
	p := dialog.NewPrompt(s.dialogConfig, title, about, func(reason string) (tea.Msg, string) {
		if len(reason) < runbook.MinReason {
			return nil, fmt.Sprintf("a reason has at least %d characters", runbook.MinReason)
		}
		return do(func() tea.Cmd { return then(reason) }), ""
	})
	p.Whole = true
	return p
}

// settle asks a person for the outcome of a command that the program does not know. It
// shows what is known, and the command that shows what is left to do.
func (s *statements) settle(b *steps.Binding) {
	id := b.Step.ID
	doubt := steps.FindDoubt(s.run, id)
	if doubt == nil {
		s.say(clean.Line("No command of this step is in doubt."), true)
		return
	}
	effect := doubt.Effect
	if look := s.look; effect.Aside {
		s.openGuarded(dialog.NewDecision(s.dialogConfig, "What became of `"+effect.Label.String()+"`?", []string{doubt.Event.Text.String()},
			dialog.Option{Letter: "l", Text: "look again", Answer: do(look)},
			dialog.Option{Letter: "s", Text: "say what became of it: you have looked yourself", Answer: do(func() tea.Cmd { s.decide(id, doubt); return nil })}))
		return
	}
	s.decide(id, doubt)
}

// decide asks a person what became of a command.
func (s *statements) decide(id document.StepID, doubt *steps.Doubt) {
	effect := doubt.Effect
	label, engine := effect.Label.String(), s.engine
	decide := func(done bool, what string) do {
		about := []string{"You say that it " + what + ". How do you know? The reason is recorded with your name."}
		return func() tea.Cmd {
			s.open(s.reasonPrompt("What became of `"+label+"`", about, func(reason string) tea.Cmd {
				ctx := s.ctx
				return s.tell(func() error {
					if err := engine.Settle(id, effect.Name, done, reason); err != nil {
						return err
					}
					engine.CheckAll(ctx, []document.StepID{id}) // the earlier result is out of date
					return nil
				})
			}))
			return nil
		}
	}
	about := []string{doubt.Event.Text.String()}
	if doubt.Since != nil {
		about = append(about, say.Capital(effect.After)+" since then: "+doubt.Since.Result.Summary.String())
	}
	s.openGuarded(dialog.NewDecision(s.dialogConfig, "What became of `"+label+"`?", about,
		dialog.Option{Letter: "y", Text: "it was carried out, to its end", Answer: decide(true, "was carried out, to its end")},
		dialog.Option{Letter: "n", Text: "it was not, or not to its end: it may be run again", Answer: decide(false, "was not carried out, or not to its end")}))
}
