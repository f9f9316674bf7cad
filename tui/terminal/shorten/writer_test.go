package shorten

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/hinshun/vt10x"
	"pgregory.net/rapid"
)

// fakeFile is a terminal that isn't one.
type fakeFile struct{ io.Writer }

func (fakeFile) Read([]byte) (int, error) { return 0, io.EOF }
func (fakeFile) Close() error             { return nil }
func (fakeFile) Fd() uintptr              { return 42 }

// renderer writes frames as Bubble Tea's renderer does, without its clock.
type renderer struct {
	out    io.Writer
	w, h   int
	last   []string
	height int // of the last frame
}

func (r *renderer) repaint() { r.last = nil }

func (r *renderer) paint(view string) {
	lines := strings.Split(view, "\n")
	if r.h > 0 && len(lines) > r.h {
		lines = lines[len(lines)-r.h:]
	}
	var b bytes.Buffer
	b.WriteString(ansi.CursorHomePosition)
	for i, line := range lines {
		if i < len(r.last) && r.last[i] == line {
			if i < len(lines)-1 {
				b.WriteByte('\n')
			}
			continue
		}
		if i == 0 && r.last == nil {
			b.WriteByte('\r')
		}
		if r.w > 0 {
			line = ansi.Truncate(line, r.w, "")
		}
		if ansi.StringWidth(line) < r.w {
			line += ansi.EraseLineRight
		}
		b.WriteString(line)
		if i < len(lines)-1 {
			b.WriteString("\r\n")
		}
	}
	if r.height > len(lines) {
		b.WriteString(ansi.EraseScreenBelow)
	}
	b.WriteString(ansi.CursorPosition(0, len(lines)))
	_, _ = r.out.Write(b.Bytes())
	r.last, r.height = lines, len(lines)
}

// pair compares terminals that get all bytes to those that get the shortened ones.
type pair struct {
	t         failer
	writer    *Writer
	short     bytes.Buffer
	columns   int // of the terminals, for each of the screen
	vt        [2]vt10x.Terminal
	emulators [2][]*emulator
	paused    bool // the screen and the renderer have different sizes

	frames, shortened int
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

func newPair(t failer, w, h, columns int, narrow bool) *pair {
	p := &pair{t: t, columns: columns}
	p.writer = New(fakeFile{&p.short}, narrow)
	widths := []func(rune) int{usual, unusual}
	if !narrow {
		widths = append(widths, easternWidths)
	}
	for i := range p.vt {
		p.vt[i] = vt10x.New(vt10x.WithSize(columns*w, h))
		for _, f := range widths {
			p.emulators[i] = append(p.emulators[i], newEmulator(columns*w, h, f))
		}
	}
	return p
}

func (p *pair) resize(w, h int) {
	for i := range p.vt {
		p.vt[i].Resize(p.columns*w, h)
		for _, e := range p.emulators[i] {
			e.resize(p.columns*w, h)
		}
	}
}

func (p *pair) Write(b []byte) (int, error) {
	p.t.Helper()
	p.short.Reset()
	if n, err := p.writer.Write(b); n != len(b) || err != nil {
		p.t.Fatalf("wrote %d of %d bytes: %v", n, len(b), err)
	}
	p.frames++
	if p.short.Len() < len(b) {
		p.shortened++
	}
	if p.short.Len() > len(b) {
		p.t.Fatalf("%d bytes became %d", len(b), p.short.Len())
	}
	for i, text := range [][]byte{b, p.short.Bytes()} {
		_, _ = p.vt[i].Write(text)
		for _, e := range p.emulators[i] {
			_, _ = e.Write(text)
		}
	}
	if !p.paused {
		p.compare(b)
	}
	return len(b), nil
}

func (p *pair) compare(b []byte) {
	p.t.Helper()
	w, h := p.vt[0].Size()
	if p.vt[0].Cursor() != p.vt[1].Cursor() {
		p.t.Fatalf("the cursors differ: %v, %v\nafter %q\n   or %q", p.vt[0].Cursor(), p.vt[1].Cursor(), b, p.short.String())
	}
	for y := range h {
		for x := range w {
			if one, two := p.vt[0].Cell(x, y), p.vt[1].Cell(x, y); one != two {
				p.t.Fatalf("cells differ at %d,%d: %q %v, %q %v\nafter %q\n   or %q", x, y, one.Char, one, two.Char, two, b, p.short.String())
			}
		}
	}
	for i, one := range p.emulators[0] {
		two := p.emulators[1][i]
		if one.x != two.x || one.y != two.y || one.wraps != two.wraps || one.looks != two.looks {
			p.t.Fatalf("the cursors differ\nafter %q\n   or %q", b, p.short.String())
		}
		for y := range one.cells {
			for x := range one.cells[y] {
				if one.cells[y][x] != two.cells[y][x] {
					p.t.Fatalf("with widths %d, cells differ at %d,%d: %v, %v\nafter %q\n   or %q", i, x, y, one.cells[y][x], two.cells[y][x], b, p.short.String())
				}
			}
		}
	}
}

var (
	pens       = []string{"", "\x1b[1m", "\x1b[3m", "\x1b[7m", "\x1b[38;5;59m", "\x1b[48;5;59m", "\x1b[1;38;5;111m", "\x1b[0m\x1b[1m", "\x1b[1m\x1b[38;5;9m", "\x1b[1m\x1b[22m", "\x1b[0;1m"}
	resets     = []string{"\x1b[0m", "\x1b[m", "\x1b[0m\x1b[0m"}
	plainTexts = []string{"a", "b", " ", "    ", "Look at machine 1", "Look at machine 2", "│", "○ 1", "› ", "…", "✓é■"}
	wideTexts  = []string{"日本", "🔒", "e\u0301", "\u0301", "👩\u200d💻", "\u200d", "↔\ufe0f", "1\ufe0f\u20e3", "🇩🇪", "ﷺ", "⚠", "עב"}
)

// words draws a row. Some rows don't end their colours.
func words(t *rapid.T, texts []string) string {
	var b strings.Builder
	for range rapid.IntRange(0, 5).Draw(t, "parts") {
		pen := rapid.SampledFrom(pens).Draw(t, "pen")
		b.WriteString(pen + rapid.SampledFrom(texts).Draw(t, "text"))
		if pen != "" && rapid.IntRange(0, 9).Draw(t, "how it ends") > 0 {
			b.WriteString(rapid.SampledFrom(resets).Draw(t, "reset"))
		}
	}
	if rapid.IntRange(0, 400).Draw(t, "open") > 0 {
		b.WriteString("\x1b[0m")
	}
	return b.String()
}

// next changes some rows, in a way that leaves much of them the same.
func next(t *rapid.T, lines []string, texts []string) []string {
	lines = append([]string{}, lines...)
	for range rapid.IntRange(0, 3).Draw(t, "changes") {
		if len(lines) == 0 {
			break
		}
		i := rapid.IntRange(0, len(lines)-1).Draw(t, "row")
		switch rapid.IntRange(0, 5).Draw(t, "change") {
		case 0:
			lines[i] = words(t, texts)
		case 1:
			lines[i] = strings.Replace(lines[i], rapid.SampledFrom(texts).Draw(t, "old"), rapid.SampledFrom(texts).Draw(t, "new"), 1)
		case 2:
			lines[i] = strings.Replace(lines[i], "1", "2", 1)
		case 3:
			lines[i] += words(t, texts)
		case 4:
			lines[i] = rapid.SampledFrom(texts).Draw(t, "first") + lines[i]
		case 5:
			lines[i] = ""
		}
	}
	return lines
}

// TestSameScreen: random frames leave every terminal as it would be without the Writer,
// whatever widths it gives to characters.
func TestSameScreen(t *testing.T) {
	frames, shortened := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		texts, columns := plainTexts, 1
		if rapid.Bool().Draw(t, "wide characters") {
			texts, columns = append(append([]string{}, texts...), wideTexts...), 4 // no row wraps
		}
		narrow := rapid.IntRange(0, 3).Draw(t, "narrow") > 0
		if !narrow {
			columns = 4
		}
		w, h := rapid.IntRange(1, 60).Draw(t, "w"), rapid.IntRange(1, 8).Draw(t, "h")
		p := newPair(t, w, h, columns, narrow)
		r := &renderer{out: p, h: h}
		if rapid.IntRange(0, 7).Draw(t, "sized") > 0 {
			r.w = w
		}
		lines := make([]string, h)
		for i := range lines {
			lines[i] = words(t, texts)
		}
		for range rapid.IntRange(1, 20).Draw(t, "frames") {
			switch rapid.IntRange(0, 60).Draw(t, "event") {
			case 0:
				w, h = rapid.IntRange(1, 60).Draw(t, "w"), rapid.IntRange(1, 8).Draw(t, "h")
				p.resize(w, h)
				r.w, r.h = w, h
				r.repaint()
			case 1:
				_, _ = io.WriteString(p, ansi.EraseEntireScreen)
				_, _ = io.WriteString(p, ansi.CursorHomePosition)
				r.repaint()
			case 2:
				_, _ = io.WriteString(p, rapid.SampledFrom([]string{"\x1b[?25l", "\x1b[7m", "\x1b[38;5;9mx\x1b[1;H", "y"}).Draw(t, "something else"))
			case 3:
				r.repaint()
			case 4:
				lines = append(lines, words(t, texts))
			case 5:
				lines = lines[:len(lines)-min(1, len(lines)-1)]
			case 6:
				if r.w == 0 {
					r.w = w
					r.repaint()
				}
			}
			r.paint(strings.Join(lines, "\n"))
			lines = next(t, lines, texts)
		}
		frames, shortened = frames+p.frames, shortened+p.shortened
	})
	t.Logf("%d of %d writes were shortened", shortened, frames)
	if shortened < frames/20 {
		t.Error("too few")
	}
}

// failing is a terminal that takes some bytes, and then none.
type failing struct {
	fakeFile
	room int
	err  error
}

func (f *failing) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	_, _ = f.fakeFile.Write(p[:n])
	f.room -= n
	if n < len(p) {
		return n, f.err
	}
	return n, nil
}

// TestErrors: after an error, everything is passed on until a frame is known again.
func TestErrors(t *testing.T) {
	var out bytes.Buffer
	broken := errors.New("broken")
	for _, err := range []error{broken, nil} {
		f := &failing{fakeFile{&out}, 1 << 20, err}
		w := New(f, true)
		frames := &bytes.Buffer{}
		r := &renderer{out: frames, w: 40, h: 3}
		frame := func(view string) []byte {
			frames.Reset()
			r.paint(view)
			return bytes.Clone(frames.Bytes())
		}
		write := func(b []byte, full bool) {
			t.Helper()
			out.Reset()
			if n, err := w.Write(b); n != len(b) || err != nil {
				t.Fatalf("%d of %d bytes: %v", n, len(b), err)
			}
			if same := bytes.Equal(out.Bytes(), b); same != full {
				t.Errorf("%q became %q", b, out.Bytes())
			}
		}
		write(frame("The first row\nThe second row\nA long third row with 1"), true)
		write(frame("The first row\nThe second row\nA long third row with 2"), false)
		f.room = 10
		n, got := w.Write(frame("The first row\nThe second row\nA long third row with 3"))
		if n != 0 || got == nil || err != nil && !errors.Is(got, err) {
			t.Errorf("%d bytes, and the error %v", n, got)
		}
		f.room = 10
		b := frame("The first row\nThe second row\nA long third row with 4")
		if n, got = w.Write(b); n != 10 || got == nil {
			t.Errorf("%d bytes, and the error %v", n, got)
		}
		f.room = 1 << 20
		write(frame("The first row\nThe second row\nA long third row with 5"), true)
		write(frame("The first row\nThe second row\nA long third row with 6"), false)
		write(frame("The first row\nThe second row with 1\nA long third row with 6"), false)
		if row := "The second row with 1"; !strings.Contains(out.String(), row) {
			t.Errorf("%q has only a part of %q, which wasn't known", out.String(), row)
		}
	}
}

func TestPassedOn(t *testing.T) {
	first := "\x1b[H\rone\x1b[K\r\ntwo\x1b[K\r\nthree\x1b[K\x1b[3;H"
	for _, frame := range []string{
		"", "\n", "\x1b[H", "\x1b[H\x1b[1;H", "one\x1b[K\r\n\n\x1b[3;H",
		"\x1b[H\n\ntwo, with many words 1\x1b[K\x1b[2;H",              // not its number of rows
		"\x1b[H\n\nthree, with many words 1\x1b[K\x1b[J\x1b[3;H",      // erases what is below
		"\x1b[H\n\nthree, with \ttabs 1\x1b[K\x1b[3;H",                // control characters
		"\x1b[H\n\nthree, with \u009btext 1\x1b[K\x1b[3;H",            //
		"\x1b[H\n\nthree, with \xff bytes 1\x1b[K\x1b[3;H",            //
		"\x1b[H\n\nthree, with a \x1b]8;;x\x1b\\link 1\x1b[K\x1b[3;H", // another sequence
		"\x1b[H\n\nthree, with an \x1b[Kerased end 1\x1b[K\x1b[3;H",   //
		"\x1b[H\n\n\x1b[1mthree, without an end 1\x1b[K\x1b[3;H",      // colours that leak
		"\x1b[H\ra repaint 1\x1b[K\r\ntwo\x1b[K\r\nthree\x1b[K\x1b[3;H",
	} {
		var out bytes.Buffer
		w := New(fakeFile{&out}, true)
		for _, text := range []string{first, frame} {
			out.Reset()
			if n, err := w.Write([]byte(text)); n != len(text) || err != nil || out.String() != text {
				t.Errorf("%q became %q: %d, %v", text, out.String(), n, err)
			}
		}
	}
}

// TestPlainSigns: what is addressed by its column is one column wide, also for what
// measures the rows of the checklist.
func TestPlainSigns(t *testing.T) {
	for r := range rune(0x10000) {
		if plain(cell{text: string(r)}, true) && r >= ' ' && r != 0x7f && ansi.StringWidth(string(r)) != 1 {
			t.Errorf("%U is %d columns wide", r, ansi.StringWidth(string(r)))
		}
	}
}

func TestNarrow(t *testing.T) {
	for _, c := range []struct {
		environ map[string]string
		want    bool
	}{
		{nil, true},
		{map[string]string{"LANG": "de_DE.UTF-8"}, true},
		{map[string]string{"LANG": "ja_JP.UTF-8"}, false},
		{map[string]string{"LC_CTYPE": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, false},
		{map[string]string{"LC_ALL": "C.UTF-8", "LC_CTYPE": "zh_CN.UTF-8"}, true},
		{map[string]string{"RUNEWIDTH_EASTASIAN": "1"}, false},
		{map[string]string{"RUNEWIDTH_EASTASIAN": "0", "LANG": "ko_KR.UTF-8"}, true},
	} {
		if got := Narrow(func(name string) string { return c.environ[name] }); got != c.want {
			t.Errorf("%v: %t", c.environ, got)
		}
	}
}

// TestFile: Bubble Tea finds the terminal, and nothing that writes is promoted from it.
func TestFile(t *testing.T) {
	var w any = New(fakeFile{io.Discard}, true)
	if f, ok := w.(File); !ok || f.Fd() != 42 {
		t.Error("it is no terminal")
	}
	if _, ok := w.(io.StringWriter); ok {
		t.Error("WriteString bypasses Write")
	}
	if _, ok := w.(io.ReaderFrom); ok {
		t.Error("ReadFrom bypasses Write")
	}
}

// rowsModel is a model that shows rows, and above them how many messages it has got.
type rowsModel struct {
	lines    []string
	messages int
}

func (m rowsModel) Init() tea.Cmd { return nil }

func (m rowsModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.messages++
	case []string:
		m.lines = msg
		m.messages++
	}
	return m, nil
}

func (m rowsModel) View() string {
	return strings.Join(append([]string{fmt.Sprintf("message %d.", m.messages)}, m.lines...), "\n")
}

// TestBubbleTea does the same as TestSameScreen with the real renderer, which that test
// imitates. It tries fewer cases, because each frame takes the renderer 8 ms.
func TestBubbleTea(t *testing.T) {
	shortened, failed := 0, false
	end := time.Now().Add(3 * time.Second)
	rapid.Check(t, func(t *rapid.T) {
		if time.Now().After(end) && !failed {
			return
		}
		texts := append(append([]string{}, plainTexts...), wideTexts...)
		w, h := rapid.IntRange(20, 60).Draw(t, "w"), rapid.IntRange(2, 8).Draw(t, "h")
		s := &synced{pair: newPair(t, w, h, 4, true)}
		program := tea.NewProgram(rowsModel{}, tea.WithInput(nil), tea.WithOutput(s), tea.WithAltScreen(), tea.WithoutSignalHandler(), tea.WithFPS(120))
		ended := make(chan error, 1)
		go func() {
			_, err := program.Run()
			ended <- err
		}()
		s.resize(w, h, program)
		lines := make([]string, h-1)
		for range rapid.IntRange(1, 12).Draw(t, "frames") {
			switch rapid.IntRange(0, 12).Draw(t, "event") {
			case 0:
				s.resize(rapid.IntRange(20, 60).Draw(t, "w"), h, program)
			case 1:
				program.Send(tea.ClearScreen())
			case 2:
				lines = lines[:len(lines)-min(1, len(lines))]
			case 3:
				if len(lines) < h-1 {
					lines = append(lines, words(t, texts))
				}
			}
			lines = next(t, lines, texts)
			s.send(program, lines)
		}
		program.Quit()
		err := <-ended
		if failed = failed || err != nil || s.failed != ""; err != nil || s.failed != "" {
			t.Fatalf("%s (%v)", s.failed, err)
		}
		shortened += s.pair.shortened
	})
	t.Logf("%d frames were shortened", shortened)
	if shortened == 0 {
		t.Error("none")
	}
}
