package document

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"
)

// source is a document's text made uniform, and what was taken off it.
type source struct {
	body      []byte // UTF-8, "\n" line ends, no byte order mark, no front matter
	firstLine int    // line number of body's first line in the file
	title     string // from the front matter, not cleaned
}

var (
	utf8Mark  = []byte("\xef\xbb\xbf")
	utf16Mark = [][]byte{{0xff, 0xfe}, {0xfe, 0xff}}
)

// readSource checks the bytes of a file and normalises them. It does not write
// to src, and the body it returns shares no memory with it.
func readSource(src []byte) (source, *ParseError) {
	if len(src) > MaxSize {
		return source{}, &ParseError{Reason: fmt.Sprintf("larger than %d MiB (%d bytes); hint: is this a runbook?", MaxSize>>20, len(src))}
	}
	for _, mark := range utf16Mark {
		if bytes.HasPrefix(src, mark) {
			return source{}, &ParseError{Line: 1, Reason: "text in UTF-16; hint: save the file as UTF-8"}
		}
	}
	if !utf8.Valid(src) {
		line, column := position(src, firstInvalid(src))
		return source{}, &ParseError{Line: line, Reason: fmt.Sprintf("invalid UTF-8 at byte %d of the line; hint: save the file as UTF-8", column)}
	}
	if i := bytes.IndexByte(src, 0); i >= 0 {
		line, column := position(src, i)
		return source{}, &ParseError{Line: line, Reason: fmt.Sprintf("NUL byte at byte %d of the line; hint: this is no text file", column)}
	}
	body := normalise(bytes.TrimPrefix(src, utf8Mark))
	rest, title := cutFrontMatter(body)
	s := source{body: rest, firstLine: 1 + bytes.Count(body[:len(body)-len(rest)], []byte("\n")), title: title}
	return s, checkNesting(s)
}

// normalise returns a copy of src in which "\r\n" and a lone "\r" are "\n", so
// that line numbers stay those of the file.
func normalise(src []byte) []byte {
	if bytes.IndexByte(src, '\r') < 0 {
		return slices.Clone(src)
	}
	out := make([]byte, 0, len(src))
	for i, c := range src {
		switch {
		case c != '\r':
			out = append(out, c)
		case i+1 == len(src) || src[i+1] != '\n':
			out = append(out, '\n')
		}
	}
	return out
}

func firstInvalid(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(src)
}

// position returns the 1-based line of an offset in a file as it was given, and
// the 1-based byte in that line.
func position(src []byte, offset int) (line, column int) {
	before := normalise(src[:offset])
	if offset > 0 && src[offset-1] == '\r' && offset < len(src) && src[offset] == '\n' {
		before = before[:len(before)-1]
	}
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}

// maxNesting is how many blocks may stand in one another. goldmark recurses
// into them, and so do we; a runbook that people read needs no ten.
const maxNesting = 100

// checkNesting refuses a line that opens too many block quotes and lists.
func checkNesting(s source) *ParseError {
	line := s.firstLine
	for rest := s.body; len(rest) > 0; line++ {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		// Each mark takes a byte: a shorter line cannot hold too many.
		if end > maxNesting && countMarks(rest[:end]) > maxNesting {
			return tooDeep(line)
		}
		rest = rest[min(end+1, len(rest)):]
	}
	return nil
}

func tooDeep(line int) *ParseError {
	return &ParseError{Line: line, Reason: fmt.Sprintf("block quotes or lists nested more than %d deep", maxNesting)}
}

// countMarks counts the characters of block quote and list marks that a line
// begins with.
func countMarks(line []byte) int {
	marks := 0
	for _, c := range line {
		switch {
		case c == '>' || c == '-' || c == '+' || c == '*' || c == '.' || c == ')':
			marks++
		case c != ' ' && c != '\t' && (c < '0' || c > '9'):
			return marks
		}
	}
	if bytes.IndexByte(line, '>') < 0 && bytes.ContainsAny(line, "-*") && len(bytes.Trim(line, " \t-*")) == 0 {
		return 0 // a thematic break or a setext underline, however long
	}
	return marks
}

// lines finds line numbers. Lookups mostly go forward by a little, which costs a
// step or two; any other is a binary search.
type lines struct {
	starts []int32 // offset of each line; MaxSize is small enough
	first  int     // number of the line at offset 0
	last   int     // index of the line found last
}

func newLines(src []byte, first int) *lines {
	l := &lines{starts: make([]int32, 1, 2+bytes.Count(src, []byte("\n"))), first: first}
	for i := 0; ; {
		n := bytes.IndexByte(src[i:], '\n')
		if n < 0 {
			return l
		}
		i += n + 1
		l.starts = append(l.starts, int32(i))
	}
}

// at returns the number of the line that holds offset.
func (l *lines) at(offset int) int {
	return l.index(offset) + l.first
}

// start returns the offset of the beginning of the line that holds offset.
func (l *lines) start(offset int) int {
	return int(l.starts[l.index(offset)])
}

func (l *lines) index(place int) int {
	offset := int32(place)
	const near = 8
	for i := l.last; i < len(l.starts) && i < l.last+near && l.starts[i] <= offset; i++ {
		if i+1 == len(l.starts) || l.starts[i+1] > offset {
			l.last = i
			return i
		}
	}
	i, found := slices.BinarySearch(l.starts, offset)
	if !found {
		i--
	}
	l.last = i
	return i
}
