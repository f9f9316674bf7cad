package shorten

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// emulator is a terminal that, unlike vt10x, has wide and combining characters. It shares
// no code with what it checks.
type emulator struct {
	cells  [][]place
	x, y   int
	wraps  bool // the next character begins a new row
	looks  looks
	widths func(rune) int
}

// place is a cell of the screen. The second half of a wide character has an empty text.
type place struct {
	text  string
	looks looks
}

type looks struct {
	bold, faint, italic, reverse bool
	fg, bg                       string
}

func newEmulator(w, h int, widths func(rune) int) *emulator {
	e := &emulator{widths: widths}
	e.resize(w, h)
	return e
}

func (e *emulator) resize(w, h int) {
	for len(e.cells) < h {
		e.cells = append(e.cells, nil)
	}
	e.cells = e.cells[:h]
	for y := range e.cells {
		for len(e.cells[y]) < w {
			e.cells[y] = append(e.cells[y], place{text: " "})
		}
		e.cells[y] = e.cells[y][:w]
	}
	e.to(e.x, e.y)
}

func (e *emulator) to(x, y int) {
	e.x, e.y, e.wraps = min(max(x, 0), len(e.cells[0])-1), min(max(y, 0), len(e.cells)-1), false
}

func (e *emulator) down() {
	if e.y+1 < len(e.cells) {
		e.to(e.x, e.y+1)
		return
	}
	row := slices.Repeat([]place{{" ", looks{bg: e.looks.bg}}}, len(e.cells[0]))
	e.cells = append(e.cells[1:], row)
}

func (e *emulator) Write(p []byte) (int, error) {
	text := string(p)
	for text != "" {
		if rest, ok := strings.CutPrefix(text, "\x1b["); ok {
			end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
			e.sequence(rest[:end], rest[end])
			text = rest[end+1:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		text = text[n:]
		switch r {
		case '\n':
			e.down()
		case '\r':
			e.to(0, e.y)
		default:
			e.print(r)
		}
	}
	return len(p), nil
}

func (e *emulator) sequence(parameters string, final byte) {
	var numbers []int
	for n := range strings.SplitSeq(parameters, ";") {
		v, _ := strconv.Atoi(n) // 0 if there is none
		numbers = append(numbers, v)
	}
	switch final {
	case 'H':
		numbers = append(numbers, 0)
		e.to(max(numbers[1], 1)-1, max(numbers[0], 1)-1)
	case 'G':
		e.to(max(numbers[0], 1)-1, e.y)
	case 'K':
		e.blank(e.y, e.x)
	case 'J':
		if numbers[0] == 0 {
			e.blank(e.y, e.x)
		}
		for y := range e.cells {
			if y > e.y || numbers[0] == 2 {
				e.blank(y, 0)
			}
		}
	case 'm':
		e.look(numbers)
	case 'h', 'l':
	default:
		panic("what is " + string(final))
	}
}

func (e *emulator) blank(y, x int) {
	e.tear(y, x)
	for ; x < len(e.cells[y]); x++ {
		e.cells[y][x] = place{" ", looks{bg: e.looks.bg}}
	}
}

func (e *emulator) look(numbers []int) {
	for i := 0; i < len(numbers); i++ {
		switch n := numbers[i]; {
		case n == 0:
			e.looks = looks{}
		case n == 1:
			e.looks.bold = true
		case n == 2:
			e.looks.faint = true
		case n == 22:
			e.looks.bold, e.looks.faint = false, false
		case n == 3 || n == 23:
			e.looks.italic = n == 3
		case n == 7 || n == 27:
			e.looks.reverse = n == 7
		case n == 38:
			e.looks.fg = strconv.Itoa(numbers[i+2])
			i += 2
		case n == 48:
			e.looks.bg = strconv.Itoa(numbers[i+2])
			i += 2
		default:
			panic("what is " + strconv.Itoa(n))
		}
	}
}

// tear erases the other half of a wide character that is about to lose one.
func (e *emulator) tear(y, x int) {
	row := e.cells[y]
	if row[x].text == "" && x > 0 {
		row[x-1].text = " "
		row[x].text = " "
	}
	if x+1 < len(row) && row[x+1].text == "" {
		row[x+1].text = " "
	}
}

func (e *emulator) print(r rune) {
	width := e.widths(r)
	if width == 0 {
		x := e.x - 1
		if e.wraps {
			x = e.x
		}
		if x >= 0 && e.cells[e.y][x].text == "" {
			x--
		}
		if x >= 0 {
			e.cells[e.y][x].text += string(r)
		}
		return
	}
	if e.wraps || e.x+width > len(e.cells[0]) {
		e.to(0, e.y)
		e.down()
	}
	for i := range width {
		if e.x+i >= len(e.cells[0]) {
			break
		}
		e.tear(e.y, e.x+i)
		e.cells[e.y][e.x+i] = place{"", e.looks}
	}
	e.cells[e.y][e.x].text = string(r)
	if e.x+width >= len(e.cells[0]) {
		e.x, e.wraps = len(e.cells[0])-1, true
		return
	}
	e.x += width
}

// usual is the width that most terminals give a character.
func usual(r rune) int { return ansi.StringWidth(string(r)) }

// unusual gives every character but the plain ones another width.
func unusual(r rune) int {
	if plain(cell{text: string(r)}, true) {
		return 1
	}
	return (usual(r) + 1) % 3
}

// easternWidths is what terminals do that draw ambiguous characters wide.
func easternWidths(r rune) int {
	if r >= utf8.RuneSelf && plain(cell{text: string(r)}, true) {
		return 2
	}
	return usual(r)
}
