package document

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// unread is a part of the document that looks like steps and isn't read as steps.
type unread struct {
	Remark
	// worth says that it is worth a note in a document that has steps.
	worth bool
}

// How to write steps, for the sentences about what isn't read.
const numberThem = `number them ("1. ...") or write check boxes ("- [ ] ...")`

func (r *reader) problem(line int, format string, args ...any) {
	r.doc.Problems = append(r.doc.Problems, Remark{Line: line, Text: clean.Linef(format, args...)})
}

// unread adds a part that is a problem only if the document has no steps.
func (r *reader) unread(line int, worth bool, format string, args ...any) {
	r.parts = append(r.parts, unread{Remark{Line: line, Text: clean.Linef(format, args...)}, worth})
}

// settleUnread makes a problem or a note of what wasn't read.
func (r *reader) settleUnread() {
	for _, u := range r.parts {
		switch {
		case !r.found:
			r.doc.Problems = append(r.doc.Problems, u.Remark)
		case u.worth:
			r.doc.Notes = append(r.doc.Notes, u.Remark)
		}
	}
	if n := len(r.scripts); n > 0 {
		report := r.problem
		if r.found {
			report = r.note
		}
		report(r.scripts[0], "%s in no step%s: indent what is to be run below an item of a numbered list (\"1. ...\").", say.Plural(n, "block of commands is", "blocks of commands are"), inLines(r.scripts))
	}
	if n := len(r.lists); n > 0 && len(r.doc.Problems) == 0 && !r.found {
		r.problem(r.lists[0], "%s no steps%s: if they are meant to be steps, %s.", say.Plural(n, "list of bullets holds", "lists of bullets hold"), inLines(r.lists), numberThem)
	}
	byLine := func(a, b Remark) int { return cmp.Compare(a.Line, b.Line) }
	slices.SortStableFunc(r.doc.Problems, byLine)
	slices.SortStableFunc(r.doc.Notes, byLine)
}

// inLines returns the lines of several parts in brackets.
func inLines(lines []int) string {
	if len(lines) == 1 {
		return ""
	}
	const most = 8
	var all []string
	for _, line := range lines[:min(len(lines), most)] {
		all = append(all, strconv.Itoa(line))
	}
	if len(lines) > most {
		all = append(all, "…")
	}
	return " (lines " + strings.Join(all, ", ") + ")"
}

// aside is a list of bullets, a table or a block of code outside of every step.
type aside struct {
	step   Step // takes the commands; it isn't in the document
	line   int
	locked bool
	items  int // bullets, or rows without the header
	bold   int // bullets that begin with bold words
	count  int // rows whose first cell counts them
}

// target returns where the commands and links at a place go, nil for nowhere.
func (at *place) target() *Step {
	if at.step == nil && at.aside != nil {
		return &at.aside.step
	}
	return at.step
}

// add counts a bullet.
func (a *aside) add(item ast.Node) {
	a.items++
	if text := item.FirstChild(); text != nil && isParagraph(text) {
		if lead, ok := text.FirstChild().(*ast.Emphasis); ok && lead.Level == 2 {
			a.bold++
		}
	}
}

// leave adds the commands of an aside to those outside of steps, and returns how many it
// has.
func (r *reader) leave(a *aside) int {
	r.doc.Outside = append(r.doc.Outside, a.step.Commands...)
	r.doc.OutsideCode = append(r.doc.OutsideCode, a.step.Code...)
	r.section.outside += len(a.step.Commands)
	return len(a.step.Commands)
}

// bullets says what a list of bullets outside of every step looks like. Steps says whether
// there are steps in it.
func (r *reader) bullets(a *aside, steps bool, last int) {
	commands := r.leave(a)
	if commands == 0 && !a.locked && r.found {
		return
	}
	what := func(has string) string {
		if a.items == 1 {
			return fmt.Sprintf(`a bullet %s looks like a step but isn't one: number it ("1. ...") or write a check box ("- [ ] ...").`, has)
		}
		return fmt.Sprintf("%d bullets up to line %d %s look like steps but aren't: %s.", a.items, last, has, numberThem)
	}
	switch {
	case steps || a.items == 0:
	case a.locked:
		r.problem(a.line, "%s", what("with a lock sign"))
	case commands > 0:
		r.unread(a.line, true, "%s", what("with commands"))
	case a.bold == a.items && a.items > 1:
		r.unread(a.line, false, "%s", what("with bold words first"))
	case a.items > 1:
		r.lists = append(r.lists, a.line)
	}
}

// cell reads a cell of a table, whose text was read last.
func (a *aside) cell(n ast.Node, text []byte) {
	if n.PreviousSibling() != nil || n.Parent() == nil || n.Parent().Kind() != extast.KindTableRow {
		return
	}
	a.items++
	if string(bytes.Trim(text, " .)")) == strconv.Itoa(a.items) {
		a.count++
	}
}

// table reads a table, and says what it looks like outside of every step.
func (r *reader) table(n ast.Node, at place) *parseError {
	if at.step != nil || at.quoted || r.section.prose {
		return r.blocks(n, at)
	}
	a := &aside{line: r.line.at(max(n.Pos(), 0))}
	at.aside = a
	if err := r.blocks(n, at); err != nil {
		return err
	}
	commands, counts := r.leave(a), a.count > 1 && a.count == a.items
	const write = `write the rows as a numbered list ("1. ...")`
	switch {
	case a.locked:
		r.problem(a.line, "the table has a lock sign, but tables aren't read as steps: %s.", write)
	case counts && commands > 0:
		r.problem(a.line, "the table counts its rows like steps, but tables aren't read as steps: %s.", write)
	case counts:
		r.unread(a.line, true, "the table counts its rows like steps, but tables aren't read as steps: if they are steps, %s.", write)
	case commands > 0:
		r.unread(a.line, true, "the table has commands, but tables aren't read as steps: if they are steps, %s.", write)
	}
	return nil
}

// html says that a list in HTML isn't read. A lock sign in a heading in HTML locks what
// follows in the section.
func (r *reader) html(n *ast.HTMLBlock) {
	text := bytes.ToLower(n.Lines().Value(r.src))
	line, locked := r.line.at(n.Lines().At(0).Start), hasLock(text)
	r.section.locked = r.section.locked || locked && bytes.Contains(text, []byte("<h"))
	const write = `write it as a numbered list ("1. ...")`
	switch {
	case r.section.prose || !bytes.Contains(text, []byte("<li")):
	case locked || bytes.Contains(text, []byte("<code")):
		r.problem(line, "a list in HTML isn't read as steps: %s.", write)
	default:
		r.unread(line, bytes.Contains(text, []byte("<ol")), "a list in HTML isn't read as steps: if it has steps, %s.", write)
	}
}

// numbered says that headings are numbered like steps and hold none.
func (r *reader) numbered(sections []*Section) {
	if len(sections) == 0 {
		return
	}
	commands, locked := false, false
	for _, s := range sections {
		commands, locked = commands || s.outside > 0, locked || s.locked
	}
	first, last := sections[0], sections[len(sections)-1]
	count, each := "a heading is numbered like a step", "it"
	if len(sections) > 1 {
		count, each = fmt.Sprintf("%d headings up to line %d are numbered like steps", len(sections), last.Line), "each"
	}
	report := func(line int, format string, args ...any) { r.unread(line, true, format, args...) }
	if commands || locked {
		report = r.problem
	}
	report(first.Line, "%s (%q), but headings aren't steps: write %s as an item of a numbered list (\"1. ...\"), and indent what is below it.", count, say.Shorten(first.Path[len(first.Path)-1].String(), 40), each)
}

// looksNumbered reports whether a paragraph begins like a step: "Step 4. ...".
func (r *reader) looksNumbered(n ast.Node) bool {
	c := r.text
	if oddNumber(c) {
		return true
	}
	if len(c) == 0 || !(c[0]|0x20 == 's' || c[0]|0x20 == 'p' || c[0]|0x20 == 't' || c[0] >= '0' && c[0] <= '9') {
		return false
	}
	_, bold := n.FirstChild().(*ast.Emphasis)
	if c[0] <= '9' && !bold {
		return false
	}
	end := counts().FindIndex(c)
	return end != nil && (c[0] <= '9' || end[1] < len(c) && bytes.IndexByte([]byte(".:)-"), c[end[1]]) >= 0)
}

// oddNumber reports whether a text begins with a number that Markdown doesn't read as one of
// a list: "(1) ", "a. ", "#. " or a keycap.
func oddNumber(c []byte) bool {
	if len(c) < 4 {
		return false
	}
	switch c[0] {
	case '(':
		end := bytes.IndexByte(c[:4], ')')
		return end > 1 && (c[1] >= '0' && c[1] <= '9' || end == 2 && c[1] >= 'a' && c[1] <= 'z')
	case '#':
		return c[1] == '.' && c[2] == ' '
	}
	rest := bytes.TrimPrefix(c[1:], variations[0])
	return c[0] >= '0' && c[0] <= '9' && bytes.HasPrefix(rest, []byte("\u20E3")) || c[0]|0x20 == 'a' && (c[1] == '.' || c[1] == ')') && c[2] == ' '
}
