package shorten

import (
	"fmt"
	"strings"
	"sync"

	tea "github.com/charmbracelet/bubbletea"
)

// synced is a pair that a program writes to from another goroutine.
type synced struct {
	mu     sync.Mutex
	pair   *pair
	sent   int           // how many messages the program has been sent
	drawn  chan struct{} // is closed once the program has drawn the last of them
	failed string
}

// Helper implements failer.
func (s *synced) Helper() {}

// Fatalf implements failer: only the test's own goroutine may end it.
func (s *synced) Fatalf(format string, args ...any) {
	if s.failed == "" {
		s.failed = fmt.Sprintf(format, args...)
	}
}

func (s *synced) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pair.t = s
	if s.drawn != nil && strings.Contains(string(b), fmt.Sprintf("message %d.", s.sent)) {
		s.pair.paused = false
		defer close(s.drawn)
		s.drawn = nil
	}
	return s.pair.Write(b)
}

// send sends a message and waits until it has been drawn.
func (s *synced) send(program *tea.Program, msg tea.Msg) {
	drawn := make(chan struct{})
	s.mu.Lock()
	s.sent++
	s.drawn = drawn
	s.mu.Unlock()
	program.Send(msg)
	<-drawn
}

// resize changes the size of the terminal, and then tells the program.
func (s *synced) resize(w, h int, program *tea.Program) {
	s.mu.Lock()
	s.pair.resize(w, h)
	s.pair.paused = true // until the program knows
	s.mu.Unlock()
	s.send(program, tea.WindowSizeMsg{Width: w, Height: h})
}
