package kinds_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// kindCase is one situation of a kind, and what is to be made of it.
type kindCase struct {
	name    string
	params  steps.Params                   // instead of the fixture's
	follows *runbook.Carried               // the command that it follows
	facts   runbook.Facts                  // instead of the fixture's
	held    []string                       // what the run has changed and not undone
	asks    []fake.Exchange                // all requests, in order
	world   func(*testing.T, *steps.World) // what else the world is like
	effect  string                         // "": it is a check, else what has ended
	relied  func(*testing.T) string        // makes the folder of the plan that the effect relies on
	exit    int                            // of the effect
	output  string                         // of the effect
	verdict runbook.Verdict                //
	says    []string                       // parts of the summary
	sees    []string                       // parts of the evidence
	leaves  runbook.Facts                  // facts that it must leave, "" for one that it must not
	again   bool                           // asking again later is worth it
	denied  bool                           // credentials are wanted
	waits   bool                           // it is expected to pass by itself
}

// fixture is what the table test needs to know of a kind.
type fixture struct {
	params steps.Params
	facts  runbook.Facts
	cases  []kindCase
	hung   *runbook.Carried // what the step follows when its question is never answered
	// hang makes a world in which the kind's question is never answered, and
	// returns a channel that tells when it was asked.
	hang func(*testing.T) (*steps.World, <-chan struct{})
}

// fixtures has one for every kind. A new kind adds its own.
var fixtures = map[string]fixture{
	"release":         releaseFixture,
	"image-tag":       imageTagFixture,
	"idle-dags":       idleDAGsFixture,
	"bump":            bumpFixture,
	"plan-and-apply":  planFixture,
	"manual":          {},
	"migration":       migrationFixture,
	"postgres-access": accessFixture,
	"pull-request":    pullRequestFixture,
	"dags-synced":     dagsSyncedFixture,
	"dags-on":         dagsOnFixture,
	"service-back":    serviceBackFixture,

	"which-deployment": whichFixture,
	"bump-landed":      bumpLandedFixture,
}

func TestKinds(t *testing.T) {
	for _, k := range kinds.All() {
		t.Run(k.Name, func(t *testing.T) {
			f, ok := fixtures[k.Name]
			if !ok {
				t.Fatal("the kind has no fixture")
			}
			if doc := k.Doc; doc == "" || !strings.HasSuffix(doc, ".") {
				t.Errorf("its doc is no sentence: %q", doc)
			}
			for _, p := range k.Params {
				if p.Name == "" || p.Doc == "" || p.Setting == "" && !p.Own {
					t.Errorf("the parameter %+v is not described", p)
				}
			}
			covered := map[string]map[runbook.Verdict]bool{"check": {}, "finish": {}}
			for _, c := range f.cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, k, f) })
				what := "check"
				if c.effect != "" {
					what = "finish"
				}
				covered[what][c.verdict] = true
			}
			commands := slices.ContainsFunc(k.Effects, func(e steps.Effect) bool { return e.Changes == nil })
			for what, wanted := range map[string]bool{"check": k.Check != nil, "finish": commands} {
				for _, v := range []runbook.Verdict{runbook.Passed, runbook.Failed, runbook.Unknown} {
					if wanted && !covered[what][v] {
						t.Errorf("no case of its %s is %s", what, v)
					}
				}
			}
			if k.Check != nil {
				t.Run("ends with its context", func(t *testing.T) { endsWithItsContext(t, k.Check, f) })
			}
		})
	}
}

// TestExplanations: of each kind it's said why the step is there, what can go wrong and how
// it looks, in a few sentences of its own.
func TestExplanations(t *testing.T) {
	seen := map[string]string{}
	for _, k := range kinds.All() {
		if other := seen[k.Explain]; other != "" {
			t.Errorf("%s has the text of %s", k.Name, other)
		}
		seen[k.Explain] = k.Name
		rest := k.Explain
		for i, heading := range []string{"Why", "What can go wrong", "How it looks"} {
			before, after, found := strings.Cut(rest, "## "+heading+"\n")
			if !found || i == 0 && before != "" || i > 0 && len(strings.Fields(before)) < 12 {
				t.Errorf("%s: its text has no %q, or nothing before it:\n%s", k.Name, heading, k.Explain)
			}
			rest = after
		}
		if len(strings.Fields(rest)) < 12 {
			t.Errorf("%s: it isn't said how it looks", k.Name)
		}
	}
}

// TestHarmless: only what is judged again by the plan may be accepted as a whole, and what
// comes after the apply.
func TestHarmless(t *testing.T) {
	for _, k := range kinds.All() {
		want := k.Name == "release" || k.Name == "image-tag" || k.Name == "bump" || k.Name == "service-back" || k.Name == "bump-landed" || k.Name == "which-deployment"
		if got := k.Check != nil && k.Check.Harmless; got != want {
			t.Errorf("%s is harmless: %t", k.Name, got)
		}
	}
}

func (c kindCase) run(t *testing.T, k *steps.Kind, f fixture) {
	w := fake.Connect(t, fake.QuietAirflow(fake.NewScript(t, c.asks...)))
	w.Executor = fake.NoCommand{T: t}
	if c.world != nil {
		c.world(t, w)
	}
	in := steps.Input{Params: f.params, Facts: f.facts, World: w, Followed: c.follows, Held: c.held}
	if c.params != nil {
		in.Params = c.params
	}
	if c.facts != nil {
		in.Facts = c.facts
	}
	if c.relied != nil {
		in.Relied = c.relied(t)
	}
	var res runbook.Result
	if c.effect == "" {
		res = k.Check.Ask(t.Context(), in)
	} else {
		res = k.Effect(c.effect).Finish(t.Context(), in, c.exit, c.output)
	}
	if res.Verdict != c.verdict {
		t.Errorf("it is %s, want %s: %s", res.Verdict, c.verdict, res.Summary)
	}
	fake.Contains(t, res.Summary.String(), c.says...)
	if res.Summary.Empty() || !strings.HasSuffix(res.Summary.String(), ".") {
		t.Errorf("the summary is no sentence: %q", res.Summary)
	}
	var seen strings.Builder
	for _, e := range res.Evidence {
		if e.Name.Empty() || e.Source.Empty() || !e.At.Equal(fake.Moment) {
			t.Errorf("evidence without its name, source or time: %+v", e)
		}
		seen.WriteString(e.Name.String() + ": " + e.Value.String() + "\n")
	}
	fake.Contains(t, seen.String(), c.sees...)
	for name, want := range c.leaves {
		if got := res.Facts[name]; got != want {
			t.Errorf("the fact %s is %q, want %q", name, got, want)
		}
	}
	if res.Denied != c.denied {
		t.Errorf("denied is %t", res.Denied)
	}
	if res.Waiting != c.waits {
		t.Errorf("waiting is %t", res.Waiting)
	}
	if c.effect == "" && k.Check.Again != nil {
		if got := k.Check.Again(res); (got > 0) != c.again {
			t.Errorf("asking again is worth it after %v, want %t", got, c.again)
		}
	}
}

func endsWithItsContext(t *testing.T, check *steps.Check, f fixture) {
	w, asked := f.hang(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan runbook.Result)
	go func() {
		done <- check.Ask(ctx, steps.Input{Params: f.params, Facts: f.facts, World: w, Followed: f.hung})
	}()
	<-asked
	cancelled := time.Now()
	cancel()
	res := <-done
	if took := time.Since(cancelled); took > time.Second {
		t.Errorf("it took %v to end", took)
	}
	if res.Verdict != runbook.Unknown {
		t.Errorf("what was not answered is %s: %s", res.Verdict, res.Summary)
	}
}

// hangingService is the hang of kinds that ask over HTTP.
func hangingService(t *testing.T) (*steps.World, <-chan struct{}) {
	asked := make(chan struct{}, 1)
	return fake.Connect(t, fake.Silence(asked)), asked
}

// hangingGit is the hang of kinds that ask git.
func hangingGit(t *testing.T) (*steps.World, <-chan struct{}) {
	w := fake.Connect(t, fake.NewScript(t))
	w.Checkout.Dir = fake.Repository(t)
	w.Checkout.Git = filepath.Join(t.TempDir(), "git")
	started := w.Checkout.Git + ".started"
	script := "#!/bin/sh\n: >" + started + ".new && mv " + started + ".new " + started + "\nexec sleep 60\n"
	if err := os.WriteFile(w.Checkout.Git, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	tick := time.NewTicker(5 * time.Millisecond)
	go func() {
		defer tick.Stop()
		defer close(asked)
		for range tick.C {
			if _, err := os.Stat(started); err == nil {
				return
			}
		}
	}()
	return w, asked
}

// TestRequestBudgets asks services of very different sizes: what a check costs
// must not grow with them.
func TestRequestBudgets(t *testing.T) {
	for _, size := range []int{10, 10_000} {
		sent := fake.Count(fake.NewSite(size))
		w := fake.Connect(t, sent)
		now := fake.NewClock()
		w.Now, w.Airflow.Options.Now = now.Now, now.Now
		ask := func(kind string, max int, want runbook.Verdict, facts runbook.Facts) {
			t.Helper()
			for _, k := range kinds.All() {
				if k.Name != kind {
					continue
				}
				res := k.Check.Ask(t.Context(), steps.Input{Params: fixtures[kind].params, Facts: facts, World: w})
				if n := sent.Take(); n > max || n == 0 || res.Verdict != want {
					t.Errorf("%s of %d: %d requests, at most %d are allowed; %s: %s", kind, size, n, max, res.Verdict, res.Summary)
				}
			}
		}
		chosen := runbook.Facts{runbook.ReleaseTag: fake.Tag}
		ask("idle-dags", 7, runbook.Passed, nil)
		for range 3 {
			ask("idle-dags", 4, runbook.Passed, nil)
			now.Pass(15 * time.Second)
		}
		ask("release", 7, runbook.Passed, chosen) // the workflow's file is asked for once
		ask("release", 6, runbook.Passed, chosen)
		ask("release", 6, runbook.Failed, runbook.Facts{runbook.ReleaseTag: "v9.9.9"})
		ask("release", 6, runbook.Unknown, nil)
		for range 2 {
			ask("image-tag", 4, runbook.Passed, runbook.Facts{runbook.ReleaseTag: fake.Tag, "release.commit": fake.Commit})
			ask("image-tag", 4, runbook.Failed, runbook.Facts{runbook.ReleaseTag: "absent", "release.commit": fake.Commit})
		}
		for method := range sent.Methods {
			if method != http.MethodGet && method != http.MethodHead {
				t.Errorf("a check sends %s", method)
			}
		}
	}
}
