package document

import (
	"bytes"
	"unicode/utf8"
)

// prose is the plain text of a paragraph or heading, and what in it isn't to be taken
// for the words of a sentence.
type prose struct {
	text   []byte
	cut    []byte // what words returned
	both   []byte // that and the text
	hidden []span // code and struck-out text, in order
	links  []span // the texts of links, in order
	lock   bool   // it has a lock sign outside of what is hidden
	struck int    // how many struck-out ranges are open
	items  []said
	// negated is the last word that forbids or denies something, or "".
	negated string
	wrong   string // the words by which it is done only if something goes wrong, or ""
	refers  string // the negation in an unfinished sentence at its end, such as "Never run:"
}

// said is a command or a link and where in the text it stands. The others are indexes, -1
// for none.
type said struct{ at, command, link, ofDocument int }

func (p *prose) reset() {
	*p = prose{text: p.text[:0], cut: p.cut, both: p.both, hidden: p.hidden[:0], links: p.links[:0], items: p.items[:0]}
}

// gap stands in a step's words for what isn't one of them.
const gap = "…"

// words returns the text with a gap in place of code, struck-out text and links. It is
// valid until the next call.
func (p *prose) words() []byte {
	if len(p.hidden) == 0 && len(p.links) == 0 {
		return p.text
	}
	out := p.cut[:0]
	hidden, links, at := p.hidden, p.links, 0
	for len(hidden) > 0 || len(links) > 0 {
		var next span
		if len(links) == 0 || len(hidden) > 0 && hidden[0].start < links[0].start {
			next, hidden = hidden[0], hidden[1:]
		} else {
			next, links = links[0], links[1:]
		}
		if next.start >= at {
			out = append(append(out, p.text[at:next.start]...), gap...)
		}
		at = max(at, next.end)
	}
	p.cut = append(out, p.text[at:]...)
	return p.cut
}

// finish looks for lock signs and negations, once all of the text is read. Before is the
// negation of the unfinished sentence that leads to this text, or "".
func (r *reader) finish(step *Step, before string) {
	if r.struck > 0 {
		r.hidden[len(r.hidden)-1].end = len(r.text)
	}
	text, hidden, items, found, end := r.text, r.hidden, r.items, before, 0
	stop := len(text) // where the next hidden range begins
	if len(hidden) > 0 {
		stop = hidden[0].start
	}
	if r.wrong = r.ifWrong(text); r.wrong != "" {
		before, found = r.wrong, r.wrong
	}
	for at := 0; at < len(text); at++ {
		if at >= stop {
			at, hidden, stop = max(at, hidden[0].end)-1, hidden[1:], len(text)
			if len(hidden) > 0 {
				stop = hidden[0].start
			}
			continue
		}
		switch marks[text[at]] {
		case noMark:
		case wordMark:
			if c := text[at]; isWordByte(c) && (at > 0 && isWordByte(text[at-1]) || at+1 < len(text) && !goesOn(c, text[at+1])) {
				break // inside of a word, or another one
			}
			if word := negationAt(text, at); word != "" {
				found, r.negated = word, word
			}
		case lockMark:
			r.lock = r.lock || isLock(text[at:]) || lockName(text[at:]) > 0
		case endMark:
			if r.endsSentence(at, hidden) {
				items, found, end = r.negate(step, items, at, found), before, at+1
				if len(items) > 0 && found == "" {
					found = r.ifWrong(bytes.TrimLeft(text[end:], " *_()"))
				}
			}
		}
	}
	r.negate(step, items, len(text), found)
	if bytes.HasSuffix(bytes.TrimRight(text[min(end, len(text)):], " *_"), []byte(":")) {
		r.refers = found
	}
}

// negate marks the items up to an offset, and returns the others.
func (r *reader) negate(step *Step, items []said, end int, word string) []said {
	for ; len(items) > 0 && items[0].at <= end; items = items[1:] {
		if word == "" {
			continue
		}
		item := items[0]
		if item.command >= 0 {
			step.Commands[item.command].Negated = word
		}
		if item.link >= 0 {
			step.Links[item.link].Negated = word
		}
		if item.ofDocument >= 0 {
			r.doc.Links[item.ofDocument].Negated = word
		}
	}
	return items
}

// negations are the words by which a sentence forbids or denies something, by their first
// letter.
var negations = [256][]string{
	'a': {"avoid"},
	'c': {"cannot"},
	'd': {"dont"},
	'i': {"instead of"},
	'n': {"not", "never", "nobody", "no one", "no-one", "no longer", "nor"},
}

// goesOn reports whether a word that begins with two letters may be a negation. It avoids
// the comparison with nearly all of them.
func goesOn(first, second byte) bool {
	switch second |= 0x20; first | 0x20 {
	case 'n':
		return second == 'o' || second == 'e'
	case 'a':
		return second == 'v'
	case 'c':
		return second == 'a'
	case 'd':
		return second == 'o'
	}
	return second == 'n' // of "instead"
}

// marks are the bytes at which a negation or a lock sign may begin or a sentence end.
var marks = func() (set [256]byte) {
	for c := range negations {
		if len(negations[c]) > 0 {
			set[c], set[c&^0x20] = wordMark, wordMark
		}
	}
	set['\''], set[0xe2] = wordMark, wordMark // an apostrophe
	set['.'], set['!'], set['?'] = endMark, endMark, endMark
	set[':'], set[0xf0] = lockMark, lockMark // a name, or the first byte of a sign
	return set
}()

const (
	noMark = iota
	wordMark
	endMark
	lockMark
)

// negationAt returns the negation at an offset of text that isn't inside of a word, or "".
func negationAt(text []byte, at int) string {
	c := text[at]
	if c == '\'' || c == 0xe2 {
		rest, ok := bytes.CutPrefix(text[at:], []byte("'"))
		if !ok {
			rest, ok = bytes.CutPrefix(text[at:], []byte("’"))
		}
		if ok && at > 0 && text[at-1]|0x20 == 'n' && len(rest) > 0 && rest[0]|0x20 == 't' && (len(rest) == 1 || !isWordByte(rest[1])) {
			return "n't"
		}
		return ""
	}
	for _, w := range negations[c|0x20] {
		if end := at + len(w); end <= len(text) && text[at+1]|0x20 == w[1] && bytes.EqualFold(text[at:end], []byte(w)) && (end == len(text) || !isWordByte(text[end])) {
			return w
		}
	}
	return ""
}

// endsSentence reports whether a full stop, question or exclamation mark is the last of a
// sentence. Hidden
// are the hidden ranges after it.
func (p *prose) endsSentence(at int, hidden []span) bool {
	text := p.text
	rest := bytes.TrimLeft(text[at+1:], `)]"'*_”’`)
	switch {
	case len(rest) == 0:
		return true
	case rest[0] != ' ':
		return false
	case text[at] == '.':
		const longest = len("(approx")
		word := text[max(0, at-longest):at]
		word = word[bytes.LastIndexAny(word, " (")+1:]
		for _, short := range [...]string{"e.g", "i.e", "etc", "cf", "vs", "resp", "incl", "approx"} {
			if bytes.EqualFold(word, []byte(short)) {
				return false
			}
		}
	}
	rest = bytes.TrimLeft(rest, " ")
	code := len(hidden) > 0 && len(text)-len(rest) == hidden[0].start
	return code || len(rest) == 0 || rest[0] < 'a' || rest[0] > 'z'
}

// hasLock reports whether text has a lock sign or the name of one.
func hasLock(text []byte) bool {
	for at := range text {
		if isLock(text[at:]) || lockName(text[at:]) > 0 {
			return true
		}
	}
	return false
}

// isLock reports whether text begins with a closed lock.
func isLock(text []byte) bool {
	c, _ := utf8.DecodeRune(text)
	return c == '\U0001F512' || c == '\U0001F510' || c == '\U0001F50F'
}

// lockName returns the length of the name of a lock sign at the beginning of text, such as
// ":lock:", ":closed_lock_with_key:" or ":octicons-lock-16:"; 0 if there is none.
func lockName(text []byte) int {
	if len(text) == 0 || text[0] != ':' {
		return 0
	}
	found, word := false, 1
	for i := 1; i < len(text); i++ {
		c := text[i]
		if isWordByte(c) && c != '_' {
			continue
		}
		found = found || isLockWord(text[word:i])
		switch c {
		case ':':
			if found {
				return i + 1
			}
			return 0
		case '_', '-':
			word = i + 1
		default:
			return 0
		}
	}
	return 0
}

func isLockWord(word []byte) bool {
	switch string(word) {
	case "lock", "locked", "padlock":
		return true
	}
	return false
}

// namesLock reports whether one of the words of an icon's tag or address is a lock.
func namesLock(tag []byte) bool {
	for len(tag) > 0 {
		end := bytes.IndexFunc(tag, func(c rune) bool { return c|0x20 < 'a' || c|0x20 > 'z' })
		if end < 0 {
			end = len(tag)
		}
		if isLockWord(tag[:end]) {
			return true
		}
		tag = tag[min(end+1, len(tag)):]
	}
	return false
}

const lockSize = 4 // bytes of a lock sign

var variations = [][]byte{[]byte("\uFE0F"), []byte("\uFE0E")}

// cutLocks removes the lock signs at the beginning of a text, and the space around it.
func cutLocks(text []byte) []byte {
	for {
		text = bytes.TrimSpace(text)
		n := lockName(text)
		if n == 0 && isLock(text) {
			n = lockSize
		}
		if n == 0 {
			return text
		}
		text = text[n:]
		for _, v := range variations {
			text = bytes.TrimPrefix(text, v)
		}
	}
}

// trimLocks removes the lock signs at both ends of a text, and the space around it.
func trimLocks(text []byte) []byte {
	for text = cutLocks(text); ; {
		rest := text
		for _, v := range variations {
			rest = bytes.TrimSuffix(rest, v)
		}
		start := max(len(rest)-lockSize, 0)
		if len(rest) > 0 && rest[len(rest)-1] == ':' {
			start = bytes.LastIndexByte(rest[:len(rest)-1], ':')
		}
		if start < 0 || !isLock(rest[start:]) && lockName(rest[start:]) == 0 {
			return text
		}
		text = bytes.TrimSpace(rest[:start])
	}
}
