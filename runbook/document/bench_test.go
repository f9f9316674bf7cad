package document

import (
	"fmt"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// bigDocument writes a runbook of so many steps as people write them: ten to a
// section, each with a link, a command, a nested list and now and then a fence.
func bigDocument(steps int) []byte {
	var b strings.Builder
	b.WriteString("# Runbook\n")
	for i := range steps {
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

func BenchmarkParse(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := bigDocument(n)
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
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			src := bigDocument(n)
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				parser.Parse(text.NewReader(src))
			}
		})
	}
}
