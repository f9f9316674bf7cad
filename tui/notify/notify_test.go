package notify

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// pieces is a terminal that tells its writes apart.
type pieces struct{ all []string }

func (p *pieces) send(sequence string) error {
	p.all = append(p.all, sequence)
	return nil
}

func env(entries string) func(string) string {
	return func(name string) string {
		for entry := range strings.FieldsSeq(entries) {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

func TestShow(t *testing.T) {
	const (
		nine   = "\x1b]9;Live prod: step 3 holds\a"
		seven  = "\x1b]777;notify;Live prod;step 3 holds\a"
		kitty  = "\x1b]99;i=catalog-runbook:d=0;Live prod\a\x1b]99;i=catalog-runbook:p=body;step 3 holds\a"
		inTmux = "TERM=tmux-256color TMUX=/x,1,0 TERM_PROGRAM=tmux"
	)
	for _, c := range []struct {
		environ string
		way     Way
		tmux    string
		want    string // without the bell
	}{
		{"TERM=xterm-256color", wayAuto, "", ""},
		{"TERM=xterm-kitty", "", "", kitty},
		{"TERM=foot", wayAuto, "", seven},
		{"TERM=xterm-ghostty TERM_PROGRAM=ghostty", wayAuto, "", seven},
		{"TERM=xterm-256color TERM_PROGRAM=WezTerm", wayAuto, "", seven},
		{"TERM=xterm-256color TERM_PROGRAM=iTerm.app", wayAuto, "", nine},
		{"TERM=xterm-256color LC_TERMINAL=iTerm2", wayAuto, "", nine},
		{"TERM=xterm-256color VTE_VERSION=7006", wayAuto, "", ""}, // sources disagree
		{"TERM=xterm-256color WT_SESSION=x", wayAuto, "", ""},     // OSC 9 would be a command of ConEmu
		{"TERM=xterm-256color", wayOSC99, "", kitty},
		{"TERM=xterm-kitty", wayBell, "", ""},
		{inTmux, wayAuto, "0 xterm-kitty", ""},
		{inTmux, wayOSC9, "0 xterm-kitty", ""},
		{inTmux, wayOSC9, "", ""},
		{inTmux, wayAuto, "1 foot", "\x1bPtmux;" + strings.ReplaceAll(seven, "\x1b", "\x1b\x1b") + "\x1b\\"},
		{inTmux, wayAuto, "1 xterm-256color", ""},
		{inTmux, wayOSC9, "1 xterm-256color", "\x1bPtmux;" + strings.ReplaceAll(nine, "\x1b", "\x1b\x1b") + "\x1b\\"},
		{"TERM=screen STY=1.tty", wayAuto, "", ""},
		{"TERM=screen STY=1.tty", wayOSC777, "", "\x1bP" + seven + "\x1b\\"},
		{"TERM=xterm-256color TMUX=/x,1,0", wayOSC9, "1 x", nine}, // a terminal that was started from within tmux
	} {
		for _, bell := range []bool{true, false} {
			out := &pieces{}
			asked := 0
			shown := &Terminal{Send: out.send, Way: c.way, Bell: bell, Getenv: env(c.environ), tmux: func(context.Context) (string, error) {
				asked++
				if c.tmux == "" {
					return "", errors.New("it is gone")
				}
				return c.tmux + "\n", nil
			}}
			want := c.want
			if bell {
				want += "\a"
			}
			for range 2 {
				if err := shown.Show(t.Context(), "Live prod", "step 3 holds"); err != nil {
					t.Fatal(err)
				}
			}
			got := strings.Join(out.all, "")
			if got != want+want || len(out.all) != 2 && want != "" {
				t.Errorf("%s, %s, bell %v: %q, want %q twice", c.environ, c.way, bell, out.all, want)
			}
			if asked > 1 || asked > 0 && !strings.HasPrefix(c.environ, inTmux) {
				t.Errorf("%s: tmux was asked %d times", c.environ, asked)
			}
		}
	}
	out := &pieces{}
	silent := &Terminal{Send: out.send, Way: wayNone, Bell: true, Getenv: env("TERM=foot")}
	if err := silent.Show(t.Context(), "a", "b"); err != nil || len(out.all) > 0 {
		t.Errorf("none is %q, %v", out.all, err)
	}
}

// TestSequenceEndsOnlyOnce holds that no text ends the sequence that it is in, adds a
// field to it, or makes another command of it.
func TestSequenceEndsOnlyOnce(t *testing.T) {
	for _, hostile := range []string{"a\x07b", "\x1b]52;c;QQ==\x07", "a\x1b\\b", "a\u009cb", "4;1;40", "9;4", "a;b;c", "line\nnext", strings.Repeat("x", 5000), "\u202eabc"} {
		for _, w := range []Way{wayOSC9, wayOSC777, wayOSC99} {
			s := sequence(w, hostile, hostile)
			parts := strings.SplitAfter(s, "\a")
			want := 1
			if w == wayOSC99 {
				want = 2
			}
			if len(parts) != want+1 || parts[want] != "" {
				t.Fatalf("%s of %q is %q", w, hostile, s)
			}
			for _, part := range parts[:want] {
				inner := strings.TrimSuffix(strings.TrimPrefix(part, "\x1b]"), "\a")
				fields := strings.Split(inner, ";")
				if most := map[Way]int{wayOSC9: 2, wayOSC777: 4}[w]; most > 0 && len(fields) > most {
					t.Errorf("%s of %q has %d fields: %q", w, hostile, len(fields), part)
				}
				if strings.ContainsFunc(inner, func(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }) || len(inner) > 1000 {
					t.Errorf("%s of %q is %q", w, hostile, part)
				}
			}
		}
	}
}
