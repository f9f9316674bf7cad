package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/tui/text"
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
	decide := func(done bool, what string) func() tea.Cmd {
		return func() tea.Cmd {
			about := []string{"You say that it " + what + ". How do you know? The reason is recorded with your name."}
			p := newPrompt(m, "What became of `"+label+"`", about, func(reason string) (tea.Cmd, string) {
				if len(reason) < runbook.MinReason {
					return nil, fmt.Sprintf("a reason has at least %d characters", runbook.MinReason)
				}
				ctx := m.ctx
				return m.tell(func() error {
					if err := engine.Settle(id, effect.Name, done, reason); err != nil {
						return err
					}
					engine.CheckAll(ctx, []document.StepID{id}) // what was seen of it is of before
					return nil
				}), ""
			})
			p.whole = true
			m.open(p)
			return nil
		}
	}
	about := []string{doubt.Event.Text.String()}
	if doubt.Since != nil {
		about = append(about, text.Capital(effect.After)+" since then: "+doubt.Since.Result.Summary.String())
	}
	m.comeUp(&decision{
		title: "What became of `" + label + "`?", keys: m.keys, about: about,
		options: []option{
			{"y", "it was carried out, to its end", decide(true, "was carried out, to its end")},
			{"n", "it was not, or not to its end: it may be run again", decide(false, "was not carried out, or not to its end")},
		},
	})
}
