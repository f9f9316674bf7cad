package steps

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/failpoint"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/command"
)

// Stop is a person's request to end a running command.
type Stop = command.Stop

// The ways to stop a command; see package command.
const (
	Interrupt = command.Interrupt
	Kill      = command.Kill
)

// Session connects a person to a running command.
type Session struct {
	// Show is called with the output as it comes, by one goroutine at a time.
	Show func(Output)
	// Typed carries what the person types; it may be nil. Effect.Refuse keeps back what
	// could approve what wasn't judged.
	Typed <-chan Typed
	// Stop carries requests to end the command; it may be nil.
	Stop <-chan Stop
}

// errBusy is returned while another command is running.
var errBusy = errors.New("running a command: another one is running already")

// Perform runs an effect that a person has confirmed by typing phrase. It repeats
// the checks that the effect relies on, passes the gate, records the intent, runs
// the command and records its outcome. It returns an error if the command wasn't
// run, if its outcome can't be seen or recorded, or if ctx ended while it was still
// running (command.ErrDetached). A command that fails is not an error but a result.
// If the run has a running effect afterwards, Rejoin can follow it.
func (e *Engine) Perform(ctx context.Context, id document.StepID, effect, phrase string, s Session) error {
	if !e.effects.TryLock() {
		return errBusy
	}
	defer e.effects.Unlock()
	argv, dir, err := e.Command(id, effect)
	if err != nil {
		return err
	}
	if e.world.Executor == nil && e.options.Mode != runbook.DryRun {
		return errors.New("running a command: the world has nothing to run it with")
	}
	if err := e.record(runbook.Confirmed{Head: e.head(), Step: id, Effect: effect, Phrase: phrase}); err != nil {
		return err
	}
	failpoint.Reach("effect:confirmed")
	if err := e.refresh(ctx, id, true); err != nil {
		return fmt.Errorf("asking again before the command is run: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := e.unsettled(dir); err != nil {
		return err
	}
	started := runbook.EffectStarted{Head: e.head(), Step: id, Effect: effect, Argv: argv, Dir: dir, Attempt: e.attempt(effect)}
	if err := e.Run().May(runbook.Effect(effect), id, e.world.Now()); err != nil {
		return err // recording the intent would fail too, but only after Prepare
	}
	b, _ := e.Bound().Step(id) // Command has found it
	env, err := e.environ(ctx, b, started)
	if err != nil {
		return err
	}
	failpoint.Reach("effect:before-intent")
	if err := e.record(started); err != nil {
		return err
	}
	failpoint.Reach("effect:intent")
	cmd := command.Command{
		Argv: argv, Dir: dir, Env: env, Secrets: e.secrets(b, effect),
		Folder: e.attemptFolder(started.Attempt), Limit: e.limit(id, effect),
	}
	return e.follow(ctx, started, false, s, func(io command.Streams) (command.Outcome, error) {
		return e.world.Executor.Run(ctx, cmd, io)
	})
}

// secrets returns what a command's supervisor masks in the record of the output. Of an
// apply that is all that is known, with what its plan marks as sensitive. Of other commands
// it is less: what a plan command prints must be read as it is, and is masked again
// when its plan is known.
func (e *Engine) secrets(b *Binding, effect string) []string {
	all := e.world.Secrets()
	if b.Kind.Effect(effect).Spec(b.Params).Judged {
		all = append(slices.Clone(all), clean.Known()...)
	}
	return all
}

// Rejoin follows the command that was running when an earlier process left the run,
// and records its outcome. If its outcome is unknown, that is recorded: the effect
// is in doubt, and a person must decide. Rejoin returns nil at once if no command
// was running, and otherwise the errors of Perform. It never runs a command again. What
// the program was changing itself is looked at instead, also if that was in doubt.
func (e *Engine) Rejoin(ctx context.Context, s Session) error {
	if !e.effects.TryLock() {
		return errBusy
	}
	defer e.effects.Unlock()
	id, effect, running := e.Run().RunningEffect()
	if !running {
		if id, effect, running = e.Run().DoubtedEffect(); !running || e.Run().Effect(id, effect).Started.On == nil {
			return nil
		}
	}
	started := *e.Run().Effect(id, effect).Started
	if started.On != nil {
		return e.lookFor(ctx, started, s)
	}
	if started.Attempt == "" || e.options.Folder == "" || e.world.Executor == nil {
		return e.doubt(started, clean.Line("nothing was recorded of how it ended"))
	}
	return e.follow(ctx, started, true, s, func(io command.Streams) (command.Outcome, error) {
		return e.world.Executor.Rejoin(ctx, e.attemptFolder(started.Attempt), io)
	})
}

// OutputFile returns the path of the whole output of an effect's newest execution,
// "" if there is none.
func (e *Engine) OutputFile(id document.StepID, effect string) string {
	started := e.Run().Effect(id, effect).Started
	if started == nil || started.Attempt == "" || e.options.Folder == "" {
		return ""
	}
	path := command.OutputFile(e.attemptFolder(started.Attempt))
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// printedPiece is how many bytes of the output file are read at a time.
const printedPiece = 256 << 10

// Printed calls show with the output of an effect's newest execution, from the
// beginning, for a person who opens the run after the command has ended. It returns
// an error if it can't show all of it.
func (e *Engine) Printed(ctx context.Context, id document.StepID, effect string, show func(Output)) error {
	path := e.OutputFile(id, effect)
	if path == "" {
		return fmt.Errorf("showing what `%s` has printed: it was not kept", effect)
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("showing what `%s` has printed: %w", effect, err)
	}
	defer file.Close()
	out := &stream{show: show}
	piece := make([]byte, printedPiece)
	for {
		n, err := file.Read(piece)
		out.write(piece[:n])
		switch {
		case errors.Is(err, io.EOF):
			out.end()
			return nil
		case err != nil:
			return fmt.Errorf("showing what `%s` has printed: %w", effect, err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
	}
}

// follow connects a person to a command until it ends or ctx does. If the command
// has ended, follow records its outcome even if ctx has ended too. adopted says that
// an earlier process started the command.
func (e *Engine) follow(ctx context.Context, started runbook.EffectStarted, adopted bool, s Session, run func(command.Streams) (command.Outcome, error)) error {
	id, effect := started.Step, started.Effect
	b, ok := e.Bound().Step(id)
	if !ok {
		return fmt.Errorf("following a command: there is no step %s", id)
	}
	kind := b.Kind.Effect(effect)
	if kind == nil {
		return fmt.Errorf("following a command: %s has none", b.Label())
	}
	in := e.executing(b, started)
	in.Facts = maps.Clone(e.Run().Effect(id, effect).Relied) // not those found since
	var showing sync.Mutex
	out := &stream{show: func(o Output) {
		showing.Lock()
		defer showing.Unlock()
		if s.Show != nil {
			s.Show(o)
		}
	}}
	f := &forward{input: make(chan command.Input), typed: s.Typed, replies: make(chan command.Input, repliesAhead), folder: in.Attempt}
	f.note = func(text clean.Text) {
		out.show(Output{Lines: []clean.Text{text}, Partial: f.unfinished(), Note: true})
	}
	out.asked = &f.asked
	if kind.Refuse != nil {
		f.refuse = func(output, line string) clean.Text { return kind.Refuse(in, output, line) }
	}
	e.following.Store(f)
	defer e.following.Store(nil)
	if kind.Answer != nil {
		out.answer = func(text string) (string, clean.Text) { return kind.Answer(in, text) }
		out.reply = func(at int64, text string) {
			failpoint.Reach("effect:answering")
			f.replies <- command.Input{ID: fmt.Sprintf("answer-at-%d", at), Data: []byte(text)}
			failpoint.Reach("effect:answered")
		}
	}
	done, stop := make(chan struct{}), make(chan Stop)
	var forwarding sync.WaitGroup
	forwarding.Go(func() { f.run(done) })
	forwarding.Go(func() { e.forwardStops(started, s.Stop, stop, done) })
	outcome, err := run(command.Streams{Output: out.write, Input: f.input, Stop: stop})
	close(done)
	forwarding.Wait()
	switch {
	case errors.Is(err, command.ErrDetached):
		return fmt.Errorf("leaving `%s` running: %w", say.CommandLine(started.Argv), err)
	case errors.Is(err, command.ErrLost):
		return e.doubt(started, clean.Line(err.Error()))
	case err != nil && !errors.Is(err, command.ErrNeverRan):
		// It may still be running, and Rejoin can find out.
		return fmt.Errorf("following `%s`: %w", say.CommandLine(started.Argv), err)
	}
	out.end()
	failpoint.Reach("effect:ended")
	finished := runbook.EffectFinished{Step: id, Effect: effect, Exit: outcome.Exit, Ended: outcome.Ended, Adopted: adopted}
	if err != nil {
		finished.Exit, finished.Problem = -1, clean.Line(err.Error())
		finished.Result = NewReport(in).Unknown("The command was not run: %s.", err)
	} else {
		text := out.text()
		if !outcome.Whole {
			text += outputCut
		}
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishLimit)
		finished.Result = b.withFilled(b.withFound(kind.Finish(after, in, outcome.Exit, text), e.Run().Facts(b.Step.ID)), e.Run())
		cancel()
	}
	if outcome.Overran {
		finished.Problem = clean.Linef("It was interrupted, because it had run for %s.", effectLimit)
	}
	if folder := e.attemptFolder(started.Attempt); e.options.Folder != "" && started.Attempt != "" {
		// Finish may have learned secrets, such as those of a plan. What can't be masked
		// stays readable for its owner alone, and the outcome is worth more.
		if err := command.Mask(folder); err != nil && finished.Problem.Empty() {
			finished.Problem = clean.Linef("What it printed couldn't be masked again, so it may hold secrets (%v).", err)
		}
	}
	finished.Head = e.head()
	failpoint.Reach("effect:before-outcome")
	if err := e.record(finished); err != nil {
		return err
	}
	failpoint.Reach("effect:outcome")
	return nil
}

// forwardStops passes on requests to end a command. It records them afterwards,
// because stopping a command must not wait for the disk.
func (e *Engine) forwardStops(started runbook.EffectStarted, requests <-chan Stop, to chan<- Stop, done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		case how, ok := <-requests:
			if !ok {
				return
			}
			word := runbook.Interrupted
			if how == Kill {
				word = runbook.Killed
			}
			select {
			case to <- how:
			case <-done:
				return
			}
			_ = e.record(runbook.StopAsked{Head: e.head(), Step: started.Step, Effect: started.Effect, How: word})
		}
	}
}

// doubt records that the outcome of a command is unknown.
func (e *Engine) doubt(started runbook.EffectStarted, what clean.Text) error {
	text := clean.Linef("Nobody knows how `%s` ended: %s.", say.CommandLine(started.Argv), what)
	return e.record(runbook.EffectDoubted{Head: e.head(), Step: started.Step, Effect: started.Effect, Text: text})
}

// finishLimit is the time limit for interpreting the outcome of a command, which
// may mean to show and read a large plan.
const finishLimit = 3 * time.Minute

// effectLimit is how long a command may run before it is interrupted, once.
const effectLimit = 30 * time.Minute

// limit returns the time limit of a command, zero for none. An apply has none:
// interrupting it does more harm than a slow one, so only a person may do that.
func (e *Engine) limit(id document.StepID, effect string) time.Duration {
	b, _ := e.Bound().Step(id)
	if run := b.Kind.Effect(effect); run != nil && run.Spec(b.Params).Judged {
		return 0
	}
	return effectLimit
}
