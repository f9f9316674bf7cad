package text

import "github.com/charmbracelet/lipgloss"

// color has a value for each background and each number of colours that a terminal
// may have. An empty one is the color of the terminal's own text.
type color = lipgloss.CompleteAdaptiveColor

// palette has the colors of the roles. Each role also has a sign or a word.
type palette struct {
	accent  color // what has the focus, and keys
	ok      color
	waiting color // and whatever else needs a look
	bad     color
	unknown color
	lock    color // what only maintainers may do
	dim     color // what may be overlooked
	rule    color // lines between the parts

	selected, onSelected color // the background of the selected row, and its text
	live, onLive         color // the same of the mode that is dangerous
}

// shade returns a color by its values with 24 bits, in the palette of 256 and among
// the 16. The values for a dark background are d.
func shade(d, d256, d16, l, l256, l16 string) color {
	return color{
		Dark:  lipgloss.CompleteColor{TrueColor: d, ANSI256: d256, ANSI: d16},
		Light: lipgloss.CompleteColor{TrueColor: l, ANSI256: l256, ANSI: l16},
	}
}

// The palettes. Text has a contrast of at least 4.5 to 1 on black and on white, and of 7
// to 1 with high contrast, which are the levels AA and AAA of WCAG 2.2 (1.4.3 and 1.4.6).
// The 16 colors are those of the terminal's own theme, so their contrast is not known.
// On a light background, most themes have a pale yellow and a pale cyan.
var (
	standard = palette{
		accent:  shade("#8ab4f8", "111", "6", "#174ea6", "25", "4"),
		ok:      shade("#81c995", "114", "2", "#0d652d", "22", "2"),
		waiting: shade("#fdd663", "221", "3", "#7a4f01", "94", "5"),
		bad:     shade("#f28b82", "210", "1", "#a50e0e", "124", "1"),
		unknown: shade("#d7aefb", "183", "5", "#681da8", "54", "5"),
		lock:    shade("#fcad70", "215", "3", "#8a3c00", "94", "1"),
		dim:     shade("#9aa0a6", "247", "", "#5f6368", "241", ""),
		rule:    shade("#5f6368", "241", "", "#9aa0a6", "247", ""),

		selected:   shade("#303a4a", "237", "", "#d6e4ff", "189", ""),
		onSelected: shade("#f1f3f4", "255", "", "#202124", "234", ""),
		live:       shade("#f28b82", "210", "1", "#a50e0e", "124", "1"),
		onLive:     shade("#202124", "234", "", "#ffffff", "231", ""),
	}
	contrast = palette{
		accent:  shade("#00ffff", "51", "", "#0000a8", "19", ""),
		ok:      shade("#00ff00", "46", "", "#004d00", "22", ""),
		waiting: shade("#ffff00", "226", "", "#553300", "23", ""),
		bad:     shade("#ff9b9b", "217", "", "#8b0000", "88", ""),
		unknown: shade("#ff9cff", "219", "", "#5c007a", "53", ""),
		lock:    shade("#ffb870", "216", "", "#6b2a00", "52", ""),
	}
)
