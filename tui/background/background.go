// Package background keeps the start of the program from waiting on the
// terminal.
//
// Bubble Tea v1 asks the terminal for its background colour in a package init
// and waits five seconds for a terminal that does not answer. It does not ask
// once the answer is set. This package sets it first: Go initializes packages
// that are ready in the order of their import paths, and "catalog-runbook/"
// stands before "github.com/charmbracelet/bubbletea". A test holds this.
package background

import (
	"os"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

func init() {
	dark, _ := Dark(os.Getenv("COLORFGBG"))
	lipgloss.SetHasDarkBackground(dark)
}

// Dark reads the background from colorFGBG, the variable in which some terminals tell
// their colors: "15;0" is white on black. It isn't known where that says nothing, as with
// mlterm's "default;default"; then it is taken to be dark.
func Dark(colorFGBG string) (dark, known bool) {
	switch colorFGBG[strings.LastIndexByte(colorFGBG, ';')+1:] {
	case "7", "15":
		return false, true
	case "0", "1", "2", "3", "4", "5", "6", "8":
		return true, true
	}
	return true, false
}
