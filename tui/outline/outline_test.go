package outline

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/tui/pager"
	"catalog-runbook/tui/text"
)

const twoSections = "# Deploy\n\n## First\n\n1. Tell the team.\n2. 🔒 Have some tea.\n\n## Second\n\n1. Go to sleep.\n"

func made(t *testing.T, source string) *Outline {
	t.Helper()
	doc, err := document.Parse("doc.md", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	b := func(k string) key.Binding { return key.NewBinding(key.WithKeys(k)) }
	o := New(steps.Bind(doc, steps.Settings{}, kinds.All()), pager.KeyMap{Down: b("j"), Up: b("k"), First: b("g"), Last: b("G")}, text.NewStyles(text.Plain))
	o.SetMarks(func(document.StepID) string { return "○" })
	o.SetSize(30, 11)
	return o
}

func press(o *Outline, keys ...string) {
	for _, k := range keys {
		o.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)})
	}
}

// shows fails unless these are the lines on the screen.
func shows(t *testing.T, o *Outline, want ...string) {
	t.Helper()
	if got := o.View()[1:]; !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOutline(t *testing.T) {
	o := made(t, twoSections)
	shows(t, o, " Deploy › First", "›○ 1    Tell the team.", " ○ 2 🔒 Have some tea.", " Deploy › Second", " ○ 1    Go to sleep.")
	first := o.Selected()
	press(o, "j", "j", "j")
	shows(t, o, " Deploy › First", " ○ 1    Tell the team.", " ○ 2 🔒 Have some tea.", " Deploy › Second", "›○ 1    Go to sleep.")
	press(o, "g")
	if o.Selected() != first {
		t.Error("g does not go to the first step")
	}
	press(o, "G", "k")
	o.SetSize(20, 3)
	shows(t, o, "›○ 2 🔒 Have some t…", " Deploy › Second")
	o.Select(first)
	if o.Selected() != first {
		t.Error("the first step is not selected")
	}
}

// TestFolds: the outline names each section. What isn't walked is folded, and unfolds when
// the cursor comes to it.
func TestFolds(t *testing.T) {
	o := made(t, "# About\n\nWords.\n\n## More\n\n"+twoSections+"3. Wake up.\n\n## Rollback\n\n### Fast\n\n1. Go back.\n2. Tell why.\n\n### Slow\n\n1. Wait.\n\n# End\n")
	forward := []string{" About", " Deploy › First", "›○ 1    Tell the team.", " ○ 2 🔒 Have some tea.", " Deploy › Second", " ○ 1    Go to sleep.", " ○ 2    Wake up.", "▸ Deploy › Rollback · 3 steps", " End"}
	shows(t, o, forward...)
	press(o, "j", "j", "j", "j")
	back := []string{" About", "▸ Deploy › First · 2 steps", "▸ Deploy › Second · 2 steps", " Deploy › Rollback › Fast", "›○ 1    Go back.", " ○ 2    Tell why.", " Deploy › Rollback › Slow", " ○ 1    Wait.", " End"}
	shows(t, o, back...)
	press(o, "k")
	forward[2], forward[6] = " ○ 1    Tell the team.", "›○ 2    Wake up."
	shows(t, o, forward...)
	press(o, "G")
	shows(t, o, strings.Split(strings.NewReplacer("›○ 1    Go back", " ○ 1    Go back", " ○ 1    Wait", "›○ 1    Wait").Replace(strings.Join(back, "\n")), "\n")...)
	last := o.Selected()
	press(o, "g")
	forward[2], forward[6] = "›○ 1    Tell the team.", " ○ 2    Wake up."
	shows(t, o, forward...)
	if n := o.Wanted(); n != 9 {
		t.Errorf("%d rows are wanted", n)
	}
	o.SetTerse(true)
	shows(t, o, forward[1:8]...)
	o.SetTerse(false)
	o.SetFilter("Wait")
	shows(t, o, " Deploy › Rollback › Slow", "›○ 1    Wait.")
	o.SetFilter("")
	if o.Selected() != last {
		t.Error("the cursor has left its step")
	}
	o.SetSize(18, 4)
	press(o, "g", "G")
	shows(t, o, " Rollback › Slow", "›○ 1    Wait.", " End")
}

func TestNeighbours(t *testing.T) {
	o := made(t, twoSections)
	has := func(want ...string) {
		t.Helper()
		var got []string
		for _, step := range o.Neighbours() {
			got = append(got, step.Text.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("the neighbours are %q, not %q", got, want)
		}
	}
	has("Have some tea.")
	press(o, "j")
	has("Go to sleep.", "Tell the team.")
	press(o, "j")
	has("Have some tea.")
	o.SetFilter("team")
	has()
	o.SetFilter("nothing")
	has()
}

func TestFilter(t *testing.T) {
	o := made(t, twoSections)
	press(o, "G")
	last := o.Selected()
	o.SetFilter("TE")
	shows(t, o, " Deploy › First", "›○ 1    Tell the team.", " ○ 2 🔒 Have some tea.")
	o.SetFilter("")
	o.Select(last)
	o.SetFilter("sleep")
	if shows(t, o, " Deploy › Second", "›○ 1    Go to sleep."); o.Selected() != last {
		t.Error("the cursor has left its step")
	}
	o.SetFilter("nowhere")
	if shows(t, o, " No matches."); o.Selected() != "" || o.Wanted() != 1 {
		t.Error("a step is selected")
	}
	press(o, "j", "k", "g", "G")
}

func TestNoSteps(t *testing.T) {
	shows(t, made(t, "# Nothing to do\n"), " This document has no steps.")
}

// TestScrolling: a cursor that leaves the screen moves it by half its height, and
// the heading above the first step on the screen comes along.
func TestScrolling(t *testing.T) {
	o := made(t, twoSections+"2. Wake up.\n3. Look.\n\n## Third\n\n1. End.\n")
	o.SetSize(12, 5)
	press(o, "j", "j")
	shows(t, o, " Second", "›○ 1    Go …", " ○ 2    Wak…", " ○ 3    Loo…")
	press(o, "j", "j", "k", "k")
	shows(t, o, " Second", "›○ 1    Go …", " ○ 2    Wak…", " ○ 3    Loo…")
	press(o, "k")
	shows(t, o, " First", " ○ 1    Tel…", "›○ 2 🔒 Hav…", " Second")
	press(o, "G")
	last := o.Selected()
	shows(t, o, " ○ 2    Wak…", " ○ 3    Loo…", " Third", "›○ 1    End.")
	o.SetSize(12, 1)
	o.SetSize(12, 3)
	if shows(t, o, " Third", "›○ 1    End."); o.Selected() != last {
		t.Error("the cursor has left its step")
	}
	press(o, "g")
	shows(t, o, " First", "›○ 1    Tel…")
}
