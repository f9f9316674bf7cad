package steps_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/practice/just"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/steps/transport"
)

// The steps of the embedded runbook, in their order.
const (
	release = iota
	imageTag
	idleDAGs
	bump
	plan
	back // added
)

const environment = "prod" // what is typed to confirm

// journal keeps events and can be made to fail.
type journal struct {
	mu     sync.Mutex
	events []runbook.Event
	failAt int // the number of the append that fails, from 1; 0 for none
	tried  int
}

var errJournal = errors.New("the disk is full")

func (j *journal) Append(e runbook.Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.tried++; j.tried == j.failAt {
		return errJournal
	}
	j.events = append(j.events, e)
	return nil
}

// started lists the effects whose intent is on record.
func (j *journal) started() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var names []string
	for _, e := range j.events {
		if e, ok := e.(runbook.EffectStarted); ok {
			names = append(names, e.Effect)
		}
	}
	return names
}

// recorder runs commands with another executor and notes them. before, if set,
// is called between the gate and the command.
type recorder struct {
	inner  command.Executor
	before func(effect string)
	text   bool // no plan is saved, as where a recipe does not pass its environment on

	mu  sync.Mutex
	ran []string
}

func (r *recorder) Run(ctx context.Context, cmd command.Command, s command.Streams) (command.Outcome, error) {
	r.mu.Lock()
	r.ran = append(r.ran, cmd.Argv[1])
	r.mu.Unlock()
	if r.before != nil {
		r.before(cmd.Argv[1])
	}
	if r.text {
		cmd.Env = slices.DeleteFunc(slices.Clone(cmd.Env), func(entry string) bool { return strings.HasPrefix(entry, "TF_CLI_ARGS_plan=") })
	}
	if cmd.Folder != "" { // as the supervisor does
		if err := os.Mkdir(cmd.Folder, 0o700); err != nil {
			return command.Outcome{}, err
		}
	}
	return r.inner.Run(ctx, cmd, s)
}

func (r *recorder) Rejoin(ctx context.Context, folder string, s command.Streams) (command.Outcome, error) {
	return r.inner.Rejoin(ctx, folder, s)
}

func (r *recorder) commands() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.ran)
}

// walk is a run with all that surrounds it.
type walk struct {
	t       *testing.T
	engine  *steps.Engine
	world   *practice.World // nil where the services are a site
	site    *fake.Site
	clock   *fake.Clock
	sent    *fake.Counting
	journal *journal
	runs    *recorder
	dir     string // the infrastructure checkout

	settings steps.Settings
	text     string // the document

	mu    sync.Mutex
	lines []string
	notes []string
}

// practise begins a run in a practice world.
func practise(t *testing.T, scenario string, mode runbook.Mode) *walk {
	t.Helper()
	w := &walk{t: t, text: defaultText, clock: fake.NewClock(), journal: &journal{}, sent: fake.Count(&http.Transport{DisableKeepAlives: true})}
	world, err := practice.Start(scenario, practice.Options{Now: w.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.Close(); err != nil {
			t.Error(err)
		}
	})
	w.world, w.dir = world, world.InfrastructureDir()
	var s steps.Settings
	s.GitHub.APIURL, s.GitHub.Repository, s.GitHub.Workflow = world.GitHubURL(), world.Repository(), world.Workflow()
	s.Image.Reference, s.Airflow.URL, s.Infrastructure.Directory = world.Image(), world.AirflowURL(), w.dir
	s.Image.PlainHTTP = true
	environ := append(world.Environ(), just.PaceVariable+"=0", "GORACE=atexit_sleep_ms=0", "GOCOVERDIR="+t.TempDir())
	w.begin(s, steps.Credentials{GitHubToken: transport.NewToken(world.GitHubToken()), AirflowUsername: world.AirflowUser(), AirflowPassword: world.AirflowPassword()}, mode, environ, nil)
	return w
}

// pretend begins a live run in which a site answers and the commands are made
// up, for what would take too long with real ones.
func pretend(t *testing.T, failAt int) *walk {
	t.Helper()
	return pretendOf(t, failAt, defaultText)
}

// pretendOf is pretend with a document of its own.
func pretendOf(t *testing.T, failAt int, text string) *walk {
	t.Helper()
	w := &walk{t: t, text: text, clock: fake.NewClock(), journal: &journal{failAt: failAt}, site: fake.NewSite(10), dir: fake.Repository(t)}
	w.sent = fake.Count(w.site)
	var s steps.Settings
	s.GitHub.APIURL, s.GitHub.Repository = fake.GitHubAPI, "o/r"
	s.Image.Reference, s.Airflow.URL, s.Infrastructure.Directory = fake.ImageRef, fake.AirflowURL, w.dir
	s.Plan.Apply = steps.AppliesAsked // the made-up `just` saves no plan
	w.begin(s, steps.Credentials{}, runbook.Live, fake.Just(t), commands{t: t, dir: w.dir})
	return w
}

func (w *walk) begin(s steps.Settings, c steps.Credentials, mode runbook.Mode, environ []string, inner command.Executor) {
	w.t.Helper()
	w.settings = s
	doc, err := document.Parse("DEPLOYMENT.md", []byte(w.text))
	if err != nil {
		w.t.Fatal(err)
	}
	world, err := steps.Connect(s, c, mode == runbook.DryRun, environ, w.sent)
	if err != nil {
		w.t.Fatal(err)
	}
	world.Now, world.Airflow.Options.Now = w.clock.Now, w.clock.Now
	if mode != runbook.DryRun {
		if inner == nil {
			inner = command.PTY{}
		}
		w.runs = &recorder{inner: inner}
		world.Executor = w.runs
	}
	options := steps.Options{Mode: mode, Environment: "test", Actor: "tester", Journal: w.journal, Folder: w.t.TempDir()}
	if w.world != nil && w.world.GoesBack() {
		options.Rollback = &runbook.Rollback{From: fake.Tag}
	}
	w.engine, err = steps.New(steps.Bind(doc, s, kinds.All()), world, options)
	if err != nil && !errors.Is(err, errJournal) {
		w.t.Fatal(err)
	}
}

// commands are a made-up `just`.
type commands struct {
	fake.Alone
	t   *testing.T
	dir string
}

func (c commands) Run(ctx context.Context, cmd command.Command, s command.Streams) (command.Outcome, error) {
	if cmd.Dir != c.dir || cmd.Argv[0] != "just" {
		c.t.Errorf("%q was run in %q", cmd.Argv, cmd.Dir)
	}
	switch cmd.Argv[1] {
	case "bump":
		fake.Bumped(c.t, c.dir, fake.Tag)
	case "plan":
		s.Output([]byte(fake.Deploys))
	case "apply":
		s.Output([]byte(fake.Asks))
		select {
		case answer := <-s.Input:
			s.Output(answer.Data)
			if string(answer.Data) != "yes\n" {
				return command.Outcome{Exit: 1, Whole: true}, nil
			}
		case <-ctx.Done():
			return command.Outcome{Exit: 130, Whole: true}, nil
		}
		s.Output([]byte(fake.Completed))
	}
	return command.Outcome{Whole: true}, nil
}

func (w *walk) id(i int) document.StepID   { return w.engine.Bound().Steps[i].Step.ID }
func (w *walk) at(i int) runbook.StepState { return w.engine.Run().Step(w.id(i)) }

func (w *walk) checkAll() {
	var ids []document.StepID
	for i := range w.engine.Bound().Steps {
		ids = append(ids, w.id(i))
	}
	w.engine.CheckAll(w.t.Context(), ids)
}

func (w *walk) status(want ...runbook.Status) {
	w.t.Helper()
	for i, status := range want {
		if got := w.engine.Run().Status(w.id(i), w.clock.Now()); got != status {
			w.t.Errorf("step %d is %q, want %q: %s", i+1, got, status, w.at(i).Result.Summary)
		}
	}
}

func (w *walk) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *walk) do(act string) {
	w.t.Helper()
	w.must(w.world.Do(act))
}

func (w *walk) show(o steps.Output) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range o.Lines {
		if o.Note {
			w.notes = append(w.notes, l.String())
		} else {
			w.lines = append(w.lines, l.String())
		}
	}
}

func (w *walk) session() steps.Session { return steps.Session{Show: w.show} }

func (w *walk) shown() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(append(slices.Clone(w.lines), w.notes...), "\n")
}

func (w *walk) perform(i int, effect string) error {
	return w.engine.Perform(w.t.Context(), w.id(i), effect, w.engine.Run().Phrase(w.id(i), effect), w.session())
}

// judge says that what the plan showed looks correct.
func (w *walk) judge() error {
	return w.engine.Judge(w.id(plan), "plan", w.engine.Run().Facts("")["plan.hash"])
}

// ready publishes and chooses the release and waits for its image.
func (w *walk) ready() {
	w.t.Helper()
	w.do("publish-release")
	w.clock.Pass(10 * time.Second)
	w.must(w.engine.Choose(fake.Tag))
	w.checkAll()
}

// refused demands a refusal that asks for the given things and for no others.
func refused(t *testing.T, err error, want ...runbook.Demand) {
	t.Helper()
	var r *runbook.Refusal
	if !errors.As(err, &r) {
		t.Fatalf("it was not refused: %v", err)
	}
	var got []runbook.Demand
	for _, reason := range r.Reasons {
		if !slices.Contains(got, reason.Demand) {
			got = append(got, reason.Demand)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("it demands %q, want %q: %v", got, want, err)
	}
}

// untouched fails if anything was deployed or destroyed in the practice world.
func (w *walk) untouched() {
	w.t.Helper()
	if news := strings.Join(w.world.News(), "\n"); strings.Contains(news, "AWS") {
		w.t.Errorf("something was applied:\n%s", news)
	}
}

func TestWalkOfCalm(t *testing.T) {
	w := practise(t, "calm", runbook.Practice)
	w.checkAll()
	w.status(runbook.Unsure, runbook.Unsure, runbook.Done, runbook.Unsure, runbook.Pending)
	refused(t, w.engine.Prepare(t.Context(), w.id(bump), "bump"), runbook.DemandRelease, runbook.DemandEarlier, runbook.DemandOwn, runbook.DemandConfirmation)

	options, err := w.engine.Releases(t.Context())
	w.must(err)
	if len(options) != 3 || !options[0].Draft || options[0].Tag != fake.Tag || options[1].Draft {
		t.Errorf("to choose from: %+v", options)
	}
	if newest, err := w.engine.Newest(t.Context()); err != nil || newest != "v1.5.3" {
		t.Errorf("the newest is %q, %v", newest, err)
	}
	w.must(w.engine.Choose(fake.Tag))
	w.checkAll()
	w.status(runbook.Rejected, runbook.Rejected, runbook.Done, runbook.Ready)
	fake.Contains(t, w.at(release).Result.Summary.String(), "still a draft")

	w.do("publish-release")
	for range 10 { // the build and the image take some seconds to arrive
		if w.checkAll(); w.engine.Run().Holds(w.id(imageTag), w.clock.Now()) {
			break
		}
		pause := max(w.engine.Again(w.id(release)), w.engine.Again(w.id(imageTag)))
		if pause == 0 {
			t.Fatal("it is not worth waiting")
		}
		w.clock.Pass(pause)
	}
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Ready, runbook.Pending)

	w.must(w.engine.Prepare(t.Context(), w.id(bump), "bump"))
	w.must(w.perform(bump, "bump"))
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Pending)
	if argv, dir, err := w.engine.Command(w.id(bump), "bump"); err != nil || strings.Join(argv, " ") != "just bump prod catalog-airflow" || dir != w.dir {
		t.Errorf("the command is %q in %q, %v", argv, dir, err)
	}

	w.clock.Pass(5 * time.Minute) // what is volatile is asked again
	w.must(w.engine.Prepare(t.Context(), w.id(plan), "plan"))
	w.must(w.perform(plan, "plan"))
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Planned)
	fake.Contains(t, w.shown(), "Plan: 1 to add, 0 to change, 1 to destroy.")

	refused(t, w.engine.Prepare(t.Context(), w.id(plan), "apply"), runbook.DemandJudgement, runbook.DemandConfirmation)
	refused(t, w.perform(plan, "apply"), runbook.DemandJudgement)
	w.untouched()
	if err := w.engine.Judge(w.id(plan), "plan", "another"); err == nil {
		t.Error("a plan that was not shown was judged")
	}
	w.must(w.judge())
	w.must(w.engine.Prepare(t.Context(), w.id(plan), "apply"))
	w.must(w.perform(plan, "apply"))
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Done)
	fake.Contains(t, w.at(plan).Result.Summary.String(), fake.Tag+" is applied: the state is what the reviewed plan said")
	fake.Contains(t, w.shown(), "Apply complete!")
	fake.Contains(t, strings.Join(w.world.News(), "\n"), "replaced and runs "+fake.Tag)

	if got, want := w.runs.commands(), []string{"bump", "plan", "apply"}; !slices.Equal(got, want) || !slices.Equal(w.journal.started(), want) {
		t.Errorf("run: %q, on record: %q, want %q", got, w.journal.started(), want)
	}
	refused(t, w.engine.Choose("v1.5.3"), runbook.DemandPossible)
	progress := steps.Sections(w.engine.Bound(), w.engine.Run(), w.clock.Now())
	if progress[0].Steps != 7 || progress[0].Done != 5 {
		t.Errorf("progress: %+v", progress)
	}

	w.clock.Pass(time.Second)
	for _, want := range []string{"Airflow doesn't respond yet", "its scheduler isn't healthy", "hasn't read 38 DAGs since"} {
		w.checkAll()
		w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Waiting)
		fake.Contains(t, w.at(back).Result.Summary.String(), want)
		w.clock.Pass(20 * time.Second)
		if want == "its scheduler isn't healthy" {
			w.clock.Pass(-15 * time.Second)
		}
	}
	w.clock.Pass(10 * time.Minute)
	w.checkAll()
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Done)
	fake.Contains(t, w.at(back).Result.Summary.String(), "Airflow 2.11.2 is back")

	again, err := steps.Resume(w.engine.Bound(), w.engine.World(), steps.Options{Mode: runbook.Practice}, w.journal.events)
	w.must(err)
	for i := range plan {
		if got := again.Run().Status(w.id(i), w.clock.Now()); got != runbook.Done {
			t.Errorf("after a resume, step %d is %s: what it was for is done", i+1, got)
		}
	}
	if got := again.Run().Status(w.id(back), w.clock.Now()); got != runbook.Pending {
		t.Errorf("after a resume, the service is %s", got)
	}
	refused(t, again.Run().May(runbook.Check, w.id(idleDAGs), w.clock.Now()), runbook.DemandPossible)
}

func TestDatabaseDestroyIsNeverApplied(t *testing.T) {
	w := practise(t, "database-destroy", runbook.Practice)
	w.ready()
	w.must(w.perform(bump, "bump"))
	w.must(w.perform(plan, "plan"))
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Rejected)
	w.must(w.judge()) // a person may be wrong
	refused(t, w.engine.Prepare(t.Context(), w.id(plan), "apply"), runbook.DemandBefore, runbook.DemandConfirmation)
	refused(t, w.perform(plan, "apply"), runbook.DemandBefore)
	if err := w.engine.Override(w.id(plan), "I really want this", "the plan"); err == nil {
		t.Error("the plan was overridden")
	}
	if got := w.runs.commands(); !slices.Equal(got, []string{"bump", "plan"}) {
		t.Errorf("run: %q", got)
	}
	w.untouched()
}

func TestAnOverrideHoldsForWhatIsLeft(t *testing.T) {
	w := practise(t, "busy-dags", runbook.Practice)
	w.ready()
	w.status(runbook.Done, runbook.Done, runbook.Rejected)
	if again := w.engine.Again(w.id(idleDAGs)); again <= 0 {
		t.Error("waiting for the runs is not offered")
	}
	refused(t, w.perform(bump, "bump"), runbook.DemandEarlier)
	if err := w.engine.Override(w.id(idleDAGs), "because", w.at(idleDAGs).Result.Facts["dags.active"]); err == nil {
		t.Error("a reason of seven bytes was taken")
	}
	if err := w.engine.Override(w.id(idleDAGs), "both runs may be killed, says the owner", "one run that was shown"); err == nil {
		t.Error("what was not found last was accepted")
	}
	w.must(w.engine.Override(w.id(idleDAGs), "both runs may be killed, says the owner", w.at(idleDAGs).Result.Facts["dags.active"]))
	w.status(runbook.Done, runbook.Done, runbook.Accepted)
	accepted := w.at(idleDAGs).Override.Names
	if lines := strings.Split(accepted, "\n"); len(lines) != 2 {
		t.Errorf("accepted: %q", accepted)
	}
	w.must(w.perform(bump, "bump"))

	w.clock.Pass(31 * time.Second) // the running one ends by itself
	w.must(w.perform(plan, "plan"))
	w.status(runbook.Done, runbook.Done, runbook.Accepted)
	if now := w.at(idleDAGs).Result.Facts["dags.active"]; now == accepted || now == "" {
		t.Errorf("the runs have not changed: %q", now)
	}
	if got := w.runs.commands(); !slices.Equal(got, []string{"bump", "plan"}) {
		t.Errorf("run: %q", got)
	}
}

// TestAnAcceptedBumpIsKept accepts a bump that isn't one, with who and when, and goes on
// with the run in another process.
func TestAnAcceptedBumpIsKept(t *testing.T) {
	w := practise(t, "calm", runbook.Practice)
	w.ready()
	notes := filepath.Join(w.dir, "notes.txt")
	w.must(os.WriteFile(notes, []byte("x"), 0o600))
	refused(t, w.perform(plan, "plan"), runbook.DemandEarlier)
	names := w.at(bump).Result.Facts["bump.found"]
	if !strings.Contains(names, "notes.txt is untracked") || !strings.Contains(names, "(checkout ") {
		t.Errorf("found: %q", names)
	}
	w.must(w.engine.Override(w.id(bump), "token=ghp_"+strings.Repeat("a", 36)+" is not in it", names))
	if reason := w.at(bump).Override.Reason.String(); strings.Contains(reason, "ghp_a") {
		t.Errorf("the reason is not masked: %s", reason)
	}
	w.must(w.perform(plan, "plan"))
	check := func(want runbook.Status) {
		t.Helper()
		_, err := w.engine.Check(t.Context(), w.id(bump))
		w.must(err)
		if got := w.engine.Run().Status(w.id(bump), w.clock.Now()); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
	check(runbook.Accepted)
	w.must(os.WriteFile(notes, []byte("y"), 0o600))
	check(runbook.Rejected) // the same sentence, about another file
	if w.at(bump).Lapsed == nil {
		t.Error("nothing says that it was accepted before")
	}
}

// reviewed walks calm until the plan is judged and only the apply is left. Where it
// is read as text, no plan is saved.
func reviewed(t *testing.T, text bool) *walk {
	w := practise(t, "calm", runbook.Practice)
	w.runs.text, w.engine.World().ApplyAsks = text, text
	w.ready()
	w.must(w.perform(bump, "bump"))
	w.must(w.perform(plan, "plan"))
	w.must(w.judge())
	return w
}

func TestAnEditedCheckoutStopsTheApply(t *testing.T) {
	w := reviewed(t, false)
	path := filepath.Join(w.dir, filepath.FromSlash(fake.VersionFile))
	text, err := os.ReadFile(path)
	w.must(err)
	w.must(os.WriteFile(path, []byte(strings.Replace(string(text), "m5.xlarge", "m5.large", 1)), 0o644))
	refused(t, w.perform(plan, "apply"), runbook.DemandEarlier, runbook.DemandSame)
	w.must(os.WriteFile(path, text, 0o644))
	fake.Git(t, w.dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "--message=x")
	refused(t, w.perform(plan, "apply"), runbook.DemandSame)
	if got := w.runs.commands(); !slices.Equal(got, []string{"bump", "plan"}) {
		t.Errorf("run: %q", got)
	}
	w.untouched()
}

// TestAnotherPlanIsAnsweredNo changes the plan after the gate was passed, which
// only the comparison with what apply shows can notice; and a person has typed
// yes ahead of the question.
func TestAnotherPlanIsAnsweredNo(t *testing.T) {
	w := reviewed(t, true)
	w.runs.before = func(effect string) {
		if err := os.Remove(filepath.Join(w.dir, "environments", "prod", "catalog-db.tf")); err != nil {
			t.Error(err)
		}
	}
	typed := make(chan steps.Typed, 8)
	for range 3 {
		typed <- steps.Typed{Line: "yes"}
	}
	close(typed)
	w.must(w.engine.Perform(t.Context(), w.id(plan), "apply", w.engine.Run().Phrase(w.id(plan), "apply"), steps.Session{Show: w.show, Typed: typed}))
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Rejected)
	fake.Contains(t, w.shown(), "This is not the plan that was reviewed: answering no", "What you type is not passed on", "Apply cancelled.")
	w.untouched()
	refused(t, w.perform(plan, "apply"), runbook.DemandEarlier, runbook.DemandBefore)
}

// TestThePlanShownAgainIsAnsweredYes has no saved plan: what apply shows is compared.
func TestThePlanShownAgainIsAnsweredYes(t *testing.T) {
	w := reviewed(t, true)
	w.must(w.perform(plan, "apply"))
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.Done, runbook.Done)
	fake.Contains(t, w.shown(), "This is the plan that was reviewed", "Apply complete!")
	fake.Contains(t, strings.Join(w.world.News(), "\n"), "replaced and runs "+fake.Tag)
}

// There is no saved plan, and the settings don't say that the recipe asks.
func TestNothingTiesTheApply(t *testing.T) {
	w := reviewed(t, true)
	w.engine.World().ApplyAsks = false
	for _, err := range []error{w.engine.Prepare(t.Context(), w.id(plan), "apply"), w.perform(plan, "apply")} {
		if err == nil || !strings.Contains(err.Error(), "nothing ties what `just apply` would do to what was read") {
			t.Errorf("refused with %v", err)
		}
	}
	w.untouched()
}

// The configuration changes after the review, but the saved plan has the one that was
// reviewed.
func TestWhatIsAppliedIsTheSavedPlan(t *testing.T) {
	w := reviewed(t, false)
	w.runs.before = func(effect string) {
		if err := os.Remove(filepath.Join(w.dir, "environments", "prod", "catalog-db.tf")); err != nil {
			t.Error(err)
		}
	}
	w.must(w.perform(plan, "apply"))
	news := strings.Join(w.world.News(), "\n")
	fake.Contains(t, news, "replaced and runs "+fake.Tag)
	if strings.Contains(news, "database was destroyed") {
		t.Errorf("more than the plan was applied:\n%s", news)
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	w := practise(t, "calm", runbook.DryRun)
	if w.engine.World().Executor != nil {
		t.Fatal("a dry run can run something")
	}
	w.must(w.engine.Choose("v1.5.3"))
	w.checkAll()
	w.status(runbook.Unsure, runbook.Done, runbook.Done, runbook.Unsure, runbook.Pending) // it is what is deployed now
	w.ready()
	before := w.world.News()
	for _, e := range []struct {
		step   int
		effect string
		wants  []runbook.Demand
	}{
		{bump, "bump", []runbook.Demand{runbook.DemandConfirmation}},
		{plan, "plan", []runbook.Demand{runbook.DemandConfirmation}},
		{plan, "apply", []runbook.Demand{runbook.DemandBefore, runbook.DemandConfirmation}},
	} {
		demands, err := w.engine.Pretend(t.Context(), w.id(e.step), e.effect)
		w.must(err)
		refused(t, &runbook.Refusal{Reasons: demands}, e.wants...)
		if err := w.perform(e.step, e.effect); err == nil {
			t.Errorf("%s was run in a dry run", e.effect)
		}
		last := w.journal.events[len(w.journal.events)-1]
		for i := len(w.journal.events) - 1; i >= 0; i-- {
			if p, ok := w.journal.events[i].(runbook.Pretended); ok {
				last = p
				break
			}
		}
		if p, ok := last.(runbook.Pretended); !ok || strings.Join(p.Argv, " ") != "just "+e.effect+" prod catalog-airflow" || p.Dir != w.dir {
			t.Errorf("it is not shown what would be run: %+v", last)
		}
	}
	w.status(runbook.Done, runbook.Done, runbook.Done, runbook.AsIfDone, runbook.AsIfDone)
	for i := range w.engine.Bound().Steps {
		if b := &w.engine.Bound().Steps[i]; b.Procedure() == "" && !b.Kind.Question && !w.engine.Run().Holds(w.id(i), w.clock.Now()) {
			t.Errorf("the walk does not reach the end: step %d does not hold", i+1)
		}
	}
	if len(w.journal.started()) != 0 {
		t.Errorf("started: %q", w.journal.started())
	}
	for method := range w.sent.Methods {
		if method != http.MethodGet && method != http.MethodHead {
			t.Errorf("%s was sent", method)
		}
	}
	w.untouched()
	if news := w.world.News(); len(news) != len(before) {
		t.Errorf("something has happened in the world: %q", news)
	}
	status, err := checkout.Checkout{Dir: w.dir}.Status(t.Context())
	if err != nil || !status.Clean {
		t.Errorf("the checkout is %+v, %v", status, err)
	}
}
