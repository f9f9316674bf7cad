package plain_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/notify"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/tui/plain"
)

// lamps is a service that a step asks: it fails while some are on, and they may go out.
type lamps struct {
	mu sync.Mutex
	on []string
}

func (l *lamps) set(on ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.on = on
}

func (l *lamps) kind() *steps.Kind {
	return &steps.Kind{
		Name: "lamps", Doc: "Turn the lamps off.", Explain: "## Why\n\nThey burn.",
		Recognise: func(s *document.Step) (steps.Match, bool) {
			return steps.Match{By: steps.ByLink, Why: clean.Line("a link to lamps")}, len(s.Links) > 0
		},
		Check: &steps.Check{
			Ask: func(_ context.Context, in steps.Input) runbook.Result {
				l.mu.Lock()
				defer l.mu.Unlock()
				r := steps.NewReport(in)
				if len(l.on) == 0 {
					return r.Passed("All lamps are off.")
				}
				r.Facts["lamps.on"] = strings.Join(l.on, "\n")
				r.Facts[steps.FactUntil] = fake.Moment.Add(5 * time.Minute).Format(time.RFC3339)
				return r.Waiting("%d lamps are on, for %d s now.", len(l.on), int(in.World.Now().Sub(fake.Moment).Seconds()))
			},
			Fresh: time.Minute, Override: "lamps.on", Accepting: "Why is that all right?",
			Again: func(runbook.Result) time.Duration { return 10 * time.Second },
		},
	}
}

// events are those that an engine has recorded.
type events struct{ all []runbook.Event }

func (e *events) Append(ev runbook.Event) error {
	e.all = append(e.all, ev)
	return nil
}

// script is an input whose lines are read one by one, each after what happens before it.
type script []struct {
	before func()
	line   string
}

func (s *script) Read(p []byte) (int, error) {
	if len(*s) == 0 {
		return 0, io.EOF
	}
	next := (*s)[0]
	*s = (*s)[1:]
	if next.before != nil {
		next.before()
	}
	return copy(p, next.line+"\n"), nil
}

// walked walks a run with one step about lamps.
type walked struct {
	lamps
	events
	bound *steps.Bound
	world *steps.World
	clock *fake.Clock
	*steps.Engine
}

func newWalk(t *testing.T) *walked {
	t.Helper()
	w := &walked{clock: fake.NewClock(), world: fake.Connect(t, fake.NewScript(t))}
	w.bound = steps.Bind(fake.Parse(t, "# Deploy\n\n1. Turn [the lamps](https://lamps.test) off.\n2. Go home.\n"), steps.Settings{}, append(kinds.All(), w.kind()))
	w.world.Now = w.clock.Now
	var err error
	if w.Engine, err = steps.New(w.bound, w.world, steps.Options{Mode: runbook.Practice, Actor: "sam", Journal: &w.events}); err != nil {
		t.Fatal(err)
	}
	return w
}

// says runs the walk and fails unless it prints all of these, in this order.
func says(t *testing.T, c plain.Config, want ...string) {
	t.Helper()
	var out bytes.Buffer
	c.Out = &out
	if err := plain.Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	rest := out.String()
	for _, w := range want {
		_, after, found := strings.Cut(rest, w)
		if !found {
			t.Fatalf("after what it should say, it does not say %q:\n%s\nall of it:\n%s", w, rest, out.String())
		}
		rest = after
	}
}

// What was found may be too old once the reason is typed. It is verified again then, and asked
// about again if more was found.
func TestAcceptAgain(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	w.set("kitchen", "stairs")
	in := script{{line: "verify 1"}, {line: "accept 1"}, {line: "nobody sees these two", before: func() {
		w.clock.Pass(2 * time.Minute)
		w.set("kitchen", "stairs", "street")
	}}, {line: "nobody sees any of these"}, {line: "undo 1"}, {line: "undo 2"}}
	says(t, plain.Config{Engine: w.Engine, In: &in, Now: w.clock.Now},
		"Accept what step 1 found.\n  kitchen\n  stairs\n  Why is that all right?", "too old to accept, so it is verified again.\n", "Step 1: waiting. 3 lamps",
		"\n  stairs\n  street\n", "Step 1: accepted.", "Undone: step 1, accepted: nobody sees any of these.", "Not done: There is nothing to undo: step 2 is not ticked",
	)
}

// A wait says what it waits for and when that changes, but not each time that it has been asked
// again. A long one is told.
func TestWait(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	w.set("kitchen", "stairs")
	checks := 0
	told := make(chan notify.Event, 1)
	elsewhere := false
	c := plain.Config{
		Engine: w.Engine, Now: w.clock.Now, In: strings.NewReader("wait 1\n"), Pause: time.Hour,
		After: func(d time.Duration) <-chan time.Time {
			if d == time.Hour {
				return nil
			}
			checks++
			w.clock.Pass(d)
			if checks == 3 {
				w.set("kitchen")
			} else if checks == 5 {
				w.set()
			}
			fired := make(chan time.Time)
			close(fired)
			return fired
		},
		Tell: func(e notify.Event, away bool) error {
			elsewhere = away
			told <- e
			return nil
		},
	}
	says(t, c, "Waiting: for step 1; stop or ctrl+c ends it.\nNow: 2 lamps are on", "It is usually over by 12:05.\nNow: 1 lamps are on", "Step 1: passed. All lamps are off.", "Waited: ")
	if e := <-told; e.Event != notify.WaitEnded || e.Verdict != runbook.Passed || !elsewhere || e.Label.String() != "step 1" {
		t.Errorf("told of %+v, elsewhere %t", e, elsewhere)
	}
}

// TestFollow follows a run that another process walks, until nobody has it open.
func TestFollow(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	w.set("kitchen")
	watching, err := steps.Watch(w.bound, w.world, steps.Options{Mode: runbook.Practice, ReadOnly: "held by sam."}, w.all)
	if err != nil {
		t.Fatal(err)
	}
	seen, asked := len(w.all), 0
	c := plain.Config{
		Engine: watching, Now: w.clock.Now, In: strings.NewReader("tick 2\n"), After: func(time.Duration) <-chan time.Time { return time.After(0) },
		Observe: func() (bool, error) {
			asked++
			switch asked {
			case 2:
				if _, err := w.Check(t.Context(), w.bound.Steps[0].Step.ID); err != nil {
					return true, err
				}
			case 3:
				if err := w.Tick(w.bound.Steps[1].Step.ID, ""); err != nil {
					return true, err
				}
			}
			fresh := w.all[seen:]
			seen = len(w.all)
			return asked < 4, watching.Observe(fresh)
		},
	}
	says(t, c, "Not done: this run is read-only: held by sam.", "Following: ", "\nStep 1: waiting. 1 lamps are on", "\nStep 2: ticked.\nNote: no process has this run open now.\n", "Step 2 of 2, ticked: Go home.\n1 of 2 done.\n")
}

// The width of the terminal is asked for each line, and a page is as many rows as it has.
func TestWidth(t *testing.T) {
	t.Parallel()
	w := newWalk(t)
	width := 0
	in := script{{line: "help"}, {line: "help undo", before: func() { width = 40 }}, {line: "document"}, {line: "more", before: func() { width = 200 }}}
	says(t, plain.Config{Engine: w.Engine, In: &in, Now: w.clock.Now, Width: func() int { return width }, Page: 3},
		"undo [STEP], or u, untick: undo a tick, a skip, an acceptance, or that the plan looks correct.\n",
		"undo [STEP], or u, untick: undo a tick,\n  a skip, an acceptance, or that the\n  plan looks correct. ",
		"Document: 4 lines. Enter shows more;\n  stop ends.\n# Deploy\n\n2 of 4> more\n1. Turn the lamps https://lamps.test off.\n2. Go home.\nEnd of the document.",
	)
}
