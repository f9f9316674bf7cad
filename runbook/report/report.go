// Package report turns the events of a run into a report: Markdown, to paste into
// a release or an incident, and JSON.
//
// It does no I/O, and reports only what is on record: a step that passed at 12:04
// passed at 12:04, however long ago that is.
package report

import (
	"slices"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// Input is what a report is made of.
type Input struct {
	ID       string
	Document *document.Document // nil if it can't be read any more
	Specs    []runbook.Spec     // of the document's steps, as they are bound
	Records  []Record
	Holder   *Holder // who has the run open, or nil
	// Gone reports whether no process carries out an execution any more. It is nil if that isn't
	// known.
	Gone func(attempt string) bool
	// Damaged says that the journal was read up to a damaged line, Newer that it
	// was read up to a record that only a newer version understands. What happened
	// after that is unknown.
	Damaged, Newer bool
	// Problems are sentences about the journal or the document that readers of the
	// report must know.
	Problems []clean.Text
}

// Record is an event and the host on which it was recorded.
type Record struct {
	Host  string
	Event runbook.Event
}

// Holder says who has a run open.
type Holder struct {
	Actor clean.Text `json:"actor"`
	Host  clean.Text `json:"host"`
	PID   int        `json:"pid"`
	Since time.Time  `json:"since"`
}

// Summary is the state of a run in short. All of its text is clean, and all times are in
// UTC.
type Summary struct {
	Run         string       `json:"run"`
	Mode        runbook.Mode `json:"mode"`  // "" if nothing was recorded
	Title       clean.Text   `json:"title"` // of the document, else its name
	Document    clean.Text   `json:"document"`
	Environment clean.Text   `json:"environment"`
	Release     clean.Text   `json:"release"`
	// Rollback says that the run goes back to an older release, and From from which
	// version, if that was known.
	Rollback bool       `json:"rollback,omitempty"`
	From     clean.Text `json:"rolled_back_from,omitzero"`
	BegunAt  time.Time  `json:"begun_at,omitzero"`
	LastAt   time.Time  `json:"last_at,omitzero"` // of the latest event
	HeldBy   *Holder    `json:"held_by,omitempty"`
	State    State      `json:"state"`
	Standing clean.Text `json:"standing"` // the state in a few words: "3 of 5 done"
	// Done counts the steps that were observed, ticked or decided, out of Of. The others
	// that hold are counted by the way in which they do.
	Done          int          `json:"done"`
	Skipped       int          `json:"skipped,omitempty"`
	Accepted      int          `json:"accepted,omitempty"`
	DoneElsewhere int          `json:"done_elsewhere,omitempty"`
	AsIfDone      int          `json:"as_if_done,omitempty"`
	Of            int          `json:"of"`
	Paused        []clean.Text `json:"paused,omitempty"` // what the run has paused and not unpaused
	Damaged       bool         `json:"damaged"`
	Problems      []clean.Text `json:"problems"`
}

// Report describes a run. All of its text is clean, and all times are in UTC.
type Report struct {
	Summary
	// ActedFrom and ActedTo are when something was first and last done or stated, rather than
	// verified. They are zero if nothing was.
	ActedFrom time.Time `json:"acted_from,omitzero"`
	ActedTo   time.Time `json:"acted_to,omitzero"`
	// Facts are what the deployment was about, by their names.
	Facts map[runbook.Fact]clean.Text `json:"facts"`
	// Filled are the placeholders of the document that were filled in, and what they stand for.
	Filled    []Filled   `json:"filled,omitempty"`
	People    []Person   `json:"people"`
	Steps     []Step     `json:"steps"`
	Commands  []Command  `json:"commands"`
	Decisions []Decision `json:"decisions"`
	Timeline  []Entry    `json:"timeline"`

	summary  prose             // the state, in sentences
	mentions []runbook.Mention // the facts to name beside the release
	typed    clean.Text        // what confirms the deployment: the name of its environment
}

// State says how a run ended, or that it hasn't.
type State string

// The states, beside the endings of package runbook, which are states too. NotKnown means
// that the run can't be read completely.
const (
	Running  State = "running" // a command was started, and no end is recorded
	Doubtful State = "in doubt"
	NotKnown State = "unknown"
)

// Person is someone who did something in the run, if only a check.
type Person struct {
	Actor clean.Text `json:"actor"`
	Host  clean.Text `json:"host"`
	From  time.Time  `json:"from"`
	To    time.Time  `json:"to"`
}

// Step is the outcome of a step. HeldAt and By say since when it holds, and who
// checked or stated that. A step that doesn't hold has neither.
type Step struct {
	ID       document.StepID `json:"id"`
	Label    clean.Text      `json:"label"` // "step 3"
	Text     clean.Text      `json:"text"`
	Locked   bool            `json:"locked"`
	Added    bool            `json:"added,omitempty"` // by the program, to those of the document
	Status   runbook.Status  `json:"status"`
	Summary  clean.Text      `json:"summary"` // of the result that counts
	By       clean.Text      `json:"by"`
	BegunAt  time.Time       `json:"begun_at,omitzero"` // when something was first done or stated about it
	HeldAt   time.Time       `json:"held_at,omitzero"`
	Seconds  *float64        `json:"seconds,omitempty"` // from BegunAt to HeldAt
	Evidence []Evidence      `json:"evidence"`

	idle bool // nothing has happened to it
}

// Evidence is what a check or a command showed. Link is its source if that is an
// address that is safe to follow.
type Evidence struct {
	runbook.Evidence
	Link string `json:"link,omitempty"`
}

// Command is one execution of a command, or in a dry run what would have been
// one. Exit is nil while the outcome is unknown, and -1 for a command that didn't
// run to its end.
type Command struct {
	Step      document.StepID `json:"step"`
	Label     clean.Text      `json:"label"`
	Effect    clean.Text      `json:"effect"`
	Argv      []clean.Text    `json:"argv"`
	Line      clean.Text      `json:"line"` // as a person would type it
	Dir       clean.Text      `json:"dir"`
	By        clean.Text      `json:"by"`
	Host      clean.Text      `json:"host"`
	BegunAt   time.Time       `json:"begun_at"`
	EndedAt   time.Time       `json:"ended_at,omitzero"`
	Seconds   *float64        `json:"seconds,omitempty"`
	Exit      *int            `json:"exit,omitempty"`
	Problem   clean.Text      `json:"problem"`
	Summary   clean.Text      `json:"summary"`
	Adopted   bool            `json:"adopted"` // a later process took over
	Doubted   bool            `json:"doubted"` // its outcome was unknown
	Settled   clean.Text      `json:"settled"` // what a person decided about that: "was carried out"
	Pretended bool            `json:"pretended"`
}

// Filled says what a placeholder of the document stands for, and who has said so.
type Filled struct {
	Name  clean.Text `json:"name"`
	Value clean.Text `json:"value"`
	By    clean.Text `json:"by"`
	At    time.Time  `json:"at"`
}

// Decision is a statement of a person that let the run go on: a skip, an override,
// a judgement, a settlement, or that a step was done elsewhere. EndedAt and EndedBy say when and why it stopped
// counting.
type Decision struct {
	At      time.Time       `json:"at"`
	By      clean.Text      `json:"by"`
	Kind    string          `json:"kind"` // "skipped", "done-elsewhere", "overridden", "judged", "settled", as the events' types
	Step    document.StepID `json:"step"`
	Label   clean.Text      `json:"label"`
	Text    clean.Text      `json:"text"`
	Reason  clean.Text      `json:"reason"` // "" for a judgement, which has none
	EndedAt time.Time       `json:"ended_at,omitzero"`
	EndedBy clean.Text      `json:"ended_by"`

	words prose
}

// Entry is a line of the timeline. Repeated checks share a line.
type Entry struct {
	At    time.Time       `json:"at"`
	Until time.Time       `json:"until,omitzero"` // of the last of several
	By    clean.Text      `json:"by"`
	Host  clean.Text      `json:"host"`
	Event string          `json:"event"` // type of the event
	Step  document.StepID `json:"step"`  // "" for none or several
	Count int             `json:"count"` // of the events that the entry stands for
	Text  clean.Text      `json:"text"`

	words prose
}

// Make returns the report of a run at the given time. It never fails: the report
// says what is unknown.
func Make(in Input, now time.Time) *Report {
	t := newTracker(in.Specs)
	l := newTimeline(t)
	p := people{}
	for _, rec := range in.Records {
		t.add(rec)
		l.add(rec)
		p.add(rec)
	}
	r := &Report{
		Summary: Summary{
			Run: in.ID, Title: clean.Line("Run"), HeldBy: in.Holder, Damaged: in.Damaged, Problems: append([]clean.Text{}, in.Problems...),
		},
		Facts:  map[runbook.Fact]clean.Text{},
		People: p.list(), Steps: []Step{}, Commands: t.commands, Decisions: t.decisions, Timeline: l.entries(),
	}
	if t.misplaced != nil {
		r.Problems = append(r.Problems, clean.Linef("Can't place what happened in the document: %v.", t.misplaced))
	}
	r.head(in)
	r.addSteps(in, t, now)
	r.setState(in, t, now)
	return r
}

// head sets what the run is about.
func (r *Report) head(in Input) {
	for i, rec := range in.Records {
		at := rec.Event.When().UTC()
		if i == 0 {
			r.BegunAt = at
		}
		r.LastAt = at
		if acts(rec.Event) {
			if r.ActedFrom.IsZero() {
				r.ActedFrom = at
			}
			r.ActedTo = at
		}
		switch e := rec.Event.(type) {
		case runbook.Started:
			r.Mode, r.Environment, r.Document = runbook.Mode(clean.Line(string(e.Mode)).String()), oneLine(e.Environment), oneLine(e.Document)
			if !r.Document.Empty() {
				r.Title = r.Document
			}
			if e.Rollback != nil {
				r.Rollback, r.From = true, clean.Line(e.Rollback.From)
			}
		case runbook.Filled:
			if !e.Environment.Empty() {
				r.Environment = oneLine(e.Environment)
			}
			name := clean.Line(e.Name)
			r.Filled = slices.DeleteFunc(r.Filled, func(f Filled) bool { return f.Name == name })
			r.Filled = append(r.Filled, Filled{Name: name, Value: clean.Line(e.Value), By: oneLine(e.Actor), At: at})
		case runbook.ReleaseChosen:
			r.Release = clean.Line(e.Tag)
		}
	}
	if in.Document != nil {
		r.Title = oneLine(in.Document.Title)
	}
	r.typed = r.Environment
	if r.Mode == runbook.Practice { // that is the scenario
		r.typed = typed(in.Specs)
	}
}

// typed returns what is typed to confirm the deployment, empty if there is none.
func typed(specs []runbook.Spec) clean.Text {
	for _, s := range specs {
		for _, e := range s.Effects {
			if e.Judged {
				return clean.Line(e.Confirm)
			}
		}
	}
	return clean.Text{}
}

// oneLine returns t on one line. A text from a file may have several.
func oneLine(t clean.Text) clean.Text { return clean.Line(t.String()) }

// seconds returns the time between from and to in seconds, or nil if the clock was
// set back in between.
func seconds(from, to time.Time) *float64 {
	if from.IsZero() || to.Before(from) {
		return nil
	}
	s := to.Sub(from).Round(time.Millisecond).Seconds()
	return &s
}
