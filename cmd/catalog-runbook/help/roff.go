package help

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	gmtext "github.com/yuin/goldmark/text"
)

// roff formats Markdown for man(7). It knows what the topics use: headings, paragraphs,
// lists, blocks of code, emphasis, code and links. Tables read badly in a narrow
// terminal, so a test keeps them out of the topics.
func roff(source string) string {
	w := &roffWriter{source: []byte(source)}
	w.blocks(goldmark.DefaultParser().Parse(gmtext.NewReader(w.source)))
	return w.out.String()
}

type roffWriter struct {
	source []byte
	out    strings.Builder
}

// macro writes a request, which begins a line.
func (w *roffWriter) macro(name string, args ...string) {
	w.out.WriteString("." + name)
	for _, a := range args {
		w.out.WriteString(` "` + strings.ReplaceAll(escape(a), `"`, `\(dq`) + `"`)
	}
	w.out.WriteByte('\n')
}

// line writes a line of text, which must not look like a request.
func (w *roffWriter) line(text string) {
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	w.out.WriteString(text + "\n")
}

func (w *roffWriter) blocks(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n)
	}
}

func (w *roffWriter) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		title := plain(w.source, n)
		switch {
		case n.Level == 1: // the page's name says it
		case n.Level == 2:
			w.macro("SH", title)
		default:
			w.macro("SS", title)
		}
	case *ast.List:
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			w.item(item)
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		w.code(n)
	default:
		w.macro("PP")
		w.line(w.inline(n))
	}
}

// item writes a list item. One that begins with code and a colon explains that code.
func (w *roffWriter) item(item ast.Node) {
	first := item.FirstChild()
	text := ""
	if first != nil {
		text = w.inline(first)
	}
	if term, rest, found := strings.Cut(text, `\fR: `); found && strings.HasPrefix(text, `\fB`) && !strings.Contains(term[3:], `\f`) {
		w.macro("TP")
		w.line(term + `\fR`)
		w.line(rest)
	} else {
		w.out.WriteString(".IP \\(bu 3\n")
		w.line(text)
	}
	if first == nil {
		return
	}
	for n := first.NextSibling(); n != nil; n = n.NextSibling() {
		w.macro("RS")
		w.block(n)
		w.macro("RE")
	}
}

// code writes a block of code line by line.
func (w *roffWriter) code(n ast.Node) {
	w.out.WriteString(".PP\n.RS 4\n.nf\n")
	for i := range n.Lines().Len() {
		at := n.Lines().At(i)
		w.line(escape(strings.TrimRight(string(at.Value(w.source)), "\n")))
	}
	w.out.WriteString(".fi\n.RE\n")
}

// inline returns the text of a block in one line.
func (w *roffWriter) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.WriteString(escape(string(n.Segment.Value(w.source))))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.CodeSpan:
			b.WriteString(`\fB` + escape(plain(w.source, n)) + `\fR`)
		case *ast.Emphasis:
			font := `\fI`
			if n.Level > 1 {
				font = `\fB`
			}
			b.WriteString(font + w.inline(n) + `\fR`)
		case *ast.Link:
			b.WriteString(w.inline(n) + " <" + escape(string(n.Destination)) + ">")
		default:
			b.WriteString(escape(plain(w.source, n)))
		}
	}
	return b.String()
}

// plain returns the text in a node without any marks.
func plain(source []byte, parent ast.Node) string {
	var b strings.Builder
	_ = ast.Walk(parent, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(source))
			if t.SoftLineBreak() {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// escape makes text safe for roff. A minus that isn't escaped becomes a hyphen, which
// can't be copied into a shell.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
}
