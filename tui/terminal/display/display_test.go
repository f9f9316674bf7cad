package display

import (
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
)

// written is a terminal that keeps each write.
type written struct {
	File
	writes []string
}

func (w *written) Write(p []byte) (int, error) {
	w.writes = append(w.writes, string(p))
	return len(p), nil
}

// last returns what was written since it was called before.
func (w *written) last() string {
	all := strings.Join(w.writes, "|")
	w.writes = nil
	return all
}

const (
	begin = "\x1b[?1049h"
	end   = "\x1b[?1049l"
)

func TestFrames(t *testing.T) {
	out := &written{}
	s := New(out, Features{Mouse: true, Title: true, Progress: true, Links: true})
	now := time.Unix(0, 0)
	s.now = func() time.Time { return now }
	write := func(text string) string {
		t.Helper()
		if n, err := s.Write([]byte(text)); n != len(text) || err != nil {
			t.Errorf("wrote %d of %d bytes: %v", n, len(text), err)
		}
		return out.last()
	}
	frame := func(text string) string {
		t.Helper()
		if n, err := s.WriteFrame([]byte(text)); n != len(text) || err != nil {
			t.Errorf("wrote %d of %d bytes: %v", n, len(text), err)
		}
		return out.last()
	}
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", what, got, want)
		}
	}
	check("before", write("\x1b[?25l"), "\x1b[?25l")
	if s.Send("\x1b[c") == nil {
		t.Error("it was asked before it is shown")
	}
	check("the beginning", write(begin), begin+"\x1b[22;0t\x1b[?1000h\x1b[?1006h")
	check("no state", frame("one"), "\x1b[?2026h\x1b[?25lone\x1b[?2026l")
	s.set(State{X: 2, Y: 4, Cursor: true, Title: clean.Line("3/9 \a\x1b]52;c;?"), Progress: Progress{Phase: Running}})
	check("all of it", frame("two"), "\x1b[?2026h\x1b[?25ltwo\x1b[5;3H\x1b[?25h\x1b]2;3/9 ^G^[]52;c;?\x1b\\\x1b]9;4;3\x1b\\\x1b[?2026l")
	check("nothing new", frame("three"), "\x1b[?2026h\x1b[?25lthree\x1b[5;3H\x1b[?25h\x1b[?2026l")
	now = now.Add(9 * time.Second)
	check("a progress that is forgotten", frame("four"), "\x1b[?2026h\x1b[?25lfour\x1b[5;3H\x1b[?25h\x1b]9;4;3\x1b\\\x1b[?2026l")
	s.set(State{Progress: Progress{Running, 140}})
	check("a percentage, and no title", frame("five"), "\x1b[?2026h\x1b[?25lfive\x1b]2;\x1b\\\x1b]9;4;1;100\x1b\\\x1b[?2026l")
	if err := s.Send("\x1b[c"); err != nil {
		t.Error(err)
	}
	check("a query", out.last(), "\x1b[c")
	undo := "\x1b[?2026l\x1b]8;;\x1b\\\x1b]9;4;0\x1b\\\x1b[?1000l\x1b[?1006l\x1b]2;\x1b\\\x1b[23;0t"
	check("the end", write(end), undo+end)
	check("a frame after the end", frame("six"), "six")
	s.set(State{Title: clean.Line("again"), Progress: Progress{Running, 30}})
	write(begin)
	check("after the beginning", frame("seven"), "\x1b[?2026h\x1b[?25lseven\x1b]2;again\x1b\\\x1b]9;4;1;30\x1b\\\x1b[?2026l")
}

// TestNoFeatures: a terminal that knows nothing gets nothing that it would print.
func TestNoFeatures(t *testing.T) {
	out := &written{}
	s := New(out, Features{})
	s.set(State{Title: clean.Line("title"), Progress: Progress{Running, 1}})
	for _, text := range []string{begin, end} {
		if _, err := s.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.WriteFrame([]byte("frame")); err != nil {
			t.Fatal(err)
		}
	}
	if all := strings.Join(out.writes, ""); strings.Contains(all, "\x1b]") || strings.Contains(all, "\x1b[?1000") || strings.Contains(all, ";0t") {
		t.Errorf("%q", all)
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		environ string
		want    Features
	}{
		{"TERM=xterm-256color", Features{Title: true}},
		{"TERM=linux", Features{}},
		{"TERM=xterm-256color VTE_VERSION=7006", Features{false, true, true, true}},
		{"TERM=xterm-256color VTE_VERSION=4999", Features{Title: true, Progress: true}},
		{"TERM=xterm-kitty", Features{Title: true, Links: true}},
		{"TERM=tmux-256color TERM_PROGRAM=tmux TMUX=/tmp/x,1,0 VTE_VERSION=7006", Features{Title: true}},
		{"TERM=screen STY=1 WT_SESSION=1", Features{Title: true}},
		{"TERM=xterm-ghostty TERM_PROGRAM=ghostty", Features{false, true, true, true}},
		{"TERM=xterm-256color FORCE_HYPERLINK=1", Features{Title: true, Links: true}},
		{"TERM=xterm-kitty FORCE_HYPERLINK=0", Features{Title: true}},
	} {
		all := strings.Fields(c.environ)
		got := Detect(func(name string) string {
			i := slices.IndexFunc(all, func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
			if i < 0 {
				return ""
			}
			return all[i][len(name)+1:]
		})
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.environ, got, c.want)
		}
	}
}
