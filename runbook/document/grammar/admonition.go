package grammar

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Admonition is a block as MyST, Docusaurus and Pandoc write it: a line of at least
// three colons and a name opens it, and a line of at least as many colons closes it.
// CommonMark has no such block, and would read list items in one as steps.
type Admonition struct {
	ast.BaseBlock
	Colons int // of the line that opens it
	Closed bool
}

var kindAdmonition = ast.NewNodeKind("Admonition")

// Kind implements ast.Node.
func (*Admonition) Kind() ast.NodeKind { return kindAdmonition }

// Dump implements ast.Node.
func (n *Admonition) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type admonitionParser struct{}

// Trigger implements parser.BlockParser.
func (admonitionParser) Trigger() []byte { return []byte{':'} }

// Open implements parser.BlockParser.
func (admonitionParser) Open(_ ast.Node, reader text.Reader, _ parser.Context) (ast.Node, parser.State) {
	line, _ := reader.PeekLine()
	colons, rest := cutColons(line)
	if colons < 3 || len(rest) == 0 || rest[0] != '{' && (!isWordByte(rest[0]) || bytes.IndexByte(rest, ':') >= 0) {
		return nil, parser.NoChildren
	}
	reader.AdvanceToEOL()
	return &Admonition{Colons: colons}, parser.HasChildren
}

// Continue implements parser.BlockParser.
func (admonitionParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	line, _ := reader.PeekLine()
	n := node.(*Admonition)
	if colons, rest := cutColons(line); colons >= n.Colons && len(rest) == 0 {
		n.Closed = true
		reader.AdvanceToEOL()
		return parser.Close
	}
	return parser.Continue | parser.HasChildren
}

// Close implements parser.BlockParser.
func (admonitionParser) Close(ast.Node, text.Reader, parser.Context) {}

// CanInterruptParagraph implements parser.BlockParser.
func (admonitionParser) CanInterruptParagraph() bool { return true }

// CanAcceptIndentedLine implements parser.BlockParser.
func (admonitionParser) CanAcceptIndentedLine() bool { return false }

// cutColons returns the number of colons at the beginning of a line, after its
// indentation, and the trimmed rest of the line.
func cutColons(line []byte) (int, []byte) {
	line = bytes.TrimLeft(line, " \t")
	rest := bytes.TrimLeft(line, ":")
	return len(line) - len(rest), bytes.TrimSpace(rest)
}
