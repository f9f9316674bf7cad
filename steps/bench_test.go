package steps_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
)

// bigDocument writes a runbook of so many steps as people write them: ten to a
// section, each with a link, a command, a nested list and now and then a fence.
func bigDocument(n int) []byte {
	var b strings.Builder
	b.WriteString("# Runbook\n")
	for i := range n {
		if i%10 == 0 {
			fmt.Fprintf(&b, "\n## Part %d: the service\n\nThese steps deploy part %d. Ask **someone** before you begin.\n\n", i/10, i/10)
		}
		fmt.Fprintf(&b, "%d. Check that [release %d is there](https://example.org/releases/%d), then run\n   `just bump prod service-%d` in the infrastructure repository.\n", i%10+1, i, i, i)
		fmt.Fprintf(&b, "   - the version must be the one that was released\n   - nothing else may change\n")
		if i%2 == 0 {
			fmt.Fprintf(&b, "\n   ```sh\n   just plan prod service-%d\n   just apply prod service-%d\n   ```\n\n", i, i)
		}
	}
	return []byte(b.String())
}

var benchmarkSizes = []int{10, 1_000, 10_000}

// BenchmarkBind parses and binds a document.
func BenchmarkBind(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := bigDocument(n)
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
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := bigDocument(n)
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
