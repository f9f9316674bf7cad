package document

import (
	"bytes"
	"cmp"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// list reads a list. Items of an ordered list and task items are steps. Other items
// belong to what contains them.
func (r *reader) list(n *ast.List, at place) *parseError {
	at.end = r.blockEnd(n, at.end)
	number := n.Start
	prose := at.quoted || r.section.prose || n.IsOrdered() && r.isContents(n)
	before := len(r.doc.Steps)
	var bullets *aside
	if !prose && at.step == nil && at.aside == nil && !n.IsOrdered() {
		bullets = &aside{line: r.line.at(max(n.Pos(), 0))}
		at.aside = bullets
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		item, ok := c.(*ast.ListItem)
		if !ok {
			continue
		}
		inner := place{
			end: r.blockEnd(item, at.end), step: at.step,
			column: at.column + item.Offset, depth: at.depth, quoted: at.quoted,
			aside: at.aside, locked: at.locked, negated: at.negated, wrong: at.wrong,
		}
		box := checkBox(item)
		if prose || !n.IsOrdered() && box == nil {
			// An annotation before the list is for its first item, which isn't
			// a step.
			if err := r.unbound(); err != nil {
				return err
			}
			if err := r.blocks(item, inner); err != nil {
				return err
			}
			if bullets != nil {
				bullets.add(item)
			}
			continue
		}
		step := r.newStep(ListItem, at, max(item.Pos(), 0))
		if box != nil {
			step.Shape, step.Marked = TaskItem, box.IsChecked
		}
		r.section.steps++
		r.found = true
		if at.step == nil {
			r.steps++
			step.ID = stepID(r.section.ID, "#", r.steps)
		} else {
			at.step.nested++
			step.ID = stepID(string(at.step.ID), ".", at.step.nested)
		}
		if n.IsOrdered() {
			step.Number = strconv.Itoa(number)
			if at.step != nil && at.step.Number != "" {
				step.Number = at.step.Number + "." + step.Number
			}
			number++
		}
		inner.step = step
		if err := r.item(item, inner); err != nil {
			return err
		}
		if at.wrong == "" || c == n.FirstChild() {
			r.onlyIfWrong(step)
		}
		if at.top && n.IsOrdered() {
			r.above = lastItem{block: n, step: step, alone: n.ChildCount() == 1, negated: r.refers}
		}
	}
	switch {
	case bullets != nil:
		r.bullets(bullets, len(r.doc.Steps) > before, r.line.at(max(n.LastChild().Pos(), 0)))
	case at.quoted && !r.section.prose && (n.IsOrdered() || checkBox(n.FirstChild()) != nil):
		r.unread(r.line.at(max(n.Pos(), 0)), false, "the list is in a quote or an admonition, where nothing is a step: if it has steps, take it out.")
	}
	return nil
}

// onlyIfWrong says that an item is done only if something goes wrong.
func (r *reader) onlyIfWrong(step *Step) {
	if step.IfWrong != "" && (step.Parent == nil || step.Parent.IfWrong == "") {
		r.note(step.Line, "the item sounds as if it is done only if something goes wrong: move it to a section of its own, such as \"## Roll back\", so that it isn't next after the others.")
	}
}

// isContents reports whether a list is one of links into the document, such as a table of
// contents: most of its items are, and the others are links alone. Items with a check box
// are for a person to tick.
func (r *reader) isContents(list *ast.List) bool {
	into, out := 0, 0
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		text := item.FirstChild()
		if text == nil || !isParagraph(text) {
			return false
		}
		switch within, alone := r.leadingLink(text); {
		case within:
			into++
		case alone:
			out++
		default:
			return false
		}
		for block := text.NextSibling(); block != nil; block = block.NextSibling() {
			if nested, ok := block.(*ast.List); !ok || !r.isContents(nested) {
				return false
			}
		}
	}
	return into > out
}

// leadingLink looks for a link at the beginning of a paragraph that has no other link and no
// code. within says that it is one into the document, with nothing behind it but a remark or
// a sign. alone says that no word is behind it.
func (r *reader) leadingLink(paragraph ast.Node) (within, alone bool) {
	first := paragraph.FirstChild()
	for e, ok := first.(*ast.Emphasis); ok; e, ok = first.(*ast.Emphasis) {
		if first = e.FirstChild(); first == nil || first.NextSibling() != nil {
			return false, false
		}
	}
	link, ok := first.(*ast.Link)
	if !ok {
		return false, false
	}
	var rest []byte
	for n := paragraph.FirstChild().NextSibling(); n != nil; n = n.NextSibling() {
		text, ok := n.(*ast.Text)
		if !ok {
			return false, false
		}
		rest = append(rest, text.Segment.Value(r.src)...)
	}
	rest = bytes.TrimLeft(rest, " ")
	alone = bytes.IndexFunc(rest, unicode.IsLetter) < 0
	remark := slices.ContainsFunc([]string{":", "- ", "– ", "— ", "("}, func(s string) bool { return bytes.HasPrefix(rest, []byte(s)) })
	file, _, ok := strings.Cut(string(link.Destination), "#")
	return ok && (alone || remark) && (file == "" || path.Base(file) == filepath.Base(r.doc.Name)), alone
}

// item reads an item that is a step.
func (r *reader) item(n *ast.ListItem, at place) *parseError {
	step := at.step
	step.Line = r.line.at(step.Start)
	step.End = trimBlankEnd(r.src, step.Start, max(step.Start, at.end))
	for c := n.FirstChild(); c != nil && at.first == nil; c = c.NextSibling() {
		if c.Kind() == ast.KindParagraph || c.Kind() == ast.KindTextBlock {
			at.first = c
		}
	}
	if err := r.bindPending(step); err != nil {
		return err
	}
	if err := r.blocks(n, at); err != nil {
		return err
	}
	r.finishStep(step, r.itemContent(step), at.column)
	return nil
}

// passage reads a paragraph at the top level of the document.
func (r *reader) passage(n *ast.Paragraph, at place) *parseError {
	r.passages++
	if r.above.block == n.PreviousSibling() {
		r.above.block, r.above.loose = n, true
	}
	step := r.newStep(Passage, place{}, n.Pos())
	step.ID = stepID(r.section.ID, "#p", r.passages)
	step.Line = r.line.at(step.Start)
	last := ast.Node(n)
	if bullets, ok := n.NextSibling().(*ast.List); ok && !bullets.IsOrdered() && endsWithColon(n, r.src) {
		last = bullets // what the paragraph announces
	}
	step.End = trimBlankEnd(r.src, step.Start, max(step.Start, r.blockEnd(last, at.end)))
	if err := r.bindPending(step); err != nil {
		return err
	}
	if err := r.inline(n, step, cmp.Or(at.negated, at.wrong)); err != nil {
		return err
	}
	step.Locked = step.Locked || r.lock
	r.setText(step)
	r.section.outside += len(step.Commands)
	if step.Annotation == nil && r.looksNumbered(n) {
		r.unread(step.Line, true, "the paragraph is numbered like a step (%q), but paragraphs aren't steps: write it as an item of a numbered list (\"1. ...\").", say.Shorten(step.Text.String(), 30))
	}
	r.finishStep(step, step.Start, 0)
	return nil
}

func endsWithColon(n *ast.Paragraph, src []byte) bool {
	if n.Lines().Len() == 0 {
		return false
	}
	last := n.Lines().At(n.Lines().Len() - 1)
	return bytes.HasSuffix(bytes.TrimSpace(last.Value(src)), []byte(":"))
}

// finishStep sets the fields that depend on the whole step.
func (r *reader) finishStep(step *Step, content, column int) {
	step.content, step.column = content, column
	if step.Text.Empty() {
		step.Text = clean.Line(string(trimLocks([]byte(firstWords(step.Markdown())))))
	}
}

// firstWords returns the first line of Markdown with words, for an item that doesn't
// begin with a paragraph.
func firstWords(markdown string) string {
	for line := range strings.Lines(markdown) {
		if line = strings.TrimRight(strings.TrimLeft(line, "#>-*+ \t"), " \t\n"); line != "" && !strings.HasPrefix(line, "```") && !strings.HasPrefix(line, "~~~") {
			return line
		}
	}
	return ""
}

// newStep appends a step to the document.
func (r *reader) newStep(shape Shape, at place, start int) *Step {
	step := &Step{Shape: shape, Parent: at.step, Start: start, Section: r.section, Locked: at.locked || r.section.locked, IfWrong: at.wrong}
	r.doc.Steps = append(r.doc.Steps, step)
	return step
}

// stepID returns the ID of the step with the given 1-based place in a section or
// a step.
func stepID(within, mark string, ordinal int) StepID {
	return StepID(within + mark + strconv.Itoa(ordinal))
}

// checkBox returns the check box at the beginning of an item, or nil.
func checkBox(item ast.Node) *extast.TaskCheckBox {
	if item == nil {
		return nil
	}
	if paragraph := item.FirstChild(); paragraph != nil && paragraph.Type() == ast.TypeBlock {
		box, _ := paragraph.FirstChild().(*extast.TaskCheckBox)
		return box
	}
	return nil
}

// setText sets a step's text and words from the paragraph that was read last. Lock signs at
// its ends are removed.
func (r *reader) setText(s *Step) {
	text := trimLocks(r.text)
	s.IfWrong = cmp.Or(s.IfWrong, r.wrong)
	if s.Negated = r.negated; len(r.hidden) == 0 && len(r.links) == 0 {
		s.Text = clean.Line(string(text))
		s.Words = s.Text.String()
		return
	}
	r.both = append(append(r.both[:0], trimLocks(r.words())...), text...)
	both := string(r.both) // one allocation for two texts
	s.Words = both[:len(both)-len(text)]
	s.Text = clean.Line(both[len(s.Words):])
}
