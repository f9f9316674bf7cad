package document

import (
	"bytes"
	"cmp"
	"fmt"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"catalog-runbook/runbook/document/grammar"
)

// reader builds a Document from goldmark's tree, in one walk in document order.
type reader struct {
	doc  *Document
	src  []byte // the bytes of doc.Source
	line *lines
	ids  map[string]int // section IDs in use, with the last suffix tried

	frontTitle string // the title in the front matter, or ""

	section  *Section
	steps    int // top-level steps in section so far
	passages int // passages in section so far

	above   lastItem // the item of an ordered list that the block before belongs to
	parts   []unread
	found   bool  // a step was found
	scripts []int // lines of blocks of commands in no step
	lists   []int // lines of lists of bullets with nothing that is like a step

	pending *note // an annotation for the next step
	prose         // the paragraph or heading read last
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
	top    bool   // directly in the document
	quoted bool   // in a block quote, an admonition or a footnote, where everything is prose
	aside  *aside // what looks like steps around a place outside of every step, or nil
	locked bool   // beside or below a lock sign that no step has
	// negated is the negation of the unfinished sentence that leads here, or "": what
	// stands below "Never run:".
	negated string
	wrong   string // the words by which all of it is done only if something goes wrong, or ""
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
	for _, step := range r.doc.Steps {
		// A sign may stand behind what is nested in the step.
		step.Locked = step.Locked || step.Parent != nil && step.Parent.Locked
	}
	r.remark()
	r.settleUnread()
	return r.unbound()
}

// blocks reads the blocks in parent.
func (r *reader) blocks(parent ast.Node, at place) *parseError {
	if at.depth++; at.depth > maxNesting+1 {
		return tooDeep(r.line.at(max(parent.Pos(), 0)))
	}
	inner := at
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if previous := n.PreviousSibling(); isParagraph(n) && previous != nil && !isParagraph(previous) {
			inner.negated = at.negated // a list or a block of code has completed the sentence
		}
		if err := r.block(n, inner); err != nil {
			return err
		}
		switch {
		case isParagraph(n):
			inner.negated = cmp.Or(r.refers, at.negated)
			inner.wrong = r.leadsWrong(n, at, inner.wrong)
			inner.locked = at.locked || r.lock && (!at.top || leadsLocked(r.text))
		case at.top && (n.Kind() == ast.KindHeading || n.Kind() == ast.KindList):
			inner.negated, inner.locked = "", false
			if n.Kind() == ast.KindHeading {
				inner.wrong = ""
			}
		}
	}
	return nil
}

// leadsLocked reports whether a paragraph at the top with a lock sign says that what
// follows is locked: it begins with the sign, or ends with it and a colon. Any other is
// a legend.
func leadsLocked(text []byte) bool {
	text = bytes.TrimSpace(text)
	rest, colon := bytes.CutSuffix(text, []byte(":"))
	return len(cutLocks(text)) < len(text) || colon && len(trimLocks(rest)) < len(bytes.TrimSpace(rest))
}

func isParagraph(n ast.Node) bool {
	return n.Kind() == ast.KindParagraph || n.Kind() == ast.KindTextBlock
}

func (r *reader) block(n ast.Node, at place) *parseError {
	switch n := n.(type) {
	case *ast.HTMLBlock:
		return r.htmlBlock(n, at)
	case *ast.LinkReferenceDefinition:
		return nil // invisible, so a pending annotation stays pending
	case *ast.Paragraph:
		if at.top && !r.section.prose {
			return r.passage(n, at)
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
		r.fenced(n, at)
		return nil
	case *ast.CodeBlock:
		if at.step != nil && n.Lines().Len() > 0 {
			at.step.addCode(string(n.Lines().Value(r.src)), r.line.at(n.Lines().At(0).Start))
		}
		return nil
	case *ast.ThematicBreak:
		return nil
	case *grammar.Admonition:
		if !n.Closed {
			return &parseError{Line: r.line.at(n.Pos()), Reason: fmt.Sprintf("admonition is never closed; hint: end it with a line of %d colons", n.Colons)}
		}
	}
	if first := n.FirstChild(); first == nil || first.Type() != ast.TypeInline {
		at.top, at.end = false, r.blockEnd(n, at.end)
		switch n.Kind() {
		case extast.KindTable:
			return r.table(n, at)
		case extast.KindTableHeader, extast.KindTableRow:
			return r.blocks(n, at)
		}
		at.quoted, at.step, at.aside = true, nil, nil
		return r.blocks(n, at)
	}
	if err := r.inline(n, at.target(), cmp.Or(at.negated, at.wrong)); err != nil {
		return err
	}
	if at.step == nil && at.aside != nil {
		at.aside.locked = at.aside.locked || r.lock
		if n.Kind() == extast.KindTableCell {
			at.aside.cell(n, r.text)
		}
	}
	if at.step != nil {
		at.step.Locked = at.step.Locked || r.lock
		if n == at.first {
			r.setText(at.step)
		}
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
