//go:build !race

package tui

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/tui/output"
)

var floodSize = flag.Int("flood", 32, "how many MiB of output TestFlood lets come")

// What a flood of output may cost. The race detector, with which this file is not
// built, makes everything many times slower.
const (
	floodHeap = 150 << 20
	floodKey  = 50 * time.Millisecond // 95 of 100 keys are quicker

	floodSearch = 100 * time.Millisecond // the search of a full output
)

// flood puts lines into a feed as fast as it takes them, most of them of 100
// bytes, and some as long as lines become.
func flood(f *output.Feed, mib int) (lines int) {
	defer f.Close(nil)
	pad := strings.Repeat("the quick brown fox ", 200)
	for left := mib << 20; left > 0; {
		var o steps.Output
		for size := 0; size < 64<<10; lines++ {
			text := fmt.Sprintf("line %d: ", lines)
			if lines%100 == 0 {
				text += "Error: "
			}
			length := 100
			if lines%500 == 7 {
				length = 4_000
			}
			l := clean.Line(text + pad[:length-len(text)])
			o.Lines = append(o.Lines, l)
			size += length
		}
		left -= 64 << 10
		f.Put(o)
	}
	return lines
}

// pressed is a key and when it was pressed.
type pressed struct {
	key string
	at  time.Time
}

// afloat is a checklist beside whose command a flood of output comes, with the
// event loop that a program has: one message after the other, and a frame drawn
// for each.
type afloat struct {
	m      *Model
	events chan tea.Msg
	over   chan struct{}
}

func (a *afloat) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, c := range batch {
				a.start(c)
			}
			return
		}
		select {
		case a.events <- msg:
		case <-a.over:
		}
	}()
}

// TestFlood lets much more output come than is kept, while a person scrolls,
// searches and follows. Give -flood 1024 for a GiB.
func TestFlood(t *testing.T) {
	m := longRunbook(t, 50)
	press(m, tea.WindowSizeMsg{Width: 120, Height: 40})
	f := printing(m, output.Command{Since: time.Now()})
	m.running = &command{id: m.outline.Selected(), label: "just plan prod", since: time.Now(), feed: f}
	m.output.StartSearch("error")
	a := &afloat{m: m, events: make(chan tea.Msg), over: make(chan struct{})}
	defer close(a.over)

	begun, lines := time.Now(), make(chan int, 1)
	go func() { lines <- flood(f, *floodSize) }()
	go func() {
		keys := []string{"k", "k", "pgup", "n", "G", "right", "j", "N", "left", "g", "tab", "tab", "tab", "G"}
		for i, every := 0, time.NewTicker(5*time.Millisecond); ; i++ {
			select {
			case <-every.C:
			case <-a.over:
				return
			}
			select {
			case a.events <- pressed{keys[i%len(keys)], time.Now()}:
			case <-a.over:
				return
			}
		}
	}()
	a.start(f.Listen(m.ctx))
	var took []time.Duration
	var heap uint64
	updates := 0
	for m.running != nil {
		msg := <-a.events
		key, isKey := msg.(pressed)
		if isKey {
			msg = keyMsg(key.key)
		}
		_, cmd := m.Update(msg)
		view := m.View()
		if isKey {
			took = append(took, time.Since(key.at))
		}
		a.start(cmd)
		if _, ok := msg.(output.PieceMsg); ok {
			checkFrame(t, view, 120, 40, func() string { return "in the flood" })
			if updates++; updates%8 == 0 {
				var mem runtime.MemStats
				runtime.ReadMemStats(&mem)
				heap = max(heap, mem.HeapInuse)
			}
		}
	}
	whole := time.Since(begun)
	slices.Sort(took)
	p95 := took[len(took)*95/100]
	t.Logf("%d MiB in %s: %d updates, %d keys, p95 %s, at the most %s; %d MiB of heap", *floodSize, whole.Round(time.Millisecond), updates, len(took), p95, took[len(took)-1], heap>>20)
	if p95 > floodKey {
		t.Errorf("95 of 100 keys are answered within %s", p95)
	}
	if heap > floodHeap {
		t.Errorf("%d MiB of heap are in use", heap>>20)
	}
	if most := int(30*whole.Seconds()) + 2; updates > most {
		t.Errorf("%d updates in %s", updates, whole)
	}
	if n := <-lines; m.output.End() != n {
		t.Errorf("%d lines have come, and %d are counted", n, m.output.End())
	}
}

// longOutput is an ended command that has printed lines.
func longOutput(t testing.TB, lines []clean.Text) *Model {
	t.Helper()
	m := longRunbook(t, 10)
	press(m, tea.WindowSizeMsg{Width: 80, Height: 24})
	f := printing(m, output.Command{ToRead: true})
	f.Put(steps.Output{Lines: lines})
	m.Update(f.Listen(m.ctx)())
	return m
}

// fullOutput returns as many lines as are kept of an output.
func fullOutput(text string) []clean.Text {
	lines := make([]clean.Text, 10_000)
	for i := range lines {
		lines[i] = clean.Line(fmt.Sprintf("%d %s", i, text))
	}
	return lines
}

// TestFullOutput: what a person does with a full output costs about as much as
// with a short one, also when long lines are wrapped. Each time is the best of
// five, for a busy machine.
func TestFullOutput(t *testing.T) {
	for name, text := range map[string]string{"ascii": strings.Repeat("word ", 160), "wide": strings.Repeat("日本語 ", 80)} {
		t.Run(name, func(t *testing.T) {
			lines, best := fullOutput(text), map[string]time.Duration{}
			for range 5 {
				m := longOutput(t, lines)
				cost := func(what string, do func()) {
					start := time.Now()
					do()
					took := time.Since(start)
					if least, ok := best[what]; !ok || took < least {
						best[what] = took
					}
				}
				cost("the end of the command", func() { m.output.Finish(&runbook.EffectFinished{}); m.resize(); m.View() })
				for _, k := range []string{"pgdown", "G", "pgup", "k", "g", "j"} {
					cost(k, func() { press(m, keyMsg(k)) })
				}
				for _, w := range []int{40, 7, 1, 120} {
					cost(fmt.Sprintf("a width of %d", w), func() { press(m, tea.WindowSizeMsg{Width: w, Height: 24}) })
				}
				cost("a search", func() { m.output.StartSearch("9999"); m.View() })
				cost("the next match", func() { press(m, keyMsg("n")) })
			}
			for what, took := range best {
				t.Logf("%s takes %s", what, took)
				most := floodKey
				if what == "a search" {
					most = floodSearch
				}
				if took > most {
					t.Errorf("%s takes %s", what, took)
				}
			}
		})
	}
}
