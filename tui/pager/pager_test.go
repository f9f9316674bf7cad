package pager

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/tui/frametest"
	"catalog-runbook/tui/text"
)

// shelf is a source of items with lines, some of which may be closed or barred.
type shelf struct {
	first  int
	items  [][]string
	closed map[int]bool // only the first line is shown
	barred map[int]bool
	pulled int // lines
}

func (s *shelf) First() int { return s.first }
func (s *shelf) End() int   { return len(s.items) }

func (s *shelf) Lines(item int) int {
	if s.closed[item] {
		return 1
	}
	return len(s.items[item])
}

func (s *shelf) Line(item, line int) Line {
	s.pulled++
	if item < s.first || item >= len(s.items) || line >= s.Lines(item) {
		panic(fmt.Sprintf("there is no line %d of item %d", line, item))
	}
	return Line{Text: s.items[item][line], Hang: 2}
}

func (s *shelf) Barred(item int) bool { return s.barred[item] }

func (s *shelf) Open(item, line int) bool {
	delete(s.closed, item)
	return !s.barred[item]
}

// lines is a shelf of n items with one short line each.
func lines(n int) *shelf {
	s := &shelf{closed: map[int]bool{}, barred: map[int]bool{}}
	for i := range n {
		s.items = append(s.items, []string{fmt.Sprintf("line %d", i)})
	}
	return s
}

// TestRead holds what counts as having read a source to its end.
func TestRead(t *testing.T) {
	type state struct {
		p *Pager
		s *shelf
	}
	see := func(s state) { s.p.MarkRead() }
	page := func(s state) { s.p.page(1); s.p.MarkRead() }
	back := func(s state) { s.p.page(-1); s.p.MarkRead() }
	first := func(s state) { s.p.Jump(false); s.p.MarkRead() }
	last := func(s state) { s.p.Jump(true); s.p.MarkRead() }
	size := func(w, h int) func(state) { return func(s state) { s.p.SetSize(w, h); s.p.MarkRead() } }
	change := func(f func(*shelf)) func(state) { return func(s state) { f(s.s); s.p.MarkRead() } }
	open := change(func(s *shelf) { clear(s.closed); clear(s.barred) })
	for _, tt := range []struct {
		name  string
		lines int
		start func(*shelf)
		steps []func(state)
		read  bool
	}{
		{"not shown", 3, nil, nil, false},
		{"all on the screen", 10, nil, []func(state){see}, true},
		{"one row too many", 11, nil, []func(state){see}, false},
		{"one page", 19, nil, []func(state){see, page}, true},
		{"a page that is not seen", 29, nil, []func(state){see, func(s state) { s.p.page(1) }, func(s state) { s.p.page(1) }, see}, false},
		{"the end alone", 30, nil, []func(state){see, last}, false},
		{"the end, and back to the beginning", 30, nil, []func(state){see, last, first}, false},
		{"from the end upwards", 30, nil, []func(state){last, back, back, back}, false},
		{"the end, then all in order", 30, nil, []func(state){last, first, page, page, page}, true},
		{"no room", 5, nil, []func(state){size(80, 0)}, false},
		{"no width", 5, nil, []func(state){size(Narrow-1, 10)}, false},
		{"narrow, then wide", 5, nil, []func(state){size(Narrow-1, 10), size(Narrow, 10)}, true},
		{"another height", 30, nil, []func(state){see, size(80, 5), page, page, page, page, page, page, page}, true},
		{"lines that are gone", 5, func(s *shelf) { s.first = 1 }, []func(state){see, page, first, last}, false},
		{"a barred item", 5, func(s *shelf) { s.barred[3] = true }, []func(state){see, last, first}, false},
		{"a barred item that opens", 5, func(s *shelf) { s.barred[3] = true }, []func(state){see, open}, true},
		{"a barred item that opens too late", 30, func(s *shelf) { s.barred[3] = true }, []func(state){see, page, page, open, last}, false},
		{"closed after it was read in part", 3, func(s *shelf) { s.items[1] = make([]string, 50) }, []func(state){see, page, change(func(s *shelf) { s.closed[1] = true })}, true},
		{"closed and barred after it was read in part", 3, func(s *shelf) { s.items[1] = make([]string, 50) },
			[]func(state){see, page, change(func(s *shelf) { s.closed[1], s.barred[1] = true, true })}, false},
		{"nothing at all", 0, nil, []func(state){see}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := lines(tt.lines)
			if tt.start != nil {
				tt.start(s)
			}
			p := New(s, &text.Styles{}, Options{Wrap: Words, Overlap: 1, ReadWidth: Narrow})
			p.SetSize(80, 10)
			for _, step := range tt.steps {
				step(state{p, s})
			}
			if p.Read() != tt.read {
				t.Errorf("read: %v, up to %v", p.Read(), p.Unread())
			}
		})
	}
}

// TestReadResized holds that a row in the middle of a line does not count as read
// when it has other contents.
func TestReadResized(t *testing.T) {
	s := &shelf{items: [][]string{{strings.Repeat("0123456789", 40)}}}
	p := New(s, &text.Styles{}, Options{Wrap: Cells, Overlap: 1})
	p.SetSize(20, 10)
	p.MarkRead()
	if p.Unread() != (Position{Row: 10}) {
		t.Fatalf("read up to %v", p.Unread())
	}
	p.SetSize(25, 10)
	if p.Unread() != (Position{}) {
		t.Errorf("with another width, read up to %v", p.Unread())
	}
	p.MarkRead()
	p.SetSize(25, 5)
	if p.Unread() != (Position{Row: 10}) {
		t.Errorf("with another height, read up to %v", p.Unread())
	}
	if p.StartSearch("9"); p.Unread() != (Position{}) {
		t.Errorf("with marks before the rows, read up to %v", p.Unread())
	}
}

// TestScroll moves through a source and back, with and without a cursor.
func TestScroll(t *testing.T) {
	for _, tt := range []struct {
		name   string
		cursor bool
		do     func(p *Pager)
		top    int
		at     int
	}{
		{"down", false, func(p *Pager) { p.scroll(3) }, 3, 0},
		{"below the end", false, func(p *Pager) { p.scroll(500) }, 90, 0},
		{"above the beginning", false, func(p *Pager) { p.scroll(3); p.scroll(-9) }, 0, 0},
		{"pages", false, func(p *Pager) { p.page(1); p.page(1); p.page(-1) }, 9, 0},
		{"end", false, func(p *Pager) { p.Jump(true) }, 90, 0},
		{"end and beginning", false, func(p *Pager) { p.Jump(true); p.Jump(false) }, 0, 0},
		{"cursor on the screen", true, func(p *Pager) { p.scroll(9) }, 0, 9},
		{"cursor below the screen", true, func(p *Pager) { p.scroll(12) }, 3, 12},
		{"cursor above the screen", true, func(p *Pager) { p.scroll(50); p.scroll(-20) }, 30, 30},
		{"pages with the cursor", true, func(p *Pager) { p.scroll(2); p.page(1) }, 9, 11},
		{"end with the cursor", true, func(p *Pager) { p.Jump(true) }, 90, 99},
		{"beginning with the cursor", true, func(p *Pager) { p.Jump(true); p.Jump(false) }, 0, 0},
		{"a cursor that is set", true, func(p *Pager) { p.SetCursor(Position{Item: 70}) }, 61, 70},
		{"a cursor that does not exist", true, func(p *Pager) { p.SetCursor(Position{Item: 700, Line: 3}) }, 90, 99},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := New(lines(100), &text.Styles{}, Options{Wrap: Words, Cursor: tt.cursor, Overlap: 1})
			p.SetSize(80, 10)
			tt.do(p)
			if p.Top().Item != tt.top || tt.cursor && p.At().Item != tt.at {
				t.Errorf("top %v, cursor %v", p.Top(), p.At())
			}
		})
	}
}

// TestTail follows a source that grows, and loses lines at its beginning.
func TestTail(t *testing.T) {
	s := lines(20)
	p := New(s, &text.Styles{}, Options{Wrap: Cut, Tail: true, Overlap: 1})
	p.SetSize(80, 10)
	see := func(first string, following bool) {
		t.Helper()
		if got := p.View()[0]; got != first || p.Following() != following {
			t.Errorf("%q is at the top, following: %v", got, p.Following())
		}
	}
	see("line 10", true)
	s.items = append(s.items, lines(5).items...)
	p.View()
	if p.Top().Item != 15 {
		t.Errorf("the top is %v", p.Top())
	}
	p.scroll(-5)
	s.items = append(s.items, lines(5).items...)
	see("line 10", false)
	if p.Below() != 10 {
		t.Errorf("%d below", p.Below())
	}
	s.first = 12 // what was at the top is gone
	see("line 12", false)
	p.page(1)
	p.page(1)
	see("line 0", true)
}

// TestRandom keeps every position valid whatever happens, and every row within
// the width.
func TestRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"", "a", "日本語のテキスト", "exactly ten", strings.Repeat("0123456789", 12), strings.Repeat("some words ", 20)}
	for round := range 12 {
		s := &shelf{closed: map[int]bool{}, barred: map[int]bool{}}
		grow := func() {
			for range random.IntN(30) {
				item := []string{}
				for range 1 + random.IntN(5) {
					item = append(item, words[random.IntN(len(words))])
				}
				s.items = append(s.items, item)
			}
		}
		grow()
		p := New(s, &text.Styles{}, Options{Wrap: []Wrap{Drawn, Cut, Cells, Words}[round%4], Cursor: round%3 == 0, Tail: round%5 == 0, Half: round%7 == 0, Overlap: 1 + round%2})
		p.SetSize(80, 10)
		for range 200 {
			w, h := p.w, p.h
			switch random.IntN(12) {
			case 0:
				w, h = 1+random.IntN(100), random.IntN(30)
				p.SetSize(w, h)
			case 1:
				p.scroll(random.IntN(9) - 4)
			case 2:
				p.page(random.IntN(3) - 1)
			case 3:
				p.Jump(random.IntN(2) == 0)
			case 4:
				grow()
			case 5:
				s.first = min(s.first+random.IntN(2), len(s.items))
			case 6:
				s.closed[random.IntN(len(s.items)+1)] = random.IntN(2) == 0
			case 7:
				p.StartSearch([]string{"", "WORDS", "5", "語"}[random.IntN(4)])
				p.Scan(len(s.items))
			case 8:
				if p.Scan(len(s.items)); p.Hits() > 0 {
					p.Turn(random.IntN(2) == 0)
				}
			default:
				p.MarkRead()
			}
			rows := p.View()
			if len(rows) > h {
				t.Fatalf("%d rows", len(rows))
			}
			for _, r := range rows {
				if problem := frametest.Problem(r, max(w, 2), 1); problem != "" {
					t.Fatalf("at %d cells: %s in %q", w, problem, r)
				}
			}
		}
	}
}

// TestCost holds that a key costs the same however long the source is.
func TestCost(t *testing.T) {
	s := lines(1_000_000)
	p := New(s, &text.Styles{}, Options{Wrap: Words, Cursor: true, Overlap: 1})
	p.SetSize(80, 40)
	for name, do := range map[string]func(){
		"down": func() { p.scroll(1) }, "page": func() { p.page(1) }, "end": func() { p.Jump(true) }, "up": func() { p.scroll(-1) },
		"read": func() { p.MarkRead() }, "size": func() { p.SetSize(60, 30) }, "view": func() { p.View() }, "wanted": func() { p.Wanted() },
	} {
		s.pulled = 0
		start := time.Now()
		do()
		if took := time.Since(start); s.pulled > 2_000 || took > time.Second {
			t.Errorf("%s pulls %d lines, in %s", name, s.pulled, took)
		}
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		words, text string
		start, end  int
	}{
		{"error", "an Error here", 3, 8},
		{"Error", "an error, an Error", 13, 18},
		{"error", "eerror", 1, 6},
		{"ä", "Ä", 0, 2},
		{"straße", "die STRAßE", 4, 11},
		{"日", "a日", 1, 4},
		{"aab", "aaab", 1, 4},
		{"long", "lon", -1, -1},
		{"x", "", -1, -1},
		{"ſ", "s", -1, -1},
		{"it", "İT", 0, 3},
		{"kelvin", "a \u212aelvin", 2, 10},
		{"9a", "日9 9A", 5, 7},
	} {
		s := NewSearch(c.words)
		if start, end := s.Find(c.text, 0); start != c.start || end != c.end {
			t.Errorf("%q in %q: %d to %d, want %d to %d", c.words, c.text, start, end, c.start, c.end)
		}
	}
	s := NewSearch("ab")
	if got := fmt.Sprint(s.found("ababxabx ab", 1, 10)); got != "[{1 4} {5 7} {9 10}]" {
		t.Errorf("found %s", got)
	}
}

// TestTurn goes from hit to hit.
func TestTurn(t *testing.T) {
	s := lines(100) // 9, 19, ... 89, and 90 to 99 have a 9
	p := New(s, &text.Styles{}, Options{Wrap: Cut, Overlap: 1})
	p.SetSize(80, 10)
	p.StartSearch("line 9")
	p.Scan(100)
	if p.search.title() != `"line 9" 11 found` {
		t.Error(p.search.title())
	}
	for _, tt := range []struct {
		forward     bool
		title, said string
		at          int
	}{
		{true, "1 of 11", "", 9},
		{true, "2 of 11", "", 90},
		{false, "1 of 11", "", 9},
		{false, "11 of 11", "That was the first one; this is the last.", 99},
		{true, "1 of 11", "That was the last one; this is the first.", 9},
	} {
		said := p.Turn(tt.forward)
		if !strings.HasSuffix(p.search.title(), tt.title) || said.String() != tt.said || p.search.at.Item != tt.at || !p.OnScreen(p.search.at) {
			t.Errorf("%s, %q, at %v", p.search.title(), said, p.search.at)
		}
	}
	marked := slices.DeleteFunc(p.View(), func(r string) bool { return !strings.HasPrefix(r, "› ") })
	if !slices.Equal(marked, []string{"› line 9"}) {
		t.Errorf("marked: %q", marked)
	}
	p.Jump(true) // who scrolls away goes on from what is on the screen
	if p.Turn(true); p.search.at.Item != 90 {
		t.Errorf("at %v", p.search.at)
	}
	s.first = 95
	if p.Scan(100); p.search.title() != `"line 9" 5 found` {
		t.Error(p.search.title())
	}
}

// TestTurnOpens goes to a hit in an item that is closed and not there yet.
func TestTurnOpens(t *testing.T) {
	s := lines(50)
	s.items[30] = []string{"title", "hidden words"}
	s.closed[30], s.barred[30] = true, true
	p := New(s, &text.Styles{}, Options{Wrap: Words, Cursor: true, Overlap: 1})
	p.SetSize(80, 10)
	p.StartSearch("hidden")
	p.AddHits([]Position{{Item: 30, Line: 1}})
	if p.At() != (Position{Item: 30}) || s.closed[30] {
		t.Errorf("at %v", p.At())
	}
	clear(s.barred)
	if p.Resume(); p.At() != (Position{Item: 30, Line: 1}) {
		t.Errorf("at %v when it is there", p.At())
	}
}
