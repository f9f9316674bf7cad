// Package notify knows whether a person may be looking elsewhere, and tells a program of
// their choice what happens in a run, for example one that posts to a chat.
package notify

import (
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// Kind says what an event is about.
type Kind string

// The kinds of events.
const (
	WaitEnded    Kind = "wait-ended"    // a step holds that was waited for, or the wait was given up
	CommandEnded Kind = "command-ended" // a command has ended, or nobody knows how it ended
	AnswerNeeded Kind = "answer-needed" // a command seems to wait for an answer
)

// Kinds are all kinds of events, as the settings name them.
func Kinds() []string {
	return []string{string(WaitEnded), string(CommandEnded), string(AnswerNeeded)}
}

// Event is what happened. Its JSON is documented in the help topic json, and only ever
// gains fields. All texts are clean, so known secrets are masked.
type Event struct {
	Event       Kind            `json:"event"`
	Run         string          `json:"run"`     // as `catalog-runbook runs` names it; "" if it isn't kept
	Step        document.StepID `json:"step"`    // as `catalog-runbook lint --json` names it
	Label       clean.Text      `json:"label"`   // "step 3"
	Verdict     runbook.Verdict `json:"verdict"` // of the check or the command; "unknown" where an answer is needed
	Procedure   string          `json:"procedure"`
	Release     clean.Text      `json:"release"` // "" before one is chosen
	Environment clean.Text      `json:"environment"`
	Mode        runbook.Mode    `json:"mode"`
	Text        clean.Text      `json:"text"` // a sentence for people
	At          time.Time       `json:"at"`
}

// Of returns an event of a step of the engine's run.
func Of(e *steps.Engine, kind Kind, id document.StepID, verdict runbook.Verdict, text clean.Text, at time.Time) Event {
	run := e.Run()
	spec, _ := run.Spec(id)
	return Event{
		Event: kind, Step: id, Label: spec.Label, Verdict: verdict, Procedure: spec.Procedure, Release: clean.Line(run.Release()),
		Environment: run.Environment(), Mode: e.Mode(), Text: text, At: at,
	}
}
