package document

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"catalog-runbook/runbook/clean"
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

// title returns the document's title. Front is the one in the front matter.
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

// trimBlankEnd returns the end of src[start:end] without trailing white space.
func trimBlankEnd(src []byte, start, end int) int {
	return start + len(bytes.TrimRight(src[start:end], " \t\n"))
}
