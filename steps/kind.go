// Package steps says what the steps of a runbook mean: it binds them to kinds,
// asks the world whether they hold, and runs their commands when the gates of
// package runbook allow it.
//
// A kind is one file. It says by what it is recognised, what it asks, what it
// runs, and which facts it needs and leaves. Begin with Bind, then New makes the
// Engine that the front ends share.
package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
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

	// just is a command of the infrastructure repository, which stands for Why
	// and Params: they are made of the match that wins.
	just []string
}

// Kind is what a step means. The optional abilities Reader, Checker, Runner,
// Watcher and Overrider are found by type assertion. A Kind has no state and may be used
// concurrently.
type Kind interface {
	// Name is the word used in annotations and in output: "image-tag".
	Name() string
	// Doc says in one sentence what a person does in such a step.
	Doc() string
	// Params lists the parameters, in the order in which lint shows them. The
	// slice must not be changed.
	Params() []Param
	// Recognise says whether the step's links and commands are those of this
	// kind, leaving annotations aside.
	Recognise(*document.Step) (Match, bool)
}

// Reader is a kind that plain words can name too, where links and commands were
// lost. It is asked only of a step that no kind recognises.
type Reader interface {
	// Reads says whether the step's text is about this kind, and by which words.
	Reads(*document.Step) (why string, ok bool)
}

// Input is what a check or a command may rely on.
type Input struct {
	Params Params
	Facts  runbook.Facts
	World  *World
	// InDoubt names the effect of the step of which nobody knows how it ended,
	// "" where there is none.
	InDoubt string
	// Attempt is the folder of the command's execution that a Runner is asked
	// about, and Relied that of the execution which it relies on. They are "" where
	// nothing is kept, and in a check.
	Attempt, Relied string
}

// Release returns the tag of the chosen release, "" where there is none.
func (in Input) Release() string { return in.Facts[runbook.FactReleaseTag] }

// Checker is a kind that can ask whether the step holds.
type Checker interface {
	// Check asks, without changing anything, and ends soon after its context
	// does. What cannot be known is Unknown; Check has no other way to fail.
	Check(context.Context, Input) runbook.Result
	// Fresh is how long a passed verdict counts when an effect relies on it.
	Fresh() time.Duration
}

// Needer is a Checker that needs a fact which the check of another step leaves.
type Needer interface {
	Needs() string // the name of the fact
}

// Runner is a kind with commands that change the world.
type Runner interface {
	// Effects lists them in the order in which they are run.
	Effects(Params) []runbook.EffectSpec
	// Command returns the effect's argument list.
	Command(effect string, p Params) []string
	// Finish makes a result of the outcome of a command. It may ask the world,
	// read-only.
	Finish(ctx context.Context, in Input, effect string, exit int, output string) runbook.Result
}

// Preparer is a Runner whose commands need a last look, or more in their
// environment.
type Preparer interface {
	// Prepare is called before the effect is confirmed, and again just before its
	// intent is recorded. It returns what is added to the command's environment;
	// with an error, which is for the screen, the command is not run; with a *Lapse
	// nothing can rely any more on the effect that came before. It changes nothing,
	// and Input.Attempt does not exist yet.
	Prepare(ctx context.Context, in Input, effect string) ([]string, error)
}

// Lapse is why what came of an effect cannot be relied on any more.
type Lapse struct {
	Why  string // a clause
	Hint string // what to do
}

// Error implements error.
func (l *Lapse) Error() string { return l.Why + "; hint: " + l.Hint }

// Answerer is a Runner whose commands ask a question that the program answers.
type Answerer interface {
	// Answer is called with all output so far when more has come, until it
	// answers, and again once the question's line has ended. Of an output that
	// is longer than what is kept it gets the end only, after outputCut. It
	// returns what to type, with a line end, and a note for the screen; "" to
	// wait.
	Answer(in Input, effect, output string) (reply string, note clean.Text)
}

// Watcher is a kind whose answer may change by itself.
type Watcher interface {
	// Again returns after how long asking again may give another answer; zero
	// where waiting is of no use.
	Again(runbook.Result) time.Duration
}

// Overrider is a kind whose failed verdict a person may accept with a reason.
type Overrider interface {
	// Override names the fact that says what exactly is accepted, one thing a
	// line. A check that cannot list all of it leaves the fact out.
	Override() string
	// Accepting says what it means to accept it, as a question.
	Accepting() string
}

var (
	registered = map[string]Kind{}
	sorted     []Kind // by name
)

// register adds a kind; every kind's file does it for a package variable.
func register(k Kind) Kind {
	if _, dup := registered[k.Name()]; dup {
		panic(fmt.Sprintf("steps: the kind %q is registered twice", k.Name()))
	}
	registered[k.Name()] = k
	at, _ := slices.BinarySearchFunc(sorted, k.Name(), func(k Kind, name string) int { return strings.Compare(k.Name(), name) })
	sorted = slices.Insert(sorted, at, k)
	return k
}

// Kinds returns all kinds, sorted by name.
func Kinds() []Kind { return slices.Clone(sorted) }
