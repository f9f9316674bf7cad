package text

import "testing"

func TestUnwrap(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"a paragraph", "one\ntwo\n\nthree\nfour", "one two\n\nthree four"},
		{"an item and what belongs to it", "1. one\n   two\n2. three\n   - four\n     five", "1. one two\n2. three\n   - four five"},
		{"a fence", "a\n```sh\nb\nc\n```\nd\ne", "a\n```sh\nb\nc\n```\nd e"},
		{"a fence in a fence", "````\n```\na\nb\n```\n````\nc\nd", "````\n```\na\nb\n```\n````\nc d"},
		{"headings", "# A\nb\nc\n===\nd\n---", "# A\nb c\n===\nd\n---"},
		{"a table", "| a | b |\n|---|---|\n| c | d |", "| a | b |\n|---|---|\n| c | d |"},
		{"a quotation", "> a\n> b\nc", "> a\n> b\nc"},
		{"hard breaks", "a  \nb\\\nc", "a  \nb\\\nc"},
		{"indented code", "a\n\n    b\n    c\n", "a\n\n    b\n    c\n"},
		{"a rule", "a\n***\nb", "a\n***\nb"},
		{"a definition of a link", "a\n[b]: c", "a\n[b]: c"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := unwrap(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
