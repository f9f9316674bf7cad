package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/tui/dialog"
)

// settleDoubt has a person decide what became of a command. The program never
// does: it shows what is known, and the command that shows what is left to do.
func (m *Model) settleDoubt(b *steps.Binding) {
	id := b.Step.ID
	doubt := steps.FindDoubt(m.run, id)
	if doubt == nil {
		m.say(clean.Line("No command of this step is in doubt."), true)
		return
	}
	effect := doubt.Effect
	label, engine := effect.Label.String(), m.engine
	decide := func(done bool, what string) do {
		about := []string{"You say that it " + what + ". How do you know? The reason is recorded with your name."}
		return func() tea.Cmd {
			m.open(m.reasonPrompt("What became of `"+label+"`", about, func(reason string) tea.Cmd {
				ctx := m.ctx
				return m.tell(func() error {
					if err := engine.Settle(id, effect.Name, done, reason); err != nil {
						return err
					}
					engine.CheckAll(ctx, []document.StepID{id}) // what was seen of it is of before
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
	m.comeUp(dialog.NewDecision(m.dialogs, "What became of `"+label+"`?", about,
		dialog.Option{Letter: "y", Text: "it was carried out, to its end", Answer: decide(true, "was carried out, to its end")},
		dialog.Option{Letter: "n", Text: "it was not, or not to its end: it may be run again", Answer: decide(false, "was not carried out, or not to its end")}))
}
