package doctor

import (
	"context"
	"slices"
	"time"
)

// Question is asked beside the others.
type Question struct {
	// About is reported as not known if the answer doesn't come in time.
	About []Finding
	// Ask returns what was found. It should end with its context.
	Ask func(context.Context) []Finding
}

// question returns a Question about these findings, which fill completes. Those that it
// leaves alone wait for what it returns; if that is "", they are dropped.
func question(about []Finding, fill func(ctx context.Context, f []*Finding) (waitFor string)) Question {
	return Question{About: about, Ask: func(ctx context.Context) []Finding {
		all := slices.Clone(about)
		f := make([]*Finding, len(all))
		for i := range all {
			f[i] = &all[i]
		}
		if on := fill(ctx, f); on != "" {
			for i := range all {
				if all[i].State == "" {
					all[i].waits(on)
				}
			}
		}
		return slices.DeleteFunc(all, func(f Finding) bool { return f.State == "" })
	}}
}

// without drops one finding from the answer.
func (q Question) without(id string) Question {
	named := func(f Finding) bool { return f.ID == id }
	return Question{About: slices.DeleteFunc(slices.Clone(q.About), named), Ask: func(ctx context.Context) []Finding {
		return slices.DeleteFunc(q.Ask(ctx), named)
	}}
}

// unanswered returns the answer if it has come after all, and else reports that there
// is none.
func (q Question) unanswered(answer <-chan []Finding, limit time.Duration) []Finding {
	select {
	case f := <-answer:
		return f
	default:
	}
	all := slices.Clone(q.About)
	for i := range all {
		all[i].Is(NotKnown, "try again; if it keeps happening, check what it is waiting for", "no answer within %s", limit)
	}
	return all
}
