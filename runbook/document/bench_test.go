package document

import (
	"fmt"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"catalog-runbook/runbook/document/testdata/big"
)

func BenchmarkParse(b *testing.B) {
	for _, n := range big.Sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := big.Document(n)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse("big.md", src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkGoldmark is what Parse is measured against: goldmark by itself, with
// its own extensions for what Parse reads.
func BenchmarkGoldmark(b *testing.B) {
	parser := goldmark.New(goldmark.WithExtensions(extension.TaskList, extension.Table, extension.Strikethrough)).Parser()
	for _, n := range big.Sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := big.Document(n)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				parser.Parse(text.NewReader(src))
			}
		})
	}
}
