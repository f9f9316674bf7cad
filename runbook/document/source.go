package document

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"
)

// source is a document's normalised text, and what was removed from it.
type source struct {
	body      []byte // UTF-8, "\n" line ends, no byte order mark, no front matter
	firstLine int    // line number of body's first line in the file
	title     string // from the front matter, not cleaned
}

var (
	utf8Mark  = []byte("\xef\xbb\xbf")
	utf16Mark = [][]byte{{0xff, 0xfe}, {0xfe, 0xff}}
)

// readSource checks and normalises the bytes of a file. The result may share memory with
// src.
func readSource(src []byte) (source, *parseError) {
	if len(src) > maxSize {
		return source{}, &parseError{Reason: fmt.Sprintf("larger than %d MiB (%d bytes); hint: is this a runbook?", maxSize>>20, len(src))}
	}
	for _, mark := range utf16Mark {
		if bytes.HasPrefix(src, mark) {
			return source{}, &parseError{Line: 1, Reason: "text in UTF-16; hint: save the file as UTF-8"}
		}
	}
	if !utf8.Valid(src) {
		line, column := position(src, firstInvalid(src))
		return source{}, &parseError{Line: line, Reason: fmt.Sprintf("invalid UTF-8 at byte %d of the line; hint: save the file as UTF-8", column)}
	}
	if i := bytes.IndexByte(src, 0); i >= 0 {
		line, column := position(src, i)
		return source{}, &parseError{Line: line, Reason: fmt.Sprintf("NUL byte at byte %d of the line; hint: this isn't a text file", column)}
	}
	body := normalise(bytes.TrimPrefix(src, utf8Mark))
	rest, title := cutFrontMatter(body)
	s := source{body: rest, firstLine: 1 + bytes.Count(body[:len(body)-len(rest)], []byte("\n")), title: title}
	return s, checkNesting(s)
}

// normalise returns src with "\n" in place of "\r\n" and of a lone "\r", so that line
// numbers are those of the file. It doesn't change src, and returns it if it has neither.
func normalise(src []byte) []byte {
	if bytes.IndexByte(src, '\r') < 0 {
		return src
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

// position returns the 1-based line of an offset in the original file, and the
// 1-based byte in that line.
func position(src []byte, offset int) (line, column int) {
	before := normalise(src[:offset])
	if offset > 0 && src[offset-1] == '\r' && offset < len(src) && src[offset] == '\n' {
		before = before[:len(before)-1]
	}
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}

// maxNesting is how deep blocks may be nested. Both goldmark and this package recurse
// into them; a readable runbook needs fewer than ten levels.
const maxNesting = 100

// checkNesting refuses a line that opens too many block quotes and lists.
func checkNesting(s source) *parseError {
	line := s.firstLine
	for rest := s.body; len(rest) > 0; line++ {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			end = len(rest)
		}
		// Each mark takes a byte, so a shorter line can't have too many.
		if end > maxNesting && countMarks(rest[:end]) > maxNesting {
			return tooDeep(line)
		}
		rest = rest[min(end+1, len(rest)):]
	}
	return nil
}

func tooDeep(line int) *parseError {
	return &parseError{Line: line, Reason: fmt.Sprintf("block quotes or lists nested more than %d deep", maxNesting)}
}

// countMarks counts the characters of the block quote and list marks at the
// beginning of a line, and the labels of footnotes.
func countMarks(line []byte) int {
	marks := 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '>' || c == '-' || c == '+' || c == '*' || c == '.' || c == ')':
			marks++
		case c == '[' && bytes.HasPrefix(line[i:], []byte("[^")):
			end := bytes.IndexByte(line[i:], ']')
			if end < 0 || !bytes.HasPrefix(line[i+end:], []byte("]:")) {
				return marks
			}
			marks++
			i += end + 1
		case c != ' ' && c != '\t' && (c < '0' || c > '9'):
			return marks
		}
	}
	if bytes.IndexByte(line, '>') < 0 && bytes.ContainsAny(line, "-*") && len(bytes.Trim(line, " \t-*")) == 0 {
		return 0 // a thematic break or a setext underline, however long
	}
	return marks
}

// lines finds line numbers. Most lookups go forward by a few lines and are fast; any
// other is a binary search.
type lines struct {
	starts []int32 // offset of each line; maxSize is small enough
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

// at returns the number of the line that contains offset.
func (l *lines) at(offset int) int {
	return l.index(offset) + l.first
}

// start returns the offset of the start of the line that contains offset.
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
