package plan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
	"catalog-runbook/tui/frametest"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// arranged lays out a plan whose every resource has the same lines.
func arranged(plan terraform.Plan, lines Lines) *Doc {
	judgement := terraform.Judge(plan, terraform.Policy{Service: "catalog-airflow"})
	return LayOut(&steps.PlanReading{Plan: plan, Judgement: judgement, Groups: terraform.Order(plan, judgement), Exact: true}, lines)
}

// changes is a plan that destroys some resources, and updates others.
func changes(destroys, updates int) terraform.Plan {
	plan := terraform.Plan{JSON: true, Complete: true}
	add := func(n int, kind string, a terraform.Action) {
		for i := range n {
			plan.Changes = append(plan.Changes, terraform.Change{Address: fmt.Sprintf("%s.r%d", kind, i), Type: kind, Action: a})
		}
	}
	add(destroys, "aws_sqs_queue", terraform.Delete)
	add(updates, "aws_route53_record", terraform.Update)
	return plan
}

// some are so many lines of a resource.
func some(n int) Lines {
	return func(i int) ([]terraform.Line, clean.Text, error) {
		lines := make([]terraform.Line, n)
		for j := range lines {
			lines[j] = terraform.Line{Mark: terraform.Changed, Name: clean.Linef("name_%d_%d", i, j), Before: clean.Line("1"), After: clean.Line("2")}
		}
		return lines, clean.Text{}, nil
	}
}

var testKeys = map[string]string{"down": "j", "up": "k", "page": " ", "first": "g", "last": "G", "fold": "x", "close": "h", "open": "l", "closeAll": "-", "openAll": "+"}

// newTest is a plan that is shown.
func newTest(t testing.TB, w, h int, doc *Doc) *Plan {
	t.Helper()
	b := func(name string) key.Binding { return key.NewBinding(key.WithKeys(testKeys[name])) }
	keys := Keys{
		KeyMap: pager.KeyMap{Down: b("down"), Up: b("up"), PageDown: b("page"), First: b("first"), Last: b("last"), Left: b("close"), Right: b("open")},
		Fold:   b("fold"), FoldAll: b("closeAll"), UnfoldAll: b("openAll"),
	}
	p := New(Config{Styles: text.NewStyles(text.Plain), Keys: keys, Context: t.Context()}, Identity{Step: "5", Attempt: "1", Label: "just plan prod"})
	p.Shown = true
	p.SetSize(w, h)
	p.Update(p.Load(func(context.Context) (*Doc, error) { return doc, nil })())
	return p
}

// press presses keys, and after each fetches what comes on the screen.
func press(p *Plan, names ...string) {
	for _, name := range names {
		p.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(testKeys[name])})
		settle(p)
	}
}

// settle fetches what is on the screen, and notes what is read of it.
func settle(p *Plan) {
	for cmd := p.Fetch(); cmd != nil; cmd = p.Fetch() {
		p.Update(cmd())
	}
	p.MarkRead()
}

func screen(p *Plan) string { return strings.Join(p.View(), "\n") }

func sees(t *testing.T, p *Plan, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if view := screen(p); !strings.Contains(view, s) {
			t.Fatalf("%q is not on the screen:\n%s", s, view)
		}
	}
}

// TestLoad shows a plan, or says why it cannot.
func TestLoad(t *testing.T) {
	p := newTest(t, 80, 24, nil)
	if p.Doc() != nil || !errors.Is(p.Failed(), ErrNone) {
		t.Errorf("failed: %v", p.Failed())
	}
	wrong := errors.New("it is gone")
	p = New(Config{Styles: text.NewStyles(text.Plain), Context: t.Context()}, Identity{})
	cmd := p.Load(func(context.Context) (*Doc, error) { return nil, wrong })
	p.SetSize(40, 5)
	sees(t, p, "The plan is being read…")
	p.Update(tea.KeyMsg{Type: tea.KeyEnter})
	if p.Update(cmd()); p.Reading() || p.Failed() != wrong {
		t.Errorf("failed: %v", p.Failed())
	}
}

// TestOthers drops what is meant for another plan.
func TestOthers(t *testing.T) {
	p, other := newTest(t, 80, 24, arranged(changes(1, 1), some(1))), newTest(t, 80, 24, arranged(changes(1, 1), some(1)))
	for _, cmd := range []tea.Cmd{other.Fetch(), other.Load(func(context.Context) (*Doc, error) { return nil, ErrNone })} {
		p.Update(cmd())
	}
	if len(p.bodies) > 0 || p.Doc() == nil || p.Failed() != nil {
		t.Error("what another plan has asked for is taken")
	}
}

// TestFetch says what is not there yet, and does not count it as read.
func TestFetch(t *testing.T) {
	p := newTest(t, 100, 30, arranged(changes(1, 3), some(2)))
	if p.Wanted() != pager.Tallest {
		t.Errorf("it wants %d rows before it is known how many it has", p.Wanted())
	}
	cmd := p.Fetch()
	if p.MarkRead(); p.Fetch() != nil || p.Pager.Read() {
		t.Fatal("it is read without having been there")
	}
	sees(t, p, "reading…", "4 of 4 resources left")
	p.Update(cmd())
	settle(p)
	sees(t, p, "~ name_0_0 = 1 -> 2", "· read ─")
	if !p.ReadToEnd("5", "1") || p.ReadToEnd("5", "2") || p.ReadToEnd("6", "1") {
		t.Error("all of it is on the screen, and it is not read")
	}
}

// TestReading holds what counts as having read a plan.
func TestReading(t *testing.T) {
	again := func(name string) []string { return strings.Fields(strings.Repeat(name+" ", 30)) }
	for _, tt := range []struct {
		name string
		w    int
		keys []string
		read bool
	}{
		{"paged through", 80, again("page"), true},
		{"a jump to the end", 80, []string{"last"}, false},
		{"closed", 80, append([]string{"closeAll"}, again("page")...), false},
		{"closed and opened again", 80, append([]string{"closeAll", "openAll"}, again("page")...), true},
		{"too narrow", pager.Narrow - 1, again("page"), false},
		{"narrow", pager.Narrow, append(again("page"), again("page")...), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTest(t, tt.w, 14, arranged(changes(3, 5), some(4)))
			settle(p)
			if press(p, tt.keys...); p.Pager.Read() != tt.read || tt.read == (p.Left() > 0) {
				t.Errorf("read: %v, %s:\n%s", p.Pager.Read(), p.Progress(), screen(p))
			}
			for range 40 { // there is a way to the end
				p.GoBack()
				settle(p)
				press(p, "page")
			}
			if !p.Pager.Read() && !p.TooNarrow() {
				t.Errorf("it has no end:\n%s", screen(p))
			}
		})
	}
}

// TestLost: what could not be fetched is not read.
func TestLost(t *testing.T) {
	p := newTest(t, 80, 40, arranged(changes(1, 1), func(int) ([]terraform.Line, clean.Text, error) {
		return nil, clean.Text{}, errors.New("it is gone")
	}))
	settle(p)
	sees(t, p, "? it is gone")
	if press(p, "page", "page"); p.Pager.Read() || !p.Unreadable() {
		t.Error("it is read")
	}
}

// TestFold opens and closes resources and groups.
func TestFold(t *testing.T) {
	p := newTest(t, 80, 60, arranged(changes(1, 2), some(2)))
	settle(p)
	if said := p.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(testKeys["fold"])}); said == nil {
		t.Error("nothing is said where there is nothing to open")
	} else if _, ok := said().(SayMsg); !ok {
		t.Error("something else is said")
	}
	under := func(text string) {
		for press(p, "first"); !strings.Contains(p.Line(p.At().Item, p.At().Line).Text, text); {
			press(p, "down")
		}
	}
	open := func(texts ...string) {
		t.Helper()
		for i := range 3 {
			line := fmt.Sprintf("name_%d_1", i)
			if want := strings.Contains(strings.Join(texts, " "), line); strings.Contains(screen(p), line) != want {
				t.Errorf("%s is open: %v\n%s", line, !want, screen(p))
			}
		}
	}
	open("name_0_1")
	under("Updated: 2")
	press(p, "fold")
	open("name_0_1", "name_1_1", "name_2_1")
	press(p, "fold")
	open("name_0_1")
	under("name_0_1")
	if press(p, "close"); p.At().Line != 0 {
		t.Errorf("the cursor is on %v", p.At())
	}
	open()
	press(p, "open")
	open("name_0_1")
	press(p, "openAll")
	open("name_0_1", "name_1_1", "name_2_1")
	under("name_2_1")
	if press(p, "closeAll"); p.At().Line != 0 {
		t.Errorf("the cursor is on %v", p.At())
	}
	open()
}

// TestSearch finds what is closed and not in memory.
func TestSearch(t *testing.T) {
	p := newTest(t, 80, 20, arranged(changes(1, 40), some(2)))
	find := func(words string) string {
		t.Helper()
		said := ""
		_, cmd := p.StartSearch(words)
		for cmd != nil {
			msg := cmd()
			if m, ok := msg.(SayMsg); ok {
				said = m.Text.String()
				break
			}
			cmd = p.Update(msg)
		}
		settle(p)
		return said
	}
	if said := find("nowhere"); said != "No matches in the plan." || !p.Final() {
		t.Errorf("it says %q", said)
	}
	find("name_30_1")
	sees(t, p, `"name_30_1" 1 of 1`, "name_30_1 = 1 -> 2")
	if at := p.Line(p.At().Item, p.At().Line).Text; !strings.Contains(at, "name_30_1") {
		t.Errorf("the cursor is on %q", at)
	}
	find("record.r1")
	sees(t, p, `"record.r1" `, " of 11")
	find("")
	if p.Words() != "" || p.Turn(true).Empty() {
		t.Error("the search goes on")
	}
}

// TestOpen: what is destroyed, replaced or not allowed is open from the
// beginning, and nothing else.
func TestOpen(t *testing.T) {
	for name, want := range map[string]string{
		"cloud-database-update":  "aws_instance.catalog_airflow aws_db_instance.catalog_db",
		"cloud-database-destroy": "aws_db_instance.catalog_db aws_instance.catalog_airflow",
		"cloud-deploy":           "aws_instance.catalog_airflow",
		"cloud-record-forgotten": "aws_route53_record.record aws_instance.catalog_airflow",
	} {
		object, err := os.ReadFile(filepath.Join("..", "..", "steps", "terraform", "testdata", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := exact.Read(bytes.NewReader(object), exact.Options{})
		if err != nil {
			t.Fatal(err)
		}
		doc := arranged(plan, some(1))
		var open []string
		for _, e := range doc.entries {
			if e.open != e.must {
				t.Errorf("%s: %q is open: %v", name, e.text, e.open)
			}
			if e.open {
				open = append(open, doc.Plan.Changes[e.change].Address)
			}
		}
		if got := strings.Join(open, " "); got != want {
			t.Errorf("%s: %s are open, want %s", name, got, want)
		}
	}
}

// TestInvocations lists the actions that a plan would invoke, also those that are allowed.
func TestInvocations(t *testing.T) {
	plan := changes(0, 1)
	plan.Invocations = []terraform.Invocation{
		{Address: "action.aws_lambda_invoke.drain", Trigger: "aws_route53_record.r0", Event: clean.Line("before update")},
		{Address: "action.aws_lambda_invoke.hook"},
	}
	judgement := terraform.Judge(plan, terraform.Policy{Service: "catalog-airflow", Allow: []terraform.Rule{{Address: "action.aws_lambda_invoke.hook", Actions: []string{"invoke"}}}})
	p := newTest(t, 100, 30, LayOut(&steps.PlanReading{Plan: plan, Judgement: judgement, Groups: terraform.Order(plan, judgement)}, some(1)))
	settle(p)
	sees(t, p, "Actions that would be invoked: 2", "! action.aws_lambda_invoke.drain  before update of aws_route53_record.r0  ✗ not allowed", "! action.aws_lambda_invoke.hook  as -invoke asks")
	if strings.Contains(screen(p), "asks  ✗") {
		t.Errorf("what is allowed is not:\n%s", screen(p))
	}
}

// TestSizes draws a plan in windows of all sizes.
func TestSizes(t *testing.T) {
	p := newTest(t, 80, 24, arranged(changes(2, 5), some(3)))
	for h := 1; h < 40; h += 3 {
		for _, w := range []int{2, 9, 19, 20, 40, 80, 140} {
			p.SetSize(w, h)
			press(p, "page", "openAll", "down", "last", "fold", "closeAll", "first")
			view := p.View()
			if problem := frametest.Problem(strings.Join(view, "\n"), w, len(view)); problem != "" || len(view) > h {
				t.Fatalf("at %dx%d: %s\n%s", w, h, problem, strings.Join(view, "\n"))
			}
		}
	}
}
