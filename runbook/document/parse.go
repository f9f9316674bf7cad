package document

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"catalog-runbook/runbook/clean"
)

// MaxSize is the size in bytes of the largest document that Parse reads.
const MaxSize = 4 << 20

// ParseError says why a document was refused. Where the reason is a text of the
// document it is quoted, so that the message may be shown.
type ParseError struct {
	Name   string // the file name that Parse was given
	Line   int    // 1-based; 0 where the whole file is meant
	Reason string
}

// Error returns "name:line: reason".
func (e *ParseError) Error() string {
	if e.Line == 0 {
		return e.Name + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Reason)
}

// Parse reads a runbook. Any text is a document, also one without a heading or a
// step; name is used for messages and for the title of a document that has none.
//
// Parse refuses with a *ParseError what it cannot read faithfully: a document
// that is larger than MaxSize, is no UTF-8 or holds a NUL byte, nests blocks
// absurdly deep, leaves an admonition open, or has an annotation that is
// malformed or binds to nothing. It does not judge which kinds and parameters an
// annotation names. src is not kept. Parse may be called concurrently.
func Parse(name string, src []byte) (*Document, error) {
	s, err := readSource(src)
	if err != nil {
		err.Name = name
		return nil, err
	}
	r := &reader{
		doc:  &Document{Name: name, given: string(src)},
		src:  s.body,
		line: newLines(s.body, s.firstLine),
		ids:  map[string]int{},
	}
	r.doc.Source = string(s.body)
	root, err := parseMarkdown(s.body)
	if err == nil {
		err = r.read(root)
	}
	if err != nil {
		err.Name = name
		return nil, err
	}
	r.doc.Title = r.title(s.title)
	return r.doc, nil
}

// title picks the document's title; front is that of the front matter.
func (r *reader) title(front string) clean.Text {
	for _, s := range r.doc.Sections {
		if s.Level == 1 && !s.Path[len(s.Path)-1].Empty() {
			return s.Path[len(s.Path)-1]
		}
	}
	for _, candidate := range []string{front, filepath.Base(r.doc.Name)} {
		if t := strings.TrimSpace(candidate); t != "" && t != "." {
			return clean.Line(t)
		}
	}
	return clean.Line("Runbook")
}

// trimBlankEnd returns the end of src[start:end] without the white space at its
// end.
func trimBlankEnd(src []byte, start, end int) int {
	return start + len(bytes.TrimRight(src[start:end], " \t\n"))
}
