package tui

import (
	"fmt"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// doubted returns the effect of the step of which nobody knows how it ended.
func (m *Model) doubted(id document.StepID) (runbook.EffectSpec, *runbook.EffectDoubted, bool) {
	spec, _ := m.run.Spec(id)
	s := m.run.Step(id)
	if i := slices.IndexFunc(s.Effects, runbook.EffectState.InDoubt); i >= 0 {
		return spec.Effects[i], s.Effects[i].Doubted, true
	}
	return runbook.EffectSpec{}, nil, false
}

// settleDoubt has a person decide what became of a command. The program never
// does: it shows what is known, and the command that shows what is left to do.
func (m *Model) settleDoubt(b *steps.Binding) {
	id := b.Step.ID
	effect, doubt, ok := m.doubted(id)
	if !ok {
		m.say(clean.Line("No command of this step is in doubt."), true)
		return
	}
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
	about := []string{doubt.Text.String()}
	if seen := m.run.Effect(id, effect.After).Finished; effect.After != "" && seen != nil && seen.At.After(doubt.At) {
		about = append(about, capital(effect.After)+" since then: "+seen.Result.Summary.String())
	}
	m.comeUp(&decision{
		title: "What became of `" + label + "`?", keys: m.keys, about: about,
		options: []option{
			{"y", "it was carried out, to its end", decide(true, "was carried out, to its end")},
			{"n", "it was not, or not to its end: it may be run again", decide(false, "was not carried out, or not to its end")},
		},
	})
}

// nextDoubt says what leads out of a doubt.
func (m *Model) nextDoubt(id document.StepID) string {
	effect, doubt, _ := m.doubted(id)
	if seen := m.run.Effect(id, effect.After).Finished; effect.After != "" && seen != nil && seen.At.After(doubt.At) {
		return "compare what the new " + effect.After + " says, then " + m.press(m.keys.Settle, "decides what became of `"+effect.Label.String()+"`")
	}
	text := "nobody knows how `" + effect.Label.String() + "` ended: look for yourself, then " + m.press(m.keys.Settle, "decides it")
	if next, reasons, ok := m.nextEffect(id); ok && next.Name == effect.After && len(reasons) == 0 {
		text += "; " + m.press(m.keys.Run, "runs `"+next.Label.String()+"`, which shows what is left to do")
	}
	return text
}
