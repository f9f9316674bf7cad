package document

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// markdownLanguages are the languages of fenced blocks that may hold a list for people.
var markdownLanguages = map[string]bool{"": true, "markdown": true, "md": true, "text": true, "txt": true, "plaintext": true, "gfm": true}

// checklist says that a block of code holds a list of steps.
func (r *reader) checklist(n *ast.FencedCodeBlock, line int) {
	if !markdownLanguages[strings.ToLower(string(n.Language(r.src)))] {
		return
	}
	boxes, numbers := 0, 0
	for _, segment := range n.Lines().Sliced(0, n.Lines().Len()) {
		l := bytes.TrimLeft(segment.Value(r.src), " \t")
		if rest := bytes.TrimLeft(l, "0123456789"); len(rest) < len(l) && (bytes.HasPrefix(rest, []byte(". ")) || bytes.HasPrefix(rest, []byte(") "))) {
			numbers++
		}
		if len(l) > 6 && (l[0] == '-' || l[0] == '*' || l[0] == '+') && (bytes.HasPrefix(l[1:], []byte(" [ ] ")) || bytes.HasPrefix(bytes.ToLower(l[1:]), []byte(" [x] "))) {
			boxes++
		}
	}
	if boxes > 0 || numbers > 1 {
		r.unread(line, boxes > 0, "a list is in a block of code, where nothing is a step: if it has steps, take them out of the block.")
	}
}

// isClosed reports whether a line closes a fenced block. Column is that of the item that
// the block stands in.
func (r *reader) isClosed(n *ast.FencedCodeBlock, column int) bool {
	pos := n.Pos()
	if pos < 0 || pos >= len(r.src) {
		return true
	}
	open := bytes.TrimLeft(r.src[pos:], " \t")
	length := len(open) - len(bytes.TrimLeft(open, string(open[:1])))
	end := pos + len(r.lineFrom(pos)) + 1
	if last := n.Lines().Len() - 1; last >= 0 {
		end = n.Lines().At(last).Stop
	}
	if end >= len(r.src) {
		return false
	}
	line := r.lineFrom(end)
	rest := bytes.TrimLeft(line, " \t>")
	mark := bytes.TrimLeft(rest, string(open[:1]))
	indented := len(line)-len(bytes.TrimLeft(line, " ")) >= column || bytes.ContainsAny(line[:len(line)-len(rest)], "\t>")
	return indented && len(rest)-len(mark) >= length && len(bytes.TrimSpace(mark)) == 0
}

// lastItem is the last item of an ordered list at the top, which may go on after blocks of
// code that aren't indented.
type lastItem struct {
	block   ast.Node // the list, or the last of the blocks after it
	step    *Step
	alone   bool   // the list has no other item, so that each may have the number 1
	negated string // the negation of the unfinished sentence at the item's end

	loose  bool // a paragraph stands between the item and what follows
	looked bool // goesOn is known
	goesOn bool // the numbering goes on after blocks of code and paragraphs
}

// ownerOf returns the step that a block of code at the top belongs to for every reader,
// though it isn't indented: the item directly before it, if the numbering goes on or the
// item ends with a colon. Otherwise it reports whether the block is meant for an item.
func (r *reader) ownerOf(n ast.Node) (owner *Step, meant bool) {
	above := &r.above
	if above.step == nil || above.block != n.PreviousSibling() {
		return nil, false
	}
	above.block = n
	if !above.looked {
		above.looked = true
		next := n.NextSibling()
		for next != nil && (next.Kind() == ast.KindFencedCodeBlock || next.Kind() == ast.KindParagraph) {
			next = next.NextSibling()
		}
		list, ok := next.(*ast.List)
		above.goesOn = ok && list.IsOrdered() && (list.Start > 1 || above.alone)
	}
	if !above.loose && (above.goesOn || strings.HasSuffix(above.step.Text.String(), ":")) {
		return above.step, true
	}
	return nil, !above.loose || above.goesOn
}

// fenced reads a fenced block of code.
func (r *reader) fenced(n *ast.FencedCodeBlock, at place) {
	line := r.line.at(max(n.Pos(), 0))
	closed := r.isClosed(n, at.column)
	if !closed {
		r.problem(line, "the block of code that begins here is never closed: end it with a line of its own that has the same marks and nothing else, indented like this one.")
	}
	if at.quoted || r.section.prose || at.step != nil {
		r.fence(n, at)
		return
	}
	below := false
	if at.top {
		if at.step, below = r.ownerOf(n); at.step != nil {
			at.negated = r.above.negated
			at.step.End = max(at.step.End, trimBlankEnd(r.src, at.step.Start, r.blockEnd(n, at.end)))
		}
	}
	if at.step != nil || at.aside != nil {
		r.fence(n, at)
		return
	}
	r.checklist(n, line)
	at.aside = &aside{}
	r.fence(n, at)
	switch commands := r.leave(at.aside); {
	case commands == 0 || !closed:
	case below:
		r.problem(line, "the block of code isn't indented, and so belongs to no step: indent it like the text of step %s.", r.above.step.Number)
	default:
		r.scripts = append(r.scripts, line)
	}
}
