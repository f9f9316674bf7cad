package text

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"catalog-runbook/runbook"
)

var (
	dark  = Theme{Background: BackgroundDark}
	light = Theme{Background: BackgroundLight}
)

// themes are all that may be drawn with.
func themes() []Theme {
	var all []Theme
	for _, profile := range []termenv.Profile{termenv.TrueColor, termenv.ANSI256, termenv.ANSI, termenv.Ascii} {
		for _, background := range []Background{BackgroundUnknown, BackgroundDark, BackgroundLight} {
			for _, contrast := range []bool{false, true} {
				all = append(all, Theme{background, contrast, profile})
			}
		}
	}
	return all
}

// luminance is the relative luminance of WCAG 2.2 of a color that is the same on all
// terminals.
func luminance(t *testing.T, value string) float64 {
	t.Helper()
	var shown termenv.Color = termenv.RGBColor(value)
	if !strings.HasPrefix(value, "#") {
		n, err := strconv.Atoi(value)
		if err != nil || n < 16 || n > 255 {
			t.Fatalf("%q is no color that is known", value)
		}
		shown = termenv.ANSI256Color(n)
	}
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	c := termenv.ConvertToRGB(shown)
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func ratio(x, y float64) float64 { return (max(x, y) + 0.05) / (min(x, y) + 0.05) }

func TestContrast(t *testing.T) {
	const black, white = 0.0, 1.0
	check := func(what, value string, behind, least float64) {
		t.Helper()
		if got := ratio(luminance(t, value), behind); got < least {
			t.Errorf("%s: %s has a contrast of only %.1f to 1", what, value, got)
		}
	}
	for name, p := range map[string]palette{"standard": standard, "contrast": contrast} {
		least := 4.5
		if name == "contrast" {
			least = 7
		}
		roles := map[string]color{"accent": p.accent, "ok": p.ok, "waiting": p.waiting, "bad": p.bad, "unknown": p.unknown, "lock": p.lock}
		if name == "standard" {
			roles["dim"] = p.dim
			for what, pair := range map[string][2]color{"selected": {p.onSelected, p.selected}, "live": {p.onLive, p.live}} {
				check(what, pair[0].Dark.TrueColor, luminance(t, pair[1].Dark.TrueColor), least)
				check(what, pair[0].Light.TrueColor, luminance(t, pair[1].Light.TrueColor), least)
				check(what, pair[0].Dark.ANSI256, luminance(t, pair[1].Dark.ANSI256), least)
				check(what, pair[0].Light.ANSI256, luminance(t, pair[1].Light.ANSI256), least)
			}
		} else if p.dim != (color{}) || p.selected != (color{}) || p.live != (color{}) {
			t.Error("high contrast has grey text or a coloured background")
		}
		for role, c := range roles {
			check(name+" "+role, c.Dark.TrueColor, black, least)
			check(name+" "+role, c.Dark.ANSI256, black, least)
			check(name+" "+role, c.Light.TrueColor, white, least)
			check(name+" "+role, c.Light.ANSI256, white, least)
		}
	}
}

// statuses are all that a step can have.
var statuses = []runbook.Status{
	runbook.Pending, runbook.Ready, runbook.Done, runbook.TickedOff, runbook.Decided, runbook.Rejected, runbook.Doubtful, runbook.Waiting, runbook.Unsure,
	runbook.Stale, runbook.Changed, runbook.SkippedOver, runbook.ElsewhereDone, runbook.Accepted, runbook.AsIfDone, runbook.InProgress, runbook.Planned,
}

// TestThemesOnlyColour holds that a theme changes nothing but colors: no text, no sign,
// and no width. Without colors no sequence is written at all.
func TestThemesOnlyColour(t *testing.T) {
	const source = "# One\n\n## Two\n\nSome *words* in **bold**, `code`, ~~old~~ [a link](https://example.org/).\n\n```sh\njust plan # it\n```\n\n> quote\n\n- [x] a\n\n---\n\n1. b\n"
	for _, theme := range themes() {
		s := NewStyles(theme)
		for _, status := range statuses {
			if drawn := s.Status(status).Render(Sign(status)); ansi.Strip(drawn) != Sign(status) {
				t.Errorf("%+v: %s is drawn as %q", theme, status, drawn)
			}
		}
		drawn := strings.Join(Markdown(source, 60, theme), "\n")
		want := strings.Join(Markdown(source, 60, dark), "\n")
		switch {
		case theme.Profile == termenv.Ascii:
			if all := drawn + s.Selected.Render("x") + s.Match.Render("x") + s.Bad.Render("x"); strings.Contains(all, "\x1b") {
				t.Errorf("%+v: %q", theme, all)
			}
		case strings.ReplaceAll(ansi.Strip(drawn), "`", "") != ansi.Strip(want):
			t.Errorf("%+v: the text is another one:\n%s\nnot\n%s", theme, ansi.Strip(drawn), ansi.Strip(want))
		case !strings.Contains(drawn, "\x1b["):
			t.Errorf("%+v: no colors", theme)
		}
	}
}

// TestColoursOfProfile holds that a terminal gets no color beyond those it has.
func TestColoursOfProfile(t *testing.T) {
	for _, theme := range themes() {
		s := NewStyles(theme)
		var all strings.Builder
		for _, style := range []lipgloss.Style{s.Title, s.Dim, s.Rule, s.Key, s.Accent, s.Selected, s.Match, s.Good, s.Bad, s.Warn, s.Note, s.Waiting, s.Unknown, s.Lock, s.practice, s.dry, s.live} {
			all.WriteString(style.Render("x"))
		}
		all.WriteString(strings.Join(Markdown("# A\n\n## B\n\n`c` [d](https://example.org/) ![e](f.png)\n\n```go\nfunc main() {}\n```\n\n---\n", 60, theme), "\n"))
		drawn := all.String()
		full, cube := strings.Contains(drawn, "8;2;"), strings.Contains(drawn, "8;5;")
		names := plainNames(drawn)
		switch {
		case theme.Profile == termenv.Ascii && strings.Contains(drawn, "\x1b"),
			theme.attributesOnly() && (full || cube || names),
			theme.Profile == termenv.ANSI && (full || cube),
			theme.Profile == termenv.ANSI256 && full,
			theme.Profile != termenv.ANSI && names,
			theme.Profile == termenv.ANSI && !theme.Contrast && !names:
			t.Errorf("%+v is drawn with %q", theme, drawn)
		}
	}
}

// plainNames reports whether one of the first 16 colors is used.
func plainNames(drawn string) bool {
	for part := range strings.SplitSeq(drawn, "\x1b[") {
		sequence, _, found := strings.Cut(part, "m")
		for code := range strings.SplitSeq(sequence, ";") {
			if n, err := strconv.Atoi(code); err == nil && found && (n >= 30 && n < 38 || n >= 40 && n < 48 || n >= 90 && n < 108) {
				return true
			}
			if code == "38" || code == "48" {
				break
			}
		}
	}
	return false
}

// TestBackgroundBecomesKnown holds that all copies of the styles follow.
func TestBackgroundBecomesKnown(t *testing.T) {
	s := NewStyles(Theme{Profile: termenv.TrueColor})
	part, want := s.Key, NewStyles(light)
	before := part.Render("x")
	if before != NewStyles(dark).Key.Render("x") {
		t.Error("a background that isn't known is not drawn on as if it were dark")
	}
	s.SetBackground(BackgroundLight)
	if got := part.Render("x"); got == before || got != want.Key.Render("x") {
		t.Errorf("the style is %q, want %q", got, want.Key.Render("x"))
	}
	if got := (Theme{BackgroundLight, false, termenv.TrueColor}); s.Theme() != got {
		t.Errorf("the theme is %+v", s.Theme())
	}
	bare := NewStyles(Theme{Contrast: true, Profile: termenv.TrueColor})
	if got := bare.Good.Render("x"); got != "x" {
		t.Errorf("high contrast on an unknown background draws %q", got)
	}
	bare.SetBackground(BackgroundLight)
	if got := bare.Good.Render("x"); got != NewStyles(Theme{BackgroundLight, true, termenv.TrueColor}).Good.Render("x") {
		t.Errorf("high contrast on white draws %q", got)
	}
}
