package steps

import "catalog-runbook/runbook/document"

var manualKind = register(manual{})

// manual is a step that nobody but a person can do and judge: read, do, tick.
type manual struct{}

func (manual) Name() string { return "manual" }
func (manual) Doc() string {
	return "Read it, do it, and tick it: the program cannot see whether it is done."
}
func (manual) Params() []Param { return nil }

// Recognise never claims a step: manual is what is left when no other kind does.
func (manual) Recognise(*document.Step) (Match, bool) { return Match{}, false }
