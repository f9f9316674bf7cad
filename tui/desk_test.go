package tui

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/testdata/clock"
	"catalog-runbook/steps"
	commands "catalog-runbook/steps/command"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/practice/just"
	"catalog-runbook/steps/transport"
	"catalog-runbook/tui/frametest"
	"catalog-runbook/tui/text"
)

// patience is how long a command of the checklist may take before a test gives
// up. It is much more than any takes.
const patience = 30 * time.Second

// timer is a tick that the checklist has asked for.
type timer struct {
	due time.Time
	msg func(time.Time) tea.Msg
}

// desk is a person at the checklist: it presses keys, lets time pass and looks
// at the screen. Commands run beside it, as in a program; ticks come when the
// clock is moved.
type desk struct {
	t     *testing.T
	m     *Model
	clock *clock.Clock
	world *practice.World // nil where the test has its own

	kept *kept // what has been recorded

	opened, copied []string
	quit           bool

	timers  []timer
	answers chan tea.Msg
	flying  int // commands whose message has not come yet
}

// seat puts a person before a checklist on a screen of that size.
func seat(t *testing.T, c *clock.Clock, cfg Config, w, h int) *desk {
	t.Helper()
	d := &desk{t: t, clock: c, answers: make(chan tea.Msg, 1024)}
	if cfg.Theme == (text.Theme{}) {
		cfg.Theme = text.Plain
	}
	cfg.Now = c.Now
	cfg.Tick = func(after time.Duration, f func(time.Time) tea.Msg) tea.Cmd {
		due := c.Now().Add(after)
		return func() tea.Msg { return timer{due, f} }
	}
	var both sync.Mutex // two commands may be under way at once
	if cfg.Open == nil {
		cfg.Open = func(url string) error { return noted(&both, &d.opened, url) }
	}
	if cfg.Copy == nil {
		cfg.Copy = func(text string) (string, error) { return "Copied", noted(&both, &d.copied, text) }
	}
	d.m = New(cfg)
	t.Cleanup(func() {
		d.m.Close()
		d.settle()
	})
	d.start(d.m.Init())
	d.resize(w, h)
	return d
}

// practise seats a person before a practice world. The checkout has the name
// "infrastructure" in the working directory, so that it looks the same on
// every machine.
func practise(t *testing.T, scenario string, mode runbook.Mode, w, h int) *desk {
	t.Helper()
	return practiseWith(t, scenario, mode, w, h, setting{})
}

// setting is what a test changes in a practice world.
type setting struct {
	document string                                    // "" is the embedded one
	base     func(http.RoundTripper) http.RoundTripper // wraps what sends the requests
	executor func(commands.Executor) commands.Executor // wraps what runs the commands
	journal  func(steps.Journal) steps.Journal         // wraps what keeps the events
	theme    text.Theme                                // the zero one draws no colours
	question bool                                      // begin at the question which deployment it is
	nameless bool                                      // no setting names the pull request
}

// kept is a journal that can be read again.
type kept struct {
	mu     sync.Mutex
	events []runbook.Event
}

func (k *kept) Append(e runbook.Event) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.events = append(k.events, e)
	return nil
}

// since returns what was recorded after the first n events.
func (k *kept) since(n int) []runbook.Event {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.events[n:])
}

func practiseWith(t *testing.T, scenario string, mode runbook.Mode, w, h int, o setting) *desk {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	c := clock.At(time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC))
	world, err := practice.Start(scenario, practice.Options{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	var base http.RoundTripper = &http.Transport{DisableKeepAlives: true}
	if o.base != nil {
		base = o.base(base)
	}
	t.Cleanup(func() {
		if err := world.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Chdir(t.TempDir())
	if err := os.Symlink(world.InfrastructureDir(), "infrastructure"); err != nil {
		t.Fatal(err)
	}
	var s steps.Settings
	s.GitHub.APIURL = world.GitHubURL()
	s.GitHub.Repository = world.Repository()
	s.GitHub.Workflow, s.GitHub.PullRequest = world.Workflow(), world.PullRequest()
	if o.nameless {
		s.GitHub.PullRequest = ""
	}
	s.Image.Reference, s.Image.PlainHTTP = world.Image(), true
	s.Airflow.URL, s.Airflow.Settling = world.AirflowURL(), "1s"
	s.Infrastructure.Directory = "infrastructure"
	source := runbook.Default()
	if own := world.Document(); own != nil {
		source = own
	}
	if o.document != "" {
		source = []byte(o.document)
	}
	doc, err := document.Parse(runbook.DefaultName, source)
	if err != nil {
		t.Fatal(err)
	}
	creds := steps.Credentials{GitHubToken: transport.NewToken(world.GitHubToken()), AirflowUsername: world.AirflowUser(), AirflowPassword: world.AirflowPassword()}
	env := append(world.Environ(), just.PaceVariable+"=0", "GORACE=atexit_sleep_ms=0")
	services, err := steps.Connect(s, creds, mode == runbook.DryRun, env, base)
	if err != nil {
		t.Fatal(err)
	}
	if services.Executor != nil {
		services.Executor = keeper{commands.PTY{}} // a command ends with the test
	}
	if o.executor != nil {
		services.Executor = o.executor(services.Executor)
	}
	services.Now, services.Airflow.Options.Now = c.Now, c.Now
	services.Postgres = world.Postgres()
	k := &kept{}
	var journal steps.Journal = k
	if o.journal != nil {
		journal = o.journal(k)
	}
	options := steps.Options{Mode: mode, Environment: scenario, Actor: "sam@desk", Journal: journal, Folder: t.TempDir()}
	if world.GoesBack() {
		options.Rollback = &runbook.Rollback{From: "v1.5.4"}
	}
	engine, err := steps.New(steps.Bind(doc, s, kinds.All()).ForPractice(), services, options)
	if err == nil && world.GoesBack() {
		err = engine.Choose("v1.5.3")
	}
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Engine: engine, Theme: o.theme}
	if mode == runbook.Practice {
		cfg.World = world
	}
	d := seat(t, c, cfg, w, h)
	d.world, d.kept = world, k
	if b, ok := d.m.selected(); ok && b.Kind.Question && !o.question { // what most tests aren't about
		d.m.outline.Select(engine.Bound().Steps[0].Step.ID)
		d.start(d.m.showSelected())
		d.m.advise()
		d.m.resize()
	}
	return d
}

// keeper is an executor that keeps what a command prints where a supervisor does.
type keeper struct{ commands.Executor }

func (k keeper) Run(ctx context.Context, c commands.Command, io commands.Streams) (commands.Outcome, error) {
	if err := os.Mkdir(c.Folder, 0o700); err != nil {
		return commands.Outcome{}, err
	}
	f, err := os.Create(commands.OutputFile(c.Folder))
	if err != nil {
		return commands.Outcome{}, err
	}
	defer f.Close()
	show := io.Output
	io.Output = func(p []byte) {
		_, _ = f.Write(p)
		show(p)
	}
	return k.Executor.Run(ctx, c, io)
}

// start runs a command beside the test.
func (d *desk) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.flying++
	go func() { d.answers <- cmd() }()
}

// give hands a message to the checklist.
func (d *desk) give(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, cmd := range msg {
			d.start(cmd)
		}
	case timer:
		d.timers = append(d.timers, msg)
	case tea.QuitMsg:
		d.quit = true
	default:
		if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			for i := range v.Len() { // a sequence, whose type is not exported
				d.start(v.Index(i).Interface().(tea.Cmd))
			}
			return
		}
		_, cmd := d.m.Update(msg)
		d.start(cmd)
	}
}

// settle hands on messages until no command is under way.
func (d *desk) settle() {
	d.t.Helper()
	d.until("every command has ended", func() bool { return d.flying == 0 })
}

// until hands on messages until something is so.
func (d *desk) until(what string, so func() bool) {
	d.t.Helper()
	limit, look := time.NewTimer(patience), time.NewTicker(time.Millisecond)
	defer limit.Stop()
	defer look.Stop()
	for !so() {
		select {
		case msg := <-d.answers:
			d.flying--
			d.give(msg)
		case <-look.C: // it may be so by something else than a message
		case <-limit.C:
			d.t.Fatalf("waited in vain until %s; the screen:\n%s", what, d.screen())
		}
	}
}

// pass lets time pass: every tick that is due comes, in order, and the commands
// that follow from it run to their ends.
func (d *desk) pass(span time.Duration) {
	d.t.Helper()
	d.settle()
	d.drift(span)
	d.settle()
}

// drift is pass beside a command that runs on.
func (d *desk) drift(span time.Duration) {
	d.t.Helper()
	end := d.clock.Now().Add(span)
	for {
		slices.SortStableFunc(d.timers, func(a, b timer) int { return a.due.Compare(b.due) })
		if len(d.timers) == 0 || d.timers[0].due.After(end) {
			break
		}
		next := d.timers[0]
		d.timers = d.timers[1:]
		if next.due.After(d.clock.Now()) {
			d.clock.Set(next.due)
		}
		d.give(next.msg(d.clock.Now()))
		if d.m.running == nil {
			d.settle()
		} else {
			d.collect()
		}
	}
	d.clock.Set(end)
}

// collect hands on the messages that are there already.
func (d *desk) collect() {
	for {
		select {
		case msg := <-d.answers:
			d.flying--
			d.give(msg)
		default:
			return
		}
	}
}

// rest is long enough for the Markdown of a step to be drawn.
func (d *desk) rest() { d.t.Helper(); d.pass(50 * time.Millisecond) }

// press presses keys, by their names, without waiting for what follows.
func (d *desk) press(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.give(keyMsg(k))
	}
}

// do presses keys one by one, and waits for what follows from each.
func (d *desk) do(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.give(keyMsg(k))
		d.settle()
	}
	d.rest()
}

// write types text into a dialogue, and enter after it.
func (d *desk) write(text string) {
	d.t.Helper()
	d.give(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text)})
	d.do("enter")
}

var namedKeys = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, " ": tea.KeySpace, "backspace": tea.KeyBackspace,
	"ctrl+c": tea.KeyCtrlC, "ctrl+u": tea.KeyCtrlU, "ctrl+d": tea.KeyCtrlD,
}

// keyMsg makes the message that Bubble Tea makes of a key.
func keyMsg(name string) tea.KeyMsg {
	if t, ok := namedKeys[name]; ok {
		msg := tea.KeyMsg{Type: t}
		if t == tea.KeySpace {
			msg.Runes = []rune(" ")
		}
		return msg
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

func (d *desk) resize(w, h int) {
	d.t.Helper()
	d.give(tea.WindowSizeMsg{Width: w, Height: h})
	if d.m.running != nil {
		d.drift(50 * time.Millisecond) // it may go on for longer than the test waits
		return
	}
	d.rest()
}

var ports = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// screen is what the person sees, with the ports of the services made equal.
func (d *desk) screen() string {
	view := ports.ReplaceAllStringFunc(d.m.View(), func(at string) string {
		return "127.0.0.1:" + strings.Repeat("0", len(at)-len("127.0.0.1:"))
	})
	lines := strings.Split(view, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// sees fails unless every text is on the screen.
func (d *desk) sees(texts ...string) {
	d.t.Helper()
	screen := d.screen()
	for _, text := range texts {
		if !strings.Contains(screen, text) {
			d.t.Fatalf("%q is not on the screen:\n%s", text, screen)
		}
	}
}

// missing fails if one of the texts is on the screen.
func (d *desk) missing(texts ...string) {
	d.t.Helper()
	screen := d.screen()
	for _, text := range texts {
		if strings.Contains(screen, text) {
			d.t.Fatalf("%q is on the screen:\n%s", text, screen)
		}
	}
}

// goTo puts the cursor on the step with the number in the service deployment.
func (d *desk) goTo(number string) {
	d.t.Helper()
	d.do("g")
	for range d.m.outline.Wanted() {
		if b, ok := d.m.selected(); ok && b.Step.Number == number {
			return
		}
		d.do("j")
	}
	d.t.Fatalf("there is no step %s:\n%s", number, d.screen())
}

// status is where the step with the number in the service deployment stands.
func (d *desk) status(number string) runbook.Status {
	d.t.Helper()
	return d.m.run.Status(d.step(number), d.clock.Now())
}

func (d *desk) step(number string) document.StepID {
	d.t.Helper()
	for i := range d.m.engine.Bound().Steps {
		if b := &d.m.engine.Bound().Steps[i]; b.Step.Number == number {
			return b.Step.ID
		}
	}
	d.t.Fatalf("there is no step %s", number)
	return ""
}

// publish publishes the release from the world pane, and chooses it.
func (d *desk) publish() {
	d.t.Helper()
	d.do("W", "enter", "esc", "c")
	d.pass(openGuard)
	d.do("enter")
	if got := d.m.run.Release(); got != "v1.5.4" {
		d.t.Fatalf("the release is %q:\n%s", got, d.screen())
	}
}

// confirm runs the selected step's command and types what it asks for, in a
// larger window where not all of the question fits.
func (d *desk) confirm() {
	d.t.Helper()
	d.do("r")
	b, _ := d.m.selected()
	phrase := d.m.run.Phrase(b.Step.ID, d.m.advice(b).Effect.Name)
	d.sees("Type " + phrase)
	d.pass(minReadTime)
	w, h := d.m.w, d.m.h
	if w < 80 || h < 24 { // not all of the question may fit
		d.resize(80, 24)
		defer d.resize(w, h)
	}
	d.write(phrase)
}

// readPlan pages through the plan until its end has been on the screen.
func (d *desk) readPlan() {
	d.t.Helper()
	d.do("t") // shows it, and goes there
	for range 300 {
		if d.m.results.hasRead(d.step("5"), "plan") {
			return
		}
		d.do("pgdown")
	}
	d.t.Fatalf("the plan has no end:\n%s", d.screen())
}

var root, _ = os.Getwd()

// golden compares the screen with the one that is kept.
func (d *desk) golden(name string) {
	d.t.Helper()
	compare(d.t, name, d.screen())
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join(root, "testdata", filepath.FromSlash(t.Name()), name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; hint: go test ./tui -update", err)
	}
	if string(want) != got {
		t.Errorf("%s: the screen differs; hint: go test ./tui -update\n--- want\n%s--- got\n%s", name, want, got)
	}
}

// checkFrame fails unless the screen is exactly filled.
func checkFrame(t testing.TB, view string, w, h int, context func() string) {
	t.Helper()
	if problem := frametest.Problem(view, w, h); problem != "" {
		t.Fatalf("at %dx%d %s: %s\n%s", w, h, context(), problem, fmt.Sprintf("%q", view))
	}
}

// noted adds to a list under a lock.
func noted(mu *sync.Mutex, list *[]string, s string) error {
	mu.Lock()
	defer mu.Unlock()
	*list = append(*list, s)
	return nil
}
