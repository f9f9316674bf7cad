package kinds

import (
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds/why"
)

// manual is a step that nobody but a person can do and judge: read, do, tick.
var manual = &steps.Kind{
	Name:     "manual",
	Doc:      "Read it, do it, and tick it: the program can't see whether it is done.",
	Explain:  why.Manual,
	Fallback: true,
}
