package tui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	commands "catalog-runbook/steps/command"
)

func TestCursor(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	number := func() string {
		b, ok := d.m.selected()
		if !ok {
			t.Fatal("no step is selected")
		}
		if b.Added() {
			return "+"
		}
		if b.Step.Number == "" {
			return b.Kind.Name
		}
		return b.Step.Number
	}
	for _, c := range []struct{ key, want string }{
		{"k", "which-deployment"}, {"j", "1"}, {"j", "2"}, {"down", "3"}, {"up", "2"}, {"G", "migration"}, {"j", "migration"},
		{"g", "which-deployment"}, {"end", "migration"}, {"home", "which-deployment"},
	} {
		d.do(c.key)
		if got := number(); got != c.want {
			t.Errorf("after %s the cursor is on %s, want %s", c.key, got, c.want)
		}
	}
	d.do("jjj", "jj")
	if got := number(); got != "5" {
		t.Errorf("five keys in two reads go to %s", got)
	}
	d.give(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("ggg"), Paste: true})
	if got := number(); got != "5" {
		t.Error("what was pasted moved the cursor")
	}
	d.sees("only a dialogue takes it")
	d.do("tab", "j", "G", "g", "esc", "g")
	if got := number(); got != "which-deployment" {
		t.Errorf("after a walk through the panes the cursor is on %s", got)
	}
}

func TestFilter(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 120, 40)
	d.do("/")
	d.press("D", "E", "P", "L", "O", "Y", ":")
	d.rest()
	d.sees("Deploy: begin with", "· only DEPLOY:", "Step 5")
	d.missing("Publish a new release")
	d.do("enter", "esc")
	d.sees("Publish a new release")
	d.missing("· only")
	if b, _ := d.m.selected(); b.Step.Number != "5" {
		t.Errorf("the cursor left the step that was found: %s", b.Step.Number)
	}
	d.do("/")
	d.press("n", "o", "t", "h", "i", "n", "g")
	d.rest()
	d.sees("No matches.")
	d.do("enter")
	for _, k := range []string{"v", "w", "t", "u", "s", "a", "r", "l", "y", "j", "G", "enter", "esc", "esc"} {
		d.do(k) // nothing is selected: none of them may fall over
	}
	d.missing("· only")
	d.sees("Publish a new release")
}

// gate holds requests back until the test lets them go.
type gate struct {
	next http.RoundTripper
	held chan chan struct{} // of the requests that wait
	open atomic.Bool
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if !g.open.Load() {
		leave := make(chan struct{})
		select {
		case g.held <- leave:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
		select {
		case <-leave:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return g.next.RoundTrip(r)
}

// TestVerifyTwice asks twice quickly: the first question is dropped, and its
// answer changes nothing.
func TestVerifyTwice(t *testing.T) {
	g := &gate{held: make(chan chan struct{}, 9)}
	d := practiseWith(t, "busy-dags", runbook.Practice, 80, 24, setting{base: func(next http.RoundTripper) http.RoundTripper { g.next = next; return g }})
	d.press("j", "j", "v")
	// The first question is at the door, and stays there.
	d.until("it is asked", func() bool { return len(g.held) == 1 })
	<-g.held
	first := d.m.checks.asking[d.step("3")].generation
	d.press("v")
	d.until("it is asked again", func() bool { return len(g.held) == 1 })
	g.open.Store(true)
	second := <-g.held
	d.sees("asking for 0 s")
	if q := d.m.checks.asking[d.step("3")]; q == nil || q.generation == first {
		t.Fatal("the second question has not replaced the first")
	}
	// The first question ends, since nobody waits for it any more.
	d.until("the first has ended", func() bool { return d.flying == 1 })
	if d.m.checks.asking[d.step("3")] == nil || d.status("3") != runbook.Pending {
		t.Fatalf("the answer to the dropped question was taken: %s", d.status("3"))
	}
	close(second)
	d.settle()
	if d.status("3") != runbook.Rejected || len(d.m.checks.asking) != 0 {
		t.Fatalf("after the second answer: %s, %d questions left", d.status("3"), len(d.m.checks.asking))
	}
	d.give(checkedMsg{d.step("3"), first, errors.New("too late")})
	d.missing("too late")
}

// TestVerifyOneOfAll asks about one step while all are being asked about: the
// other answers still come.
func TestVerifyOneOfAll(t *testing.T) {
	d := practise(t, "busy-dags", runbook.Practice, 80, 24)
	d.press("g", "V", "v")
	d.settle()
	for number, want := range map[string]runbook.Status{"1": runbook.Unsure, "2": runbook.Unsure, "3": runbook.Rejected} {
		if got := d.status(number); got != want {
			t.Errorf("step %s is %s, want %s", number, got, want)
		}
	}
	if len(d.m.checks.asking) != 0 {
		t.Errorf("%d questions are left", len(d.m.checks.asking))
	}
	d.press("V", "V")
	d.settle()
	if len(d.m.checks.asking) != 0 {
		t.Errorf("%d questions are left after asking twice about all", len(d.m.checks.asking))
	}
}

func TestWait(t *testing.T) {
	d := practise(t, "busy-dags", runbook.Practice, 80, 30)
	d.goTo("3")
	d.do("w")
	d.sees("waiting since 09:00", "Waiting until this passes. Press w to stop waiting.")
	still := func() string { // but for the spinner
		return strings.Map(func(r rune) rune {
			if r >= 0x2800 && r <= 0x28ff {
				return '*'
			}
			return r
		}, d.screen())
	}
	before := still()
	d.pass(2 * time.Second)
	if now := still(); now != before {
		t.Errorf("a wait that goes on is drawn again:\n%s", now)
	}
	d.do("w")
	d.sees("Stopped waiting.")
	at := d.m.run.Step(d.step("3")).CheckedAt
	d.pass(time.Minute)
	if !d.m.run.Step(d.step("3")).CheckedAt.Equal(at) {
		t.Error("it was asked again after the waiting had been stopped")
	}
	d.do("w") // only a run that never ends is left
	d.sees("Stopped waiting for step 3: 1 DAG run is active, and add_license_url won't end")
	if len(d.m.checks.asking) != 0 {
		t.Error("it is waited for what never comes")
	}
	d.do("W")
	for range 2 { // the act that ends the queued run
		d.do("j")
	}
	d.do("enter", "esc", "w") // it has just ended, and may still be working
	d.sees("waiting since 09:", "add_license_url ended 0 s ago")
	d.pass(15 * time.Second)
	d.sees("Step 3 holds now, after")
	if d.status("3") != runbook.Done || len(d.m.checks.asking) != 0 {
		t.Errorf("step 3 is %s, %d questions are left", d.status("3"), len(d.m.checks.asking))
	}
}

const byHand = "# By hand\n\n1. Tell the others.\n2. Write `it` down: [here](http://127.0.0.1/a) or [there](http://127.0.0.1/b), [out](https://example.org/), not [here](file:///etc/passwd).\n\n   ```sh\n   ls -l\n   ls -a\n   ```\n3. Go home.\n"

func TestTickAndSkip(t *testing.T) {
	d := practiseWith(t, "calm", runbook.Practice, 80, 24, setting{document: byHand})
	d.do("t")
	d.sees("✎ ticked", "Ticked    done (sam@desk, just now)")
	d.do("t")
	d.missing("✎ ticked")
	d.do(" ", "u")
	if got := d.status("1"); got != runbook.Pending {
		t.Errorf("after taking the tick back: %s", got)
	}
	d.do("j", "s")
	d.write("too short")
	d.sees("a reason has at least 10 characters")
	if got := d.status("2"); got != runbook.Pending {
		t.Fatalf("skipped without a reason: %s", got)
	}
	d.write(" after all")
	d.sees("- skipped", "too short after all (sam@desk")
	d.do("s", "esc")
	d.sees("- skipped")
	d.do("v")
	d.sees("No service can be asked about this step")
	d.do("w")
	d.sees("No service can be asked about this step")
	d.do("a")
	d.sees("can't be accepted")
	d.do("r")
	d.sees("This step has no command to run now.")
	d.do("i")
	d.sees("No command is running.")
	d.do("c")
	d.settle()
	d.sees("has no release step")
}

func TestLinksAndCommands(t *testing.T) {
	d := practiseWith(t, "calm", runbook.Practice, 80, 24, setting{document: byHand})
	d.do("l")
	d.sees("This step has no link that can be opened.")
	d.do("y")
	d.sees("This step has no command, link or result to copy.")
	d.do("j", "l")
	d.sees("http://127.0.0.1/a", "http://127.0.0.1/b", "https://example.org/")
	d.do("j", "enter")
	d.sees("Opened http://127.0.0.1/b")
	d.do("l", "j", "j", "enter")
	d.sees("this one leads to the real world")
	d.do("y", "enter")
	d.sees("Copied: ls -l")
	d.do("y", "j", "j", "enter")
	if got := strings.Join(append(d.opened, d.copied...), " "); !strings.HasPrefix(got, "http://127.0.0.1/b ls -l http://127.0.0.1/") {
		t.Errorf("opened and copied: %s", got)
	}
	d.m.cfg.Open = func(string) error { return errors.New("no browser \x1b[31m here") }
	d.do("l", "enter")
	d.sees("Open this link elsewhere", "no browser ^[[31m here", "http://127.0.0.1/a", "Copied")
	if got := d.copied[len(d.copied)-1]; got != "http://127.0.0.1/a" {
		t.Errorf("copied %q", got)
	}
	d.pass(time.Second)
	d.do("esc")
	d.m.cfg.Copy = func(string) (string, error) { return "", errors.New("no clipboard \x1b[31m here") }
	d.do("y", "enter")
	d.sees("no clipboard ^[[31m here")
}

// TestCopy: what the gate would not allow isn't copied, and the message says why.
func TestCopy(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.goTo("5")
	d.do("y")
	d.sees("can't be copied yet")
	if len(d.copied) > 0 {
		t.Errorf("copied %q", d.copied)
	}
}

// TestFollowsTheDocument: links within the document lead to its sections, and those to files
// into the repository. Prose can be searched.
func TestFollowsTheDocument(t *testing.T) {
	doc := "# Deploy\n\nNot for code: see [DAGs](#dag-deployments) or [the script](./dag-sync.sh#L3).\n\n1. Publish [it](https://github.com/o/r/releases).\n2. Look at [the rest](#dag-deployments).\n\n" +
		"## Background\n\nIt **is** so.\n\n" + strings.Repeat("More.\n\n", 20) + "## DAG deployments\n\nThey are\nsynced by [itself](#nowhere).\n\n## End\n\n" + strings.Repeat("More.\n\n", 20)
	d := practiseWith(t, "calm", runbook.Practice, 80, 24, setting{document: doc})
	d.m.cfg.Open = func(link string) error { d.opened = append(d.opened, link); return nil }
	d.do("j", "l")
	d.sees("DAG deployments", "They are synced")
	if d.missing("Not for code"); !d.m.screens.covered() {
		t.Fatal("the document is not shown")
	}
	d.do("l")
	d.sees("There is no link on the screen that can be opened.")
	d.do("esc", "d", "g", "l")
	d.sees("Which link?", "DAG deployments", "in this document", "https://github.com/WordPress/openverse-catalog/blob/HEAD/dag-sync.sh#L3")
	d.do("j", "enter")
	d.sees("leads to the real world")
	d.do("l", "enter")
	d.missing("Not for code")
	d.do("g", "/")
	d.sees("Search in the document")
	d.write("are synced")
	d.sees("They are synced")
	d.do("esc", "/")
	d.write("is so")
	d.sees("It is so.")
	d.do("n", "esc", "esc")
	d.sees("Step 2")
	d.do("d", "/")
	d.write("unheard of")
	d.sees("no matches in the document")
	d.do("esc", "esc", "/")
	d.write("publish")
	d.do("d")
	d.sees("Publish")
	d.do("esc", "esc", "esc", "/")
	d.write("x y z")
	d.do("d", "n", "N", "esc", "esc", "/")
	d.write("publish")
	if words := d.m.outline.Filter(); words != "publish" || len(d.opened) != 0 {
		t.Errorf("the filter is %q; opened: %q", words, d.opened)
	}
}

// TestTitleOnce: a procedure that is called as the document is not named beside its title.
func TestTitleOnce(t *testing.T) {
	d := practiseWith(t, "calm", runbook.Practice, 80, 24, setting{document: "# Deploy\n\n1. Tell people.\n2. Do it.\n\n## Afterwards\n\n<!-- runbook: procedure -->\n\n1. Tell them.\n"})
	d.sees(" Deploy  □□ 0 of 2 done")
	d.do("j", "j")
	d.sees(" Deploy  Afterwards □ 0 of 1 done")
}

func TestAccept(t *testing.T) {
	d := practise(t, "busy-dags", runbook.Practice, 80, 24)
	d.goTo("3")
	d.do("a")
	d.missing("The reason is kept with your name.") // nothing has been found yet
	d.do("v", "a")
	d.sees("metropolitan_museum_reingestion_workflow scheduled__")
	d.write("short")
	d.sees("a reason has at least 10 characters")
	d.write("er, but long enough")
	if got := d.status("3"); got != runbook.Accepted {
		t.Fatalf("step 3 is %s", got)
	}
	d.sees("! accepted", "shorter, but long enough (sam@desk")
	d.pass(40 * time.Second) // one of the runs has ended, and the other stays accepted
	d.do("v")
	if got := d.status("3"); got != runbook.Accepted {
		t.Errorf("less than what was accepted is left, and the step is %s", got)
	}
}

// TestAcceptAFailedBump accepts a checkout with more than the bump, until something else
// is found.
func TestAcceptAFailedBump(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		if h < 24 {
			return // the question isn't all visible, so it takes no answer
		}
		d := practise(t, "calm", runbook.Practice, w, h)
		d.publish()
		d.pass(10 * time.Second)
		d.do("V")
		d.goTo("4")
		d.do("a")
		d.missing("The reason is recorded") // it can be done
		dir := d.m.engine.World().Checkout.Dir
		put := func(name string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(dir, name), []byte("x\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		put("notes.txt")
		d.do("v")
		d.sees("✗ failed", "verify it again. If")
		d.do("a")
		d.golden("01-asked")
		d.write("the notes are mine, and no plan reads them")
		if got := d.status("4"); got != runbook.Accepted {
			t.Fatalf("step 4 is %s", got)
		}
		d.sees("! accepted", "the notes are mine", "(sam@desk")
		d.golden("02-accepted")
		d.do("v")
		if got := d.status("4"); got != runbook.Accepted {
			t.Errorf("the same is found again, and step 4 is %s", got)
		}
		put("more.txt")
		d.do("v")
		if got := d.status("4"); got != runbook.Rejected {
			t.Errorf("more was found, and step 4 is %s", got)
		}
		d.sees("Lapsed", "accepted before, but no longer: something else was")
		d.golden("03-lapsed")
	})
}

// TestGuard types ahead: keys that were pressed before a question was on the
// screen do not answer it.
func TestGuard(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("4")
	d.press("r")
	d.settle()
	d.sees("Type prod to run it.")
	d.press("p", "r", "o", "d", "enter", "esc")
	d.settle()
	d.missing("› prod")
	d.sees("Type prod to run it.")
	d.pass(openGuard)
	d.write("production")
	d.sees("that is not prod")
	if d.m.running != nil || d.status("4") == runbook.Done {
		t.Fatal("a wrong phrase ran the command")
	}
	d.do("esc")
	d.missing("Type prod")
	d.do("r")
	d.do("/") // within the guard, and so not a filter either
	d.sees("Type prod to run it.")
}

// TestJudgement shows that a plan is judged only by who has had its end before
// their eyes.
func TestJudgement(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("5")
	d.do("t")
	d.sees("There is no plan to judge yet.")
	d.do("r")
	d.sees("Not now", "Step 4 is not done")
	d.pass(openGuard)
	d.do("j") // any key closes it
	d.goTo("4")
	d.confirm()
	d.goTo("5")
	d.confirm()
	judged := func() bool { return d.m.run.Step(d.step("5")).Judgement != nil }
	for _, keys := range [][]string{{"t"}, {"t", "pgdown", "t"}, {"o", "t"}, {"?", "G", "t", "esc", "t"}, {"d", "G", "esc", "t"}} {
		d.do(keys...)
		if judged() {
			t.Fatalf("judged after %v, without its end on the screen", keys)
		}
	}
	d.sees("Read the plan from its beginning to its end first")
	d.readPlan()
	d.sees("catalog-airflow · read")
	d.do("t")
	if !judged() {
		t.Fatalf("not judged after it was read:\n%s", d.screen())
	}
	d.sees("Noted: you say that the plan looks correct.")
}

// script is a command that does what a test says.
type script struct {
	run func(ctx context.Context, io commands.Streams) int
}

func (s script) Run(ctx context.Context, _ commands.Command, io commands.Streams) (commands.Outcome, error) {
	return commands.Outcome{Exit: s.run(ctx, io), Whole: true}, nil
}

func (s script) Rejoin(context.Context, string, commands.Streams) (commands.Outcome, error) {
	return commands.Outcome{}, commands.ErrLost
}

// running is a checklist in which the bump is what the test says.
func running(t *testing.T, w, h int, run func(ctx context.Context, io commands.Streams) int) *desk {
	t.Helper()
	d := practiseWith(t, "calm", runbook.Practice, w, h, setting{executor: func(commands.Executor) commands.Executor { return script{run} }})
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("4")
	d.do("r")
	d.pass(openGuard)
	d.give(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("prod")})
	d.press("enter")
	return d
}

func TestTypeIntoCommand(t *testing.T) {
	heard := make(chan string, 4)
	d := running(t, 80, 24, func(ctx context.Context, io commands.Streams) int {
		io.Output([]byte("What is your name? "))
		select {
		case in := <-io.Input:
			heard <- string(in.Data)
		case <-ctx.Done():
		}
		io.Output([]byte("\r\nThank you.\r\n"))
		return 3
	})
	d.until("it asks", func() bool { return strings.Contains(d.screen(), "What is your name?") })
	d.sees("running for 0 s")
	d.drift(3 * time.Second)
	d.sees("running for 3 s", "The command may be waiting for an answer. Press i to type it.")
	d.press("r")
	d.sees("is running.")
	d.press("i")
	d.until("it may be shown", func() bool { return !strings.Contains(d.screen(), "not shown or kept") })
	d.give(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("Sam \u202e\x1b[31mQ")})
	d.sees("› Sam [31mQ")
	d.press("enter")
	d.settle()
	if got := <-heard; got != "Sam [31mQ\n" {
		t.Errorf("the command was told %q", got)
	}
	d.sees("Thank you.", "exit code 3")
}

// A person sees what the recipe asks before they confirm, because that answers it.
func TestConfirmationAnswersTheRecipe(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.goTo("4")
	id := d.step("4")
	d.give(preparedMsg{id: id, effect: d.m.spec(id).Effects[0], asks: []clean.Text{clean.Line("Really bump prod?"), clean.Line("Sure?")}})
	d.sees("It asks, and your confirmation answers yes: Really bump prod?, and 1 more", "Type prod to run it.")
}

// What a command asks for as a password isn't shown while it is typed.
func TestTypeSecretIntoCommand(t *testing.T) {
	heard := make(chan commands.Input, 1)
	d := running(t, 80, 24, func(ctx context.Context, io commands.Streams) int {
		io.Output([]byte("Enter passphrase for key 'id': "))
		select {
		case in := <-io.Input:
			heard <- in
		case <-ctx.Done():
		}
		return 0
	})
	d.until("it asks", func() bool { return strings.Contains(d.screen(), "Enter passphrase") })
	d.press("i")
	d.give(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(" hunter2")})
	d.sees("› ••••••••", "not shown or kept")
	if strings.Contains(d.screen(), "hunter2") {
		t.Errorf("it is shown:\n%s", d.screen())
	}
	d.press("enter")
	d.settle()
	if got := <-heard; string(got.Data) != " hunter2\n" || !got.Secret {
		t.Errorf("the command was told %q, secret %v", got.Data, got.Secret)
	}
}

func TestQuit(t *testing.T) {
	for _, k := range []string{"q", "ctrl+c"} {
		d := practise(t, "calm", runbook.Practice, 80, 24)
		d.press("d", "q") // q closes what is laid over the checklist first
		if d.quit || d.m.quit {
			t.Fatal("q left the reading view and the program at once")
		}
		d.press(k)
		d.settle()
		if !d.quit {
			t.Errorf("%s did not leave", k)
		}
	}
}

// TestOutputRing prints more than is kept: the newest lines stay, in order.
func TestOutputRing(t *testing.T) {
	const printed = 25_000
	d := running(t, 80, 24, func(_ context.Context, io commands.Streams) int {
		for i := 0; i < printed; i += 100 {
			var b strings.Builder
			for j := range 100 {
				fmt.Fprintf(&b, "line %d\n", i+j)
			}
			io.Output([]byte(b.String()))
		}
		return 0
	})
	d.settle()
	o := d.m.output
	if kept := o.End() - o.First(); kept != 10_000 {
		t.Errorf("%d lines are kept", kept)
	}
	if o.End() != printed {
		t.Errorf("%d lines dropped and kept of %d", o.End(), printed)
	}
	for i := o.First(); i < o.End(); i++ {
		if want := fmt.Sprintf("line %d", i); o.Line(i, 0).Text != want {
			t.Fatalf("line %d is %q", i, o.Line(i, 0).Text)
		}
	}
	d.sees(fmt.Sprintf("line %d", printed-1), "… 15,000 earlier lines are not kept")
	d.do("tab", "g")
	d.sees(fmt.Sprintf("line %d", o.Dropped()), "lines below")
}

// TestNothingToUndo presses u on a step about which nothing was said.
func TestNothingToUndo(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.do("u")
	d.sees("There is nothing to undo: ")
}
