//go:build !race

package tui

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// keyTime is the limit for a key on a quiet machine. The race detector makes a key
// several times slower, so it says nothing about it.
const keyTime = time.Millisecond

// TestTimePerKey is generous, for a busy machine: the benchmark has the figure.
func TestTimePerKey(t *testing.T) {
	m := longRunbook(t, manySteps)
	press(m, tea.WindowSizeMsg{Width: 120, Height: 40})
	best := time.Hour
	for range 20 {
		start := time.Now()
		for range 20 {
			press(m, keyMsg("j"))
		}
		best = min(best, time.Since(start)/20)
	}
	if best > 4*keyTime {
		t.Errorf("a key costs %s with %d steps", best, manySteps)
	}
}
