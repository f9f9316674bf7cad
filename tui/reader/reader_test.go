package reader

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/tui/frametest"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

// newTest reads a document with n steps and prose before and after them.
func newTest(t *testing.T, w, h, n int) *Reader {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Title\n\nProse before.\n\n```\na fence\n\nis one piece\n```\n\n## Section\n\n")
	for i := range n {
		fmt.Fprintf(&b, "%d. Do the **thing** with number %d.\n", i+1, i+1)
	}
	b.WriteString("\nProse after.\n")
	doc, err := document.Parse("DEPLOYMENT.md", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	bind := func(k string) key.Binding { return key.NewBinding(key.WithKeys(k)) }
	r := New(Config{
		Styles: text.NewStyles(text.Plain),
		Keys:   pager.KeyMap{Down: bind("j"), Up: bind("k"), PageDown: bind("d"), PageUp: bind("u"), First: bind("g"), Last: bind("G")},
		Mark:   func(document.StepID) string { return "✓" },
	}, steps.Bind(doc, steps.Settings{}, kinds.All()))
	r.SetSize(w, h)
	return r
}

func press(r *Reader, keys string) string {
	for _, k := range keys {
		r.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{k}})
	}
	return strings.Join(r.View(), "\n")
}

// TestReader goes through a document and back.
func TestReader(t *testing.T) {
	r := newTest(t, 60, 10, 50)
	for _, tt := range []struct{ keys, sees, misses string }{
		{"", "Title", "number 9."},
		{"", "      is one piece", "✓ 50"},
		{" ", " ✓ 1  Do the thing with number 1.", "Title"},
		{"u", "Title", "number 9."},
		{"G", "Prose after.", "number 9."},
		{"jjjj", "Prose after.", "number 9."},
		{"g", "Title", "Prose after."},
	} {
		if view := press(r, tt.keys); !strings.Contains(view, tt.sees) || strings.Contains(view, tt.misses) {
			t.Errorf("after %q:\n%s", tt.keys, view)
		}
	}
}

// TestSetStep opens a document at a step, and stays there in windows of other sizes.
func TestSetStep(t *testing.T) {
	r := newTest(t, 60, 20, 200)
	step := r.pieces[100].step
	r.SetStep(step.ID)
	want := "✓ " + step.Number + " "
	if view := press(r, ""); !strings.Contains(view, want) {
		t.Errorf("step %s is not on the screen:\n%s", step.Number, view)
	}
	if len(r.drawn) > 60 {
		t.Errorf("%d pieces are drawn", len(r.drawn))
	}
	for w := 2; w < 90; w += 9 {
		r.SetSize(w, 20)
		view := r.View()
		if problem := frametest.Problem(strings.Join(view, "\n"), w, len(view)); problem != "" || len(view) > 20 {
			t.Fatalf("at %d cells: %s", w, problem)
		}
	}
	if view := press(r, ""); !strings.Contains(view, want) {
		t.Errorf("step %s is not on the screen any more:\n%s", step.Number, view)
	}
}
