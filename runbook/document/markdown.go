package document

import (
	"bytes"
	"sort"
	"strings"
)

// itemContent returns the start of an item's content, after its marker, the space
// that follows and its check box.
func (r *reader) itemContent(step *Step) int {
	src := r.src[:step.End]
	at := step.Start
	for at < len(src) && src[at] >= '0' && src[at] <= '9' {
		at++
	}
	at = min(at+1, len(src)) // the bullet, the "." or the ")"
	at = skipBlanks(src, at)
	if step.Shape == TaskItem && at+3 <= len(src) && src[at] == '[' && src[at+2] == ']' {
		at = skipBlanks(src, at+3)
	}
	return at
}

func skipBlanks(src []byte, at int) int {
	for at < len(src) && (src[at] == ' ' || src[at] == '\t') {
		at++
	}
	return at
}

// Hash returns the SHA-256 of the step's Markdown in hex. If it changes, a tick no
// longer counts. Each call computes it.
func (s *Step) Hash() string { return hash(s.Markdown()) }

// Markdown returns the source of the whole item including nested content, without
// its list marker, check box, indentation and annotations, or what was given for an added
// step. Like Document.Source, it
// is not clean. Each call builds it, because few callers need that of many steps.
func (s *Step) Markdown() string {
	if s.Shape == Added {
		return s.own
	}
	if s.content >= s.End {
		return ""
	}
	doc := s.Section.doc
	src := doc.Source[:s.End]
	cuts := doc.cuts[sort.Search(len(doc.cuts), func(i int) bool { return doc.cuts[i].start >= s.content }):]
	if (len(cuts) == 0 || cuts[0].start >= s.End) && (s.column == 0 || strings.IndexByte(src[s.content:], '\n') < 0) {
		return src[s.content:] // no copy
	}
	out := make([]byte, 0, len(src)-s.content)
	for at, first := s.content, true; at < len(src); first = false {
		end := len(src)
		if i := strings.IndexByte(src[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		from := len(out)
		if !first {
			at, out = dedent(src[:end], at, s.column, out)
		}
		cut := false
		for ; len(cuts) > 0 && cuts[0].start < end; cuts = cuts[1:] {
			out = append(out, src[at:max(at, cuts[0].start)]...)
			at, cut = max(at, cuts[0].end), true
			if spaceAt(doc.Source, at) {
				out = out[:from+len(bytes.TrimRight(out[from:], " \t"))]
			}
			if at >= end {
				break // continues on the next line
			}
		}
		if at < end {
			out = append(out, src[at:end]...)
			at = end
		}
		// A line with nothing but a cut is removed too.
		if cut {
			rest := bytes.TrimRight(out[from:], " \t\n")
			out = append(out[:from+len(rest)], '\n')
			if len(rest) == 0 {
				out = out[:from]
			}
		}
	}
	return string(bytes.TrimRight(out, " \t\n"))
}

// dedent skips white space of src from at, up to column columns. It appends to out
// the columns of a tab that are beyond them.
func dedent(src string, at, column int, out []byte) (int, []byte) {
	const tab = 4 // CommonMark's tab stop
	for c := 0; at < len(src) && c < column; at++ {
		switch src[at] {
		case ' ':
			c++
		case '\t':
			for c += tab - c%tab; c > column; c-- {
				out = append(out, ' ')
			}
		default:
			return at, out
		}
	}
	return at, out
}
