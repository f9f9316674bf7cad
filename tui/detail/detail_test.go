package detail

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// shown is the part with a run that it shows.
type shown struct {
	*Detail
	t     *testing.T
	bound *steps.Bound
	run   *runbook.Run
	late  bool // five minutes have passed
	clock bool // times of day are shown
	made  int  // how often the content was made
	tick  func(time.Time) tea.Msg
}

func show(t *testing.T, source string) *shown {
	t.Helper()
	doc, err := document.Parse("doc.md", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	s := &shown{t: t, bound: steps.Bind(doc, steps.Settings{}, kinds.All())}
	s.run = runbook.NewRun(s.bound.Specs())
	s.add(runbook.Started{Head: head(), Mode: runbook.Practice, Environment: clean.Line("prod")})
	b := func(k string) key.Binding { return key.NewBinding(key.WithKeys(k)) }
	s.Detail = New(Config{
		Keys:   pager.KeyMap{Down: b("j"), Up: b("k"), First: b("g"), Last: b("G"), PageDown: b("f"), PageUp: b("b")},
		Styles: text.NewStyles(text.Plain),
		Tick: func(_ time.Duration, f func(time.Time) tea.Msg) tea.Cmd {
			s.tick = f
			return func() tea.Msg { return nil }
		},
	})
	s.SetContent(func() Content {
		s.made++
		now := noon
		if s.late {
			now = noon.Add(5 * time.Minute)
		}
		return Content{Binding: &s.bound.Steps[0], Run: s.run, Now: now, Status: s.run.Status(s.bound.Steps[0].Step.ID, now), State: "to do", Next: "do it", Dir: "/infra", TimeOfDay: s.clock}
	})
	s.SetSize(50, 40)
	s.SetStep(s.bound.Steps[0].Step)
	return s
}

func head() runbook.Head { return runbook.Head{At: noon, Actor: clean.Line("sam")} }

func (s *shown) add(e runbook.Event) {
	s.t.Helper()
	if err := s.run.Apply(e); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shown) press(keys ...string) {
	for _, k := range keys {
		s.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)})
	}
}

func (s *shown) text() string { return strings.Join(s.View(), "\n") }

func (s *shown) sees(parts ...string) {
	s.t.Helper()
	for _, part := range parts {
		if !strings.Contains(s.text(), part) {
			s.t.Errorf("%q is not in\n%s", part, s.text())
		}
	}
}

func TestDetail(t *testing.T) {
	s := show(t, "# Deploy\n\n1. [x] 🔒 Tell the **team**.\n")
	s.sees("Step 1 · ○ to do · 🔒 maintainers only", "Next      do it", "**team**", "Author    marked as done in the document")
	if s.made != 1 {
		t.Errorf("the content was made %d times", s.made)
	}
	id := s.bound.Steps[0].Step.ID
	s.add(runbook.Ticked{Head: head(), Step: id, Hash: s.run.Specs()[0].Hash})
	s.Invalidate()
	s.sees("Ticked    done (sam, just now)")
	if s.SetStep(nil); len(s.View()) != 0 {
		t.Errorf("nothing is selected, but\n%s", s.text())
	}
}

func TestCommandAndEvidence(t *testing.T) {
	s := show(t, "# Deploy\n\n1. Run `just bump prod web`.\n")
	s.sees("Command   just bump prod web", "in        /infra", "Before it Choose a release first.")
	s.add(runbook.Checked{Head: head(), Step: s.bound.Steps[0].Step.ID, Result: runbook.Result{
		Verdict: runbook.Failed, Summary: clean.Line("The checkout has changes."), Evidence: []runbook.Evidence{
			{Name: clean.Line("-"), Value: clean.Line("main.tf")},
			{Name: clean.Line("page"), Value: clean.Line("1"), Source: clean.Line("https://example.org/")},
		},
	}})
	s.Invalidate()
	s.sees("Seen      failed, just now. The checkout has", "          - main.tf", "          page: 1\n          https://example.org/")
	// What was known stays on the screen when the next check gets no answer.
	s.add(runbook.Checked{Head: runbook.Head{At: noon.Add(time.Minute), Actor: clean.Line("sam")}, Step: s.bound.Steps[0].Step.ID, Result: runbook.Result{
		Verdict: runbook.Unknown, Unasked: true, Summary: clean.Line("Git didn't answer in time."),
	}})
	s.Invalidate()
	s.sees("Seen      unknown, just now. Git didn't answer in", "Before    failed, just now. The checkout has", "          - main.tf")
}

// TestFolderOnce: what the next command says about the folder isn't repeated by the evidence.
func TestFolderOnce(t *testing.T) {
	s := show(t, "# Deploy\n\n1. Run `just bump prod web`.\n")
	check := func(v runbook.Verdict) {
		s.add(runbook.Checked{Head: head(), Step: s.bound.Steps[0].Step.ID, Result: runbook.Result{
			Verdict: v, Summary: clean.Line("Looked."), Evidence: []runbook.Evidence{
				{Name: clean.Line("checkout"), Value: clean.Line("/infra")}, {Name: clean.Line("branch"), Value: clean.Line("main")},
			},
		}})
		s.Invalidate()
	}
	check(runbook.Failed)
	if s.sees("branch: main", "in        /infra"); strings.Count(s.text(), "/infra") != 1 {
		t.Errorf("the folder is repeated:\n%s", s.text())
	}
	check(runbook.Passed)
	s.sees("checkout: /infra", "branch: main")
}

// TestRendering: a step's Markdown is drawn once the step has been shown for a while.
func TestRendering(t *testing.T) {
	s := show(t, "# Deploy\n\n1. Tell the **team**.\n")
	passing := s.tick(noon)
	s.SetSize(40, 40)
	s.Update(tea.WindowSizeMsg{})
	if cmd := s.Update(passing); cmd != nil {
		t.Error("what was passed by is drawn")
	}
	cmd := s.Update(s.tick(noon))
	if cmd == nil {
		t.Fatal("it is not drawn")
	}
	s.Update(cmd())
	s.sees("Tell the team.")
	if cmd := s.Update(tea.WindowSizeMsg{}); cmd != nil {
		t.Error("it is drawn twice")
	}
}

const threeSteps = "# Deploy\n\n1. Tell the **team**.\n2. Have **tea**.\n3. Go to **sleep**.\n"

// rest lets the step be shown for a while, and returns the IDs of what is rendered by
// each of the commands that follow.
func (s *shown) rest() (commands [][]document.StepID) {
	s.t.Helper()
	for cmd := s.Update(s.tick(noon)); cmd != nil; {
		msg := cmd().(renderedMsg)
		var ids []document.StepID
		for _, r := range msg.all {
			ids = append(ids, r.of.id)
		}
		commands = append(commands, ids)
		cmd = s.Update(msg)
	}
	return commands
}

// TestNeighbours: the neighbours are rendered once, after the step, and are then shown
// rendered at once.
func TestNeighbours(t *testing.T) {
	s := show(t, threeSteps)
	one, two, three := s.bound.Steps[0].Step, s.bound.Steps[1].Step, s.bound.Steps[2].Step
	s.SetStep(two, three, one)
	if got, want := s.rest(), [][]document.StepID{{two.ID}, {three.ID, one.ID}}; !reflect.DeepEqual(got, want) {
		t.Fatalf("rendered %v, not %v", got, want)
	}
	s.sees("Have tea.")
	if cmd := s.SetStep(three, two); cmd != nil {
		t.Error("something is left to render")
	}
	s.sees("Go to sleep.")
	if cmd := s.SetStep(two, three, one); cmd != nil {
		t.Error("something is rendered twice")
	}
	s.SetSize(40, 40)
	s.Update(tea.WindowSizeMsg{})
	if got, want := s.rest(), [][]document.StepID{{two.ID}, {three.ID, one.ID}}; !reflect.DeepEqual(got, want) {
		t.Errorf("after a resize, rendered %v, not %v", got, want)
	}
}

// TestNeighbourDrawsNothing: only the step shown is drawn again.
func TestNeighbourDrawsNothing(t *testing.T) {
	s := show(t, threeSteps)
	s.SetStep(s.bound.Steps[0].Step, s.bound.Steps[1].Step)
	ofStep := s.Update(s.tick(noon))
	ofNeighbour := s.Update(ofStep())
	s.View()
	made := s.made
	s.Update(ofNeighbour())
	if s.View(); s.made != made {
		t.Error("the content was made again")
	}
}

// TestPassing: a cursor that passes by renders nothing, also when the neighbours of the
// step that it left arrive.
func TestPassing(t *testing.T) {
	s := show(t, threeSteps)
	one, two, three := s.bound.Steps[0].Step, s.bound.Steps[1].Step, s.bound.Steps[2].Step
	s.SetStep(one, two)
	ofStep := s.Update(s.tick(noon))
	s.SetStep(three, two)
	if cmd := s.Update(ofStep()); cmd != nil {
		t.Error("a step is rendered before its time")
	}
	if got, want := s.rest(), [][]document.StepID{{three.ID}, {two.ID}}; !reflect.DeepEqual(got, want) {
		t.Errorf("rendered %v, not %v", got, want)
	}
}

// TestTimes: how long ago something was seen, or when.
func TestTimes(t *testing.T) {
	s := show(t, "# Deploy\n\n1. Run `just bump prod web`.\n")
	s.add(runbook.Checked{Head: head(), Step: s.bound.Steps[0].Step.ID, Result: runbook.Result{Verdict: runbook.Failed, Summary: clean.Line("No.")}})
	s.Invalidate()
	s.sees("failed, just now")
	s.late = true
	s.Invalidate()
	s.sees("failed, 5 min ago")
	s.clock = true
	s.Invalidate()
	s.sees("failed, 12:00:00")
}

// TestEvidenceIsFolded, with the number of lines that are not shown, and what failed less so.
func TestEvidenceIsFolded(t *testing.T) {
	for verdict, visible := range map[runbook.Verdict]int{runbook.Passed: 4, runbook.Failed: 12} {
		s := show(t, "# Deploy\n\n1. Run `just bump prod web`.\n")
		r := runbook.Result{Verdict: verdict, Summary: clean.Line("So it is.")}
		for i := range 20 {
			r.Evidence = append(r.Evidence, runbook.Evidence{Name: clean.Line("seen"), Value: clean.Line(strconv.Itoa(i)), Source: clean.Line("git"), At: noon})
		}
		s.add(runbook.Checked{Head: head(), Step: s.bound.Steps[0].Step.ID, Result: r})
		s.SetSize(50, 60)
		s.sees("seen: 19") // there is room
		for height := 8; height <= 28; height++ {
			s.SetSize(50, height)
			s.press("g")
			_, rest, _ := strings.Cut(strings.Join(s.lines.Rows, "\n"), "… ")
			folded, _ := strconv.Atoi(strings.Fields(rest + " 0")[0])
			shown := strings.Count(strings.Join(s.lines.Rows, "\n"), "seen: ")
			if shown+folded != 20 || shown < visible {
				t.Errorf("in %d rows, %d lines are shown and %d folded:\n%s", height, shown, folded, s.text())
			}
			if below, _ := s.More(); below && shown > visible {
				t.Errorf("in %d rows, %d lines are shown, although not all fit:\n%s", height, shown, s.text())
			}
		}
		s.SetSize(50, 25)
		s.sees("more lines: + shows them")
		s.SetOpen(true)
		s.press("G")
		s.sees("seen: 19")
		s.press("g")
		s.SetOpen(false)
		s.sees("more lines: + shows them")
	}
}

// TestRenderedKept: the cache is bounded, and what is shown stays in it.
func TestRenderedKept(t *testing.T) {
	s := show(t, "# Deploy\n\n"+strings.Repeat("1. Tell the **team**.\n", 2*renderedKept))
	all := s.bound.Steps
	for i := 1; i < len(all)-1; i++ {
		if s.SetStep(all[i].Step, all[i+1].Step, all[i-1].Step) != nil {
			s.rest()
		}
		s.sees("Tell the team.")
		if n := len(s.markdown); n > renderedKept {
			t.Fatalf("%d steps are in the cache", n)
		}
	}
}

func TestScrolling(t *testing.T) {
	s := show(t, "# Deploy\n\n1. Tell\n\n   one\n\n   two\n\n   three\n\n   four\n\n   five\n\n   six\n")
	s.SetSize(50, 5)
	s.sees("Step 1", "10 more lines")
	s.press("j", "j", "k", "f")
	if top := s.pager.Top().Item; top != 2 {
		t.Errorf("the top is %d", top)
	}
	s.press("G")
	s.sees("six")
	s.press("j")
	end := s.text()
	if s.press("b", "f", "f"); s.text() != end {
		t.Errorf("the end is\n%s", s.text())
	}
	s.press("g")
	s.sees("Step 1")
	s.press("f")
	if s.Top(); !strings.Contains(s.text(), "Step 1") {
		t.Error("it is not at its beginning")
	}
	for w := range 60 {
		for h := range 8 {
			s.SetSize(w, h)
			if n := len(s.View()); n > h {
				t.Fatalf("at %dx%d it has %d lines", w, h, n)
			}
		}
	}
}
