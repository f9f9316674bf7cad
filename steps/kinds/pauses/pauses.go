// Package pauses has what kinds share that pause a DAG in Airflow or turn it on.
package pauses

import (
	"context"
	"errors"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
)

// Set pauses or unpauses a DAG, unless what it is like before settles that.
func Set(ctx context.Context, in steps.Input, name string, paused bool, settled func(airflow.DAG) (steps.Change, bool)) steps.Change {
	client, err := in.World.Airflow.At(in.Params["airflow"])
	if err != nil {
		return notSet(name, paused, err)
	}
	d, err := client.DAG(ctx, name)
	if err != nil {
		return notSet(name, paused, err) // nothing was sent to change it
	}
	if c, ok := settled(d); ok {
		return c
	}
	_, err = client.SetPaused(ctx, name, paused)
	switch {
	case errors.As(err, new(airflow.Undecided)):
		return steps.Change{Unknown: true, Text: clean.Linef("whether %s is %s is unknown: %s", name, word(paused), err)}
	case err != nil:
		return notSet(name, paused, err)
	}
	return steps.Change{Done: true, Text: clean.Linef("%s is %s", name, word(paused))}
}

func notSet(name string, paused bool, err error) steps.Change {
	return steps.Change{Text: clean.Linef("%s is not %s: %s", name, word(paused), err)}
}

// Look returns a function that finds out whether a DAG has become paused or
// unpaused.
func Look(paused bool) func(context.Context, steps.Input, string) steps.Change {
	return func(ctx context.Context, in steps.Input, name string) steps.Change {
		client, err := in.World.Airflow.At(in.Params["airflow"])
		var d airflow.DAG
		if err == nil {
			d, err = client.DAG(ctx, name)
		}
		switch {
		case err != nil:
			return steps.Change{Unknown: true, Text: clean.Linef("whether %s is %s is unknown: %s", name, word(paused), err)}
		case d.Paused == paused:
			return steps.Change{Done: true, Text: clean.Linef("%s is %s", name, word(paused))}
		}
		return steps.Change{Text: clean.Linef("%s is not %s: that was asked for, or about to be, but didn't happen", name, word(paused))}
	}
}

func word(paused bool) string {
	if paused {
		return "paused"
	}
	return "unpaused"
}
