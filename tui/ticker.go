package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// Ticks move what moves by itself: the spinner, count-downs and the age of verdicts.
const (
	quickTick = 120 * time.Millisecond
	slowTick  = time.Second
)

// frames are plain ASCII: a screen reader reads them, and every font has them.
var frames = [...]string{"|", "/", "-", "\\"}

// ticker asks for the next tick.
type ticker struct {
	generation int  // of the tick that is awaited
	awaited    bool // it is on its way
	frame      int
}

type tickMsg struct{ generation int }

// start asks for the next tick where none is on its way: a quick one while something
// is asked or run, a slow one while a verdict ages, else none.
func (t *ticker) start(tick func(time.Duration, func(time.Time) tea.Msg) tea.Cmd, busy bool, ages func() bool) tea.Cmd {
	every := quickTick
	if !busy {
		every = slowTick
	}
	if t.awaited || !busy && !ages() {
		return nil
	}
	t.awaited = true
	t.generation++
	generation := t.generation
	return tick(every, func(time.Time) tea.Msg { return tickMsg{generation} })
}

// take takes a tick, and reports whether it is the one that was asked for.
func (t *ticker) take(msg tickMsg) bool {
	if msg.generation != t.generation {
		return false
	}
	t.awaited = false
	t.frame = (t.frame + 1) % len(frames)
	return true
}

func (t *ticker) spinner() string { return frames[t.frame] }
