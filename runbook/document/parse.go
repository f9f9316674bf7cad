package document

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document/grammar"
)

// maxSize is the maximum size of a document in bytes.
const maxSize = 4 << 20

// parseError says why a document was refused. Text of the document in it is quoted,
// so that the message is safe to show.
type parseError struct {
	Name   string // the file name that Parse was given
	Line   int    // 1-based; 0 for the whole file
	Reason string
}

// Error returns "name:line: reason".
func (e *parseError) Error() string {
	if e.Line == 0 {
		return e.Name + ": " + e.Reason
	}
	return fmt.Sprintf("%s:%d: %s", e.Name, e.Line, e.Reason)
}

// Parse reads a runbook. Any text is a document, even without a heading or a step.
// The name is used in messages, and as the title of a document without one.
//
// Parse returns an error for a document that it can't read faithfully: one that is
// larger than 4 MiB, isn't UTF-8 or contains a NUL byte, nests blocks more than 100
// deep, leaves an admonition open, or has an annotation that is malformed or binds
// to nothing. It doesn't check which kinds and parameters an annotation names. Parse
// doesn't retain src, and may be called concurrently.
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

		frontTitle: strings.TrimSpace(s.title),
	}
	if rest := r.doc.given[max(len(src)-len(s.body), 0):]; rest == string(s.body) {
		r.doc.Source = rest // no copy
	} else {
		r.doc.Source = string(s.body)
	}
	root, failure := grammar.Parse(s.body)
	if failure != nil {
		return nil, &parseError{Name: name, Reason: failure.Error()}
	}
	if err = r.read(root); err != nil {
		err.Name = name
		return nil, err
	}
	r.doc.Title = r.title()
	return r.doc, nil
}

// title returns the document's title.
func (r *reader) title() clean.Text {
	for _, s := range r.doc.Sections {
		if title := s.Path; s.Level == 1 && !title[len(title)-1].Empty() && !filledIn(title[len(title)-1].String()) {
			return title[len(title)-1]
		}
	}
	for _, candidate := range []string{r.frontTitle, filepath.Base(r.doc.Name)} {
		if t := strings.TrimSpace(candidate); t != "" && t != "." {
			return clean.Line(t)
		}
	}
	return clean.Line("Runbook")
}

// trimBlankEnd returns the end of src[start:end] without trailing white space.
func trimBlankEnd(src []byte, start, end int) int {
	return start + len(bytes.TrimRight(src[start:end], " \t\n"))
}
