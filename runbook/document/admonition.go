package document

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// admonition is a note in the form of MyST, Docusaurus and Pandoc: a line of at
// least three colons and a name, closed by a line of at least as many colons.
// CommonMark knows none; without it the items of a note would read as steps.
type admonition struct {
	ast.BaseBlock
	colons int
	closed bool
}

var kindAdmonition = ast.NewNodeKind("Admonition")

// Kind implements ast.Node.
func (*admonition) Kind() ast.NodeKind { return kindAdmonition }

// Dump implements ast.Node.
func (n *admonition) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

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
	return &admonition{colons: colons}, parser.HasChildren
}

// Continue implements parser.BlockParser.
func (admonitionParser) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	line, _ := reader.PeekLine()
	n := node.(*admonition)
	if colons, rest := cutColons(line); colons >= n.colons && len(rest) == 0 {
		n.closed = true
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

// cutColons returns how many colons a line begins with, after its indentation,
// and the trimmed text after them.
func cutColons(line []byte) (int, []byte) {
	line = bytes.TrimLeft(line, " \t")
	rest := bytes.TrimLeft(line, ":")
	return len(line) - len(rest), bytes.TrimSpace(rest)
}
