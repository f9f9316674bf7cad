// Package grammar parses Markdown as runbooks are written in it.
package grammar

import (
	"bytes"
	"fmt"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// grammar parses CommonMark with task lists, tables, strikethrough, footnotes,
// admonitions and bare URLs, with goldmark's own priorities. It is safe for concurrent use, because
// goldmark keeps the state of a parse in a context.
var grammar = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(parser.NewSetextHeadingParser(), 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(looseList{parser.NewListParser()}, 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(parser.NewCodeBlockParser(), 500),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(admonitionParser{}, 650),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(parser.NewBlockquoteParser(), 800),
		util.Prioritized(parser.NewHTMLBlockParser(), 900),
		util.Prioritized(footnote{extension.NewFootnoteBlockParser()}, 999),
		util.Prioritized(parser.NewParagraphParser(), 1000),
	),
	parser.WithInlineParsers(parser.DefaultInlineParsers()...),
	parser.WithInlineParsers(
		util.Prioritized(taskCheckBox{extension.NewTaskCheckBoxParser()}, 0),
		util.Prioritized(extension.NewStrikethroughParser(), 500),
		util.Prioritized(bareURLParser{}, 999),
	),
	parser.WithParagraphTransformers(
		util.Prioritized(linkDefinitions{parser.LinkReferenceParagraphTransformer}, 100),
		util.Prioritized(extension.NewTableParagraphTransformer(), 200),
	),
	parser.WithASTTransformers(
		util.Prioritized(extension.NewTableASTTransformer(), 0),
	),
)

// Parse parses Markdown. It returns a panic inside goldmark as an error, because the text
// is untrusted and must not crash the program. It may be called concurrently.
func Parse(src []byte) (root ast.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			root, err = nil, fmt.Errorf("the Markdown parser failed on this document: %v", p)
		}
	}()
	return grammar.Parse(text.NewReader(src)), nil
}

// looseList is goldmark's list parser without its last step. That step replaces the
// paragraphs in the items of a tight list, which only a renderer needs.
type looseList struct{ parser.BlockParser }

// Close implements parser.BlockParser.
func (looseList) Close(ast.Node, text.Reader, parser.Context) {}

// footnote is goldmark's parser of a footnote's text without its last step, which moves
// the footnote to the end of the document.
type footnote struct{ parser.BlockParser }

// Close implements parser.BlockParser.
func (footnote) Close(ast.Node, text.Reader, parser.Context) {}

// taskCheckBox parses "[x]" at the beginning of an item. goldmark matches an expression with
// every bracket there, also of links.
type taskCheckBox struct{ parser.InlineParser }

// Parse implements parser.InlineParser.
func (c taskCheckBox) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	if line, _ := block.PeekLine(); len(line) < len("[x]") || line[2] != ']' {
		return nil
	}
	return c.InlineParser.Parse(parent, block, pc)
}

// linkDefinitions parses link reference definitions, but only in paragraphs that
// begin with a bracket. goldmark tries every paragraph, and allocates a reader for
// each.
type linkDefinitions struct{ parser.ParagraphTransformer }

// Transform implements parser.ParagraphTransformer.
func (d linkDefinitions) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	if node.Lines().Len() > 0 {
		first := node.Lines().At(0)
		if line := bytes.TrimLeft(reader.Source()[first.Start:first.Stop], " \t\r\n\v\f"); len(line) > 0 && line[0] != '[' {
			return
		}
	}
	d.ParagraphTransformer.Transform(node, reader, pc)
}
