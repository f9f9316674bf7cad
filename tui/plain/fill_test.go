package plain_test

import (
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/tui/plain"
)

// gapped begins a dry run of a runbook that leaves the environment open.
func gapped(t *testing.T, o steps.Options) *steps.Engine {
	t.Helper()
	doc, err := document.Parse("D.md", []byte("# Deploy\n\n1. `just bump ENVIRONMENT web`\n2. `just plan ENVIRONMENT web`, `just apply ENVIRONMENT web`\n"))
	if err != nil {
		t.Fatal(err)
	}
	o.Mode, o.Actor = runbook.DryRun, "sam"
	e, err := steps.New(steps.Bind(doc, steps.Settings{}, kinds.All()), &steps.World{Now: time.Now}, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestFill asks what a placeholder is before a command that has it is shown, and an empty
// answer leaves it open.
func TestFill(t *testing.T) {
	t.Parallel()
	e := gapped(t, steps.Options{})
	says(t, plain.Config{Engine: e, In: strings.NewReader("run 2\n\nrun 2\nprod|web\nprod\n")},
		"Next: type fill to say what ENVIRONMENT is.\n", "Fill in: What is ENVIRONMENT?", "Canceled: nothing was done.\n",
		"Fill in: What is ENVIRONMENT?", "Try again: \"prod|web\" has a character that can't be in it",
		"Filled in: ENVIRONMENT is 'prod', said by sam.\nDry run: a live run would refuse just plan prod web",
	)
	if got := e.Run().Environment().String(); got != "prod" {
		t.Errorf("the environment is %q", got)
	}
}

// TestFillIsFollowed tells once who looks on what a placeholder is.
func TestFillIsFollowed(t *testing.T) {
	t.Parallel()
	var all []runbook.Event
	e := gapped(t, steps.Options{Journal: appender(func(ev runbook.Event) { all = append(all, ev) })})
	watching, err := steps.Watch(gapped(t, steps.Options{}).Bound(), e.World(), steps.Options{Mode: runbook.DryRun, ReadOnly: "held by sam."}, all)
	if err != nil {
		t.Fatal(err)
	}
	seen := len(all)
	c := plain.Config{
		Engine: watching, In: strings.NewReader(""), After: func(time.Duration) <-chan time.Time { return time.After(0) },
		Observe: func() (bool, error) {
			if err := e.Fill("ENVIRONMENT", "prod"); err != nil {
				return false, err
			}
			return false, watching.Observe(all[seen:])
		},
	}
	var out strings.Builder
	c.Out = &out
	if err := plain.Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(out.String(), "Filled in: ENVIRONMENT is 'prod', said by sam.\n"); n != 1 {
		t.Errorf("it is told %d times:\n%s", n, out.String())
	}
}

// appender is a journal that hands on the events.
type appender func(runbook.Event)

func (a appender) Append(e runbook.Event) error {
	a(e)
	return nil
}
