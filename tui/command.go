package tui

import (
	"errors"
	"slices"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

// outputPause is the least time between two updates of the output on the
// screen: a command that prints a lot must not keep the screen from the keys.
const outputPause = 33 * time.Millisecond

// command is the effect that is being run.
type command struct {
	id     runbook.StepID
	effect runbook.EffectSpec
	label  string
	since  time.Time
	feed   *feed
	typed  chan []byte
	before *output // what was shown before it
}

// feed takes the output from the goroutine of the command and hands it to the
// screen in pieces.
type feed struct {
	mu      sync.Mutex
	lines   []outputLine
	partial clean.Text
	dropped int
	signal  chan struct{} // has room for one: "there is more"
	done    chan struct{} // closed when the command has ended, or was not run
	err     error         // of the command, once done is closed
}

func newFeed() *feed { return &feed{signal: make(chan struct{}, 1), done: make(chan struct{})} }

// put takes a piece in. What the screen has not fetched yet beyond the number
// of lines that it keeps is dropped, the oldest first.
func (f *feed) put(o steps.Output) {
	f.mu.Lock()
	for _, l := range o.Lines {
		f.lines = append(f.lines, outputLine{l, o.Note})
	}
	if over := len(f.lines) - linesKept; over > 0 {
		f.lines = append(f.lines[:0], f.lines[over:]...)
		f.dropped += over
	}
	f.partial = o.Partial
	f.mu.Unlock()
	select {
	case f.signal <- struct{}{}:
	default:
	}
}

func (f *feed) take() outputMsg {
	f.mu.Lock()
	defer f.mu.Unlock()
	msg := outputMsg{feed: f, lines: f.lines, partial: f.partial, dropped: f.dropped}
	f.lines, f.dropped = nil, 0
	return msg
}

// outputMsg brings new output of a command.
type outputMsg struct {
	feed    *feed
	lines   []outputLine
	partial clean.Text
	dropped int
	last    bool
}

// listen waits for output and returns what has gathered meanwhile.
func (m *Model) listen(f *feed) tea.Cmd {
	ctx := m.ctx
	return func() tea.Msg {
		select {
		case <-f.signal:
		case <-f.done:
			msg := f.take()
			msg.last = true
			return msg
		case <-ctx.Done():
			return nil
		}
		pause := time.NewTimer(outputPause)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-f.done:
		case <-ctx.Done():
		}
		return f.take()
	}
}

// received takes output in. The last piece brings the end of the command with
// it: told apart, the two could come in the wrong order.
func (m *Model) received(msg outputMsg) tea.Cmd {
	m.output.add(msg)
	if msg.last {
		m.performed(m.running, msg.feed.err)
		return nil
	}
	return m.listen(msg.feed)
}

// preparedMsg says whether an effect may be run once it is confirmed.
type preparedMsg struct {
	id     runbook.StepID
	effect runbook.EffectSpec
	err    error
}

// prepare asks again what the step's next command relies on. In a dry run it
// shows what would be run.
func (m *Model) prepare(b *steps.Binding) tea.Cmd {
	id := b.Step.ID
	effect, _, ok := m.nextEffect(id)
	switch {
	case m.running != nil:
		m.say(clean.Linef("`%s` is running.", m.running.label), true)
		return nil
	case !ok:
		m.say(clean.Line("This step has no command to run now."), true)
		return nil
	}
	engine, ctx := m.engine, m.ctx
	if m.engine.Mode() == runbook.DryRun {
		return func() tea.Msg {
			demands, err := engine.Pretend(ctx, id, effect.Name)
			return pretendedMsg{id, effect, demands, err}
		}
	}
	m.say(clean.Line("Asking again about everything that the command relies on…"), false)
	return func() tea.Msg { return preparedMsg{id, effect, engine.Prepare(ctx, id, effect.Name)} }
}

// prepared asks for the confirmation, or shows what stands before the command.
func (m *Model) prepared(msg preparedMsg) tea.Cmd {
	m.notice = notice{}
	m.refresh()
	if m.sheet != nil || m.outline.selected() != msg.id {
		return nil // the person has gone on to something else
	}
	if msg.err != nil {
		m.comeUp(&paper{title: "Not now: " + msg.effect.Label.String(), lines: reasons(msg.err), keys: m.keys})
		return nil
	}
	b, _ := m.engine.Bound().Step(msg.id)
	about := []string{"in " + clean.Line(m.engine.World().Checkout.Dir).String()}
	if b.Step.Locked {
		about = append(about, "🔒 For maintainers with infrastructure access only.")
	}
	if msg.effect.After != "" {
		done := m.run.Effect(msg.id, msg.effect.After).Finished
		about = append(about, "Release "+clean.Line(m.run.Release()).String()+". "+done.Result.Summary.String())
	}
	about = append(about, "Type "+msg.effect.Confirm+" to run it.")
	p := newPrompt(m, "Run `"+msg.effect.Label.String()+"`", about, func(text string) (tea.Cmd, string) {
		if text != msg.effect.Confirm {
			return nil, "that is not " + msg.effect.Confirm
		}
		return m.perform(msg.id, msg.effect, text), ""
	})
	p.whole = true
	m.comeUp(p)
	return nil
}

// reasons returns what a refusal lists, one a line.
func reasons(err error) []string {
	var refusal *runbook.Refusal
	if !errors.As(err, &refusal) {
		return []string{clean.Line(err.Error()).String()}
	}
	var lines []string
	for _, r := range refusal.Reasons {
		if r.Demand != runbook.DemandConfirmation {
			lines = append(lines, "- "+r.Text.String())
		}
	}
	return lines
}

// perform runs a confirmed effect.
func (m *Model) perform(id runbook.StepID, effect runbook.EffectSpec, phrase string) tea.Cmd {
	f := newFeed()
	c := &command{id: id, effect: effect, label: effect.Label.String(), since: m.cfg.Now(), feed: f, typed: make(chan []byte, 8)}
	m.running = c
	before := *m.output
	c.before = &before
	spec, _ := m.run.Spec(id)
	toRead := slices.ContainsFunc(spec.Effects, func(e runbook.EffectSpec) bool { return e.Judged && e.After == effect.Name })
	m.output.begin(id, effect.Name, effect.Label.String(), toRead)
	m.resize()
	engine, ctx := m.engine, m.ctx
	effects := &m.effects
	run := func() tea.Msg {
		effects.Lock()
		defer effects.Unlock()
		defer close(f.done)
		f.err = engine.Perform(ctx, id, effect.Name, phrase, f.put, c.typed)
		return nil
	}
	return tea.Batch(run, m.listen(f))
}

// performed shows what came of a command.
func (m *Model) performed(c *command, err error) {
	m.running = nil
	m.refresh()
	if p, ok := m.sheet.(*prompt); ok && p.of == c {
		m.open(nil) // it asked about a command that has ended
	}
	done := m.run.Effect(c.id, c.effect.Name).Finished
	var refusal *runbook.Refusal
	switch {
	case errors.As(err, &refusal):
		*m.output = *c.before // it was not run: what was there can be read on
		m.comeUp(&paper{title: "Not run: " + c.label, lines: reasons(err), keys: m.keys})
	case err != nil:
		*m.output = *c.before
		m.say(clean.Line(err.Error()), true)
	case done != nil:
		m.output.end(done.Exit, m.cfg.Now())
		m.say(done.Result.Summary, done.Result.Verdict != runbook.Passed)
	}
	m.resize()
}

// pretendedMsg brings what a dry run shows of an effect.
type pretendedMsg struct {
	id      runbook.StepID
	effect  runbook.EffectSpec
	demands []runbook.Reason
	err     error
}

func (m *Model) pretended(msg pretendedMsg) tea.Cmd {
	m.refresh()
	if msg.err != nil {
		m.say(clean.Line(msg.err.Error()), true)
		return nil
	}
	dir := clean.Line(m.engine.World().Checkout.Dir).String()
	if dir == "" {
		dir = "the infrastructure checkout, which is not set"
	}
	lines := []string{"Would run: " + msg.effect.Label.String(), "in:        " + dir, "Nothing was run. The walk goes on as if it had been done."}
	if len(msg.demands) > 0 {
		lines = append(lines, "In a live run, the gate would demand first:")
	}
	for _, d := range msg.demands {
		lines = append(lines, "- "+d.Text.String())
	}
	m.comeUp(&paper{title: "Dry run", lines: lines, keys: m.keys})
	return nil
}

// startTyping sends a line to the running command.
func (m *Model) startTyping() {
	if m.running == nil {
		m.say(clean.Line("No command is running."), true)
		return
	}
	if m.running.effect.Judged {
		m.say(clean.Linef("`%s` is answered by the program: yes to the plan that was reviewed, no to any other.", m.running.label), true)
		return
	}
	typed := m.running.typed
	p := newPrompt(m, "Type into `"+m.running.label+"`", nil, func(text string) (tea.Cmd, string) {
		select {
		case typed <- []byte(text + "\n"):
			return nil, ""
		default:
			return nil, "the command has not read what was typed before"
		}
	})
	p.of = m.running
	m.open(p)
}
