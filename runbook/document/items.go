package document

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"catalog-runbook/runbook/clean"
)

// list reads a list. Items of an ordered list and task items are steps. Other items
// belong to what contains them.
func (r *reader) list(n *ast.List, at place) *parseError {
	at.end = r.blockEnd(n, at.end)
	number := n.Start
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		item, ok := c.(*ast.ListItem)
		if !ok {
			continue
		}
		inner := place{
			end: r.blockEnd(item, at.end), step: at.step,
			column: at.column + item.Offset, depth: at.depth, quoted: at.quoted,
		}
		box := checkBox(item)
		if at.quoted || !n.IsOrdered() && box == nil {
			// An annotation before the list is for its first item, which isn't
			// a step.
			if err := r.unbound(); err != nil {
				return err
			}
			if err := r.blocks(item, inner); err != nil {
				return err
			}
			continue
		}
		step := r.newStep(ListItem, at.step, max(item.Pos(), 0))
		if box != nil {
			step.Shape, step.Marked = TaskItem, box.IsChecked
		}
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
	}
	return nil
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
	r.finish(step, r.itemContent(step), at.column)
	return nil
}

// passage reads a paragraph at the top level of the document.
func (r *reader) passage(n *ast.Paragraph, end int) *parseError {
	r.passages++
	step := r.newStep(Passage, nil, n.Pos())
	step.ID = stepID(r.section.ID, "#p", r.passages)
	step.Line = r.line.at(step.Start)
	step.End = trimBlankEnd(r.src, step.Start, max(step.Start, end))
	if err := r.bindPending(step); err != nil {
		return err
	}
	if err := r.inline(n, step); err != nil {
		return err
	}
	r.setText(step, r.text)
	r.finish(step, step.Start, 0)
	return nil
}

// finish sets the fields that depend on the whole step.
func (r *reader) finish(step *Step, content, column int) {
	step.content, step.column = content, column
	if step.Text.Empty() {
		r.setText(step, []byte(firstWords(step.Markdown())))
	}
}

// firstWords returns the first line of Markdown with words, for an item that doesn't
// begin with a paragraph.
func firstWords(markdown string) string {
	for line := range strings.Lines(markdown) {
		if line = strings.Trim(line, "#>-*+ \t\n"); line != "" && !strings.HasPrefix(line, "```") && !strings.HasPrefix(line, "~~~") {
			return line
		}
	}
	return ""
}

// newStep appends a step to the document.
func (r *reader) newStep(shape Shape, parent *Step, start int) *Step {
	step := &Step{Shape: shape, Parent: parent, Start: start, Section: r.section}
	r.doc.Steps = append(r.doc.Steps, step)
	return step
}

// stepID returns the ID of the step with the given 1-based place in a section or
// a step.
func stepID(within, mark string, ordinal int) StepID {
	return StepID(within + mark + strconv.Itoa(ordinal))
}

// checkBox returns the check box at the beginning of an item, or nil.
func checkBox(item *ast.ListItem) *extast.TaskCheckBox {
	if paragraph := item.FirstChild(); paragraph != nil && paragraph.Type() == ast.TypeBlock {
		box, _ := paragraph.FirstChild().(*extast.TaskCheckBox)
		return box
	}
	return nil
}

var (
	lockSign   = []byte("\U0001F512")
	lockName   = []byte(":lock:")
	variations = [][]byte{[]byte("\uFE0F"), []byte("\uFE0E")}
)

// setText sets a step's text from the plain text of its paragraph. A lock sign at the
// beginning locks the step and is removed.
func (r *reader) setText(s *Step, plain []byte) {
	plain = bytes.TrimSpace(plain)
	for {
		rest, sign := bytes.CutPrefix(plain, lockSign)
		if !sign {
			if rest, sign = bytes.CutPrefix(plain, lockName); !sign {
				break
			}
		}
		for _, v := range variations {
			rest = bytes.TrimPrefix(rest, v)
		}
		s.Locked, plain = true, bytes.TrimSpace(rest)
	}
	s.Text = clean.Line(string(plain))
}
