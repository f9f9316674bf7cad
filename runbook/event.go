package runbook

import (
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// Mode says what a run may touch.
type Mode string

// The modes. Live alone runs commands that change the real world.
const (
	Live     Mode = "live"
	DryRun   Mode = "dry-run"
	Practice Mode = "practice"
)

// Verdict is what a check found.
type Verdict string

// The verdicts. Unknown means that a service couldn't be asked or that its answer
// can't be relied on; it is never treated as Passed. NotAsked is the zero value;
// no check returns it.
const (
	NotAsked Verdict = ""
	Passed   Verdict = "passed"
	Failed   Verdict = "failed"
	Unknown  Verdict = "unknown"
)

// Evidence is one thing that a check saw.
type Evidence struct {
	Name   clean.Text `json:"name"`
	Value  clean.Text `json:"value"`
	Source clean.Text `json:"source"` // URL or command
	At     time.Time  `json:"observed_at"`
}

// Fact names something that a step's result leaves for later steps. Each kind of
// step declares its own. Names are on disk and never change.
type Fact string

// ReleaseTag is the tag of the chosen release, the one fact that a run has by
// itself.
const ReleaseTag Fact = "release.tag"

// MayBeDown is left by a command that ended early and has taken something away by then. Its value
// is a clause: "catalog-airflow may be down".
const MayBeDown Fact = "may-be-down"

// ByHand is left by a check that failed only because a person hasn't done by hand yet what
// its summary says. The step's command isn't for that.
const ByHand Fact = "by-hand"

// Facts are what later steps rely on. Values are compared byte for byte and are not
// clean: clean them before showing them.
type Facts map[Fact]string

// Result is what a check returns.
type Result struct {
	Verdict  Verdict    `json:"verdict"`
	Summary  clean.Text `json:"summary"` // one sentence: what was found, and what to do if it is not good
	Evidence []Evidence `json:"evidence,omitempty"`
	Facts    Facts      `json:"facts,omitempty"`
	// Waiting marks a Failed that is expected to pass by itself: a build that goes on.
	Waiting bool `json:"waiting,omitempty"`
	// Denied marks an Unknown that is due to missing or refused credentials.
	Denied bool `json:"denied,omitempty"`
	// Unasked marks an Unknown of a check that got no answer, so that nothing was found.
	Unasked bool `json:"unasked,omitempty"`
}

// Word returns the verdict in a word for people: "waiting" for a failed one that is
// expected to pass by itself.
func (r Result) Word() string {
	if r.Waiting {
		return string(Waiting)
	}
	return string(r.Verdict)
}

// The ways in which a person may end a command.
const (
	Interrupted = "interrupt" // SIGINT to the command and all that it has started
	Killed      = "kill"      // SIGKILL: it can't finish anything
)

// Event is something that happened in a run. The state of a run is the sum of its
// events.
type Event interface {
	// Type names the event on disk and never changes.
	Type() string
	// When returns the time of the event.
	When() time.Time
}

// Head is what every event carries.
type Head struct {
	At    time.Time  `json:"at"`
	Actor clean.Text `json:"actor"`
}

// When returns the event's time.
func (h Head) When() time.Time { return h.At }

// The events.
type (
	// Started begins a run. It is the first event and occurs once.
	Started struct {
		Head
		Mode         Mode       `json:"mode"`
		Environment  clean.Text `json:"environment"`
		Document     clean.Text `json:"document"`
		DocumentHash string     `json:"document_hash"`
		// Source is the document's file, "" for the embedded one; Settings that
		// of the settings, "" for none. Both are absolute.
		Source   string `json:"source,omitempty"`
		Settings string `json:"settings,omitempty"`
		// Rollback is set if the run goes back to an older release.
		Rollback *Rollback `json:"rollback,omitempty"`
		// Text is the document as it was, so that the run can be read when the
		// file has changed or is gone.
		Text string `json:"text,omitempty"`
		// Added are the steps that the program has added to those of the document.
		Added []document.StepID `json:"added,omitempty"`
	}
	// Rollback says what a run goes back from.
	Rollback struct {
		From string `json:"from"` // the version that was deployed; "" if that wasn't known
	}
	// Resumed says that another process continues the run. Results of checks
	// before it no longer count, nor do statements about a step whose text has
	// changed since.
	Resumed struct {
		Head
		DocumentHash string            `json:"document_hash"`
		Text         string            `json:"text,omitempty"`    // of the document, where it is another one
		Changed      []document.StepID `json:"changed,omitempty"` // steps whose text is another one
		Added        []document.StepID `json:"added,omitempty"`   // steps that the program has added, if they are others than before
	}
	// ReleaseChosen sets the release that the run is about. Results of checks
	// before it were about another release and no longer count.
	ReleaseChosen struct {
		Head
		Tag string `json:"tag"`
	}
	// Filled says what a placeholder of the document stands for. Results of checks of the
	// steps that it changes were about something else and no longer count.
	Filled struct {
		Head
		Name  string            `json:"name"` // as the document has it, such as <env>
		Value string            `json:"value"`
		Steps []document.StepID `json:"steps"` // whose parameters it changes
		// Environment is that of the run from now on, empty if it stays as it is.
		Environment clean.Text `json:"environment"`
	}
	// AccessSeen says whether the person has what locked steps need, and why not.
	AccessSeen struct {
		Head
		Granted bool       `json:"granted"`
		Text    clean.Text `json:"text"`
	}
	// Checked is the outcome of a check.
	Checked struct {
		Head
		Step   document.StepID `json:"step"`
		Result Result          `json:"result"`
	}
	// Ticked is a person's statement that a step is done.
	Ticked struct {
		Head
		Step document.StepID `json:"step"`
		Hash string          `json:"hash"` // of the step's text when it was ticked
		Note clean.Text      `json:"note"`
	}
	// Unticked withdraws a tick, a skip, an override, that a step was done elsewhere, or that an
	// outcome that nothing has relied on yet looks correct.
	Unticked struct {
		Head
		Step document.StepID `json:"step"`
	}
	// Skipped skips a step, with a reason.
	Skipped struct {
		Head
		Step   document.StepID `json:"step"`
		Reason clean.Text      `json:"reason"`
	}
	// DoneElsewhere is a person's statement that someone has carried out a step that
	// deploys, and that it wasn't this run. Evidence is what could be asked about it then;
	// without any, all that is known is what the person states.
	DoneElsewhere struct {
		Head
		Step     document.StepID `json:"step"`
		By       clean.Text      `json:"by"` // who carried it out
		Reason   clean.Text      `json:"reason"`
		Evidence []Evidence      `json:"evidence,omitempty"`
	}
	// Overridden accepts what a check found against the step. It applies to
	// exactly what was found: Names is the value of the fact that the check left,
	// and a check that leaves another value ends the override.
	Overridden struct {
		Head
		Step   document.StepID `json:"step"`
		Reason clean.Text      `json:"reason"`
		Names  string          `json:"names"`
	}
	// Judged is a person's statement that the outcome of an effect, such as the
	// plan with this hash, looks correct.
	Judged struct {
		Head
		Step   document.StepID `json:"step"`
		Effect string          `json:"effect"` // the effect whose outcome was judged
		Hash   string          `json:"hash"`
	}
	// Confirmed is the typed confirmation of one effect, good for one start.
	Confirmed struct {
		Head
		Step   document.StepID `json:"step"`
		Effect string          `json:"effect"`
		Phrase string          `json:"phrase"`
	}
	// EffectStarted is the intent to run a command, recorded before it runs.
	EffectStarted struct {
		Head
		Step   document.StepID `json:"step"`
		Effect string          `json:"effect"`
		Argv   []string        `json:"argv"`
		Dir    string          `json:"dir"`
		// Attempt names this one execution; its supervisor keeps its records
		// under the name.
		Attempt string `json:"attempt,omitempty"`
		// On names the things that the program changes itself, instead of running a
		// command. Dir is the address of the service then.
		On []string `json:"on,omitempty"`
	}
	// EffectDid is what became of one of the things that an effect changes. Done says
	// that it is as the effect makes it; if not, the effect has not changed it.
	EffectDid struct {
		Head
		Step   document.StepID `json:"step"`
		Effect string          `json:"effect"`
		Name   string          `json:"name"`
		Done   bool            `json:"done"`
		Text   clean.Text      `json:"text"` // a clause: "a is paused"
	}
	// EffectFinished is the outcome of a command. Exit is its exit code; a
	// command that could not be started has exit -1 and a Problem.
	EffectFinished struct {
		Head
		Step    document.StepID `json:"step"`
		Effect  string          `json:"effect"`
		Exit    int             `json:"exit"`
		Problem clean.Text      `json:"problem"`
		Result  Result          `json:"result"` // the kind's interpretation of the outcome
		// Ended is when the command ended, if that is not when it was noticed.
		Ended time.Time `json:"ended,omitzero"`
		// Adopted says that an earlier process started the command.
		Adopted bool `json:"adopted,omitempty"`
	}
	// StopAsked is a person's request to end a running command.
	StopAsked struct {
		Head
		Step   document.StepID `json:"step"`
		Effect string          `json:"effect"`
		How    string          `json:"how"` // Interrupted or Killed
	}
	// EffectDoubted says that a command was started and that its outcome is
	// unknown. If it can be found out later, an EffectFinished follows.
	EffectDoubted struct {
		Head
		Step   document.StepID `json:"step"`
		Effect string          `json:"effect"`
		Text   clean.Text      `json:"text"` // what is known
	}
	// Settled is a person's decision about an effect in doubt.
	Settled struct {
		Head
		Step   document.StepID `json:"step"`
		Effect string          `json:"effect"`
		Done   bool            `json:"done"` // whether it was carried out
		Reason clean.Text      `json:"reason"`
	}
	// EffectVoided says that the outcome of an effect can't be relied on any more:
	// it is gone, or what it was made from has changed.
	EffectVoided struct {
		Head
		Step   document.StepID `json:"step"`
		Effect string          `json:"effect"`
		Text   clean.Text      `json:"text"` // why, in a sentence
	}
	// Pretended stands for an effect in a dry run: nothing was run.
	Pretended struct {
		Head
		Step   document.StepID `json:"step"`
		Effect string          `json:"effect"`
		Argv   []string        `json:"argv"`
		Dir    string          `json:"dir"`
	}
)
