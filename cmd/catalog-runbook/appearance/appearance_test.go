package appearance

import (
	"testing"

	"github.com/muesli/termenv"

	"catalog-runbook/steps"
	"catalog-runbook/tui/text"
)

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
