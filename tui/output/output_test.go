package output

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/tui/frametest"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

var noon = time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC)

// newTest returns the output of a running command, and its feed.
func newTest(w, h int, c Command) (*Output, *Feed) {
	c.Step, c.Effect, c.Label = "4", "plan", "just plan prod"
	keys := pager.KeyMap{
		Down: key.NewBinding(key.WithKeys("j")), Up: key.NewBinding(key.WithKeys("k")), PageDown: key.NewBinding(key.WithKeys(" ")),
		First: key.NewBinding(key.WithKeys("g")), Last: key.NewBinding(key.WithKeys("G"), key.WithHelp("G", "last")), Right: key.NewBinding(key.WithKeys("l")), Left: key.NewBinding(key.WithKeys("h")),
	}
	f := NewFeed(func() string { return "/runs/1/output\x1b[2J" })
	o := New(Config{Styles: text.NewStyles(text.Plain), Keys: keys, Now: func() time.Time { return noon }}, c, f)
	o.SetSize(w, h)
	return o, f
}

// print puts lines into the feed and takes them from it.
func print(t *testing.T, o *Output, f *Feed, lines ...string) tea.Cmd {
	t.Helper()
	var piece steps.Output
	for _, l := range lines {
		piece.Lines = append(piece.Lines, clean.Line(l))
	}
	f.Put(piece)
	next := o.Update(f.Listen(t.Context())())
	if next == nil {
		t.Fatal("nothing waits for the next piece")
	}
	return next
}

func press(o *Output, keys string) {
	for _, k := range keys {
		o.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{k}})
	}
}

func sees(t *testing.T, o *Output, texts ...string) {
	t.Helper()
	screen := strings.Join(o.View(), "\n")
	for _, s := range texts {
		if !strings.Contains(screen, s) {
			t.Fatalf("%q is not on the screen:\n%s", s, screen)
		}
	}
}

// TestOutput follows a command from its beginning to its end.
func TestOutput(t *testing.T) {
	o, f := newTest(60, 6, Command{Since: noon.Add(-5 * time.Second)})
	o.SetSpinner("/")
	next := print(t, o, f, "one", strings.Repeat("x", 70)+" end")
	sees(t, o, "── just plan prod · running for 5 s / · following ─", "one", "x…")
	press(o, "lll")
	sees(t, o, "…xxx", "x end")
	press(o, "hhh")
	o.SetInterrupted()
	print(t, o, f, "two", "three", "four", "five")
	sees(t, o, "· interrupted", "five")
	press(o, "k")
	sees(t, o, "four")
	f.Close(nil)
	last, ok := next().(PieceMsg)
	if !ok || !last.Last || !o.Takes(last) || o.Update(last) != nil {
		t.Fatalf("the end comes as %+v", last)
	}
	o.Finish(&runbook.EffectFinished{Head: runbook.Head{At: noon}, Exit: 3})
	press(o, "g")
	sees(t, o, "── just plan prod · exit code 3, 12:00:00 · 2 lines below ─", "one", "xx end")
	if o.Wanted() != 8 { // with the title, and two rows of the long line
		t.Errorf("it wants %d rows", o.Wanted())
	}
}

// TestOutputReplaced drops what was meant for another output.
func TestOutputReplaced(t *testing.T) {
	o, _ := newTest(60, 6, Command{})
	_, other := newTest(60, 6, Command{})
	other.Put(steps.Output{Lines: []clean.Text{clean.Line("of another command")}})
	if o.Update(other.Listen(t.Context())()) != nil || o.End() != 0 {
		t.Error("it takes the output of another command")
	}
}

// TestOutputRead reads an output that must be judged.
func TestOutputRead(t *testing.T) {
	o, f := newTest(60, 6, Command{ToRead: true})
	for i := range 12 {
		print(t, o, f, fmt.Sprint("line ", i))
	}
	if o.MarkRead() {
		t.Error("it is read while the command runs")
	}
	o.Finish(&runbook.EffectFinished{})
	sees(t, o, "line 0")
	for _, k := range []string{"", " ", " "} {
		if press(o, k); !o.MarkRead() {
			t.Errorf("nothing is read after %q", k)
		}
	}
	if !o.ReadToEnd("4", "plan") || o.ReadToEnd("4", "apply") || o.ReadToEnd("5", "plan") {
		t.Error("the end is on the screen, and it is not read")
	}
}

// TestLoss says what is not kept, and where it is.
func TestLoss(t *testing.T) {
	for file, want := range map[string]string{"": "… 5 earlier lines are not kept", "/runs/1/output\x1b[2J": "… 5 earlier lines are in /runs/1/output^[[2J"} {
		o, f := newTest(60, 6, Command{})
		f.file = func() string { return file }
		for i := range linesKept + 5 {
			f.Put(steps.Output{Lines: []clean.Text{clean.Linef("line %d", i)}})
		}
		print(t, o, f)
		sees(t, o, want, fmt.Sprint("line ", linesKept+4))
		press(o, "g")
		sees(t, o, "line 5")
		for w := 2; w < 70; w += 6 {
			for h := 1; h < 8; h++ {
				o.SetSize(w, h)
				view := o.View()
				if problem := frametest.Problem(strings.Join(view, "\n"), w, h); problem != "" {
					t.Fatalf("at %dx%d: %s", w, h, problem)
				}
			}
		}
	}
}
