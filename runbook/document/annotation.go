package document

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// note is an annotation that isn't bound yet.
type note struct {
	params  map[string]string
	section string // the word of an annotation that applies to a section, one of sectionWords
	line    int
}

// sectionWords are the words of annotations that apply to a section.
const (
	wordProcedure = "procedure" // the section is a procedure of its own
	wordSteps     = "steps"     // it is part of the document's procedure, whatever its title says
	wordProse     = "prose"     // nothing in it is a step
)

const (
	commentOpen  = "<!--"
	commentClose = "-->"
)

// htmlBlock reads the annotations in an HTML block, which a comment at the beginning
// of a line starts: between items, in an item or before a paragraph.
func (r *reader) htmlBlock(n *ast.HTMLBlock, at place) *parseError {
	if n.HTMLBlockType == ast.HTMLBlockType1 || n.Lines().Len() == 0 {
		return nil // a script, a style, or text that is shown as it is
	}
	switch {
	case at.quoted:
	case at.step == nil:
		r.html(n)
	default:
		at.step.Locked = at.step.Locked || hasLock(n.Lines().Value(r.src))
	}
	start, end := n.Lines().At(0).Start, n.Lines().At(n.Lines().Len()-1).Stop
	if n.HasClosure() {
		end = max(end, n.ClosureLine.Stop)
	}
	return r.comments(span{start, end}, func(a *note, whole span) *parseError {
		stop := r.line.start(whole.end-1) + len(r.lineFrom(r.line.start(whole.end-1)))
		if rest := r.src[whole.end:stop]; n.HTMLBlockType == ast.HTMLBlockType2 && len(bytes.TrimSpace(stripComments(rest))) > 0 {
			return &parseError{Line: a.line, Reason: "annotation with text after it, which Markdown takes for HTML; hint: put the annotation on a line of its own, or at the end of the line"}
		}
		switch {
		case a.section != "":
			if !at.top || !r.belowHeading(n) {
				return misplaced(a)
			}
			return r.annotateSection(a)
		case at.step != nil && !at.quoted:
			return bind(at.step, a)
		case at.top:
			if err := r.unbound(); err != nil {
				return err
			}
			r.pending = a
			return nil
		}
		return unboundAt(a)
	})
}

// inlineHTML reads an annotation in a paragraph or heading.
func (r *reader) inlineHTML(n *ast.RawHTML, block ast.Node, step *Step) *parseError {
	if n.Segments.Len() == 0 {
		return nil
	}
	whole := span{n.Segments.At(0).Start, n.Segments.At(n.Segments.Len() - 1).Stop}
	if !bytes.HasPrefix(r.src[whole.start:whole.end], []byte(commentOpen)) {
		r.tag(r.src[whole.start:whole.end])
		return nil
	}
	if spaceAt(r.doc.Source, whole.end) {
		r.text = bytes.TrimRight(r.text, " ") // keep only the space after the comment
	}
	return r.comments(whole, func(a *note, _ span) *parseError {
		switch {
		case a.section != "" && block.Kind() == ast.KindHeading && r.line.at(max(block.Pos(), 0)) == r.section.Line:
			return r.annotateSection(a)
		case a.section != "":
			return misplaced(a)
		case step != nil && step.Section != nil:
			return bind(step, a)
		}
		return unboundAt(a) // also in bullets and tables outside of steps
	})
}

// tag reads an HTML tag in a paragraph: a line break separates words, and an icon may be a
// lock sign.
func (r *reader) tag(tag []byte) {
	name := bytes.TrimLeft(tag, "</")
	name = name[:len(name)-len(bytes.TrimLeft(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))]
	switch strings.ToLower(string(name)) {
	case "br":
		r.text = append(r.text, ' ')
	case "del", "s", "strike":
		r.strike(!bytes.HasPrefix(tag, []byte("</")))
	default:
		r.lock = r.lock || r.struck == 0 && namesLock(tag)
	}
}

// comments calls found for each annotation among the comments in whole.
func (r *reader) comments(whole span, found func(*note, span) *parseError) *parseError {
	for at := whole.start; at < whole.end; {
		i := bytes.Index(r.src[at:whole.end], []byte(commentOpen))
		if i < 0 {
			return nil
		}
		start := at + i
		j := bytes.Index(r.src[start+len(commentOpen):whole.end], []byte(commentClose))
		if j < 0 {
			return nil
		}
		end := start + len(commentOpen) + j + len(commentClose)
		body := string(r.src[start+len(commentOpen) : end-len(commentClose)])
		at = end
		a, reason := parseAnnotation(body)
		if reason != "" {
			return &parseError{Line: r.line.at(start), Reason: "annotation: " + reason}
		}
		if a == nil {
			continue
		}
		a.line = r.line.at(start)
		r.doc.cuts = append(r.doc.cuts, span{start, end})
		if err := found(a, span{start, end}); err != nil {
			return err
		}
	}
	return nil
}

// spaceAt reports whether white space or the end of src is at offset.
func spaceAt(src string, offset int) bool {
	return offset >= len(src) || strings.IndexByte(spaces, src[offset]) >= 0
}

// lineFrom returns the rest of the line at offset, without its line end.
func (r *reader) lineFrom(offset int) []byte {
	rest, _, _ := bytes.Cut(r.src[offset:], []byte("\n"))
	return rest
}

// stripComments returns s without the comments at its beginning.
func stripComments(s []byte) []byte {
	for {
		start := bytes.Index(s, []byte(commentOpen))
		if start < 0 {
			return s
		}
		if len(bytes.TrimSpace(s[:start])) > 0 {
			return s
		}
		end := bytes.Index(s[start:], []byte(commentClose))
		if end < 0 {
			return nil // the comment continues on the next line
		}
		s = s[start+end+len(commentClose):]
	}
}

// belowHeading reports whether nothing but comments separates n from a heading.
func (r *reader) belowHeading(n ast.Node) bool {
	previous := n.PreviousSibling()
	for ; previous != nil && previous.Kind() == ast.KindHTMLBlock; previous = previous.PreviousSibling() {
	}
	return previous != nil && previous.Kind() == ast.KindHeading
}

func (r *reader) annotateSection(a *note) *parseError {
	s := r.section
	if s.annotated != "" {
		return &parseError{Line: a.line, Reason: fmt.Sprintf("second annotation %s of one section", a.section)}
	}
	s.annotated, s.Separate = a.section, a.section == wordProcedure
	s.prose = s.prose || a.section == wordProse
	return nil
}

func misplaced(a *note) *parseError {
	return &parseError{Line: a.line, Reason: fmt.Sprintf("annotation %s is not directly below a heading", a.section)}
}

func bind(step *Step, a *note) *parseError {
	if step.Annotation != nil {
		return &parseError{Line: a.line, Reason: fmt.Sprintf("second annotation of one step, the first is in line %d; hint: write both into one", step.Annotation.Line)}
	}
	step.Annotation = &Annotation{Params: a.params, Line: a.line}
	return nil
}

func (r *reader) bindPending(step *Step) *parseError {
	if r.pending == nil {
		return nil
	}
	a := r.pending
	r.pending = nil
	return bind(step, a)
}

// unbound returns an error if an annotation is still pending.
func (r *reader) unbound() *parseError {
	if r.pending == nil {
		return nil
	}
	return unboundAt(r.pending)
}

func unboundAt(a *note) *parseError {
	return &parseError{Line: a.line, Reason: "annotation binds to nothing; hint: put it into a numbered or task item, or directly before one or before a paragraph"}
}

// parseAnnotation reads the text of a comment. It returns nil for a comment that
// isn't an annotation, and a reason for one that is malformed.
func parseAnnotation(comment string) (a *note, reason string) {
	comment = strings.TrimSpace(comment)
	rest, found := strings.CutPrefix(comment, "runbook")
	if !found {
		return nil, ""
	}
	if rest, found = strings.CutPrefix(rest, ":"); !found {
		if strings.HasPrefix(rest, " ") && strings.Contains(rest, "kind=") {
			return nil, `a colon is missing; hint: <!-- runbook: kind=... -->`
		}
		return nil, ""
	}
	a = &note{params: map[string]string{}}
	for rest = trimSpace(rest); rest != ""; rest = trimSpace(rest) {
		key, after := cutKey(rest)
		if key == "" {
			return nil, fmt.Sprintf("%.20q isn't a key; hint: key=value, with the value in quotes if it has spaces", rest)
		}
		after, found = strings.CutPrefix(after, "=")
		if !found {
			if word := key == wordProcedure || key == wordSteps || key == wordProse; word && a.section == "" && (after == "" || trimSpace(after) != after) {
				a.section, rest = key, after
				continue
			}
			return nil, fmt.Sprintf("%q has no value; hint: %s=value", key, key)
		}
		value, after, why := cutValue(after)
		if why != "" {
			return nil, fmt.Sprintf("value of %q %s", key, why)
		}
		if _, twice := a.params[key]; twice {
			return nil, fmt.Sprintf("%q is given twice", key)
		}
		a.params[key], rest = value, after
	}
	switch {
	case a.section != "" && len(a.params) > 0:
		return nil, a.section + " must be alone; hint: write two comments"
	case a.section == "" && len(a.params) == 0:
		return nil, "it is empty; hint: <!-- runbook: kind=... -->"
	}
	return a, ""
}

const spaces = " \t\n"

func trimSpace(s string) string { return strings.TrimLeft(s, spaces) }

// cutKey cuts a key from s. A key consists of letters, digits, "_", "-" and ".", and
// begins with a letter or "_".
func cutKey(s string) (key, rest string) {
	i := 0
	for i < len(s) && (isWordByte(s[i]) || i > 0 && (s[i] == '-' || s[i] == '.')) {
		i++
	}
	if i > 0 && s[0] >= '0' && s[0] <= '9' {
		return "", s
	}
	return s[:i], s[i:]
}

// cutValue cuts a value from s: a word, or text in single or double quotes. In
// double quotes, a backslash escapes the next character.
func cutValue(s string) (value, rest, reason string) {
	if s == "" || strings.IndexByte(spaces, s[0]) >= 0 {
		return "", s, `is missing; hint: "" is the empty value`
	}
	quote := s[0]
	if quote != '"' && quote != '\'' {
		end := strings.IndexAny(s, spaces)
		if end < 0 {
			end = len(s)
		}
		if strings.ContainsAny(s[:end], `"'`) {
			return "", s, "has a quote inside; hint: put the whole value in quotes"
		}
		return s[:end], s[end:], ""
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == quote:
			if rest = s[i+1:]; rest != "" && strings.IndexByte(spaces, rest[0]) < 0 {
				return "", s, "is followed by more text; hint: put a space after the quote"
			}
			return b.String(), rest, ""
		case c == '\\' && quote == '"' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", s, "has no closing quote"
}
