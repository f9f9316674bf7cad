// Package steps says what the steps of a runbook mean: it binds them to kinds,
// asks the world whether they hold, and runs their commands when the gates of
// package runbook allow it.
//
// Begin with Bind, which is given the kinds (those of package kinds, as a rule);
// then New makes the Engine that the front ends share.
package steps

import (
	"context"
	"slices"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// By says what bound a step to its kind. A higher one wins over a lower.
type By int

// The ties, weakest first.
const (
	ByNone By = iota // a step that no kind recognised, done by hand
	ByText
	ByCommand
	ByLink
	ByAnnotation
)

// String returns the word used in the output of lint.
func (b By) String() string {
	return [...]string{"none", "text", "command", "link", "annotation"}[b]
}

// Params are what a kind was told about a step: "repository", "image", ...
type Params map[string]string

// Param describes one parameter of a kind.
type Param struct {
	Name     string
	Doc      string // a noun phrase: "the repository whose releases are deployed"
	Required bool
	Setting  string // where a person can give it: "[github] repository"
	// Accepts says what a value may look like, nil for anything. A value that
	// becomes an argument of a command must not look like an option.
	Accepts func(string) bool
}

// Match is a kind's answer to a step that it recognises.
type Match struct {
	By     By
	Why    clean.Text // what it was recognised by, for lint
	Params Params     // read from the step itself
	// Command is what it was recognised by instead of Why: a command of the step.
	Command []string
}

// Kind is what a step means. It has no state, is not changed, and may be used
// concurrently. Fields without "required" may be left empty.
type Kind struct {
	// Name is the word used in annotations and in output: "image-tag". Required.
	Name string
	// Doc says in one sentence what a person does in such a step. Required.
	Doc string
	// Params lists the parameters, in the order in which lint shows them.
	Params []Param

	// Recognise says whether the step's links and commands are those of this
	// kind, leaving annotations aside.
	Recognise func(*document.Step) (Match, bool)
	// Reads says whether the step's text is about this kind, and by which words,
	// where links and commands were lost. It is asked only of a step that no kind
	// recognises.
	Reads func(*document.Step) (why string, ok bool)
	// Link returns what a link of the document says about parameters, outside of
	// the steps too: Airflow's address in a line of its own.
	Link func(target string) Params
	// Fallback marks the kind of the steps that no other recognises. Exactly one
	// kind has it.
	Fallback bool

	// Check asks whether the step holds, nil where nobody can be asked.
	Check *Check
	// Effects are the commands that change the world, in the order in which they
	// are run.
	Effects []Effect

	// Leaves names a fact that other kinds rely on; Relies is a fact that a step
	// before this one must leave.
	Leaves runbook.Fact
	Relies Reliance
	// Mentions are facts of its steps that the report names beside the release.
	Mentions []runbook.Mention

	// Releases lists the releases that the run can be about, the newest first,
	// drafts among them where they may be seen. It is there for a kind in whose
	// step the release is chosen.
	Releases func(context.Context, Input) ([]ReleaseOption, error)
}

// Reliance is a fact that a step before must leave.
type Reliance struct {
	Fact    runbook.Fact
	Missing clean.Text // the problem of a step with no such step before it
}

// Input is what a check or a command may rely on.
type Input struct {
	Params Params
	Facts  runbook.Facts
	World  *World
	// InDoubt names the effect of the step whose outcome is unknown, "" where
	// there is none.
	InDoubt string
	// Attempt is the folder of the command's execution that an Effect is asked
	// about, and Relied that of the execution which it relies on. They are "" where
	// nothing is kept, and in a check.
	Attempt, Relied string
}

// Release returns the tag of the chosen release, "" where there is none.
func (in Input) Release() string { return in.Facts[runbook.ReleaseTag] }

// Check is a question to the world: does the step hold?
type Check struct {
	// Ask asks, without changing anything, and ends soon after its context does.
	// What cannot be known is Unknown; Ask has no other way to fail. Required.
	Ask func(context.Context, Input) runbook.Result
	// Fresh is how long a passed verdict counts when an effect relies on it.
	Fresh time.Duration
	// Needs names a fact that the check of another step leaves, "" for none.
	Needs runbook.Fact
	// Again returns after how long asking again may give another answer; zero
	// where waiting is of no use. Nil is zero.
	Again func(runbook.Result) time.Duration
	// Override names the fact that says what exactly is accepted, one thing a line,
	// where a person may accept a failed verdict with a reason. A check that cannot
	// list all of it leaves the fact out.
	Override runbook.Fact
	// Accepting asks what it means to accept it.
	Accepting string
}

// Effect is a command that changes the world.
type Effect struct {
	// Name is unique in its kind. Required, as are Spec, Command and Finish.
	Name string
	// Spec returns what the gate demands. Its Name is filled in.
	Spec func(Params) runbook.EffectSpec
	// Command returns the argument list.
	Command func(Params) []string
	// Finish makes a result of the outcome of the command. It may ask the world,
	// read-only.
	Finish func(ctx context.Context, in Input, exit int, output string) runbook.Result

	// Prepare is called before the effect is confirmed, and again just before its
	// intent is recorded. It returns what is added to the command's environment;
	// with an error, which is for the screen, the command is not run; with a *Lapse
	// nothing can rely any more on the effect that came before. It changes nothing,
	// and Input.Attempt does not exist yet.
	Prepare func(context.Context, Input) ([]string, error)
	// Kept returns a *Lapse where it is known, without asking anybody, that
	// something is gone which the effect needs.
	Kept func(Input) error
	// Answer is called with all output so far when more has come, until it answers,
	// and again once the question's line has ended. Of an output that is longer
	// than what is kept it gets the end only, after command.Gap. It returns what to
	// type, with a line end, and a note for the screen; "" to wait.
	Answer func(in Input, output string) (reply string, note clean.Text)
	// Plan reads the plan that the execution in Input.Attempt made. It reads files
	// and may take seconds for a large plan.
	Plan func(context.Context, Input) (*PlanReading, error)
}

// Lapse is why what came of an effect cannot be relied on any more.
type Lapse struct {
	Why  string // a clause
	Hint string // what to do
}

// Error implements error.
func (l *Lapse) Error() string { return l.Why + "; hint: " + l.Hint }

// Effect returns the effect of that name, nil where there is none.
func (k *Kind) Effect(name string) *Effect {
	i := slices.IndexFunc(k.Effects, func(e Effect) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return &k.Effects[i]
}

// specs returns what the gates demand of each effect.
func (k *Kind) specs(p Params) []runbook.EffectSpec {
	var all []runbook.EffectSpec
	for _, e := range k.Effects {
		s := e.Spec(p)
		s.Name = e.Name
		all = append(all, s)
	}
	return all
}
