package background

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"
)

func TestProfile(t *testing.T) {
	const none, sixteen, cube, full = termenv.Ascii, termenv.ANSI, termenv.ANSI256, termenv.TrueColor
	for environ, want := range map[string]termenv.Profile{
		"": none, "TERM=dumb": none, "TERM=vt100": none, "TERM=xterm-mono": none,
		"TERM=xterm": sixteen, "TERM=linux": sixteen, "TERM=screen": sixteen, "TERM=screen.xterm-256color": cube, "TERM=tmux": sixteen, "TERM=rxvt": sixteen, "TERM=eterm-color": sixteen,
		"TERM=xterm-256color": cube, "TERM=screen-256color": cube, "TERM=tmux-256color": cube, "TERM=rxvt-unicode-256color": cube,
		"TERM=xterm-256color COLORTERM=truecolor": full, "TERM=tmux-256color COLORTERM=24bit": full, "TERM=xterm COLORTERM=yes": sixteen, "TERM=vt100 COLORTERM=1": sixteen,
		"TERM=screen-256color COLORTERM=truecolor": cube, "TERM=screen COLORTERM=truecolor": sixteen, "TERM=screen-256color COLORTERM=truecolor TERM_PROGRAM=tmux": full,
		"TERM=foot": full, "TERM=foot-extra": full, "TERM=foot-direct": full, "TERM=xterm-direct": full, "TERM=st": full, "TERM=st-256color": full, "TERM=contour": full, "TERM=alacritty": full,
		"TERM=xterm-kitty": full, "TERM=xterm-ghostty": full, "TERM=wezterm": full, "TERM=xterm-256color WT_SESSION=x": full,
		"TERM=foot NO_COLOR=1": none, "TERM=foot NO_COLOR=0": none, "TERM=foot NO_COLOR=": full,
		"TERM=foot CLICOLOR=0": none, "TERM=foot CLICOLOR=1": full, "TERM=foot CLICOLOR=0 FORCE_COLOR=3": none,
		"TERM=foot FORCE_COLOR=0": none, "TERM=foot FORCE_COLOR=false": none, "TERM=foot FORCE_COLOR=1": sixteen, "TERM=foot FORCE_COLOR=2": cube, "TERM=dumb FORCE_COLOR=3": full,
		"TERM=foot FORCE_COLOR=true": full, "TERM=vt100 FORCE_COLOR=true": sixteen, "TERM=foot NO_COLOR=1 FORCE_COLOR=3": none,
		"TERM=dumb CLICOLOR_FORCE=1": sixteen, "TERM=foot CLICOLOR_FORCE=1": full, "TERM=vt100 CLICOLOR_FORCE=0": none, "TERM=foot NO_COLOR=1 CLICOLOR_FORCE=1": none,
	} {
		get := func(name string) string {
			for entry := range strings.FieldsSeq(environ) {
				if value, ok := strings.CutPrefix(entry, name+"="); ok {
					return value
				}
			}
			return ""
		}
		if got, _ := Profile("auto", get); got != want {
			t.Errorf("with %q: %s, want %s", environ, got.Name(), want.Name())
		}
	}
	get := func(name string) string { return map[string]string{"TERM": "foot", "NO_COLOR": "1"}[name] }
	for choice, want := range map[string]termenv.Profile{"": none, "none": none, "16": sixteen, "256": cube, "truecolor": full} {
		if got, _ := Profile(choice, get); got != want {
			t.Errorf("with the choice %q: %s", choice, got.Name())
		}
	}
	if _, why := Profile("", get); why != "NO_COLOR" {
		t.Errorf("%q has decided", why)
	}
}
