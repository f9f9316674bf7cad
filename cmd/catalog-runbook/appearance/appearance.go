// Package appearance decides in which colors the checklist is drawn.
package appearance

import (
	"catalog-runbook/steps"
	"catalog-runbook/tui/background"
	"catalog-runbook/tui/terminal/display"
	"catalog-runbook/tui/text"
)

// Flags are the flags of the commands that draw. One that isn't given is nil, so that
// the settings decide.
type Flags struct {
	Theme      *string `enum:"auto,dark,light,high-contrast" env:"CATALOG_RUNBOOK_THEME" help:"Draw for a dark or a light background, or in high contrast: auto, dark, light or high-contrast." placeholder:"THEME"`
	Color      *string `enum:"auto,none,16,256,truecolor" env:"CATALOG_RUNBOOK_COLOR" help:"How many colors to draw with: auto, none, 16, 256 or truecolor." placeholder:"COLORS"`
	NoMouse    bool    `name:"no-mouse" env:"CATALOG_RUNBOOK_NO_MOUSE" help:"Leave the mouse to the terminal. With the mouse in use, hold shift to select text."`
	NoTitle    bool    `name:"no-title" env:"CATALOG_RUNBOOK_NO_TITLE" help:"Leave the window's title as it is."`
	NoProgress bool    `name:"no-progress" env:"CATALOG_RUNBOOK_NO_PROGRESS" help:"Show no progress in the window's tab or in the taskbar."`
}

// Features returns what of the terminal may be used: what it has, unless a flag or the settings
// leave it out.
func (f Flags) Features(set steps.Settings, getenv func(string) string) display.Features {
	has := display.Detect(getenv)
	has.Mouse = set.UI.Mouse && !f.NoMouse
	has.Title = has.Title && set.UI.Title && !f.NoTitle
	has.Progress = has.Progress && set.UI.Progress && !f.NoProgress
	return has
}

// Decide returns the theme. The flags come before the settings, and those before what
// the environment says.
func (f Flags) Decide(set steps.Settings, getenv func(string) string) text.Theme {
	var t text.Theme
	t.Profile, _ = background.Profile(or(f.Color, set.UI.Color), getenv)
	theme := or(f.Theme, set.UI.Theme)
	t.Contrast = theme == "high-contrast"
	switch dark, known := background.Dark(getenv("COLORFGBG")); {
	case theme == "light", theme != "dark" && known && !dark:
		t.Background = text.BackgroundLight
	case theme == "dark", known:
		t.Background = text.BackgroundDark
	}
	return t
}

// Environment returns the theme of a command without the flags.
func Environment(getenv func(string) string) text.Theme {
	var set steps.Settings
	set.UI.Theme, set.UI.Color = getenv("CATALOG_RUNBOOK_THEME"), getenv("CATALOG_RUNBOOK_COLOR")
	return Flags{}.Decide(set, getenv)
}

func or(flag *string, setting string) string {
	if flag != nil {
		return *flag
	}
	return setting
}
