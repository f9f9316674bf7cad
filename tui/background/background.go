// Package background keeps the start of the program from waiting on the
// terminal.
//
// Bubble Tea v1 asks the terminal for its background colour in a package init
// and waits five seconds for a terminal that does not answer. It does not ask
// once the answer is set. This package sets it first: Go initialises packages
// that are ready in the order of their import paths, and "catalog-runbook/"
// stands before "github.com/charmbracelet/bubbletea". A test holds this.
package background

import (
	"os"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

func init() { lipgloss.SetHasDarkBackground(Dark("auto", os.Getenv("COLORFGBG"))) }

// Dark decides whether to draw for a dark background. Theme is "dark", "light"
// or "auto"; auto reads colorFGBG, the variable in which some terminals tell
// their colours ("15;0" is white on black), and is dark where that says nothing.
func Dark(theme, colorFGBG string) bool {
	switch theme {
	case "dark":
		return true
	case "light":
		return false
	}
	switch bg := colorFGBG[strings.LastIndexByte(colorFGBG, ';')+1:]; bg {
	case "7", "15":
		return false
	default:
		return true
	}
}
