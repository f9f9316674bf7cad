package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	commands "catalog-runbook/steps/command"
	"catalog-runbook/tui/output"
)

// printed is a checklist beside whose output pane a person sits, after a command
// that has printed so many lines, each seventh of them a problem.
func printed(t *testing.T, lines int) *desk {
	t.Helper()
	d := running(t, 80, 24, func(_ context.Context, io commands.Streams) int {
		for i := range lines {
			word := "fine"
			if i%7 == 3 {
				word = "Problem"
			}
			io.Output(fmt.Appendf(nil, "line %d is %s\n", i, word))
		}
		return 0
	})
	d.settle()
	d.do("tab", "g")
	return d
}

// look searches for words.
func (d *desk) look(words string) {
	d.t.Helper()
	d.do("/")
	d.press("ctrl+u")
	d.write(words)
}

func TestSearch(t *testing.T) {
	d := printed(t, 100)
	d.do("/")
	d.sees("Search in the output")
	d.write("nowhere")
	d.sees("no matches in the output that is kept")
	d.do("esc")
	d.look("problem")
	d.sees(`"problem" 1 of 14`, "› line 3 is Problem", "  line 4 is fine")
	d.do("n")
	d.sees("2 of 14", "› line 10 is Problem")
	d.missing("› line 3 is")
	d.do("N", "N")
	d.sees("14 of 14", "› line 94 is Problem", "That was the first one; this is the last.")
	d.do("n")
	d.sees("1 of 14", "› line 3 is Problem", "That was the last one; this is the first.")
	// Who scrolls away goes on from what is on the screen.
	d.do("G", "n")
	d.sees("› line 87 is Problem")
	d.do("g", "n", "j", "j")
	d.sees("› line 3 is Problem", "· line 10 is Problem")
	d.sees("n next match", "N match before", "esc back")
	d.look("Problem")
	d.sees(`"Problem" 1 of 14`)
	d.look("LINE 5")
	d.sees("no matches in the output that is kept")
	d.do("esc")
	d.look("line 5")
	d.sees("of 11")
	d.do("esc")
	d.missing("of 11", "› line", "· line")
	d.sees("══ just bump") // the output has the keys still
	d.do("N")
	d.sees("Nothing is looked for; / asks for words.")
	d.do("n") // without a search it is the key of the checklist
	if d.m.focus != paneOutline {
		t.Error("n does not go to the next step")
	}
	d.do("/")
	d.sees("Filter the steps")
}

// TestSearchWrapped looks for words that stand far along in long lines.
func TestSearchWrapped(t *testing.T) {
	d := running(t, 80, 24, func(_ context.Context, io commands.Streams) int {
		for i := range 9 {
			io.Output(fmt.Appendf(nil, "%d%s needle%d %s\n", i, strings.Repeat(" 日本", 300), i, strings.Repeat("x", 900)))
		}
		return 0
	})
	d.settle()
	d.do("tab", "g")
	d.look("needle")
	for i := range 9 {
		d.sees(fmt.Sprintf("needle%d", i), fmt.Sprintf("%d of 9", i+1))
		marks := strings.Count(d.screen(), "\n› ")
		if marks != 1 {
			t.Errorf("%d rows are marked:\n%s", marks, d.screen())
		}
		d.do("n")
	}
	d.resize(40, 24)
	d.do("n")
	d.sees("› ")
	for _, w := range []int{19, 20, 21, 3, 1} {
		d.resize(w, 24)
		d.do("n")
		checkFrame(t, d.m.View(), w, 24, func() string { return "searching" })
	}
}

// flow is a checklist whose command prints what the test says when it says it.
func flow(t *testing.T) (d *desk, say func(string), end func()) {
	t.Helper()
	says := make(chan string, 1) // the command begins when its messages are handed on
	d = running(t, 80, 24, func(ctx context.Context, io commands.Streams) int {
		for {
			select {
			case text, more := <-says:
				if !more {
					return 0
				}
				io.Output([]byte(text))
			case <-ctx.Done():
				return 130
			}
		}
	})
	last := ""
	return d, func(text string) {
			says <- text
			lines := strings.Split(strings.TrimSpace(text), "\n")
			last = lines[len(lines)-1]
			d.until("it has come", func() bool {
				o := d.m.output
				return o.End() > 0 && o.Line(o.End()-1, 0).Text == last
			})
		}, func() {
			close(says)
			d.settle()
		}
}

func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "line %d%s\n", i, strings.Repeat(".", i%120))
	}
	return b.String()
}

func TestFollow(t *testing.T) {
	d, say, end := flow(t)
	say(numbered(0, 50))
	d.sees("line 49", "· following")
	d.press("tab", "k")
	d.sees("line 48", "· G follows")
	d.missing("following")
	d.resize(120, 25)
	d.sees("line 48", "· not following · G follows", "· 1 line below")
	d.resize(80, 24)
	d.missing("line 49")
	top := d.m.output.Top()
	say(numbered(50, 90))
	d.missing("line 89")
	d.sees("line 48")
	say(numbered(90, 10_100)) // some of what is below the view goes from memory, but not the view itself
	d.sees("line 100")
	if now := d.m.output.Top(); now.Item <= top.Item || now.Item != d.m.output.First() {
		t.Errorf("the view is at line %d, the oldest line is %d", now.Item, d.m.output.First())
	}
	d.press("G")
	d.sees("line 10099", "· following", "… 100 earlier lines are not kept")
	say(numbered(10_100, 10_120))
	d.sees("line 10119")
	d.press("/")
	d.give(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("nothing yet")})
	d.press("enter")
	d.sees("No matches in the output that is kept.", `"nothing yet" none`)
	say("there is nothing yet\n")
	d.sees(`"nothing yet" 1 found`)
	d.press("n")
	d.sees("1 of 1", "› there is nothing yet")
	d.press("G")
	say(strings.Repeat("x", 200) + " nothing yet\n")
	d.missing("x nothing yet")
	d.press("n") // the end of the line comes into the window
	d.sees("2 of 2", "x nothing yet")
	end()
	d.missing("following")
}

// printing shows an empty output, which has the keys and is printed into the feed.
func printing(m *Model, c output.Command) *output.Feed {
	c.Step, c.Effect, c.Label = m.outline.Selected(), "plan", "just plan prod"
	f := output.NewFeed(func() string { return "" })
	m.output, m.results.onEnd = m.results.newOutput(c, f), func(err error) tea.Cmd { return m.runner.performed(m.running, err) }
	m.focus = paneOutput
	m.resize()
	return f
}

// TestReadWhileResized: what has been read counts after the window has another
// size, and a line that was on the screen in part does not.
func TestReadWhileResized(t *testing.T) {
	m := longRunbook(t, 10)
	press(m, tea.WindowSizeMsg{Width: 80, Height: 24})
	f, id := printing(m, output.Command{ToRead: true}), m.outline.Selected()
	for i := range 60 {
		f.Put(steps.Output{Lines: []clean.Text{clean.Linef("%d %s", i, strings.Repeat("long ", 40))}})
	}
	m.Update(f.Listen(m.ctx)())
	m.output.Finish(&runbook.EffectFinished{})
	press(m, tea.WindowSizeMsg{Width: 80, Height: 26})
	press(m, keyMsg("pgdown"))
	read := m.output.Unread()
	if read.Item == 0 || read.Row == 0 {
		t.Fatalf("read to %v: the test needs the middle of a line", read)
	}
	m.output.SetSize(120, m.places.Below.H)
	if row := m.output.Unread().Row; row != 0 {
		t.Errorf("row %d of lines with another width counts as read", row)
	}
	press(m, tea.WindowSizeMsg{Width: 120, Height: 24})
	if got := m.output.Unread(); got.Item < read.Item || m.output.Top().Row != 0 {
		t.Errorf("read to %v before and to %v after", read, got)
	}
	press(m, keyMsg("G"))
	press(m, keyMsg("G"))
	if m.output.ReadToEnd(id, "plan") {
		t.Fatal("a jump to the end has read it all")
	}
	press(m, keyMsg("g"))
	for i := 0; !m.output.ReadToEnd(id, "plan"); i++ {
		if i > 60 {
			t.Fatalf("read to %v only", m.output.Unread())
		}
		press(m, keyMsg("pgdown"))
		if i%3 == 0 {
			press(m, tea.WindowSizeMsg{Width: 60 + i, Height: 24})
		}
	}
}
