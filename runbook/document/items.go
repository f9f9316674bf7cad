package document

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"catalog-runbook/runbook/clean"
)

// list reads a list: the items of an ordered one and the task items of any are
// steps, the items of other lists belong to what they stand in.
func (r *reader) list(n *ast.List, at place) *ParseError {
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
			// An annotation before the list waits for its first item, and
			// this one is no step.
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
func (r *reader) item(n *ast.ListItem, at place) *ParseError {
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

// passage reads a paragraph that stands directly in the document.
func (r *reader) passage(n *ast.Paragraph, end int) *ParseError {
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

// finish sets what needs the whole of a step to be read.
func (r *reader) finish(step *Step, content, column int) {
	step.content, step.column = content, column
	if step.Text.Empty() {
		r.setText(step, []byte(firstWords(step.Markdown())))
	}
}

// firstWords returns the first line of Markdown that says something, for an item
// that begins with no paragraph.
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

// checkBox returns the check box that an item begins with, or nil.
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

// setText sets a step's text from the plain text of its paragraph, and takes a
// lock sign at its start for what it means.
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
