package steps_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/document/testdata/big"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
)

// BenchmarkBind parses and binds a document.
func BenchmarkBind(b *testing.B) {
	for _, n := range big.Sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := big.Document(n)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				parseAndBind(b, src, n)
			}
		})
	}
}

// BenchmarkAgainstGoldmark reports how long parsing and binding take in
// comparison with goldmark's own parse of the same bytes, and binding alone. They
// are taken in turns, so that a busy machine slows both alike; the timer is left
// alone between them, because stopping it empties the allocator's caches, which
// costs a small document more than the work itself.
func BenchmarkAgainstGoldmark(b *testing.B) {
	parser := goldmark.New(goldmark.WithExtensions(extension.TaskList, extension.Table, extension.Strikethrough)).Parser()
	for _, n := range big.Sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := big.Document(n)
			var bare, bind, whole time.Duration
			for b.Loop() {
				start := time.Now()
				parser.Parse(text.NewReader(src))
				parsed := time.Now()
				bind += parseAndBind(b, src, n)
				whole += time.Since(parsed)
				bare += parsed.Sub(start)
			}
			b.ReportMetric(float64(whole)/float64(bare), "x-goldmark")
			b.ReportMetric(float64(bind)/float64(bare), "bind/goldmark")
		})
	}
}

// parseAndBind returns how long binding took.
func parseAndBind(b *testing.B, src []byte, want int) time.Duration {
	doc, err := document.Parse("big.md", src)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if bound := steps.Bind(doc, steps.Settings{}, kinds.All()); len(bound.Steps) != want {
		b.Fatalf("%d steps are bound", len(bound.Steps))
	}
	return time.Since(start)
}
