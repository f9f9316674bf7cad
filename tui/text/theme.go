package text

import (
	"github.com/muesli/termenv"
)

// Background is what stands behind the text.
type Background uint8

// The backgrounds. One that isn't known is drawn on as if it were dark.
const (
	BackgroundUnknown Background = iota
	BackgroundDark
	BackgroundLight
)

// Theme says which colours to draw with.
type Theme struct {
	Background Background
	Contrast   bool            // high contrast: no grey text, and no coloured backgrounds but by reversing
	Profile    termenv.Profile // what the terminal can show
}

// Plain is the theme without any colours or attributes.
var Plain = Theme{Profile: termenv.Ascii}

// attributesOnly reports whether bold, underline and reverse are all there is. With
// high contrast, colours need a known background, and more than the 16 colours,
// which look as the terminal's own theme wants.
func (t Theme) attributesOnly() bool {
	return t.Contrast && (t.Profile == termenv.ANSI || t.Background == BackgroundUnknown)
}

// profile returns the profile to draw with. The palette of high contrast has no colours
// among the 16.
func (t Theme) profile() termenv.Profile {
	if t.Profile != termenv.Ascii && t.attributesOnly() {
		return termenv.ANSI
	}
	return t.Profile
}

// palette returns the colours of the roles.
func (t Theme) palette() palette {
	if t.Contrast {
		return contrast
	}
	return standard
}

// set draws in a theme from now on.
func (s *Styles) set(t Theme) {
	s.theme = t
	s.renderer.SetColorProfile(t.profile())
	s.renderer.SetHasDarkBackground(t.Background != BackgroundLight)
}

// SetBackground draws for another background from now on. It reports whether that
// changes anything.
func (s *Styles) SetBackground(b Background) (changed bool) {
	if s.renderer == nil || s.theme.Background == b {
		return false
	}
	t := s.theme
	t.Background = b
	s.set(t)
	return t.Profile != termenv.Ascii
}
