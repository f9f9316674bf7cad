package notify

import (
	"context"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// tmuxLimit is how long tmux may take to say how it is set.
const tmuxLimit = time.Second

// screenLimit is how long a part of a sequence may be for GNU screen 4, in bytes. It drops
// those from about 768 bytes on.
const screenLimit = 240

// Terminal shows notifications on a terminal. It may be used concurrently.
type Terminal struct {
	Send   func(sequence string) error // writes between two frames
	Way    Way                         // "" is wayAuto
	Bell   bool
	Getenv func(string) string

	tmux  func(context.Context) (string, error) // replaces asking tmux in tests
	once  sync.Once
	wraps func(string) string // nil if nothing reaches the terminal but the bell
	found Way
}

// Show shows a notification. It may block for as long as tmux takes to answer.
func (t *Terminal) Show(ctx context.Context, title, body string) error {
	if t.Way == wayNone {
		return nil
	}
	t.once.Do(func() { t.find(ctx) })
	text := ""
	if t.wraps != nil {
		if s := sequence(t.found, title, body); s != "" {
			text = t.wraps(s)
		}
	}
	if t.Bell {
		text += "\a" // unwrapped: tmux and screen pass it on, and mark the window
	}
	if text == "" {
		return nil
	}
	return t.Send(text)
}

// find decides once which sequence reaches the terminal, and how.
func (t *Terminal) find(ctx context.Context) {
	t.found = t.Way
	auto := t.Way == wayAuto || t.Way == ""
	term := t.Getenv("TERM")
	inside := strings.HasPrefix(term, "tmux") || strings.HasPrefix(term, "screen")
	switch {
	case inside && t.Getenv("TMUX") != "":
		// tmux drops all three if they aren't wrapped, and those that are unless it is told
		// to let them pass. Wrapped for tmux, they are junk anywhere else.
		passes, outer := t.askTmux(ctx)
		if !passes {
			return
		}
		t.wraps = ansi.TmuxPassthrough
		if auto {
			t.found = of(outer, func(string) string { return "" }) // the variables may be those of another terminal
		}
	case inside && t.Getenv("STY") != "":
		t.wraps = func(s string) string { return ansi.ScreenPassthrough(s, screenLimit) }
		if auto {
			t.found = wayBell // which terminal it is on isn't known
		}
	default:
		t.wraps = func(s string) string { return s }
		if auto {
			t.found = of(term, t.Getenv)
		}
	}
}

// askTmux returns whether tmux passes sequences through, and the TERM of the terminal that
// it is on. A tmux that doesn't say passes nothing.
func (t *Terminal) askTmux(ctx context.Context) (passes bool, outer string) {
	ask := t.tmux
	if ask == nil {
		ask = func(ctx context.Context) (string, error) {
			ctx, cancel := context.WithTimeout(ctx, tmuxLimit)
			defer cancel()
			cmd := exec.CommandContext(ctx, "tmux", "display-message", "-p", "-t", t.Getenv("TMUX_PANE"), "#{allow-passthrough} #{client_termname}")
			cmd.WaitDelay = tmuxLimit
			said, err := cmd.Output()
			return string(said), err
		}
	}
	said, err := ask(ctx)
	fields := strings.Fields(said)
	if err != nil || len(fields) == 0 {
		return false, ""
	}
	if len(fields) > 1 {
		outer = fields[1]
	}
	// A flag is 1 as a format; from tmux 3.4 on there is a third value, "all".
	return fields[0] == "1" || fields[0] == "on" || fields[0] == "all" || fields[0] == "2", outer
}
