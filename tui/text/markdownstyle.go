package text

import (
	glamouransi "github.com/charmbracelet/glamour/ansi"
	glamourstyles "github.com/charmbracelet/glamour/styles"
	"github.com/muesli/termenv"
)

// markdown returns glamour's style for a theme. It has the colors of the palette, and
// none for the text itself: what the background is may be guessed wrong.
//
// Code is not highlighted. Glamour registers the first colors it meets for the whole
// process, so they would stay when the background becomes known.
func (t Theme) markdown() glamouransi.StyleConfig {
	if t.Profile == termenv.Ascii {
		s := glamourstyles.NoTTYStyleConfig
		withoutMargins(&s)
		// The marks are doubled where one stands in the other.
		s.Strong.BlockPrefix, s.Strong.BlockSuffix, s.Emph.BlockPrefix, s.Emph.BlockSuffix = "", "", "", ""
		return s
	}
	s, p := glamourstyles.DarkStyleConfig, t.palette()
	withoutMargins(&s)
	accent, dim := t.value(p.accent), t.value(p.dim)
	s.Document.Color = nil
	s.Heading.Color = accent
	s.H1.Prefix, s.H1.Suffix, s.H1.Color, s.H1.BackgroundColor = "", "", accent, nil
	s.H6.Color = nil
	for _, h := range []*glamouransi.StyleBlock{&s.H2, &s.H3, &s.H4, &s.H5, &s.H6} {
		h.Prefix = "" // bold and colour say it
	}
	underline := true
	s.H1.Underline = &underline
	s.HorizontalRule.Color = dim
	s.Link.Color, s.LinkText.Color = accent, nil
	s.Image.Color, s.ImageText.Color = accent, nil
	s.Code.Prefix, s.Code.Suffix, s.Code.BackgroundColor = "", "", nil // a padded span wraps badly
	s.Code.Color, s.CodeBlock.Color, s.CodeBlock.Chroma = accent, accent, nil
	if accent == nil {
		s.Code.BlockPrefix, s.Code.BlockSuffix = "`", "`"
	}
	return s
}

func withoutMargins(s *glamouransi.StyleConfig) {
	zero := uint(0)
	s.Document.Margin, s.Document.BlockPrefix, s.Document.BlockSuffix = &zero, "", ""
	s.CodeBlock.Margin = &zero
}

// value returns the value of a color that is drawn, nil for that of the terminal's text.
func (t Theme) value(c color) *string {
	complete := c.Dark
	if t.Background == BackgroundLight {
		complete = c.Light
	}
	value := ""
	switch t.profile() {
	case termenv.TrueColor:
		value = complete.TrueColor
	case termenv.ANSI256:
		value = complete.ANSI256
	case termenv.ANSI:
		value = complete.ANSI
	}
	if value == "" {
		return nil
	}
	return &value
}
