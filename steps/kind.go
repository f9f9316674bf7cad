// Package steps gives the steps of a runbook their meaning: it binds them to kinds,
// checks whether they hold, and runs their commands when the gates of package
// runbook allow it.
//
// Start with Bind, which takes the kinds (usually those of package kinds). New then
// makes the Engine that the front ends share.
package steps

import (
	"context"
	"slices"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/wording"
)

// By is what bound a step to its kind. Higher values take precedence.
type By int

// The values of By, weakest first.
const (
	ByNone By = iota // no kind recognized the step, so it is done by hand
	ByText
	ByCommand
	ByLink
	ByAnnotation
	ByProgram // the document doesn't have the step
)

// String returns the word used in the output of lint.
func (b By) String() string {
	return [...]string{"none", "text", "command", "link", "annotation", "program"}[b]
}

// Params are the parameters of a step by name: "repository", "image", ...
type Params map[string]string

// Param describes one parameter of a kind.
type Param struct {
	Name     string
	Doc      string // a noun phrase: "the repository whose releases are deployed"
	Required bool
	Setting  string // the setting that gives it: "[github] repository"; "" if only an annotation does
	// Accepts reports whether a value is allowed; nil allows any. A value that
	// becomes an argument of a command must not look like an option.
	Accepts func(string) bool
	// Linked names the parameter that holds what the document says where a setting
	// or an annotation says something else, which Differs reports; "" if that is never
	// worth a word.
	Linked  string
	Differs func(chosen, documented string) bool
	// Asks says how a person gives the parameter during a walk where nothing else does; nil
	// if nobody is asked. It is filled in like a placeholder of the document.
	Asks *Question
	// Own says that a value is the step's alone: another step doesn't take it over.
	Own bool
	// Owner returns whose a value is, "" if that can't be told. Values of one runbook
	// that belong to several owners are a problem, unless a person has said so. Nil
	// means that nobody owns them.
	Owner func(value string) string
}

// Question is what a person is asked for the parameter of a step.
type Question struct {
	Title string             // "Which pull request?"
	Name  string             // by which it is filled in: "PULL_REQUEST"
	Check func(string) error // whether a value is possible
	Fact  runbook.Fact       // that has the value in a run in which it was given in another way
	// Offers lists what can be answered, the likeliest first. It asks services.
	Offers func(context.Context, Input) ([]Offer, error)
}

// Offer is a possible answer to a Question.
type Offer struct {
	Value       string
	Shown, Hint clean.Text
}

// Match is how a kind recognized a step.
type Match struct {
	By     By
	Why    clean.Text // the reason, for lint
	Params Params     // read from the step itself
	// Mentioned says that the step has the kind's link and asks for something else.
	Mentioned bool
	// Other is what another link of the kind in the step gives, "" if they agree.
	Other string
	// Negated is the word by which the link's sentence forbids something, else "".
	Negated string
	// Command is the command of the step that it was recognized by, if Why is empty.
	Command []string
}

// Reading is what a kind makes of a step's words.
type Reading struct {
	Why  string // what the words are about, "" if they have nothing to do with the kind
	Asks bool   // they ask for what the kind does, and for nothing else
}

// Kind defines what a step means: how it is recognized, checked and carried out.
// It has no state, is never changed, and may be used concurrently. Fields that don't
// say "Required" may be left empty.
type Kind struct {
	// Name is the word used in annotations and in output: "image-tag". Required.
	Name string
	// Doc says in one sentence what a person does in such a step. Required.
	Doc string
	// Explain is Markdown for a person who asks about such a step: why it is there, what can
	// go wrong, and how it looks on the real day, each below a heading. Required.
	Explain string
	// Params lists the parameters, in the order in which lint shows them.
	Params []Param

	// Recognise reports whether the step's links and commands are those of this
	// kind. It ignores annotations.
	Recognise func(*document.Step) (Match, bool)
	// Recipes are the recipes of just that the kind runs.
	Recipes []string
	// Reads reports whether the step's words ask for this kind and nothing else, for
	// documents that have lost their links and commands. It is called only for a step
	// that no kind recognizes.
	Reads func(*document.Step, wording.Names) Reading
	// Passages says that Reads is asked about paragraphs too, where a document tells in
	// prose what there is to do. Such a step belongs to a procedure of its own: the largest
	// section around it that lists no steps.
	Passages bool
	// Question says that such a step asks which procedure is to be walked. It may stand in a
	// section that lists steps, and nothing waits for it. Leads returns the kind of a step of
	// that procedure, "" if its result doesn't tell.
	Question bool
	Leads    func(runbook.Result) (kind string)
	// Link returns parameters that a link of the document gives, also outside of
	// the steps: Airflow's address on a line of its own.
	Link func(target string) Params
	// Locked says that its steps are for maintainers also where the document doesn't mark
	// them.
	Locked bool
	// Follows names the kinds whose commands a step of this kind sees to the end. After the
	// last of their steps in a procedure the program adds the step Adds, unless one of this
	// kind is there, or the document says nothing of what the kind requires.
	Follows []string
	Adds    Addition
	// Mend is what a person does if the check fails, as a clause to which "then ..." is
	// added; "" means to mend whatever was found.
	Mend string

	// Fallback marks the kind of the steps that no other kind recognizes. Exactly
	// one kind has it.
	Fallback bool

	// Check checks whether the step holds. It is nil if that can't be checked.
	Check *Check
	// Effects are the commands that change the world, in the order in which they
	// run. Those beside the course of the step, which nobody needs, come last.
	Effects []Effect

	// Deploys marks a kind whose steps are what a procedure is for. Such a step can't be
	// skipped, but marked as done elsewhere.
	Deploys bool
	// Elsewhere adds to the report what shows whether someone else has carried out the
	// step, for a person who says so. It only reads, as a check does. Nil means that nobody
	// can be asked.
	Elsewhere func(context.Context, Input, *Report)

	// Unrestored says what going back to an older release doesn't restore, in a few words and
	// in sentences. It is empty if the kind deploys nothing.
	Unrestored struct {
		Brief string
		All   []string
	}
	// Deployed returns what is deployed now, as far as the infrastructure checkout tells. like
	// is the tag of an image, whose form that of the deployed one has. It only reads. Nil for
	// kinds that don't know.
	Deployed func(ctx context.Context, in Input, like string) (checkout.Deployed, error)

	// Leaves names a fact that other kinds rely on. Relies is a fact that a step
	// before this one must leave.
	Leaves runbook.Fact
	Relies Reliance
	// Mentions are facts of its steps that the report names beside the release.
	Mentions []runbook.Mention

	// Releases lists the releases that the run can be about, newest first, with
	// the drafts that the token may see. Only a kind in whose step the release is
	// chosen has it.
	Releases func(context.Context, Input) ([]ReleaseOption, error)
}

// Addition is a step that the program adds.
type Addition struct {
	Name     string // what its ID ends with
	Text     string // a sentence without a period that says what to do
	Markdown string // the same and more
	Locked   bool   // it needs infrastructure access
}

// Reliance is a fact that an earlier step must leave.
type Reliance struct {
	Fact    runbook.Fact
	Missing clean.Text // the problem to report if no earlier step leaves it
}

// Input is what a check or an effect works with.
type Input struct {
	Params Params
	Facts  runbook.Facts
	World  *World
	// Before are the facts with which the first effect of the step was begun last, nil if
	// it wasn't yet.
	Before runbook.Facts
	// InDoubt names the effect of the step whose outcome is unknown, "" if there is
	// none.
	InDoubt string
	// Held are the things that the run has changed and not undone; in a function of
	// Changes, those of its effect or of the one that it undoes.
	Held []string
	// Followed is how the command that the step follows was carried out, nil until it has
	// done its work.
	Followed *runbook.Carried
	// Attempt is the folder of the execution that a function of an Effect is called
	// about, and Relied that of the execution which it relies on. They are "" in a
	// check, and if no records are kept.
	Attempt, Relied string

	// Rollback is set if the run goes back to an older release.
	Rollback *runbook.Rollback
	// Begun reports whether the run has begun a command that others rely on.
	Begun bool

	deployed func(ctx context.Context, like string) (checkout.Deployed, string)
	await    func(context.Context, runbook.Fact) string // nil outside of a check
}

// Await returns a fact that the check of another step leaves, "" if there is none. If
// checks that may leave it are running, it waits for their end, or for that of ctx. So
// a check first asks what it can ask without the fact.
func (in Input) Await(ctx context.Context, fact runbook.Fact) string {
	if in.await == nil {
		return in.Facts[fact]
	}
	return in.await(ctx, fact)
}

// Deployed returns what is deployed now, and the tag of the release's image as it would be
// named there. like is a release. What can't be known is empty.
func (in Input) Deployed(ctx context.Context, like string) (now checkout.Deployed, image string) {
	if in.deployed == nil || like == "" {
		return checkout.Deployed{}, like
	}
	return in.deployed(ctx, like)
}

// Release returns the tag of the chosen release, "" if none is chosen.
func (in Input) Release() string { return in.Facts[runbook.ReleaseTag] }

// Check finds out, read-only, whether a step holds.
type Check struct {
	// Ask queries the services and returns the result. It changes nothing, and
	// returns within a second of its context being canceled. If it can't find out,
	// the result is Unknown. Required.
	Ask func(context.Context, Input) runbook.Result
	// Able reports whether a step says enough to be asked about. One that doesn't is done by
	// hand, and ticked. Nil means that every step does.
	Able func(Params) bool
	// Stated reports whether a step holds only once a person has ticked it too, and so
	// said who did what the check sees. Nil means that none does.
	Stated func(Params) bool
	// Fresh is how long a passed verdict counts when an effect relies on it.
	Fresh time.Duration
	// Needs names a fact that the check of another step leaves, "" for none. Ask
	// gets it from Input.Await.
	Needs runbook.Fact
	// Again returns after how long another check may give another result, zero if
	// waiting wouldn't change it. Nil means zero.
	Again func(runbook.Result) time.Duration
	// Override names the fact that lists, one per line, what a person accepts if
	// they accept a failed verdict with a reason; "" if it can't be accepted. A
	// check that can't list all of it leaves the fact out.
	Override runbook.Fact
	// Accepting is the question to the person who accepts it.
	Accepting string
	// Harmless says that nothing is destroyed by going on without the step, because what
	// comes later is judged by itself: a person may accept whatever a failed or unknown check
	// found, with a reason. It is never set where going on destroys or cuts off something.
	Harmless bool
}

// Effect is a command that changes the world, or what the program changes itself.
type Effect struct {
	// Name is unique in its kind. Required, as are Spec, and Command and Finish or
	// Changes.
	Name string
	// Spec returns what the gate demands. The engine sets its Name.
	Spec func(Params) runbook.EffectSpec
	// Command returns the argument list.
	Command func(Params) []string
	// Finish interprets the outcome of the command. It may query services, but
	// changes nothing.
	Finish func(ctx context.Context, in Input, exit int, output string) runbook.Result

	// Changes is how the program carries out the effect itself, without a command.
	// None of the other functions but Spec is called then.
	Changes *Changes

	// Prepare is called before the effect is confirmed, and again just before its
	// intent is recorded. It returns variables to add to the command's environment.
	// If it returns an error, which is shown on the screen, the command isn't run;
	// a *Lapse also voids the outcome of the effect before. Prepare changes nothing,
	// and the folder Input.Attempt doesn't exist yet.
	Prepare func(context.Context, Input) ([]string, error)
	// Asks returns the questions that the command asks and that Prepare answers, because
	// a person confirms the effect. Nil means none.
	Asks func(context.Context, Input) []clean.Text
	// Kept returns a *Lapse if something that the effect needs is gone. It asks no
	// service.
	Kept func(Input) error
	// Answer is called with all output so far whenever there is more, until it
	// returns a reply, and again once the line of the question has ended. If the
	// output is longer than what is kept, it gets only the end, after command.Gap.
	// It returns what to type, with a line end, and a note for the screen; "" means
	// wait.
	Answer func(in Input, output string) (reply string, note clean.Text)
	// Refuse returns why a line that a person has typed, without its line end, must not
	// reach the command, or the empty text if it may. output is the end of what the
	// command has printed if the last line of that has not ended, else "".
	Refuse func(in Input, output, line string) clean.Text
	// Plan reads the plan that the execution in Input.Attempt made. It reads files
	// and may take seconds for a large plan.
	Plan func(context.Context, Input) (*PlanReading, error)
}

// FactDeployed is left by a check that found that the run's release is named as deployed
// already.
const FactDeployed runbook.Fact = "bump.deployed"

// FactUntil is when what a check waits for is likely to end, in the form of RFC 3339, going
// by how long it took before.
const FactUntil runbook.Fact = "until"

// FactPrevious is the version that was named as deployed before the run changed that.
const FactPrevious runbook.Fact = "bump.previous"

// FactNothingToDo is left by an effect that found nothing that would be deployed.
const FactNothingToDo runbook.Fact = "plan.changes-nothing"

// Lapse is an error that says why the outcome of an effect can't be used any more.
type Lapse struct {
	Why  string // a clause
	Hint string // what to do
}

// Error implements error.
func (l *Lapse) Error() string { return l.Why + "; hint: " + l.Hint }

// Effect returns the effect of that name, nil if there is none.
func (k *Kind) Effect(name string) *Effect {
	i := slices.IndexFunc(k.Effects, func(e Effect) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return &k.Effects[i]
}

// owned reports whether a parameter of the kind belongs to someone.
func (k *Kind) owned() bool {
	return slices.ContainsFunc(k.Params, func(p Param) bool { return p.Owner != nil })
}

// owns reports whether a parameter of the kind is each step's alone.
func (k *Kind) owns(name string) bool {
	return slices.ContainsFunc(k.Params, func(p Param) bool { return p.Name == name && p.Own })
}

// specs returns what the gates demand of each effect.
func (k *Kind) specs(p Params) []runbook.EffectSpec {
	all := make([]runbook.EffectSpec, len(k.Effects))
	for i, e := range k.Effects {
		all[i] = e.Spec(p)
		all[i].Name = e.Name
	}
	return all
}
