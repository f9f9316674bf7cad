// Package display writes to the terminal what Bubble Tea v1 leaves out: each frame as one
// synchronized update, with the terminal's cursor on the selected row, and beside the frames
// the window's title, the progress and the mouse.
package display

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
)

// File is what Bubble Tea needs of a terminal that it draws on.
type File interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
	Close() error
	Fd() uintptr
}

// A State is what the terminal is to show beside the frame.
type State struct {
	// X and Y are the cell in which the cursor stands, from 0 on. A screen reader and a
	// braille display follow the cursor. Cursor is false if there is no such cell.
	X, Y   int
	Cursor bool
	// Title is the title of the window. It must hold no secret: other programs log it.
	Title    clean.Text
	Progress Progress
	// Links are the addresses that the frame may show and that a click may open.
	Links []string
}

// Progress is how far something is that a person waits for.
type Progress struct {
	Phase   Phase
	Percent int // of a Phase Running, 0 if that isn't known
}

// Phase says what a progress is about. The values are those of OSC 9;4.
type Phase int

const (
	Idle    Phase = 0 // nothing is waited for
	Running Phase = 1
	Failed  Phase = 2
)

// progressLives is after how long a progress is sent again: Ghostty forgets one after 15
// seconds.
const progressLives = 8 * time.Second

// Screen is a terminal that is drawn on. Its methods may be called concurrently.
type Screen struct {
	File
	features Features
	now      func() time.Time

	mu     sync.Mutex
	taken  bool // the alternate screen is shown
	wanted State
	title  string   // that the terminal has
	bar    Progress // that the terminal has
	since  time.Time
}

// New returns a Screen for a terminal with these features.
func New(file File, features Features) *Screen {
	return &Screen{File: file, features: features, now: time.Now}
}

// set says what the terminal is to show from the next frame on.
func (s *Screen) set(state State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = state
}

// Send writes a sequence between two frames, such as a query or what goes to the clipboard.
// It fails while the terminal is someone else's: before the first frame, after the last, and
// while the program is suspended. What the terminal answers comes as an input.Reply.
func (s *Screen) Send(sequence string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.taken {
		return errors.New("the terminal is not shown now")
	}
	_, err := s.File.Write([]byte(sequence))
	return err
}

const (
	beginUpdate, endUpdate = "\x1b[?2026h", "\x1b[?2026l"
	hideCursor, showCursor = "\x1b[?25l", "\x1b[?25h"
	mouseOn, mouseOff      = "\x1b[?1000h\x1b[?1006h", "\x1b[?1000l\x1b[?1006l"
	pushTitle, popTitle    = "\x1b[22;0t", "\x1b[23;0t"
)

// Write writes what isn't a frame. With the alternate screen the terminal takes on the rest,
// and gives it back: when Bubble Tea begins, is suspended and goes on, and ends.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := string(p)
	switch out {
	case ansi.SetModeAltScreenSaveCursor:
		out += s.take()
	case ansi.ResetModeAltScreenSaveCursor:
		out = s.give() + out
	}
	return s.write(out, len(p))
}

// write writes what n bytes have become.
func (s *Screen) write(out string, n int) (int, error) {
	written, err := s.File.Write([]byte(out))
	if err != nil {
		return min(written, n), err
	}
	return n, nil
}

// take returns what the terminal is told when the alternate screen has begun.
func (s *Screen) take() string {
	s.taken, s.title, s.bar = true, "", Progress{}
	out := ""
	if s.features.Title {
		out += pushTitle
	}
	if s.features.Mouse {
		out += mouseOn
	}
	return out
}

// give returns what the terminal is told before the alternate screen ends.
func (s *Screen) give() string {
	s.taken = false
	return s.Undo()
}

// Undo returns what ends everything that a Screen may have begun besides the alternate
// screen, and ends an update and a link that were cut.
func (s *Screen) Undo() string {
	f, out := s.features, endUpdate
	if f.Links {
		out += endLink
	}
	if f.Progress {
		out += barOf(Progress{})
	}
	if f.Mouse {
		out += mouseOff
	}
	if f.Title { // the empty one is for terminals that keep no earlier title
		out += titleOf("") + popTitle
	}
	return out
}

// WriteFrame writes a frame at once, and what has changed beside it.
func (s *Screen) WriteFrame(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.taken {
		return s.File.Write(p)
	}
	out := beginUpdate + hideCursor + string(p)
	if s.wanted.Cursor {
		out += ansi.CursorPosition(s.wanted.X+1, s.wanted.Y+1) + showCursor
	}
	return s.write(out+s.beside()+endUpdate, len(p))
}

// beside returns what tells the terminal the title and the progress, if they have changed.
func (s *Screen) beside() string {
	out := ""
	if title := s.wanted.Title.String(); s.features.Title && title != s.title {
		s.title = title
		out += titleOf(title)
	}
	now := s.now()
	if bar := s.wanted.Progress; s.features.Progress && (bar != s.bar || bar.Phase != Idle && now.Sub(s.since) > progressLives) {
		s.bar, s.since = bar, now
		out += barOf(bar)
	}
	return out
}

// titleOf returns the sequence that sets the title, which is clean: a control character would
// end it, and the terminal would obey the rest.
func titleOf(title string) string { return "\x1b]2;" + title + "\x1b\\" }

// endLink ends a link (OSC 8).
const endLink = "\x1b]8;;\x1b\\"

// unknownPercent is the phase of OSC 9;4 that shows something moving.
const unknownPercent = 3

// barOf returns the sequence that sets the progress.
func barOf(p Progress) string {
	if p.Phase == Running && p.Percent == 0 {
		return fmt.Sprintf("\x1b]9;4;%d\x1b\\", unknownPercent)
	}
	if p.Phase == Idle {
		return "\x1b]9;4;0\x1b\\"
	}
	return fmt.Sprintf("\x1b]9;4;%d;%d\x1b\\", p.Phase, min(max(p.Percent, 0), 100))
}
