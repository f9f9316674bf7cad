package tui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/questions"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
	"catalog-runbook/tui/plan"
)

// exactReading is a plan of JSON, read as the engine reads a saved one.
func exactReading(t testing.TB, object []byte) *steps.PlanReading {
	t.Helper()
	policy := terraform.Policy{Service: "catalog-airflow"}
	p, err := exact.Read(bytes.NewReader(object), exact.Options{Noise: true})
	if err != nil {
		t.Fatal(err)
	}
	judgement := terraform.Judge(p, policy)
	r := &steps.PlanReading{Plan: p, Judgement: judgement, Groups: terraform.Order(p, judgement), Exact: true}
	r.Lines = func(i int) ([]terraform.Line, clean.Text, error) {
		at := p.Changes[i].At
		lines, err := exact.Diff(object[at.Offset : at.Offset+at.Length])
		return lines, clean.Text{}, err
	}
	return r
}

// exactPlan lays out a plan of JSON.
func exactPlan(t testing.TB, object []byte) *plan.Doc {
	t.Helper()
	r := exactReading(t, object)
	return plan.LayOut(r, r.Lines)
}

// fixtureObject is one of the plans that real programs have made.
func fixtureObject(t testing.TB, name string) []byte {
	t.Helper()
	object, err := os.ReadFile(filepath.Join(root, "..", "steps", "terraform", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return object
}

// fixture lays one out.
func fixture(t testing.TB, name string) *plan.Doc {
	t.Helper()
	return exactPlan(t, fixtureObject(t, name))
}

// planned is a checklist in the practice world whose plan, once made, is another
// one for who reads it.
func planned(t *testing.T, w, h int, doc *plan.Doc) *desk {
	t.Helper()
	return plannedFrom(t, w, h, func(context.Context, document.StepID) (*plan.Doc, error) { return doc, nil })
}

func plannedFrom(t *testing.T, w, h int, source planSource) *desk {
	t.Helper()
	d := practise(t, "calm", runbook.Practice, w, h)
	if source != nil {
		d.m.results.plans = source
	}
	d.publish()
	d.pass(10 * time.Second)
	d.do("V")
	d.goTo("4")
	d.confirm()
	d.goTo("5")
	d.confirm()
	return d
}

// reopen opens the plan again, as if nobody had seen it.
func (d *desk) reopen() {
	d.t.Helper()
	d.m.plan = d.m.results.newPlan(plan.Identity{})
	d.do("p")
}

// hasRead reports whether the plan counts as read.
func (d *desk) hasRead() bool { return d.m.results.hasRead(d.step("5"), "plan") }

// under puts the plan's cursor on the line that has a text.
func (d *desk) under(text string) {
	d.t.Helper()
	d.do("g")
	for range 1000 {
		p := d.m.plan
		if strings.Contains(p.Line(p.At().Item, p.At().Line).Text, text) {
			return
		}
		d.do("j")
	}
	d.t.Fatalf("the plan has no %q:\n%s", text, d.screen())
}

// TestPlanPane keeps the screens of plans that real programs have made.
func TestPlanPane(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := planned(t, w, h, fixture(t, "cloud-database-destroy"))
		d.golden("01-destroy")
		d.do("-")
		d.golden("02-closed")
		d.do("+")
		d.golden("03-open")
		d.m.results.plans = func(context.Context, document.StepID) (*plan.Doc, error) { return fixture(t, "cloud-deploy"), nil }
		d.reopen()
		d.golden("04-deploy")
		d.under("aws_route53_record")
		d.do("enter")
		d.golden("05-opened")
		d.do("o")
		d.golden("06-printed")
		d.do("o")
		d.look("value")
		d.golden("07-found")
	})
}

// updates is a plan that replaces an instance and updates as many other
// resources; with destroys it destroys a few as well.
func updates(t testing.TB, n, destroys int) *plan.Doc {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(`{"format_version":"1.2","terraform_version":"1.11.4","applyable":true,"complete":true,"errored":false,"prior_state":{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":[{"address":"null_resource.x","mode":"managed","type":"null_resource","name":"x","values":{}}]}}},"resource_changes":[`)
	change := func(kind, name, actions, before, after, more string) {
		fmt.Fprintf(&b, `{"address":"%s.%s","mode":"managed","type":"%s","name":"%s","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":[%s],"before":%s,"after":%s,"after_unknown":{},"before_sensitive":{},"after_sensitive":{}%s}},`,
			kind, name, kind, name, actions, before, after, more)
	}
	for i := range destroys {
		change("aws_sqs_queue", fmt.Sprintf("gone_%d", i), `"delete"`, fmt.Sprintf(`{"name":"queue-%d","a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8}`, i), "null", "")
	}
	for i := range n {
		change("aws_route53_record", fmt.Sprintf("r%d", i), `"update"`, fmt.Sprintf(`{"name":"n%d","ttl":60,"id":"r%d"}`, i, i), fmt.Sprintf(`{"name":"n%d","ttl":%d,"id":"r%d"}`, i, 61+i, i), "")
	}
	change("aws_instance", "catalog_airflow", `"delete","create"`, `{"ami":"ami-old","id":"i-1"}`, `{"ami":"ami-new","id":"i-1"}`, `,"replace_paths":[["ami"]]`)
	b.Truncate(b.Len() - 1)
	b.WriteString(`]}`)
	return exactPlan(t, b.Bytes())
}

// TestPlanReading holds what counts as having read a plan.
func TestPlanReading(t *testing.T) {
	d := planned(t, 80, 24, updates(t, 60, 2))
	p := d.m.plan
	d.sees("plan of just plan prod catalog-airflow", "Destroyed or forgotten: 2", "of 63 resources left", "Read the plan to its end")
	if d.m.focus != paneOutput {
		t.Error("the plan has not the keys")
	}
	never := func(after string) {
		t.Helper()
		if d.hasRead() {
			t.Fatalf("read after %s:\n%s", after, d.screen())
		}
	}
	never("the beginning")
	d.do("G", "k", "j")
	never("a jump to the end")
	d.sees("t to go back to where you left off", "t continue reading")
	d.do("t")
	never("t")
	d.sees("Read the plan from its beginning to its end first", "resources left)")
	if p.NextHidden() {
		t.Errorf("t goes to %v, and read is all before %v", p.Top(), p.Unread())
	}
	// What is closed has not been read.
	d.do("g", "-")
	d.sees("▸")
	for range 40 {
		d.do("pgdown")
	}
	never("paging through what is closed")
	if at := p.Unread(); !p.Barred(at.Item) || p.Lines(at.Item) > 1 {
		t.Errorf("reading ends at %v", at)
	}
	d.do("t") // opens what must be read
	never("opening it")
	for range 40 {
		d.do("pgdown")
	}
	never("opening one of three")
	d.do("t")
	for range 40 {
		d.do("pgdown")
		d.do("t")
		if d.hasRead() {
			break
		}
	}
	if !d.hasRead() {
		t.Fatalf("it has no end; %s:\n%s", d.m.results.readOn(), d.screen())
	}
}

// TestPlanReadThrough pages through a plan, in windows of changing size, and says
// that it looks correct.
func TestPlanReadThrough(t *testing.T) {
	d := planned(t, 80, 24, updates(t, 60, 2))
	p, left := d.m.plan, 63
	for i := 0; !d.hasRead(); i++ {
		if i > 80 {
			t.Fatalf("it has no end:\n%s", d.screen())
		}
		d.do("pgdown")
		if i%3 == 1 {
			d.resize(60+i, 20+i%9)
		}
		if now := p.Left(); now > left {
			t.Fatalf("%d resources were left, and now %d", left, now)
		}
		left = p.Left()
	}
	if left != 0 {
		t.Errorf("%d are left", left)
	}
	d.resize(80, 24)
	d.sees("· read", "Does the plan look right? Press t to confirm.")
	d.do("t")
	if d.m.run.Step(d.step("5")).Judgement == nil {
		t.Fatalf("not judged:\n%s", d.screen())
	}
	d.sees("Press r to run `just apply prod catalog-airflow`")
}

// TestPlanReadOpened: what a person opens and closes beside what must be read
// neither helps nor hinders.
func TestPlanReadOpened(t *testing.T) {
	d := planned(t, 80, 24, updates(t, 30, 0))
	d.under("aws_route53_record.r3")
	d.do("enter")
	d.sees("~ ttl = 60 -> 64")
	d.do("left")
	d.missing("~ ttl = 60 -> 64")
	d.do("right")
	d.sees("~ ttl = 60 -> 64")
	d.do("g", "+")
	for i := 0; i < 4; i++ {
		d.do("pgdown")
	}
	d.do("-") // in the middle of it
	d.do("g", "t", "right")
	for i := 0; !d.hasRead(); i++ {
		if d.do("pgdown"); i > 60 {
			t.Fatalf("it has no end: %s\n%s", d.m.results.readOn(), d.screen())
		}
		d.do("t")
	}
}

// TestPlanLost: a plan of which a part is not kept any more is read as it was
// printed.
func TestPlanLost(t *testing.T) {
	doc := plan.LayOut(updates(t, 3, 1).PlanReading, func(int) ([]terraform.Line, clean.Text, error) {
		return nil, clean.Text{}, errors.New("the plan is gone")
	})
	d := planned(t, 120, 40, doc)
	d.sees("the plan is gone", "press o to show what was printed")
	for range 9 {
		d.do("pgdown")
	}
	d.do("t")
	if d.hasRead() {
		t.Fatal("read what is not there")
	}
	d.do("o")
	for i := 0; !d.hasRead(); i++ {
		if d.do("pgdown"); i > 30 {
			t.Fatalf("what was printed has no end:\n%s", d.screen())
		}
	}
	d.sees("Does the plan look right?")
}

// TestPlanUnreadable: where a plan cannot be read what was printed is.
func TestPlanUnreadable(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"error": {errors.New("reading the plan: " + evil), "Can't show the plan: reading the plan"},
		"none":  {nil, "Can't show the plan: there is no plan of this step"},
	} {
		t.Run(name, func(t *testing.T) {
			d := plannedFrom(t, 80, 24, func(context.Context, document.StepID) (*plan.Doc, error) { return nil, c.err })
			d.sees(c.says, "test -f environments/prod/catalog-airflow.tf")
			checkFrame(t, d.m.View(), 80, 24, func() string { return "after the plan" })
			d.do("t")
			d.sees("Read the plan from its beginning to its end first")
			for i := 0; !d.hasRead(); i++ {
				if d.do("pgdown"); i > 30 {
					t.Fatalf("it has no end:\n%s", d.screen())
				}
			}
			d.do("t")
			d.do("r")
			d.sees("Type prod 1 to run it", "Can't list what is destroyed")
		})
	}
}

// TestPlanStale: what comes of an older reading is dropped, and who is elsewhere
// is not taken from there.
func TestPlanStale(t *testing.T) {
	coming := make(chan *plan.Doc)
	source := func(ctx context.Context, _ document.StepID) (*plan.Doc, error) {
		select {
		case doc := <-coming:
			return doc, nil
		case <-ctx.Done():
			return nil, errors.New("too late")
		}
	}
	d := practise(t, "calm", runbook.Practice, 80, 24)
	d.m.results.plans = source
	m := d.m
	begin := func(attempt string) tea.Cmd {
		cmd := m.results.beginPlan(plan.Identity{Step: d.step("5"), Attempt: attempt, Label: "just plan"})
		m.setFocus(paneOutput)
		return cmd
	}
	old := begin("first")
	d.sees("The plan is being read…")
	d.press("j", "k", "G", "g", "pgdown", "enter", "+", "/", "n", "N") // there is nothing yet
	d.sees("The plan is being read…")
	d.press("esc")
	d.start(begin("second"))
	d.give(old())
	d.sees("The plan is being read…")
	d.missing("too late")
	coming <- updates(t, 2, 0)
	d.settle()
	d.sees("Replaced: 1", "Updated: 2", "an older one")
	doc := m.plan.Doc()
	d.give(old())
	if m.plan.Doc() != doc {
		t.Error("an older reading was taken")
	}
	d.missing("too late")
}

// TestPlanAndOutput goes from the plan to what was printed and back.
func TestPlanAndOutput(t *testing.T) {
	d := planned(t, 80, 24, updates(t, 60, 0))
	d.do("j", "j")
	at := d.m.plan.At()
	d.do("o")
	d.sees("test -f environments/prod/catalog-airflow.tf", "exit code 0")
	d.missing("Replaced: 1")
	if d.m.plan.Shown || d.m.focus != paneOutput {
		t.Fatal("what was printed is not read")
	}
	top := d.m.plan.Top()
	d.do("pgdown", "G", "o")
	d.sees("Replaced: 1")
	if d.m.plan.At() != at || d.m.plan.Top() != top {
		t.Error("what was done to the output was done to the plan")
	}
	d.do("o", "p")
	d.sees("Replaced: 1")
	d.do("p")
	if d.m.plan.Shown {
		t.Error("p does not hide it")
	}
	d.do("p", "esc", "esc")
	d.missing("Replaced: 1")
	d.goTo("3")
	d.do("p") // a step without a plan shows the one there is
	d.sees("Replaced: 1")
	d.do("esc", "p", "k", "p")
	d.sees("Replaced: 1")
}

// TestPlanResumed: the plan of an earlier process is read from its files.
func TestPlanResumed(t *testing.T) {
	d := plannedFrom(t, 80, 24, nil)
	file := d.m.engine.OutputFile(d.step("5"), "plan")
	if file == "" {
		t.Fatal("nothing is kept of the plan")
	}
	engine, err := steps.Resume(d.m.engine.Bound(), d.m.engine.World(), steps.Options{Mode: runbook.Practice, Actor: "sam@desk", Folder: filepath.Dir(filepath.Dir(file))}, d.kept.since(0))
	if err != nil {
		t.Fatal(err)
	}
	again := seat(t, d.clock, Config{Engine: engine}, 80, 24)
	again.goTo("1")
	again.do("p")
	again.sees("This step makes no plan.")
	again.goTo("5")
	again.sees("Press p to show the plan, and read it to its end.")
	again.do("p")
	again.sees("passed: the plan deploys catalog-airflow", "Replaced: 1", "left")
	again.do("esc", "esc", "t")
	again.sees("Read the plan from its beginning to its end first")
	for i := 0; !again.hasRead(); i++ {
		if again.do("pgdown"); i > 30 {
			t.Fatalf("it has no end:\n%s", again.screen())
		}
	}
}

// TestPlanSearch looks for words, also in what is closed.
func TestPlanSearch(t *testing.T) {
	d := planned(t, 80, 24, updates(t, 60, 1))
	d.do("/")
	d.sees("Search in the plan")
	d.write("nowhere to be found")
	d.sees("No matches in the plan.")
	d.do("esc")
	d.look("record.r5")
	d.sees(`"record.r5" 1 of 11`, "›")
	at := func(text string) {
		t.Helper()
		p := d.m.plan
		if got := p.Line(p.At().Item, p.At().Line).Text; !strings.Contains(got, text) {
			t.Errorf("the cursor is on %q, want %q:\n%s", got, text, d.screen())
		}
		if !p.OnScreen(p.At()) {
			t.Error("the cursor is not on the screen")
		}
	}
	at("record.r5")
	d.do("n")
	at("record.r50")
	d.do("N", "N")
	d.sees("That was the first one; this is the last.", "11 of 11")
	at("record.r59")
	d.do("n")
	d.sees("That was the last one; this is the first.")
	d.look("60 -> 101") // in one that is closed
	d.sees(`"60 -> 101" 1 of 1`)
	at("ttl = 60 -> 101")
	d.look("(forces")
	at("ami")
	d.do("g", "n")
	at("ami")
	d.do("esc")
	d.missing("of 1 ")
	if !d.m.inPlan() {
		t.Error("esc has closed more than the search")
	}
	d.do("N")
	d.sees("Nothing is looked for; / asks for words.")
	d.look("ttl")
	d.sees(`"ttl" 1 of 60`)
	for _, w := range []int{19, 20, 21, 3, 1, 120} {
		d.resize(w, 24)
		d.do("n")
		checkFrame(t, d.m.View(), w, 24, func() string { return "searching" })
	}
}

// TestPlanGroup opens and closes the resources of a group, and the cursor stays
// where there is something.
func TestPlanGroup(t *testing.T) {
	d := planned(t, 120, 48, updates(t, 3, 1))
	d.under("Updated: 3")
	d.do("enter")
	d.sees("ttl = 60 -> 61", "▾   ~ aws_route53_record.r1")
	d.do("enter")
	d.missing("ttl = 60 -> 61")
	d.do("g", "enter")
	d.sees("The cursor is on no resource")
	d.under(`name = "queue-0"`)
	d.do("enter")
	p := d.m.plan
	if at := p.At(); at.Line != 0 || p.Lines(at.Item) > 1 {
		t.Errorf("the cursor is on line %d", at.Line)
	}
}

// TestHaste: an answer that comes too soon after the question is refused, and what
// was typed stays.
func TestHaste(t *testing.T) {
	d := planned(t, 80, 24, updates(t, 3, 0))
	d.readPlan()
	d.do("t", "r")
	d.sees("Type prod 1 to run it: the environment, and how many resources are destroyed.", "Release v1.5.4 to prod, in infrastructure",
		"1 to destroy", "Replaced: aws_instance.catalog_airflow")
	d.drift(openGuard)
	d.write("prod 1")
	d.sees("that was too quick", "› prod 1")
	if d.m.running != nil || d.m.run.Effect(d.step("5"), "apply").Started != nil {
		t.Fatal("it runs")
	}
	d.drift(minReadTime - openGuard - 300*time.Millisecond)
	d.press("enter")
	d.sees("that was too quick", "› prod 1")
	d.drift(minReadTime)
	d.press("backspace")
	d.write("")
	d.sees("that is not prod 1")
	d.write("2")
	d.sees("that is not prod 1")
	d.press("backspace")
	d.write("1")
	d.settle()
	if d.m.run.Effect(d.step("5"), "apply").Finished == nil {
		t.Fatalf("it was not run:\n%s", d.screen())
	}
}

// TestPlanFallen names some of what a plan destroys and counts the rest.
func TestPlanFallen(t *testing.T) {
	doc := updates(t, 2, 5)
	got := strings.Join(questions.Destructions(doc.Plan, questions.Named), "\n")
	want := "Destroyed: aws_sqs_queue.gone_0, aws_sqs_queue.gone_1, aws_sqs_queue.gone_2, and 2 more\nReplaced: aws_instance.catalog_airflow"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestPlanHostile shows a plan in which everything is hostile.
func TestPlanHostile(t *testing.T) {
	object := fmt.Sprintf(`{"format_version":"1.2","complete":true,"errored":false,"resource_changes":[
		{"address":"aws_instance.catalog_airflow[\"%[1]s\"]","mode":"managed","type":"aws_instance","name":"x","deposed":"%[1]s","previous_address":"aws_instance.%[1]s",
		 "action_reason":"%[1]s","change":{"actions":["delete","create"],"before":{"ami%[1]s":"%[1]s","list":["%[1]s\n%[1]s"]},"after":{"ami%[1]s":"x","list":[]},"after_unknown":{},"replace_paths":[["ami%[1]s"]]}},
		{"address":"%[1]s","mode":"managed","type":"%[1]s","name":"x","change":{"actions":["%[1]s"],"before":null,"after":null}}],
		"output_changes":{"%[1]s":{"actions":["create"],"before":null,"after":"%[1]s"}},
		"resource_drift":[{"address":"aws_instance.%[1]s","mode":"managed","type":"aws_instance","name":"x","change":{"actions":["update"],"before":{},"after":{"a":"%[1]s"}}}]}`, evilJSON)
	d := planned(t, 80, 24, exactPlan(t, []byte(object)))
	for _, size := range []struct{ w, h int }{{120, 40}, {80, 24}, {40, 12}, {1, 1}} {
		d.reopen()
		d.resize(size.w, size.h)
		seen := ""
		for _, k := range []string{"G", "pgup", "g", "+", "pgdown", "pgdown", "G", "-", "k", "k", "enter", "o", "o", "t"} {
			d.do(k)
			view := d.m.View()
			seen += view
			checkFrame(t, view, size.w, size.h, func() string { return "after " + k })
		}
		if size.w > 1 && !strings.Contains(seen, "EVIL") {
			t.Error("nothing hostile came as far as the screen")
		}
	}
}

// TestSweepPlan draws the plan at all sizes.
func TestSweepPlan(t *testing.T) {
	d := planned(t, 80, 24, updates(t, 20, 3))
	for h := 1; h <= 50; h += (1 + h/12) * stride() {
		for _, w := range []int{1, 2, 9, 19, 20, 40, 61, 80, 99, 100, 140} {
			for _, k := range []string{"", "tab", "G", "right", "tab", "g", "j", "j", "j", "enter", "+", "pgdown", "pgdown", "left", "-", "pgup", "o", "o", "?", "esc", "p", "p"} {
				d.give(tea.WindowSizeMsg{Width: w, Height: h})
				if k != "" {
					d.press(k)
				}
				checkFrame(t, d.m.View(), w, h, func() string { return "after " + k })
			}
			d.settle()
		}
	}
}

// TestPlanObserved: who looks on sees the newest plan of the one who walks.
func TestPlanObserved(t *testing.T) {
	d := planned(t, 80, 24, updates(t, 2, 0))
	if !d.hasRead() {
		t.Fatalf("a plan that is on the screen is not read:\n%s", d.screen())
	}
	d.start(d.m.results.beginPlan(plan.Identity{Step: d.step("5"), Attempt: "another", Label: "just plan"})) // the run goes on elsewhere
	d.settle()
	if d.hasRead() {
		t.Error("the new plan is read as the old one was")
	}
	d.resize(80, 24)
	d.sees("an older one")
	d.m.results.plans = func(context.Context, document.StepID) (*plan.Doc, error) { return updates(t, 4, 0), nil }
	d.give(observedMsg{})
	d.sees("The plan is being read…")
	d.settle()
	d.sees("Updated: 4")
	d.missing("an older one")
}

// TestPlanGone: where the plan that was reviewed is gone, it can be made again.
func TestPlanGone(t *testing.T) {
	d := planned(t, 80, 24, updates(t, 2, 0))
	d.readPlan()
	d.do("t")
	d.give(preparedMsg{id: d.step("5"), effect: d.m.run.Specs()[4].Effects[1], err: errors.New("the plan that was reviewed is gone")})
	d.pass(openGuard)
	d.sees("Not now: just apply", "is gone", "1  Run `just plan prod catalog-airflow` again")
	made := d.m.run.Effect(d.step("5"), "plan").Started
	d.do("1")
	d.pass(minReadTime)
	d.sees("Type prod to run it.")
	d.write("prod")
	if again := d.m.run.Effect(d.step("5"), "plan"); again.Started == made || again.Finished == nil {
		t.Fatalf("it was not made again:\n%s", d.screen())
	}
	d.sees("Updated: 2")
	if d.m.results.calledCorrect(d.step("5")) {
		t.Error("what was said of the old plan counts for the new one")
	}
}
