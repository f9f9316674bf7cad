package dialog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/tui/text"
)

func config() Config {
	b := func(keys ...string) key.Binding { return key.NewBinding(key.WithKeys(keys...)) }
	return Config{Styles: text.NewStyles(text.Plain), Keys: Keys{
		Up: b("k", "up"), Down: b("j", "down"), PageUp: b("pgup"), PageDown: b("pgdown"), Open: b("enter"), Back: b("esc"), Quit: b("q"),
	}}
}

var named = map[string]tea.KeyType{"enter": tea.KeyEnter, "esc": tea.KeyEsc, "ctrl+c": tea.KeyCtrlC, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "down": tea.KeyDown, "up": tea.KeyUp}

// press gives keys to a dialogue and returns what the last one does.
func press(d Dialog, keys ...string) (answer tea.Msg, done bool) {
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		if t, ok := named[k]; ok {
			msg = tea.KeyMsg{Type: t}
		}
		answer, done = d.Update(msg)
	}
	return answer, done
}

// whole gives a dialogue all the room that it needs.
func whole[D Dialog](d D) D {
	d.SetSize(60, d.Height(60))
	return d
}

func screen(d Dialog) string { return ansi.Strip(strings.Join(d.View(), "\n")) }

func echo(text string) (tea.Msg, string) {
	if text == "" {
		return nil, "type something"
	}
	return text, ""
}

func TestPrompt(t *testing.T) {
	p := whole(NewPrompt(config(), "Skip step 1", []string{"Why is it left out?"}, echo))
	if answer, done := press(p, "enter"); answer != nil || done {
		t.Errorf("an empty text is taken: %v, %v", answer, done)
	}
	if got := screen(p); !strings.Contains(got, "══ Skip step 1 ═") || !strings.Contains(got, "Why is it left out?") || !strings.Contains(got, "type something") {
		t.Errorf("got\n%s", got)
	}
	if answer, done := press(p, " because\x1b[2J\u202e ", "enter"); answer != "because[2J" || !done {
		t.Errorf("the answer is %q, %v", answer, done)
	}
	if answer, done := press(p, "esc"); answer != nil || !done {
		t.Errorf("esc answers %v, %v", answer, done)
	}
}

func TestPromptTellsChanges(t *testing.T) {
	p := whole(NewPrompt(config(), "Filter", nil, echo))
	p.SetValue("a")
	p.Changed = func(text string) tea.Msg { return "now " + text }
	if answer, done := press(p, "b"); answer != "now ab" || done {
		t.Errorf("got %v, %v", answer, done)
	}
	if answer, done := press(p, "esc"); answer != "now " || !done {
		t.Errorf("esc answers %v, %v", answer, done)
	}
}

// TestPromptTooLarge: what does not fit is answered once all of it has been on the screen, and
// the input stays there.
func TestPromptTooLarge(t *testing.T) {
	p := NewPrompt(config(), "Run it", []string{"one", "two", "three", "Type prod to run it."}, echo)
	p.Whole = true
	p.SetSize(60, p.Height(60)-2)
	if got := screen(p); !strings.Contains(got, "one\ntwo\n› ") {
		t.Errorf("got\n%s", got)
	}
	if _, done := press(p, "prod", "enter"); done || !strings.Contains(screen(p), "read all of it first: pgdn shows 2 more lines") {
		t.Errorf("it is answered:\n%s", screen(p))
	}
	press(p, "down")
	if _, done := press(p, "enter"); done || !strings.Contains(screen(p), "read all of it first: pgdn shows 1 more line") {
		t.Errorf("it is answered:\n%s", screen(p))
	}
	press(p, "pgdown")
	screen(p)
	press(p, "up", "up", "up")
	if got := screen(p); !strings.Contains(got, "one\ntwo\n› prod") || !strings.Contains(got, "enter does it") {
		t.Errorf("got\n%s", got)
	}
	if answer, done := press(p, "enter"); answer != "prod" || !done {
		t.Errorf("what was read is not answered: %v, %v", answer, done)
	}
	p.SetSize(60, 3)
	if _, done := press(p, "enter"); done || !strings.Contains(screen(p), "enlarge the window") {
		t.Errorf("it is answered:\n%s", screen(p))
	}
	p.Brief = []string{"Type prod."}
	p.SetSize(60, 4)
	if answer, done := press(p, "enter"); answer != "prod" || !done {
		t.Errorf("the short question is not answered: %v, %v", answer, done)
	}
}

func TestChoice(t *testing.T) {
	items := []Item{{ID: "d", Text: "v3", Hint: "a draft", Off: true}, {ID: "2", Text: "v2"}, {ID: "1", Text: "v1"}}
	c := whole(NewChoice(config(), "Which release?", items, []string{"There are more."}, func(it Item) tea.Msg { return it.ID }))
	want := "══ Which release? " + strings.Repeat("═", 42) + "\n  v3  a draft\n› v2\n  v1\n  There are more.\nenter does it, esc closes"
	if got := screen(c); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if answer, done := press(c, "k", "enter"); answer != nil || done {
		t.Errorf("what is off is picked: %v, %v", answer, done)
	}
	if answer, done := press(c, "j", "j", "j", "enter"); answer != "1" || !done {
		t.Errorf("picked %v, %v", answer, done)
	}
	for _, k := range []string{"q", "esc", "ctrl+c"} {
		if answer, done := press(c, k); answer != nil || !done {
			t.Errorf("%s answers %v, %v", k, answer, done)
		}
	}
}

// TestLongHints: a hint that doesn't fit beside its item is below it. Without room for all of
// them, the item with the cursor has its hint, and the others what fits beside them.
func TestLongHints(t *testing.T) {
	items := []Item{{ID: "1", Text: "publish", Hint: "as a maintainer would on GitHub's releases page"}, {ID: "2", Text: "wait", Hint: "a minute"}, {ID: "3", Text: "merge", Hint: "the pull request, and what belongs to it"}}
	c := NewChoice(config(), "World", items, []string{"Nothing has happened so far, and nothing will."}, func(it Item) tea.Msg { return it.ID })
	lines := func(h int) string {
		c.SetSize(30, h)
		return strings.Join(c.View()[1:], "\n")
	}
	want := "› publish\n    as a maintainer would on\n    GitHub's releases page\n  wait  a minute\n  merge\n    the pull request, and\n    what belongs to it\n  Nothing has happened so far,\n  and nothing will.\nenter does it, esc closes"
	if got := lines(c.Height(30)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = "› publish\n    as a maintainer would on\n    GitHub's releases page\n  wait  a minute\nenter does it, esc closes"
	if got := lines(6); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	press(c, "j", "j")
	want = "  wait  a minute\n› merge\n    the pull request, and\n    what belongs to it\nenter does it, esc closes"
	if got := lines(6); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, y, ok := c.Cursor(); y != 2 || !ok {
		t.Errorf("the cursor is in row %d", y)
	}
	for h := range 12 {
		lines(h + 1)
		if _, y, ok := c.Cursor(); ok && (y < 1 || y > h) {
			t.Errorf("in %d rows the cursor is in row %d", h+1, y)
		}
	}
}

func TestChoiceThatChanges(t *testing.T) {
	c := NewChoice(config(), "The world", nil, nil, func(it Item) tea.Msg { return it.ID })
	c.Close = []key.Binding{key.NewBinding(key.WithKeys("W"))}
	n := 0
	c.Refill = func() ([]Item, []string) {
		n++
		return []Item{{ID: fmt.Sprint(n), Text: "act"}}, nil
	}
	whole(c)
	if answer, done := press(c, "enter"); answer != "1" || !done {
		t.Errorf("picked %v, %v", answer, done)
	}
	if screen(c); n != 2 {
		t.Errorf("the items were made %d times", n)
	}
	if _, done := press(c, "W"); !done {
		t.Error("its key does not close it")
	}
}

func TestNotice(t *testing.T) {
	n := whole(NewNotice(config(), "Not now", []string{"one", "two", "three", "four"}))
	if _, done := press(n, "j"); !done {
		t.Error("any key closes what is on the screen")
	}
	n.SetSize(60, 4)
	if _, done := press(n, "j"); done || !strings.Contains(screen(n), "two\nthree\nj and k scroll") {
		t.Errorf("it is not scrolled:\n%s", screen(n))
	}
	if press(n, "pgdown", "pgdown"); !strings.Contains(screen(n), "three\nfour\n") {
		t.Errorf("the end is not there:\n%s", screen(n))
	}
	if _, done := press(n, "x"); !done {
		t.Error("another key closes it")
	}
}

func TestDecision(t *testing.T) {
	d := whole(NewDecision(config(), "It is running", []string{"For long."}, Option{"leave it", "left"}, Option{"kill it", "killed"}))
	if got, want := screen(d), "══ It is running "+strings.Repeat("═", 43)+"\nFor long.\n1  leave it\n2  kill it\npress 1 or 2, esc goes back"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if answer, done := press(d, "x"); answer != nil || done {
		t.Errorf("x answers %v, %v", answer, done)
	}
	if answer, done := d.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("2"), Paste: true}); answer != nil || done {
		t.Errorf("what is pasted decides: %v, %v", answer, done)
	}
	if answer, done := press(d, "2"); answer != "killed" || !done {
		t.Errorf("2 answers %v, %v", answer, done)
	}
	d.SetSize(60, d.Height(60)-1)
	if answer, done := press(d, "1"); answer != nil || done || !strings.Contains(screen(d), "pgdn shows 1 more line") {
		t.Errorf("decided without having read it: %v, %v\n%s", answer, done, screen(d))
	}
	if answer, done := press(d, "j", "1"); answer != "left" || !done {
		t.Errorf("what was read is not decided: %v, %v", answer, done)
	}
}

// TestSizes: whatever the size, a dialogue fills no more than its room.
func TestSizes(t *testing.T) {
	for _, d := range []Dialog{
		NewPrompt(config(), "A title", []string{"words to be wrapped somewhere"}, echo),
		NewChoice(config(), "A title", []Item{{Text: "one"}, {Text: "two", Hint: "hint"}, {Text: "three"}}, []string{"about"}, func(Item) tea.Msg { return nil }),
		NewNotice(config(), "A title", []string{"words to be wrapped somewhere", "and more of them"}),
		NewDecision(config(), "A title", []string{"words to be wrapped somewhere"}, Option{Text: "do it at once"}),
	} {
		for w := range 40 {
			for h := range 12 {
				d.SetSize(w, h)
				press(d, "j")
				if lines := d.View(); len(lines) > h {
					t.Fatalf("%T at %dx%d has %d lines", d, w, h, len(lines))
				}
			}
		}
	}
}

// TestLongTitle: a title that is too long for one row is wrapped, in each dialogue.
func TestLongTitle(t *testing.T) {
	const title = "Run `just apply prod catalog-airflow` in the infrastructure's checkout"
	for _, d := range []Dialog{
		NewPrompt(config(), title, []string{"about"}, echo), NewChoice(config(), title, []Item{{Text: "one"}}, nil, func(Item) tea.Msg { return nil }),
		NewNotice(config(), title, []string{"about"}), NewDecision(config(), title, nil, Option{Text: "do it"}),
	} {
		d.SetSize(40, d.Height(40))
		lines := d.View()
		if got := strings.Join(strings.Fields(strings.ReplaceAll(strings.Join(lines[:3], " "), "═", "")), " "); !strings.HasPrefix(got, title) {
			t.Errorf("%T: the title is %q", d, got)
		}
		if len(lines) != d.Height(40) || lines[len(lines)-1] == "" {
			t.Errorf("%T needs %d lines, not %d:\n%s", d, len(lines), d.Height(40), screen(d))
		}
		if _, y, ok := d.Cursor(); !ok || y >= len(lines) {
			t.Errorf("%T: the cursor is in row %d", d, y)
		}
	}
}
