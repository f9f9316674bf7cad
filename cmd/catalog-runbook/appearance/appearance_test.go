package appearance

import (
	"testing"

	"github.com/muesli/termenv"

	"catalog-runbook/steps"
	"catalog-runbook/tui/terminal/display"
	"catalog-runbook/tui/text"
)

// A setting or a flag leaves out what the terminal has, and brings nothing that it lacks.
func TestFeatures(t *testing.T) {
	var set steps.Settings
	set.UI.Mouse, set.UI.Title, set.UI.Progress = true, true, true
	getenv := func(name string) string {
		return map[string]string{"TERM": "xterm-256color", "WT_SESSION": "1"}[name]
	}
	all := Flags{}.Features(set, getenv)
	if !all.Mouse || !all.Title || !all.Progress {
		t.Fatalf("with all allowed: %+v", all)
	}
	for name, c := range map[string]struct {
		flags Flags
		set   func(*steps.Settings)
		want  func(*display.Features)
	}{
		"--no-mouse":       {Flags{NoMouse: true}, nil, func(f *display.Features) { f.Mouse = false }},
		"--no-title":       {Flags{NoTitle: true}, nil, func(f *display.Features) { f.Title = false }},
		"--no-progress":    {Flags{NoProgress: true}, nil, func(f *display.Features) { f.Progress = false }},
		"mouse = false":    {Flags{}, func(s *steps.Settings) { s.UI.Mouse = false }, func(f *display.Features) { f.Mouse = false }},
		"title = false":    {Flags{}, func(s *steps.Settings) { s.UI.Title = false }, func(f *display.Features) { f.Title = false }},
		"progress = false": {Flags{}, func(s *steps.Settings) { s.UI.Progress = false }, func(f *display.Features) { f.Progress = false }},
	} {
		own, want := set, all
		if c.set != nil {
			c.set(&own)
		}
		c.want(&want)
		if got := c.flags.Features(own, getenv); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if dumb := (Flags{}).Features(set, func(string) string { return "" }); dumb.Title || dumb.Progress {
		t.Errorf("a terminal without them: %+v", dumb)
	}
}

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name               string
		theme, color       string // the flags
		settheme, setcolor string // the settings
		environ            map[string]string
		want               text.Background
		contrast           bool
		profile            termenv.Profile
	}{
		{name: "nothing", environ: map[string]string{"TERM": "xterm-256color"}, profile: termenv.ANSI256},
		{name: "flag before setting", theme: "light", settheme: "dark", color: "none", setcolor: "16", want: text.BackgroundLight, profile: termenv.Ascii},
		{name: "setting before COLORFGBG", settheme: "dark", setcolor: "truecolor", environ: map[string]string{"COLORFGBG": "0;15", "NO_COLOR": "1"}, want: text.BackgroundDark},
		{name: "COLORFGBG", environ: map[string]string{"COLORFGBG": "0;15", "TERM": "linux"}, want: text.BackgroundLight, profile: termenv.ANSI},
		{name: "flag auto before setting", theme: "auto", settheme: "light", environ: map[string]string{"COLORFGBG": "15;0", "TERM": "foot"}, want: text.BackgroundDark},
		{name: "contrast", theme: "high-contrast", environ: map[string]string{"TERM": "foot"}, contrast: true},
		{name: "contrast on light", settheme: "high-contrast", environ: map[string]string{"TERM": "foot", "COLORFGBG": "0;15"}, contrast: true, want: text.BackgroundLight},
	} {
		var f Flags
		if c.theme != "" {
			f.Theme = &c.theme
		}
		if c.color != "" {
			f.Color = &c.color
		}
		var set steps.Settings
		set.UI.Theme, set.UI.Color = c.settheme, c.setcolor
		got := f.Decide(set, func(name string) string { return c.environ[name] })
		if want := (text.Theme{Background: c.want, Contrast: c.contrast, Profile: c.profile}); got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
	}
}
