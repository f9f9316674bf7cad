package runbook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

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
	sum := sha256.Sum256(src)
	r := &reader{
		doc:  &Document{Name: name, Source: string(s.body), Hash: hex.EncodeToString(sum[:])},
		src:  s.body,
		line: newLines(s.body, s.firstLine),
		ids:  map[string]int{},
	}
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

// markdown is safe for concurrent use: goldmark keeps the state of a parse in
// its context.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.TaskList, extension.Table, extension.Strikethrough),
	goldmark.WithParserOptions(
		parser.WithBlockParsers(util.Prioritized(admonitionParser{}, 650)),
		parser.WithInlineParsers(util.Prioritized(bareURLParser{}, 999)),
	),
).Parser()

// parseMarkdown keeps a panic inside goldmark from ending the program: what is
// parsed here is a stranger's text.
func parseMarkdown(src []byte) (root ast.Node, err *ParseError) {
	defer func() {
		if p := recover(); p != nil {
			root, err = nil, &ParseError{Reason: fmt.Sprintf("the Markdown parser failed on this document: %v", p)}
		}
	}()
	return markdown.Parse(text.NewReader(src)), nil
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

func hexDigits(sum [sha256.Size]byte) (digits [2 * sha256.Size]byte) {
	hex.Encode(digits[:], sum[:])
	return digits
}

// trimBlankEnd returns the end of src[start:end] without the white space at its
// end.
func trimBlankEnd(src []byte, start, end int) int {
	return start + len(bytes.TrimRight(src[start:end], " \t\n"))
}
