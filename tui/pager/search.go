package pager

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// Search is a search for words. Words in lower case match any case, others match
// exactly. Find may be called concurrently.
type Search struct {
	words  []rune // empty if there is no search
	exact  bool
	starts string     // the ASCII characters that a match can begin with; "" if there are others
	hits   []Position // sorted, the first rows of lines
	seen   int        // the first item that Scan has not searched
	at     Position   // the current hit, if led
	led    bool
}

// NewSearch returns a search without hits.
func NewSearch(words string) Search {
	s := Search{words: []rune(words), exact: strings.ToLower(words) != words}
	switch {
	case words == "" || words[0] >= utf8.RuneSelf:
	case s.exact:
		s.starts = words[:1]
	case words[0] != 'i' && words[0] != 'k': // these two are also the lower case of others, İ and the Kelvin sign
		s.starts = words[:1] + strings.ToUpper(words[:1])
	}
	return s
}

// on reports whether there is a search.
func (s *Search) on() bool { return len(s.words) > 0 }

func (s *Search) has(at Position) bool {
	_, ok := slices.BinarySearchFunc(s.hits, at.line(), Position.compare)
	return ok
}

// Find returns the byte offsets of the first match in a text that starts at from or
// later. It returns -1, -1 if there is none.
func (s *Search) Find(text string, from int) (start, end int) {
	for i := from; i < len(text); {
		if s.starts != "" {
			next := strings.IndexAny(text[i:], s.starts)
			if next < 0 {
				break
			}
			i += next
		}
		r, size := s.rune(text[i:])
		if r == s.words[0] {
			if n := s.match(text[i:]); n > 0 {
				return i, i + n
			}
		}
		i += size
	}
	return -1, -1
}

// match returns the length in bytes of the match at the beginning of a text, or 0 if
// there is none.
func (s *Search) match(text string) int {
	at := 0
	for _, want := range s.words {
		r, size := s.rune(text[at:])
		if size == 0 || r != want {
			return 0
		}
		at += size
	}
	return at
}

// rune returns the first character of a text in the form that is compared, and its
// size in bytes.
func (s *Search) rune(text string) (rune, int) {
	if text != "" && text[0] < utf8.RuneSelf {
		if c := text[0]; !s.exact && 'A' <= c && c <= 'Z' {
			return rune(c) + 'a' - 'A', 1
		}
		return rune(text[0]), 1
	}
	r, size := utf8.DecodeRuneInString(text)
	if !s.exact {
		r = unicode.ToLower(r)
	}
	return r, size
}

// Mark shows the matches in a line that is drawn already. Words that go on in the next line
// aren't marked.
func (s *Search) Mark(line string, style lipgloss.Style) string {
	plain := ansi.Strip(line)
	var b strings.Builder
	done := 0
	for from := 0; s.on(); {
		start, end := s.Find(plain, from)
		if start < 0 {
			break
		}
		at, to := ansi.StringWidth(plain[:start]), ansi.StringWidth(plain[:end])
		b.WriteString(ansi.Cut(line, done, at))
		b.WriteString(style.Render(plain[start:end]))
		done, from = to, end
	}
	if done == 0 {
		return line
	}
	b.WriteString(ansi.Cut(line, done, ansi.StringWidth(plain)))
	return b.String()
}

// span is a range of bytes of a text.
type span struct{ from, to int }

// found returns the matches in a part of a text. Adjacent ones are joined.
func (s *Search) found(text string, from, to int) []span {
	var spans []span
	for at := 0; at < to; {
		start, end := s.Find(text, at)
		if start < 0 || start >= to {
			break
		}
		at = end
		if end <= from {
			continue
		}
		if last := len(spans) - 1; last >= 0 && spans[last].to == start {
			spans[last].to = min(end, to)
		} else {
			spans = append(spans, span{max(start, from), min(end, to)})
		}
	}
	return spans
}

// title returns the words and the number of hits.
func (s *Search) title() string {
	title := fmt.Sprintf("%q ", string(s.words))
	at, ok := slices.BinarySearchFunc(s.hits, s.at, Position.compare)
	switch {
	case len(s.hits) == 0:
		return title + "none"
	case s.led && ok:
		return title + say.Number(at+1) + " of " + say.Number(len(s.hits))
	}
	return title + say.Number(len(s.hits)) + " found"
}

// AddTitle appends the words and the number of hits to a title of at most w cells. It
// truncates the title if there is no room for both.
func (s *Search) AddTitle(title, more string, w int) string {
	if !s.on() {
		return title
	}
	search := " · " + s.title() + more
	return ansi.Truncate(title, max(w-6-ansi.StringWidth(search), 8), "…") + search
}

// Search returns the search in progress.
func (p *Pager) Search() *Search { return &p.search }

// Words returns the words of the search, or "" if there is none.
func (p *Pager) Words() string { return string(p.search.words) }

// Hits returns the number of lines that were found.
func (p *Pager) Hits() int { return len(p.search.hits) }

// StartSearch begins a search without hits. Empty words end the search.
func (p *Pager) StartSearch(words string) {
	before := p.width()
	p.search, p.goal = NewSearch(words), nil
	if p.width() != before { // the marks of hits need room
		p.rewrap()
	}
}

// Scan searches the first lines of the items before end that it has not searched yet,
// and drops hits of items that no longer exist.
func (p *Pager) Scan(end int) {
	s, first := &p.search, p.source.First()
	if !s.on() {
		return
	}
	gone, _ := slices.BinarySearchFunc(s.hits, Position{Item: first}, Position.compare)
	s.hits = s.hits[gone:]
	s.led = s.led && s.at.Item >= first
	for s.seen = max(s.seen, first); s.seen < end; s.seen++ {
		if start, _ := s.Find(p.source.Line(s.seen, 0).Text, 0); start >= 0 {
			s.hits = append(s.hits, Position{Item: s.seen})
		}
	}
}

// AddHits adds hits that the source has found. It goes to the next hit unless it has
// gone to one before.
func (p *Pager) AddHits(hits []Position) {
	p.search.hits = append(p.search.hits, hits...)
	slices.SortFunc(p.search.hits, Position.compare)
	if !p.search.led && len(p.search.hits) > 0 {
		p.Turn(true)
	}
}

// GoToHit goes to the first hit at or after an item, if there is one.
func (p *Pager) GoToHit(item int) {
	i, _ := slices.BinarySearchFunc(p.search.hits, Position{Item: item}, Position.compare)
	if i < len(p.search.hits) {
		p.lead(p.search.hits[i])
	}
}

// Turn goes to the next hit, or to the previous one. It starts at the cursor. A pager
// without a cursor starts at the current hit, or at the top of the screen if that hit is
// not on the screen. There must be a hit. Turn returns a message for the person if the
// search has wrapped around.
func (p *Pager) Turn(forward bool) clean.Text {
	p.settle()
	hits, from := p.search.hits, p.top.line()
	switch {
	case p.goal != nil:
		from = *p.goal // its line is being read
	case p.Cursor:
		from = p.cursor.line()
	case p.search.led && p.partly(p.search.at):
		from = p.search.at
	}
	i, here := slices.BinarySearchFunc(hits, from, Position.compare)
	switch {
	case !forward:
		i--
	case here && p.search.led && p.search.at == from:
		i++
	}
	said := clean.Text{}
	switch {
	case i < 0:
		i, said = len(hits)-1, clean.Line("That was the first one; this is the last.")
	case i == len(hits):
		i, said = 0, clean.Line("That was the last one; this is the first.")
	}
	p.lead(hits[i])
	return said
}

// lead goes to a hit. It does not scroll if the hit is on the screen.
func (p *Pager) lead(hit Position) {
	p.settle()
	p.search.at, p.search.led, p.goal, p.follow = hit, true, nil, false
	to := hit
	if o, ok := p.source.(Opener); ok && !o.Open(hit.Item, hit.Line) {
		p.goal, to = &hit, Position{Item: hit.Item}
	}
	to = p.within(to)
	l := p.source.Line(to.Item, to.Line)
	start, end := p.search.Find(l.Text, 0)
	if p.Wrap == Cut {
		p.bring(l.Text, start, end)
	}
	for bounds := p.bounds(l); to.Row+2 < len(bounds) && bounds[to.Row+1] <= start; {
		to.Row++
	}
	if p.cursor = to; !p.OnScreen(to) {
		p.top = p.up(to, p.h/3)
	}
	p.settle()
}

// Resume goes to the hit whose line was not in memory before.
func (p *Pager) Resume() {
	if p.goal != nil {
		p.lead(*p.goal)
	}
}
