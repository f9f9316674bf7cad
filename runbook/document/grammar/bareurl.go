package grammar

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// bareURLParser parses URLs in running text as links, by the rules of GitHub's
// extended autolinks. goldmark's own extension tries every word, which takes longer
// than the rest of parsing, and misses hosts without a dot, such as localhost.
type bareURLParser struct{}

// Trigger implements parser.InlineParser.
func (bareURLParser) Trigger() []byte { return []byte{':'} }

var schemes = [][]byte{[]byte("https"), []byte("http")}

// Parse implements parser.InlineParser. The scheme before the colon has already
// become a text node, from which Parse removes it.
func (bareURLParser) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if !bytes.HasPrefix(line, []byte("://")) || segment.Padding != 0 || pc.IsInLinkLabel() {
		return nil
	}
	last, ok := parent.LastChild().(*ast.Text)
	if !ok || last.Segment.Stop != segment.Start {
		return nil
	}
	before := last.Segment.Value(block.Source())
	for _, scheme := range schemes {
		host, found := bytes.CutSuffix(before, scheme)
		if !found || len(host) > 0 && isWordByte(host[len(host)-1]) {
			continue
		}
		length := urlLength(line)
		if length == 0 {
			return nil
		}
		start := segment.Start - len(scheme)
		if last.Segment.Stop = start; last.Segment.IsEmpty() {
			parent.RemoveChild(parent, last)
		}
		block.Advance(length)
		link := ast.NewAutoLink(ast.AutoLinkURL, ast.NewTextSegment(text.NewSegment(start, segment.Start+length)))
		link.SetPos(start)
		return link
	}
	return nil
}

// urlLength returns the length of the rest of a URL, where s begins with "://". It
// returns 0 if there is no host. Punctuation and closing brackets at the end belong
// to the sentence, unless the URL has the opening bracket too.
func urlLength(s []byte) int {
	const slashes = len("://")
	end := bytes.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == '<' || r == '>' || r == '"' || r == '`' || r == 0x7f })
	if end < 0 {
		end = len(s)
	}
	round := bytes.Count(s[:end], []byte(")")) - bytes.Count(s[:end], []byte("("))
	square := bytes.Count(s[:end], []byte("]")) - bytes.Count(s[:end], []byte("["))
	for end > slashes {
		switch s[end-1] {
		case '?', '!', '.', ',', ':', ';', '*', '_', '~', '\'', '|':
		case ')':
			if round <= 0 {
				return end
			}
			round--
		case ']':
			if square <= 0 {
				return end
			}
			square--
		default:
			if c := s[slashes]; !isWordByte(c) && c != '[' && c < 0x80 {
				return 0
			}
			return end
		}
		end--
	}
	return 0
}

// isWordByte reports whether c is an ASCII letter, digit or underscore.
func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
