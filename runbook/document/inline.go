package document

import (
	"bytes"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"

	"catalog-runbook/runbook/clean"
)

// inline reads the content of a paragraph or heading: its plain text into r.text,
// its links into the document, and its links and commands into step unless that is
// nil. What is struck out gives neither. Before is the negation of the unfinished
// sentence that leads to the block, or "". It doesn't recurse, because emphasis can be
// nested without limit.
func (r *reader) inline(block ast.Node, step *Step, before string) *parseError {
	r.reset()
	defer r.finish(step, before)
	var link *ast.Link // the link that is open; links do not nest
	var linkText int   // where its text begins in r.text
	for n := block.FirstChild(); n != nil; {
		descend := true
		switch n := n.(type) {
		case *ast.Text:
			r.addText(n)
		case *ast.String:
			r.text = append(r.text, n.Value...)
		case *ast.CodeSpan:
			r.codeSpan(n, step)
			descend = false
		case *ast.Link:
			link, linkText = n, len(r.text)
		case *ast.AutoLink:
			label := n.Label(r.src)
			start := len(r.text)
			r.text = append(r.text, label...)
			r.links = append(r.links, span{start, len(r.text)})
			target := string(label)
			if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(target, "mailto:") {
				target = "mailto:" + target
			}
			r.addLink(step, start, label, target, n.Pos()+1)
		case *ast.Image:
			r.lock = r.lock || r.struck == 0 && namesLock(n.Destination)
		case *extast.Strikethrough:
			r.strike(true)
		case *ast.RawHTML:
			if err := r.inlineHTML(n, block, step); err != nil {
				return err
			}
		case *extast.TableCell:
			descend = false
		}
		if first := n.FirstChild(); descend && first != nil {
			n = first
			continue
		}
		for {
			switch l := n.(type) {
			case *ast.Link:
				linkText = min(linkText, len(r.text))
				label := r.text[linkText:]
				at := l.Pos() + len("[")
				if r.links = append(r.links, span{linkText, len(r.text)}); l == link {
					r.addLink(step, linkText, label, r.asSource(l.Destination, at+len(label)+len("](")), at)
				}
				link = nil
			case *extast.Strikethrough:
				r.strike(false)
			}
			if next := n.NextSibling(); next != nil {
				n = next
				break
			}
			if n = n.Parent(); n == block {
				return nil
			}
		}
	}
	return nil
}

// strike begins or ends struck-out text.
func (r *reader) strike(begin bool) {
	switch {
	case begin:
		if r.struck++; r.struck == 1 {
			r.hidden = append(r.hidden, span{start: len(r.text)})
		}
	case r.struck > 0:
		if r.struck--; r.struck == 0 {
			r.hidden[len(r.hidden)-1].end = len(r.text)
		}
	}
}

// addLink adds a link. Its text begins at offset start of r.text, and at offset pos of the
// source.
func (r *reader) addLink(step *Step, start int, label []byte, target string, pos int) {
	if r.struck > 0 {
		return
	}
	l := Link{Text: clean.Line(r.asSource(bytes.TrimSpace(label), pos)), Target: target, Line: r.line.at(max(pos-1, 0)), Section: r.section}
	r.doc.Links = append(r.doc.Links, l)
	item := said{at: start, command: -1, link: -1, ofDocument: len(r.doc.Links) - 1}
	if step != nil {
		step.Links = append(step.Links, l)
		item.link = len(step.Links) - 1
	}
	r.items = append(r.items, item)
}

// asSource returns text as a string. If the document's source has the same text at pos,
// as it nearly always does, the result is a substring of the source and not a copy.
func (r *reader) asSource(text []byte, pos int) string {
	if end := pos + len(text); pos >= 0 && end <= len(r.src) && string(text) == r.doc.Source[pos:end] {
		return r.doc.Source[pos:end]
	}
	return string(text)
}

// addText appends a text as it is rendered: with escapes and character references
// resolved, and line ends as spaces.
func (r *reader) addText(n *ast.Text) {
	value := n.Segment.Value(r.src)
	if n.IsRaw() || bytes.IndexByte(value, '\\') < 0 && bytes.IndexByte(value, '&') < 0 {
		r.text = append(r.text, value...)
	} else {
		r.text = appendResolved(r.text, value)
	}
	if n.SoftLineBreak() || n.HardLineBreak() {
		r.text = append(r.text, ' ')
	}
}

func appendResolved(to, value []byte) []byte {
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && i+1 < len(value) && util.IsPunct(value[i+1]):
			i++
			to = append(to, value[i])
		case c == '&':
			const longest = 40 // bytes of a character reference
			if end := bytes.IndexByte(value[i:min(len(value), i+longest)], ';'); end > 0 {
				to = append(to, html.UnescapeString(string(value[i:i+end+1]))...)
				i += end
				break
			}
			to = append(to, c)
		default:
			to = append(to, c)
		}
	}
	return to
}

func (r *reader) codeSpan(n *ast.CodeSpan, step *Step) {
	start := len(r.text)
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			r.text = append(r.text, t.Segment.Value(r.src)...)
		}
	}
	for i, c := range r.text[start:] {
		if c == '\n' {
			r.text[start+i] = ' '
		}
	}
	if r.struck > 0 {
		return
	}
	r.hidden = append(r.hidden, span{start, len(r.text)})
	r.lock = r.lock || start == 0 && len(r.text) < 40 && isLock(r.text) && len(cutLocks(r.text)) == 0 // alone at the beginning
	if step == nil || n.FirstChild() == nil {
		return
	}
	code, line := r.asSource(r.text[start:], n.FirstChild().Pos()), r.line.at(max(n.Pos(), 0))
	if argv := r.shell.span(code); argv != nil {
		step.Commands = append(step.Commands, Command{Argv: argv, Line: line})
		r.items = append(r.items, said{at: start, command: len(step.Commands) - 1, link: -1, ofDocument: -1})
	} else {
		step.addCode(code, line)
	}
}
