package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/steps/transport"
)

// through walks a made-up run to its end, or to the first error.
func (w *walk) through() error {
	if w.engine == nil {
		return errJournal
	}
	if err := w.engine.Choose(fake.Tag); err != nil {
		return err
	}
	w.checkAll()
	for _, e := range []struct {
		step   int
		effect string
	}{{bump, "bump"}, {plan, "plan"}, {plan, "apply"}} {
		if e.effect == "apply" {
			if err := w.judge(); err != nil {
				return err
			}
		}
		if err := w.engine.Prepare(w.t.Context(), w.id(e.step), e.effect); err != nil {
			return err
		}
		if err := w.perform(e.step, e.effect); err != nil {
			return err
		}
	}
	return nil
}

// TestTheJournalComesFirst lets each append of a walk fail in turn, without -long
// every fifth: what is not
// on record is not shown, and no command is run whose intent is not on record.
func TestTheJournalComesFirst(t *testing.T) {
	whole := pretend(t, 0)
	whole.must(whole.through())
	whole.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Done)
	appends := whole.journal.tried
	if appends < 20 {
		t.Fatalf("the walk has only %d events", appends)
	}
	failed, stride := 0, 5
	if *steps.LongTests {
		stride = 1
	}
	for n := 1; n <= appends; n += stride {
		w := pretend(t, n)
		err := w.through()
		if got := w.runs.commands(); !slices.Equal(got, w.journal.started()) {
			t.Errorf("append %d: run %q, on record %q", n, got, w.journal.started())
		}
		if err != nil {
			failed++
		}
		if w.engine == nil {
			continue
		}
		if events := w.engine.Run().Events(); events != len(w.journal.events) {
			t.Errorf("append %d: %d events are shown and %d on record", n, events, len(w.journal.events))
		}
		if w.journal.tried < n {
			t.Errorf("append %d was not reached: %v", n, err)
		}
	}
	// The checks that nothing relies on yet may fail to be recorded.
	if tried := (appends + stride - 1) / stride; failed < tried-len(whole.engine.Bound().Steps) {
		t.Errorf("only %d of %d failures stopped the walk", failed, tried)
	}
}

func TestACheckThatIsNotOnRecordStopsTheEffect(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.checkAll()
	w.site.Runs(fake.DAGRun("a", "r", "running", time.Minute))
	// The confirmation and the access are recorded; the first new verdict is not.
	w.journal.failAt = w.journal.tried + 3
	if err := w.perform(bump, "bump"); !errors.Is(err, errJournal) {
		t.Errorf("got %v", err)
	}
	if got := w.runs.commands(); len(got) != 0 {
		t.Errorf("run: %q", got)
	}
}

func TestPerformIsRefused(t *testing.T) {
	w := pretend(t, 0)
	refused(t, w.perform(bump, "bump"), runbook.DemandRelease, runbook.DemandEarlier, runbook.DemandOwn)
	refused(t, w.perform(plan, "apply"), runbook.DemandRelease, runbook.DemandEarlier, runbook.DemandBefore)
	w.must(w.engine.Choose(fake.Tag))
	for _, phrase := range []string{"", "dev", "Prod", "prod "} {
		if err := w.engine.Perform(t.Context(), w.id(bump), "bump", phrase, w.session()); err == nil {
			t.Errorf("%q was taken for a confirmation", phrase)
		}
	}
	for _, e := range []struct {
		step   document.StepID
		effect string
	}{{w.id(bump), "apply"}, {w.id(release), "bump"}, {"nothing#1", "bump"}} {
		if err := w.engine.Perform(t.Context(), e.step, e.effect, environment, w.session()); err == nil {
			t.Errorf("%s of %s was run", e.effect, e.step)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.engine.Perform(ctx, w.id(bump), "bump", environment, w.session()); !errors.Is(err, context.Canceled) {
		t.Errorf("after the asker has gone: %v", err)
	}
	if got := w.runs.commands(); len(got) != 0 {
		t.Errorf("run: %q", got)
	}
	w.must(w.perform(bump, "bump"))
}

// TestPerformAsksAgainWhateverIsVolatile changes the world after the gate was
// found open and before the command.
func TestPerformAsksAgainWhateverIsVolatile(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.checkAll()
	w.must(w.engine.Prepare(t.Context(), w.id(bump), "bump"))
	w.site.Runs(fake.DAGRun("a", "r", "running", time.Minute)) // one second before
	refused(t, w.perform(bump, "bump"), runbook.DemandEarlier)
	w.site.Runs()
	w.site.Move(fake.Other) // someone moved the tag: the image is of another commit
	refused(t, w.perform(bump, "bump"), runbook.DemandEarlier)
	w.status(runbook.Done, runbook.Rejected)
	if got := w.runs.commands(); len(got) != 0 {
		t.Errorf("run: %q", got)
	}
}

// pausing is an executor that waits in the middle of a command.
type pausing struct {
	fake.Alone
	started, goOn chan struct{}
}

func (p pausing) Run(_ context.Context, _ command.Command, s command.Streams) (command.Outcome, error) {
	s.Output([]byte("working\n"))
	close(p.started)
	<-p.goOn
	return command.Outcome{Exit: 7, Whole: true}, nil
}

func TestOneCommandAtATime(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	p := pausing{started: make(chan struct{}), goOn: make(chan struct{})}
	w.runs.inner = p
	first := make(chan error)
	go func() { first <- w.perform(bump, "bump") }()
	<-p.started
	if err := w.perform(plan, "plan"); err == nil || !strings.Contains(err.Error(), "is running already") {
		t.Errorf("two at once: %v", err)
	}
	if err := w.engine.Choose("v1.5.5"); err == nil {
		t.Error("the release was changed under a running command")
	}
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.InProgress)
	close(p.goOn)
	w.must(<-first)
	if done := w.engine.Run().Effect(w.id(bump), "bump").Finished; done == nil || done.Exit != 7 || done.Result.Verdict != runbook.Failed {
		t.Errorf("the outcome is %+v", done)
	}
	fake.Contains(t, w.shown(), "working")
}

// unstarted is an executor whose commands cannot be started.
type unstarted struct{ fake.Alone }

func (unstarted) Run(context.Context, command.Command, command.Streams) (command.Outcome, error) {
	return command.Outcome{}, fmt.Errorf("no such program\x1b[2J: %w", command.ErrNeverRan)
}

func TestACommandThatCannotBeStarted(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.runs.inner = unstarted{}
	w.must(w.perform(bump, "bump"))
	done := w.engine.Run().Effect(w.id(bump), "bump").Finished
	if done == nil || done.Exit != -1 || !strings.HasPrefix(done.Problem.String(), "no such program^[[2J") || done.Result.Verdict != runbook.Unknown {
		t.Errorf("the outcome is %+v", done)
	}
}

// TestTheOutcomeIsRecordedWhenTheAskerHasGone interrupts a command.
func TestTheOutcomeIsRecordedWhenTheAskerHasGone(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	p := pausing{started: make(chan struct{}), goOn: make(chan struct{})}
	w.runs.inner = p
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() { first <- w.engine.Perform(ctx, w.id(bump), "bump", environment, w.session()) }()
	<-p.started
	cancel()
	close(p.goOn)
	w.must(<-first)
	done := w.engine.Run().Effect(w.id(bump), "bump").Finished
	if done == nil || done.Exit != 7 || done.Result.Verdict != runbook.Failed {
		t.Errorf("on record is %+v", done)
	}
}

func TestChoosingAnotherReleaseVoidsVerdicts(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	w.checkAll()
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Ready)
	w.must(w.engine.Choose("v1.5.5"))
	w.status(runbook.Pending, runbook.Pending, runbook.Pending, runbook.Pending)
	if facts := w.engine.Run().Facts(""); len(facts) != 1 || facts[runbook.ReleaseTag] != "v1.5.5" {
		t.Errorf("facts of the release before: %v", facts)
	}
	for _, good := range []string{"catalog/v1.5.5", "@openverse/catalog@1.5.5"} {
		if err := w.engine.Choose(good); err != nil {
			t.Errorf("%q was not chosen: %v", good, err)
		}
	}
	for _, bad := range []string{"", "release//1", "/1", "1/", "a/../1", "1.lock", "v1.", "a@{1}", "-x", "a/-x", "a b", "$(v1)", strings.Repeat("1", 129), "v1\x1b[2J"} {
		if err := w.engine.Choose(bad); err == nil || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%q was chosen: %v", bad, err)
		}
	}
}

// gated lets requests through when it is opened, and tells that one waits.
type gated struct {
	inner   http.RoundTripper
	hold    func(*http.Request) bool
	waiting chan struct{}
	open    chan struct{}
}

func (g *gated) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := g.inner.RoundTrip(r)
	if g.hold(r) {
		g.waiting <- struct{}{}
		<-g.open
	}
	return resp, err
}

func TestAnAnswerAboutAnotherReleaseIsDropped(t *testing.T) {
	w := pretend(t, 0)
	w.must(w.engine.Choose(fake.Tag))
	g := &gated{inner: w.site, waiting: make(chan struct{}), open: make(chan struct{})}
	g.hold = func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/jobs") }
	w.sent.Inner = g
	checked := make(chan error)
	go func() {
		_, err := w.engine.Check(t.Context(), w.id(release))
		checked <- err
	}()
	<-g.waiting
	w.must(w.engine.Choose("v1.5.5"))
	close(g.open)
	if err := <-checked; err == nil || !strings.Contains(err.Error(), "another release") {
		t.Errorf("got %v", err)
	}
	w.status(runbook.Pending)
}

func TestAnOlderAnswerDoesNotReplaceANewerOne(t *testing.T) {
	w := pretend(t, 0)
	g := &gated{inner: w.site, waiting: make(chan struct{}), open: make(chan struct{})}
	var held atomic.Bool // requests are sent side by side
	g.hold = func(r *http.Request) bool {
		asks := strings.HasSuffix(r.URL.Path, "/dagRuns") && r.URL.Query().Get("state") == "running"
		return asks && held.CompareAndSwap(false, true)
	}
	w.sent.Inner = g
	checked := make(chan error)
	go func() {
		_, err := w.engine.Check(t.Context(), w.id(idleDAGs))
		checked <- err
	}()
	<-g.waiting // idle, it says, but that takes its time to arrive
	w.site.Runs(fake.DAGRun("a", "r", "running", time.Minute))
	if _, err := w.engine.Check(t.Context(), w.id(idleDAGs)); err != nil {
		t.Fatal(err)
	}
	close(g.open)
	w.must(<-checked)
	if got := w.at(idleDAGs).Result; got.Verdict != runbook.Failed {
		t.Errorf("the older answer stands: %s", got.Summary)
	}
}

func TestACancelledCheckIsNotRecorded(t *testing.T) {
	w := pretend(t, 0)
	asked := make(chan struct{}, 1)
	w.sent.Inner = fake.Silence(asked)
	ctx, cancel := context.WithCancel(t.Context())
	checked := make(chan error)
	go func() {
		_, err := w.engine.Check(ctx, w.id(idleDAGs))
		checked <- err
	}()
	<-asked
	cancel()
	if err := <-checked; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if got := w.at(idleDAGs).Result.Verdict; got != runbook.NotAsked {
		t.Errorf("it is %s", got)
	}
}

// TestCheckAllAsksSideBySide has services that answer only when all have been
// asked, the one that needs a fact of another too.
func TestCheckAllAsksSideBySide(t *testing.T) {
	const airflows = 12
	var doc strings.Builder
	doc.WriteString("1. [Look](https://github.com/o/r/pkgs/container/catalog)\n2. [Cut a release](https://github.com/o/r/releases)\n")
	for i := range airflows {
		doc.WriteString(fmt.Sprintf("%d. [no running DAGs](https://airflow.test%d/dagrun/list/)\n", i+3, i))
	}
	doc.WriteString(fmt.Sprintf("%d. Have tea.\n", airflows+3))
	var mu sync.Mutex
	waiting, all := 0, make(chan struct{})
	site := fake.NewSite(10)
	barrier := fake.RoundTripper(func(r *http.Request) (*http.Response, error) {
		first := strings.HasSuffix(r.URL.Path, "/version") || strings.Contains(r.URL.Path, "/releases/tags/") || r.URL.Path == "/v2/"
		mu.Lock()
		if first {
			if waiting++; waiting == airflows+2 {
				close(all)
			}
		} else if waiting < airflows+2 {
			t.Errorf("%s was asked before all others", r.URL)
		}
		mu.Unlock()
		select {
		case <-all:
		case <-time.After(20 * time.Second):
			return nil, errors.New("the others were never asked")
		}
		r = r.Clone(r.Context())
		if host, _, ok := strings.Cut(r.URL.Host, ".test"); ok && host == "airflow" {
			r.URL.Host = "airflow.test"
		}
		return site.RoundTrip(r)
	})
	world := fake.Connect(t, barrier)
	var s steps.Settings
	s.Image.Reference = fake.ImageRef
	b := steps.Bind(fake.Parse(t, doc.String()), s, kinds.All())
	e, err := steps.New(b, world, steps.Options{Mode: runbook.Live})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Choose(fake.Tag); err != nil {
		t.Fatal(err)
	}
	ids := []document.StepID{"nothing#1"}
	for i := range b.Steps {
		ids = append(ids, b.Steps[i].Step.ID)
	}
	e.CheckAll(t.Context(), ids)
	for i := range b.Steps[:airflows+2] {
		if res := e.Run().Step(b.Steps[i].Step.ID).Result; res.Verdict != runbook.Passed {
			t.Errorf("step %d: %s %s", i+1, res.Verdict, res.Summary)
		}
	}
	tea := b.Steps[airflows+2].Step.ID
	if got := e.Run().Step(tea).Result.Verdict; got != runbook.NotAsked {
		t.Errorf("the manual step is %s", got)
	}
	if _, err := e.Check(t.Context(), tea); err == nil {
		t.Error("the manual step was checked")
	}
	if err := e.Tick(tea, "two cups"); err != nil || e.Run().Status(tea, fake.Moment) != runbook.TickedOff {
		t.Errorf("ticking: %v", err)
	}
	if err := e.Untick(tea); err != nil || e.Run().Status(tea, fake.Moment) != runbook.Pending {
		t.Errorf("taking it back: %v", err)
	}
	if err := e.Skip(tea, "there is none"); err != nil || e.Run().Status(tea, fake.Moment) != runbook.SkippedOver {
		t.Errorf("skipping: %v", err)
	}
	if e.Tick(b.Steps[0].Step.ID, "") == nil || e.Again(tea) != 0 {
		t.Error("a step that is asked about was ticked, or a manual one is waited for")
	}
}

func TestAccess(t *testing.T) {
	w := pretend(t, 0)
	w.engine.Access(t.Context())
	if a := w.engine.Run().Access(); a == nil || !a.Granted {
		t.Errorf("with a checkout: %+v", a)
	}
	world := w.engine.World()
	site := world.GitHub
	answers := func(token, body string) func() {
		return func() {
			gh, err := github.New(fake.GitHubAPI, transport.NewToken(token), false, fake.NewScript(t, fake.Exchange{URL: fake.GitHubAPI + "/repos/o/infrastructure", Body: body}))
			w.must(err)
			world.GitHub = gh
		}
	}
	for _, tt := range []struct {
		name, says string
		granted    bool
		change     func()
	}{
		{"another repository", `is a checkout of ""`, false, func() { world.InfrastructureRepository = "o/infrastructure" }},
		{"that repository", "is there", true, func() { fake.Git(t, w.dir, "remote", "add", "origin", "git@github.com:O/Infrastructure.git") }},
		{"may push", "is there; your GitHub account may push to o/infrastructure.", true, answers("t", `{"full_name":"o/infrastructure","permissions":{"push":true}}`)},
		{"nobody signed in", "is there; without a token, GitHub does not say", true, answers("", `{"full_name":"o/infrastructure"}`)},
		{"no answer", "couldn't ask whether you may push", true, answers("t", `{}`)},
		{"may only read", "may read o/infrastructure but not push to it. If you should be able to do it, ask the maintainers of o/infrastructure.", false, answers("t", `{"full_name":"o/infrastructure","permissions":{"push":false}}`)},
		{"may only read, and no checkout", "can't read the infrastructure checkout: ", false, func() {
			answers("t", `{"full_name":"o/infrastructure","permissions":{"push":false}}`)()
			world.Checkout.Dir = t.TempDir()
		}},
		{"no repository named", "ask a maintainer with infrastructure access.", false, func() { world.InfrastructureRepository, world.GitHub = "", site }},
		{"no checkout", "can't read the infrastructure checkout", false, func() { world.Checkout.Dir = t.TempDir() }},
		{"none set", "directory under [infrastructure]", false, func() { world.Checkout.Dir = "" }},
	} {
		tt.change()
		w.engine.Access(t.Context())
		a := w.engine.Run().Access()
		if a.Granted != tt.granted {
			t.Errorf("%s: granted is %t", tt.name, a.Granted)
		}
		fake.Contains(t, a.Text.String(), tt.says)
	}
	w.must(w.engine.Choose(fake.Tag))
	refused(t, w.perform(bump, "bump"), runbook.DemandAccess, runbook.DemandOwn)
}

func TestNewRefuses(t *testing.T) {
	b := steps.Bind(fake.Parse(t, "1. a\n"), steps.Settings{}, kinds.All())
	w := fake.Connect(t, fake.NewScript(t))
	if _, err := steps.New(b, w, steps.Options{Mode: runbook.DryRun}); err == nil {
		t.Error("a dry run with an executor began")
	}
	if e, err := steps.New(b, w, steps.Options{Mode: runbook.Live, Journal: &journal{failAt: 1}}); !errors.Is(err, errJournal) || e != nil {
		t.Errorf("without a journal: %v, %v", e, err)
	}
	w.Executor = nil
	e, err := steps.New(steps.Bind(fake.Parse(t, "1. `just bump prod web`\n"), steps.Settings{}, kinds.All()), w, steps.Options{Mode: runbook.Live})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Perform(t.Context(), e.Bound().Steps[0].Step.ID, "bump", "prod", steps.Session{}); err == nil {
		t.Error("a command was run with nothing")
	}
	if _, err := e.Releases(t.Context()); err == nil {
		t.Error("a runbook without a release step has releases")
	}
}

func TestPausesBetweenLooksGrow(t *testing.T) {
	w := practise(t, "busy-dags", runbook.Practice)
	w.ready()
	id := w.id(idleDAGs)
	first := w.engine.Again(id)
	for range 20 {
		if _, err := w.engine.Check(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if last := w.engine.Again(id); first <= 0 || last <= first || last > 30*time.Second {
		t.Errorf("the first pause is %s, a late one %s", first, last)
	}
}
