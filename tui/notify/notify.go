// Package notify tells a person who looks elsewhere that something has happened: by the
// bell, and by a notification of the terminal where it has them.
//
// There is no query for them, and a terminal that doesn't know a sequence may show it or
// take it for something else, so only those that are known get one, and each only one:
// kitty would show all three.
package notify

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
)

// Way is how a terminal shows a notification. Its values are those of the setting.
type Way string

// The ways. wayAuto chooses one of the others.
const (
	wayAuto   Way = "auto"
	wayBell   Way = "bell"   // the bell alone
	wayOSC9   Way = "osc9"   // iTerm2
	wayOSC777 Way = "osc777" // urxvt's extension: notify;TITLE;BODY
	wayOSC99  Way = "osc99"  // sw.kovidgoyal.net/kitty/desktop-notifications
	wayNone   Way = "none"   // nothing, not even the bell
)

// Ways are all ways, as the settings name them.
func Ways() []string {
	return []string{string(wayAuto), string(wayBell), string(wayOSC9), string(wayOSC777), string(wayOSC99), string(wayNone)}
}

// of returns the way of a terminal by what its environment or tmux says of it.
func of(term string, getenv func(string) string) Way {
	program := getenv("TERM_PROGRAM")
	switch {
	case term == "xterm-kitty":
		return wayOSC99
	case strings.HasPrefix(term, "foot"), strings.HasPrefix(term, "rxvt-unicode"), strings.HasPrefix(term, "contour"),
		term == "xterm-ghostty", term == "wezterm", program == "ghostty", program == "WezTerm", getenv("KONSOLE_VERSION") != "":
		return wayOSC777
	case program == "iTerm.app", getenv("LC_TERMINAL") == "iTerm2": // ssh passes LC_ variables on
		return wayOSC9
	}
	return wayBell
}

// textLimit is the longest text of a notification, in cells. Old versions of urxvt and of
// GNU screen drop a sequence that is much longer.
const textLimit = 180

// sequence returns what makes the terminal show a notification, "" for ways without one.
func sequence(w Way, title, body string) string {
	// A semicolon would end the title of OSC 777, and make a command of ConEmu of an OSC 9
	// that begins with a digit.
	title, body = plain(strings.ReplaceAll(title, ";", ",")), plain(body)
	switch w {
	case wayOSC9:
		return ansi.Notify(plain(title + ": " + strings.ReplaceAll(body, ";", ",")))
	case wayOSC777:
		return ansi.URxvtExt("notify", title, strings.ReplaceAll(body, ";", ","))
	case wayOSC99:
		const id = "i=catalog-runbook"
		return ansi.DesktopNotification(title, id, "d=0") + ansi.DesktopNotification(body, id, "p=body")
	}
	return ""
}

// plain returns a text without control characters, and not too long.
func plain(s string) string { return ansi.Truncate(clean.Line(s).String(), textLimit, "…") }
