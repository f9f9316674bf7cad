package document

import (
	"bytes"
	"fmt"

	"github.com/yuin/goldmark/ast"
)

// reader builds a Document from goldmark's tree, in one walk in document order.
type reader struct {
	doc  *Document
	src  []byte // the bytes of doc.Source
	line *lines
	ids  map[string]int // section IDs in use, with the last suffix tried

	section  *Section
	steps    int // top-level steps in section so far
	passages int // passages in section so far

	pending *note  // an annotation for the next step
	text    []byte // plain text of the paragraph read last
	shell   shell
}

// span is a range of offsets into the source.
type span struct{ start, end int }

// place is the context of the blocks that are being read.
type place struct {
	end    int      // offset where the surrounding block ends
	step   *Step    // the innermost step, nil outside of steps
	first  ast.Node // the paragraph that is the step's text
	column int      // column at which the surrounding item's content begins
	depth  int
	top    bool // directly in the document
	quoted bool // in a block quote, an admonition or a table, where everything is prose
}

func (r *reader) read(root ast.Node) *parseError {
	r.section = &Section{End: len(r.src), doc: r.doc}
	r.doc.Sections = append(r.doc.Sections, r.section)
	if err := r.blocks(root, place{end: len(r.src), top: true}); err != nil {
		return err
	}
	for s := r.section; s != nil; s = s.Parent {
		if s.Level > 0 {
			s.End = len(r.src)
		}
	}
	return r.unbound()
}

// blocks reads the blocks in parent.
func (r *reader) blocks(parent ast.Node, at place) *parseError {
	if at.depth++; at.depth > maxNesting+1 {
		return tooDeep(r.line.at(max(parent.Pos(), 0)))
	}
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if err := r.block(n, at); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) block(n ast.Node, at place) *parseError {
	switch n := n.(type) {
	case *ast.HTMLBlock:
		return r.htmlBlock(n, at)
	case *ast.LinkReferenceDefinition:
		return nil // invisible, so a pending annotation stays pending
	case *ast.Paragraph:
		if at.top {
			return r.passage(n, r.blockEnd(n, at.end))
		}
	case *ast.List:
		return r.list(n, at)
	}
	if at.top {
		if err := r.unbound(); err != nil {
			return err
		}
	}
	switch n := n.(type) {
	case *ast.Heading:
		if at.top {
			return r.heading(n)
		}
	case *ast.FencedCodeBlock:
		r.fence(n, at)
		return nil
	case *ast.CodeBlock, *ast.ThematicBreak:
		return nil
	case *admonition:
		if !n.closed {
			return &parseError{Line: r.line.at(n.Pos()), Reason: fmt.Sprintf("admonition is never closed; hint: end it with a line of %d colons", n.colons)}
		}
	}
	if first := n.FirstChild(); first == nil || first.Type() != ast.TypeInline {
		at.top, at.quoted = false, true
		at.end = r.blockEnd(n, at.end)
		return r.blocks(n, at)
	}
	if err := r.inline(n, at.step); err != nil {
		return err
	}
	if n == at.first {
		r.setText(at.step, r.text)
	}
	return nil
}

// blockEnd returns the last possible end of a block: the start of the next block's
// line, or the end of the surrounding block.
func (r *reader) blockEnd(n ast.Node, end int) int {
	for next := n.NextSibling(); next != nil; next = next.NextSibling() {
		if pos := next.Pos(); pos >= 0 {
			return min(end, 1+bytes.LastIndexByte(r.src[:pos], '\n'))
		}
	}
	return end
}
