package command

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
)

// BenchmarkOutput passes on 64 MiB of a command's output.
func BenchmarkOutput(b *testing.B) {
	const size = 64 << 20
	for name, e := range map[string]Executor{"PTY": PTY{}, "Supervised": Supervised{}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			i := 0
			dir := b.TempDir()
			for b.Loop() {
				i++
				cmd := sh(`yes aws_instance.catalog: Still creating... 10s elapsed | head -c "$1"`, strconv.Itoa(size))
				cmd.Folder = filepath.Join(dir, strconv.Itoa(i))
				if outcome, err := e.Run(context.Background(), cmd, Streams{Output: func([]byte) {}}); err != nil || outcome.Exit != 0 {
					b.Fatal(outcome, err)
				}
			}
		})
	}
}
