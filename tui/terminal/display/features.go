package display

import (
	"slices"
	"strconv"
	"strings"
)

// Features are what a terminal is told besides frames.
type Features struct {
	Mouse    bool // it reports clicks and the wheel; every terminal that can't ignores the wish
	Title    bool
	Progress bool // it knows OSC 9;4
	Links    bool // it knows OSC 8
}

// Detect returns the features of the terminal in this environment but the mouse. No terminal says which it
// has without being asked, so a feature that shows as text or as a notification where it isn't
// known is used only in terminals that are known to have it.
func Detect(getenv func(string) string) Features {
	kind := getenv("TERM")
	// The Linux console writes a title on the screen.
	f := Features{Title: !slices.Contains([]string{"", "dumb", "linux", "vt100", "vt102", "vt220"}, kind)}
	inside := getenv("TMUX") != "" || getenv("STY") != "" || strings.HasPrefix(kind, "tmux") || strings.HasPrefix(kind, "screen")
	f.Progress = !inside && hasProgress(getenv)
	f.Links = hasLinks(getenv, kind, inside)
	return f
}

// hasProgress reports whether the terminal shows OSC 9;4 as a progress. Others show it as a
// notification: kitty up to 0.36.4 does.
func hasProgress(getenv func(string) string) bool {
	return slices.Contains([]string{"ghostty", "WezTerm", "iTerm.app"}, getenv("TERM_PROGRAM")) ||
		getenv("WT_SESSION") != "" || getenv("ConEmuANSI") == "ON" || getenv("VTE_VERSION") != ""
}

// firstLinks is the version of VTE, 0.50, with which links came.
const firstLinks = 5000

// hasLinks reports whether the terminal knows OSC 8. FORCE_HYPERLINK decides where it is set.
func hasLinks(getenv func(string) string, kind string, inside bool) bool {
	if force := getenv("FORCE_HYPERLINK"); force != "" {
		return force != "0"
	}
	if inside {
		return false // tmux drops them unless it is told otherwise, and screen always does
	}
	if version, err := strconv.Atoi(getenv("VTE_VERSION")); err == nil && version >= firstLinks {
		return true
	}
	return slices.Contains([]string{"xterm-kitty", "alacritty", "foot", "xterm-ghostty", "wezterm"}, kind) ||
		slices.Contains([]string{"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"}, getenv("TERM_PROGRAM")) ||
		getenv("KONSOLE_VERSION") != "" || getenv("WT_SESSION") != "" || getenv("DOMTERM") != ""
}
