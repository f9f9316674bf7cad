package detail

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

func TestMain(m *testing.M) {
	lipgloss.SetColorProfile(termenv.Ascii)
	os.Exit(m.Run())
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// shown is the part with a run that it shows.
type shown struct {
	*Detail
	t     *testing.T
	bound *steps.Bound
	run   *runbook.Run
	made  int // how often the content was made
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
		Styles: text.NewStyles(true), Theme: text.Plain,
		Tick: func(_ time.Duration, f func(time.Time) tea.Msg) tea.Cmd {
			s.tick = f
			return func() tea.Msg { return nil }
		},
	})
	s.SetContent(func() Content {
		s.made++
		return Content{Binding: &s.bound.Steps[0], Run: s.run, Now: noon, State: "to do", Next: "do it", Dir: "/infra"}
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
	s.sees("Step 1  ○ to do  manual  🔒 maintainers only", "Next      do it", "**team**", "Author    marked as done in the document")
	if s.made != 1 {
		t.Errorf("the content was made %d times", s.made)
	}
	id := s.bound.Steps[0].Step.ID
	s.add(runbook.Ticked{Head: head(), Step: id, Hash: s.run.Specs()[0].Hash})
	s.Invalidate()
	s.sees("Ticked    done (sam, 12:00:00)")
	if s.SetStep(nil); len(s.View()) != 0 {
		t.Errorf("nothing is selected, but\n%s", s.text())
	}
}

func TestCommandAndEvidence(t *testing.T) {
	s := show(t, "# Deploy\n\n1. Run `just bump prod web`.\n")
	s.sees("Command   just bump prod web", "in        /infra", "Before it No release has been chosen.")
	s.add(runbook.Checked{Head: head(), Step: s.bound.Steps[0].Step.ID, Result: runbook.Result{
		Verdict: runbook.Failed, Summary: clean.Line("The checkout has changes."), Evidence: []runbook.Evidence{
			{Name: clean.Line("-"), Value: clean.Line("main.tf")},
			{Name: clean.Line("page"), Value: clean.Line("1"), Source: clean.Line("https://example.org/")},
		},
	}})
	s.Invalidate()
	s.sees("Seen      failed, 12:00:00. The checkout has", "          - main.tf", "          page: 1\n          https://example.org/")
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

func TestScrolling(t *testing.T) {
	s := show(t, "# Deploy\n\n1. Tell\n\n   one\n\n   two\n\n   three\n\n   four\n\n   five\n\n   six\n")
	s.SetSize(50, 5)
	s.sees("Step 1", "… more below: pgdn")
	s.press("j", "j", "k", "f")
	if top := s.pager.Top().Item; top != 4 {
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
