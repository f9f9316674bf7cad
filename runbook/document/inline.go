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
// nil. It doesn't recurse, because emphasis can be nested without limit.
func (r *reader) inline(block ast.Node, step *Step) *parseError {
	r.text = r.text[:0]
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
			r.text = append(r.text, label...)
			target := string(label)
			if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(target, "mailto:") {
				target = "mailto:" + target
			}
			r.addLink(step, label, target, n.Pos()+1)
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
			if l, ok := n.(*ast.Link); ok && l == link {
				label := r.text[min(linkText, len(r.text)):]
				at := l.Pos() + len("[")
				r.addLink(step, label, r.asSource(l.Destination, at+len(label)+len("](")), at)
				link = nil
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

// addLink adds a link whose text is at offset pos.
func (r *reader) addLink(step *Step, label []byte, target string, pos int) {
	l := Link{Text: clean.Line(r.asSource(bytes.TrimSpace(label), pos)), Target: target, Line: r.line.at(max(pos-1, 0)), Section: r.section}
	r.doc.Links = append(r.doc.Links, l)
	if step != nil {
		step.Links = append(step.Links, l)
	}
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
	if step == nil || n.FirstChild() == nil {
		return
	}
	if argv := r.shell.span(r.asSource(r.text[start:], n.FirstChild().Pos())); argv != nil {
		step.Commands = append(step.Commands, Command{Argv: argv, Line: r.line.at(max(n.Pos(), 0))})
	}
}
