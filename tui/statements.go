package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/tui/dialog"
)

// statements records what a person says about a step.
type statements struct {
	*core
	checks *checks
	look   func() tea.Cmd // finds out what became of a change in doubt
}

// skip asks for the reason to skip a step. One that deploys can't be skipped: skip asks
// who has done it elsewhere, once it is known what shows that.
func (s *statements) skip(b *steps.Binding) tea.Cmd {
	id, engine := b.Step.ID, s.engine
	if !s.spec(id).Deploys {
		if s.may(runbook.Skip, id) {
			s.open(s.reasonPrompt(questions.Skip(b), func(reason string) tea.Cmd {
				s.checks.stop(id)
				return s.tell(func() error { return engine.Skip(id, reason) })
			}))
		}
		return nil
	}
	if !s.may(runbook.MarkElsewhere, id) {
		return nil
	}
	s.say(clean.Line("Asking what is deployed…"), false)
	ctx := s.ctx
	return func() tea.Msg { return elsewhereMsg{id, engine.Elsewhere(ctx, id)} }
}

// elsewhereMsg carries what shows that a step was done elsewhere, if anything does.
type elsewhereMsg struct {
	id       document.StepID
	evidence []runbook.Evidence
}

// elsewhere asks who has carried out a step that deploys, and how the person knows.
func (s *statements) elsewhere(msg elsewhereMsg) {
	s.message = message{}
	s.refresh()
	b, _ := s.engine.Bound().Step(msg.id)
	if s.dialog != nil || !s.may(runbook.MarkElsewhere, msg.id) {
		return // the person has moved on
	}
	q := questions.Elsewhere(s.run, b, msg.evidence)
	p := dialog.NewPrompt(s.dialogConfig, q.Title, q.About, func(by string) (tea.Msg, string) {
		if by == "" {
			return nil, "name who has done it"
		}
		return do(func() tea.Cmd {
			engine := s.engine
			s.open(s.reasonPrompt(questions.ElsewhereHow(s.run, b, by), func(reason string) tea.Cmd {
				return s.tell(func() error { return engine.DoneElsewhere(msg.id, by, reason, msg.evidence) })
			}))
			return nil
		}), ""
	})
	p.Whole = true
	s.openGuarded(p)
}

// acceptLife is how long what a check has found can be accepted without asking again.
const acceptLife = 30 * time.Second

// accept asks for the reason to accept what a check has found. What was found some time ago is
// asked for again first, so that nobody accepts what isn't so any more.
func (s *statements) accept(b *steps.Binding) tea.Cmd {
	id := b.Step.ID
	checked := s.run.Step(id).CheckedAt
	age := s.cfg.Now().Sub(checked)
	if !s.advice(b).Acceptable || age >= 0 && age <= acceptLife && checked.After(s.acted) {
		s.askAccept(b)
		return nil
	}
	s.say(clean.Linef("Asking again what %s finds…", b.Label()), false)
	ask := s.checks.ask(id, false)
	return func() tea.Msg { return acceptMsg{ask().(checkedMsg)} }
}

// acceptMsg reports that what a person wants to accept has been asked for again.
type acceptMsg struct{ checkedMsg }

// foundAgain asks for the reason to accept what was found again, or says that nothing is left
// to accept.
func (s *statements) foundAgain(msg acceptMsg) {
	s.message = message{}
	s.checks.checked(msg.checkedMsg)
	b, _ := s.engine.Bound().Step(msg.id)
	switch {
	case msg.err != nil || s.dialog != nil || s.checks.asking[msg.id] != nil: // or the person has moved on
	case s.run.Holds(msg.id, s.cfg.Now()):
		s.say(clean.Linef("%s holds now: there's nothing to accept.", say.Capital(b.Label().String())), false)
	default:
		if s.askAccept(b); s.dialog != nil {
			s.openGuarded(s.dialog) // the key was pressed some time ago
		}
	}
}

// askAccept asks for the reason to accept what has just been found.
func (s *statements) askAccept(b *steps.Binding) {
	id, engine := b.Step.ID, s.engine
	if !s.may(runbook.Override, id) {
		return
	}
	q, names := questions.AcceptEach(s.run, b)
	brief, _ := questions.Accept(s.run, b)
	p := s.reasonPrompt(q, func(reason string) tea.Cmd {
		s.checks.stop(id)
		return s.tell(func() error { return engine.Override(id, reason, names) })
	})
	p.Brief = brief.About
	s.open(p)
}

// untick undoes a statement.
func (s *statements) untick(id document.StepID) tea.Cmd {
	engine := s.engine
	return s.tell(func() error { return engine.Untick(id) })
}

// reasonPrompt returns a prompt for a reason. It takes an answer only if all of the
// question is on the screen: a person must have seen what they accept.
func (s *statements) reasonPrompt(q questions.Statement, then func(reason string) tea.Cmd) *dialog.Prompt {
	p := dialog.NewPrompt(s.dialogConfig, q.Title, q.About, func(reason string) (tea.Msg, string) {
		if short := questions.ShortReason(reason); short != "" {
			return nil, short
		}
		return do(func() tea.Cmd { return then(reason) }), ""
	})
	p.Whole = true
	return p
}

// fill asks what the placeholders of a step stand for: the first that isn't filled in, or
// else all of them again.
func (s *statements) fill(b *steps.Binding) tea.Cmd {
	names := b.Placeholders()
	if gap := b.Gap(); gap != "" {
		names = []string{gap}
	}
	if len(names) == 0 {
		s.say(clean.Line("This step has no placeholder to fill in."), true)
		return nil
	}
	if b.Question(names[0]) == nil {
		s.open(s.fillPrompt(b.Step.ID, names))
		return nil
	}
	s.say(clean.Line("Asking for what it can be…"), false)
	engine, ctx, id := s.engine, s.ctx, b.Step.ID
	return func() tea.Msg {
		offers, err := engine.Offers(ctx, id, names[0])
		return offersMsg{id, names, offers, err}
	}
}

// offersMsg carries what the first of some placeholders of a step can stand for.
type offersMsg struct {
	id     document.StepID
	names  []string
	offers []steps.Offer
	err    error
}

// offer lets a person choose what a placeholder stands for, or type it.
func (s *statements) offer(msg offersMsg) {
	s.message = message{}
	if s.dialog != nil {
		return // the person has moved on
	}
	if len(msg.offers) == 0 {
		var about []string
		if msg.err != nil {
			about = append(about, clean.Linef("Can't list what it can be: %s", msg.err).String())
		}
		s.openGuarded(s.fillPrompt(msg.id, msg.names, about...))
		return
	}
	items := make([]dialog.Item, len(msg.offers), len(msg.offers)+1)
	for i, o := range msg.offers {
		items[i] = dialog.Item{ID: o.Value, Text: o.Shown.String(), Hint: o.Hint.String()}
	}
	items = append(items, dialog.Item{Text: "another one", Hint: "type it"})
	q := questions.Fill(s.run, s.engine.Bound(), msg.names[0])
	s.openGuarded(dialog.NewChoice(s.dialogConfig, q.Title, items, q.About, func(it dialog.Item) tea.Msg {
		return do(func() tea.Cmd {
			if it.ID == "" {
				s.open(s.fillPrompt(msg.id, msg.names))
				return nil
			}
			return s.take(msg.id, msg.names, it.ID)
		})
	}))
}

// take records what the first of some placeholders of a step stands for.
func (s *statements) take(id document.StepID, names []string, value string) tea.Cmd {
	s.filling = true
	engine, before := s.engine, s.run
	return func() tea.Msg { return filledMsg{id, names, before, engine.Fill(names[0], value)} }
}

// fillPrompt returns a prompt for what the first of some placeholders stands for, which begins
// with lines of its own.
func (s *statements) fillPrompt(id document.StepID, names []string, about ...string) *dialog.Prompt {
	engine, name := s.engine, names[0]
	q := questions.Fill(s.run, engine.Bound(), name)
	p := dialog.NewPrompt(s.dialogConfig, q.Title, append(about, q.About...), func(value string) (tea.Msg, string) {
		if _, _, err := engine.Bound().Fill(name, value); err != nil {
			return nil, clean.Line(err.Error()).String()
		}
		return do(func() tea.Cmd { return s.take(id, names, value) }), ""
	})
	if f := s.run.Filled(name); f != nil {
		p.SetValue(f.Value)
	}
	return p
}

// filledMsg reports that what the first of some placeholders of a step stands for was
// recorded, or why it was not.
type filledMsg struct {
	id     document.StepID
	names  []string
	before *runbook.Run
	err    error
}

// filled checks again what the placeholder has changed, and asks for the next one.
func (s *statements) filled(msg filledMsg) tea.Cmd {
	s.filling = false
	s.refresh()
	if msg.err != nil {
		s.fail(msg.err)
		return nil
	}
	b, _ := s.engine.Bound().Step(msg.id)
	next := msg.names[1:]
	if gap := b.Gap(); gap != "" {
		next = []string{gap}
	}
	if len(next) > 0 && s.dialog == nil {
		s.openGuarded(s.fillPrompt(msg.id, next))
		return nil
	}
	s.say(clean.Linef("%s.", questions.Filled(s.run.Filled(msg.names[0]))), false)
	if b.Check() == nil {
		b = nil
	}
	cmd, _ := s.checks.askLost(msg.before, b)
	return cmd
}

// settle asks a person for the outcome of a command that the program does not know. It
// shows what is known, and the command that shows what is left to do.
func (s *statements) settle(b *steps.Binding) {
	id := b.Step.ID
	doubt := steps.FindDoubt(s.run, id)
	if doubt == nil {
		s.say(clean.Line("No command of this step has an unknown outcome."), true)
		return
	}
	if look := s.look; doubt.Effect.Aside {
		q := questions.Doubt(doubt)
		s.openGuarded(dialog.NewDecision(s.dialogConfig, q.Title, q.About[:1],
			dialog.Option{Text: questions.LookAgain, Answer: do(look)},
			dialog.Option{Text: questions.SayOutcome, Answer: do(func() tea.Cmd { s.decide(id, doubt); return nil })}))
		return
	}
	s.decide(id, doubt)
}

// decide asks a person what became of a command.
func (s *statements) decide(id document.StepID, doubt *steps.Doubt) {
	effect, engine := doubt.Effect, s.engine
	decide := func(done bool) do {
		return func() tea.Cmd {
			s.open(s.reasonPrompt(questions.Outcome(doubt, done), func(reason string) tea.Cmd {
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
	q := questions.Doubt(doubt)
	s.openGuarded(dialog.NewDecision(s.dialogConfig, q.Title, q.About,
		dialog.Option{Text: questions.CarriedOut, Answer: decide(true)},
		dialog.Option{Text: questions.NotCarriedOut, Answer: decide(false)}))
}
