package main

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/hinshun/vt10x"
)

var drawPicture = flag.Bool("picture", false, "draw the README's picture again from the program")

const (
	picturePath    = "../../.github/checklist.svg"
	pictureColumns = 100
	pictureRows    = 30
)

// TestPicture checks the README's picture. With -picture it is drawn again, from
// what the program shows in the practice world once the plan has been read.
func TestPicture(t *testing.T) {
	if *drawPicture {
		term := onTerminal(t, pictureColumns, pictureRows, []string{"COLORTERM=truecolor"}, []string{"practice", "calm"}, nil)
		walkToPlan(term)
		term.typeIn("t")
		term.waitFor("to its end first")
		term.insist(pageDown, "Does the plan look right? Press t")
		term.mu.Lock()
		svg := svgOf(term.screen)
		term.mu.Unlock()
		if err := os.WriteFile(picturePath, []byte(svg), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text := pictureText(t, read(t, picturePath))
	for _, want := range []string{"PRACTICE calm", "release v1.5.4", "4 of 7 done", "user_data  (forces replacement)", "+ DOCKER_IMAGE_TAG=v1.5.4"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the picture; draw it again: go test ./cmd/catalog-runbook -run TestPicture -picture", want)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// pictureText reads the picture's words, which also proves that it is XML.
func pictureText(t *testing.T, svg string) string {
	t.Helper()
	var text strings.Builder
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		if err != nil {
			t.Fatalf("the picture: %v", err)
		}
		if words, ok := token.(xml.CharData); ok {
			text.Write(words)
		}
	}
}

// The picture's measures in pixels, and the colours of a terminal.
const (
	cellWidth, cellHeight = 8.4, 18.0
	margin                = 14.0
	foreground            = "#e8eaed"
	screenColour          = "#202124"
	lockColour            = "#fdd663"
)

// A vt10x.Glyph has these in its mode; the package does not export them.
const (
	reversed   = 1 << 0
	underlined = 1 << 1
	boldFace   = 1 << 2
	italics    = 1 << 4
)

// svgOf draws a screen: a text for each run of cells that look the same. The
// width of each run is given, so that it stays in its columns in any font.
func svgOf(screen vt10x.View) string {
	var b strings.Builder
	open(&b, "The checklist in the practice world: the plan has been made and is read")
	for y := range pictureRows {
		for _, r := range runsOf(screen, y, pictureColumns) {
			r.draw(&b, y)
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// open begins a picture of a terminal.
func open(b *strings.Builder, title string) {
	width, height := 2*margin+float64(pictureColumns)*cellWidth, 2*margin+float64(pictureRows)*cellHeight
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">`+"\n", width, height)
	fmt.Fprintf(b, "<title>%s</title>\n", html.EscapeString(title))
	fmt.Fprintf(b, `<rect width="%.0f" height="%.0f" rx="8" fill="%s"/>`+"\n", width, height, screenColour)
}

// cells is a part of a line whose cells look the same.
type cells struct {
	look  vt10x.Glyph // without its character
	text  strings.Builder
	from  int
	width int
	wide  bool // one character of two cells, which is by itself
}

// runsOf takes a line apart. The emulator gives every character one cell; a
// wide one moves what follows it to where a terminal would have it.
func runsOf(screen vt10x.View, y, columns int) []*cells {
	var runs []*cells
	at := 0
	for x := range columns {
		g := screen.Cell(x, y)
		char := g.Char
		if char == 0 {
			char = ' '
		}
		g.Char = 0
		width := ansi.StringWidth(string(char))
		if at+width > columns {
			break
		}
		if n := len(runs); n == 0 || runs[n-1].look != g || width != 1 || runs[n-1].wide {
			runs = append(runs, &cells{look: g, from: at, wide: width != 1})
		}
		last := runs[len(runs)-1]
		last.text.WriteRune(char)
		last.width += width
		at += width
	}
	return runs
}

func (r *cells) draw(b *strings.Builder, y int) {
	fg, bg := colour(r.look.FG, foreground), colour(r.look.BG, "")
	if r.look.Mode&reversed != 0 {
		fg, bg = colour(r.look.BG, screenColour), colour(r.look.FG, foreground)
	}
	x, top := margin+float64(r.from)*cellWidth, margin+float64(y)*cellHeight
	if bg != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, top, float64(r.width)*cellWidth, cellHeight, bg)
	}
	text := r.text.String()
	bare := strings.TrimLeft(text, " ")
	x += float64(len(text)-len(bare)) * cellWidth
	bare = strings.TrimRight(bare, " ")
	switch bare {
	case "":
		return
	case "🔒": // drawn, because many machines have no letters with such signs
		fmt.Fprintf(b, `<path d="M%.1f %.1fv-3a3 3 0 0 1 6 0v3" fill="none" stroke="%s" stroke-width="1.6"/><rect x="%.1f" y="%.1f" width="10" height="7.5" rx="1.5" fill="%s"/>`+"\n",
			x+5.4, top+8, lockColour, x+3.4, top+7.5, lockColour)
		return
	}
	style := ""
	if r.look.Mode&boldFace != 0 {
		style += ` font-weight="bold"`
	}
	if r.look.Mode&italics != 0 {
		style += ` font-style="italic"`
	}
	if r.look.Mode&underlined != 0 {
		style += ` text-decoration="underline"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" fill="%s"%s xml:space="preserve" textLength="%.1f" lengthAdjust="spacingAndGlyphs">%s</text>`+"\n",
		x, top+13, fg, style, float64(ansi.StringWidth(bare))*cellWidth, html.EscapeString(bare))
}

// sixteen are the colours that a terminal has names for.
var sixteen = strings.Fields("#202124 #f28b82 #81c995 #fdd663 #8ab4f8 #d7aefb #78d9ec #e8eaed #9aa0a6 #f28b82 #81c995 #fdd663 #8ab4f8 #d7aefb #78d9ec #ffffff")

// colour writes a colour of the emulator: one of the terminal's own, of xterm's
// 256, or 24 bits.
func colour(c vt10x.Color, standard string) string {
	switch {
	case c == vt10x.DefaultFG || c == vt10x.DefaultBG:
		return standard
	case c < 16:
		return sixteen[c]
	case c < 232:
		level := func(n vt10x.Color) vt10x.Color {
			if n == 0 {
				return 0
			}
			return 55 + 40*n
		}
		n := c - 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6))
	case c < 256:
		grey := 8 + 10*(c-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	}
	return fmt.Sprintf("#%06x", uint32(c))
}
