package background

import (
	"slices"
	"strings"

	"github.com/muesli/termenv"
)

// Profile decides how many colors to draw with. Choice is "none", "16", "256",
// "truecolor", or "auto" or "" to find out. Then the first of these decides:
// NO_COLOR (not empty: no-color.org), CLICOLOR=0 (bixense.com/clicolors), FORCE_COLOR
// (force-color.org; the numbers 0 to 3 are those of Node.js), CLICOLOR_FORCE, and the
// terminal. The variable that decided is why; it is "" for the choice and the terminal.
func Profile(choice string, getenv func(string) string) (p termenv.Profile, why string) {
	switch choice {
	case "none":
		return termenv.Ascii, ""
	case "16":
		return termenv.ANSI, ""
	case "256":
		return termenv.ANSI256, ""
	case "truecolor":
		return termenv.TrueColor, ""
	}
	switch {
	case getenv("NO_COLOR") != "":
		return termenv.Ascii, "NO_COLOR"
	case getenv("CLICOLOR") == "0":
		return termenv.Ascii, "CLICOLOR"
	}
	shown := ofTerminal(getenv)
	switch force := getenv("FORCE_COLOR"); force {
	case "":
	case "0", "false":
		return termenv.Ascii, "FORCE_COLOR"
	case "1":
		return termenv.ANSI, "FORCE_COLOR"
	case "2":
		return termenv.ANSI256, "FORCE_COLOR"
	case "3":
		return termenv.TrueColor, "FORCE_COLOR"
	default:
		return min(shown, termenv.ANSI), "FORCE_COLOR" // fewer colors have the higher number
	}
	if force := getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return min(shown, termenv.ANSI), "CLICOLOR_FORCE"
	}
	return shown, ""
}

// The terminals that are known by TERM, up to its first hyphen. Those that have more
// colors than 16 often don't say so over ssh, which doesn't pass COLORTERM on.
var (
	trueColors = []string{"alacritty", "contour", "foot", "ghostty", "iterm2", "rio", "st", "wezterm"}
	sixteen    = []string{"ansi", "cygwin", "konsole", "linux", "mlterm", "putty", "rxvt", "screen", "tmux", "xterm"}
)

// ofTerminal returns how many colors the terminal says that it has. Terminfo isn't read:
// it is missing on many servers, and says 8 for xterm and screen.
func ofTerminal(getenv func(string) string) termenv.Profile {
	term := getenv("TERM")
	name, _, _ := strings.Cut(term, "-")
	colors := getenv("COLORTERM")
	if name == "screen" && getenv("TERM_PROGRAM") != "tmux" {
		colors = "" // GNU screen passes on that of the terminal around it, and drops 24-bit colors
	}
	switch {
	case term == "" || term == "dumb" || strings.HasSuffix(term, "-mono"):
		return termenv.Ascii
	case strings.HasSuffix(term, "-direct"), term == "xterm-kitty", term == "xterm-ghostty", colors == "truecolor", colors == "24bit",
		slices.Contains(trueColors, name), getenv("WT_SESSION") != "":
		return termenv.TrueColor
	case strings.Contains(term, "256color"):
		return termenv.ANSI256
	case slices.Contains(sixteen, name), strings.Contains(term, "color"), colors != "":
		return termenv.ANSI
	}
	return termenv.Ascii
}
