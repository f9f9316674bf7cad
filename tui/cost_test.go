package tui

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/tui/frametest"
	"catalog-runbook/tui/terminal/shorten"
	"catalog-runbook/tui/text"
)

// What a key may cost with ten thousand steps.
const (
	manySteps = 10_000
	keyBytes  = 300
)

// longRunbook is a checklist with many steps, in sections of twenty, without colours.
func longRunbook(t testing.TB, n int) *Model { return colouredRunbook(t, n, text.Plain) }

func colouredRunbook(t testing.TB, n int, theme text.Theme) *Model {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Many steps\n")
	for i := range n {
		if i%20 == 0 {
			fmt.Fprintf(&b, "\n## Section %d\n\n", i/20+1)
		}
		fmt.Fprintf(&b, "%d. Do the **thing** with number %d, as [the page](https://example.org/%d) says.\n", i%20+1, i, i)
	}
	doc, err := document.Parse("DEPLOYMENT.md", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	engine, err := steps.New(steps.Bind(doc, steps.Settings{}, kinds.All()), &steps.World{Now: time.Now}, steps.Options{Mode: runbook.Practice, Environment: "practice", Actor: "sam@desk"})
	if err != nil {
		t.Fatal(err)
	}
	m := New(Config{Engine: engine, Theme: theme})
	t.Cleanup(m.Close)
	if got := m.outline.Wanted(); got < n {
		t.Fatalf("%d rows for %d steps", got, n)
	}
	return m
}

// counter counts what a program writes to its terminal.
type counter struct {
	mu      sync.Mutex
	n       int
	changed chan struct{}
}

// Read, Close and Fd make it a shorten.File, though no terminal.
func (c *counter) Read([]byte) (int, error) { return 0, io.EOF }
func (c *counter) Close() error             { return nil }
func (c *counter) Fd() uintptr              { return ^uintptr(0) }

func (c *counter) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += len(p)
	select {
	case c.changed <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (c *counter) take() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.n
	c.n = 0
	return n
}

// quiet waits until nothing has been written for a while, which is longer than
// the renderer's frames and the pause before Markdown is drawn.
func (c *counter) quiet() {
	timer := time.NewTimer(150 * time.Millisecond)
	defer timer.Stop()
	for {
		select {
		case <-c.changed:
			timer.Reset(150 * time.Millisecond)
		case <-timer.C:
			return
		}
	}
}

// TestBytesPerKey moves the cursor in a real program and counts what is written:
// the step that was left, the one that was reached, and its Markdown.
func TestBytesPerKey(t *testing.T) {
	m := colouredRunbook(t, manySteps, text.Theme{Background: text.BackgroundDark})
	out := &counter{changed: make(chan struct{}, 1)}
	r, w := io.Pipe()
	program := tea.NewProgram(m, tea.WithInput(r), tea.WithOutput(shorten.New(out, true)), tea.WithAltScreen(), tea.WithoutSignalHandler())
	ended := make(chan error, 1)
	go func() {
		_, err := program.Run()
		ended <- err
	}()
	program.Send(tea.WindowSizeMsg{Width: 120, Height: 40})
	out.quiet()
	t.Logf("first frame: %d bytes", out.take())
	most, sum := 0, 0
	moves := 20 // the list scrolls once in seventeen
	if *long && !frametest.RaceDetector {
		moves = 60
	}
	for range moves {
		program.Send(keyMsg("j"))
		out.quiet()
		n := out.take()
		most, sum = max(most, n), sum+n
	}
	t.Logf("a move of the cursor writes %d bytes, %d at the most", sum/moves, most)
	program.Send(keyMsg("q"))
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	w.Close()
	if sum/moves > keyBytes {
		t.Errorf("a move of the cursor writes %d bytes, more than %d", sum/moves, keyBytes)
	}
}

// press moves the cursor and draws the screen, as a program does for a key.
func press(m *Model, msg tea.Msg) {
	m.Update(msg)
	if m.View() == "" {
		panic("nothing is drawn")
	}
}

func BenchmarkKey(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := longRunbook(b, n)
			press(m, tea.WindowSizeMsg{Width: 120, Height: 40})
			down, up := keyMsg("j"), keyMsg("k")
			for i := 0; b.Loop(); i++ {
				if i/8%2 == 0 {
					press(m, down)
				} else {
					press(m, up)
				}
			}
		})
	}
}

func BenchmarkFirstFrame(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			engine := longRunbook(b, n).engine
			for b.Loop() {
				m := New(Config{Engine: engine, Theme: text.Theme{Background: text.BackgroundDark}})
				press(m, tea.WindowSizeMsg{Width: 120, Height: 40})
				m.Close()
			}
		})
	}
}
