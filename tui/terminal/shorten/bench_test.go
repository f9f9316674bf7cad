package shorten

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

func BenchmarkWrite(b *testing.B) {
	var frames [2][]byte
	var out bytes.Buffer
	r := &renderer{out: &out, w: 120, h: 40}
	view := func(n int) string {
		lines := make([]string, 40)
		for i := range lines {
			text := fmt.Sprintf("Look at machine %d, and say what it show…", i)
			if i == n {
				text = "\x1b[1;48;5;59m" + text + "\x1b[0m"
			}
			lines[i] = fmt.Sprintf(" \x1b[38;5;109m○\x1b[0m 3    %s\x1b[38;5;59m │ \x1b[0m", text)
			if i > 3 && i < 8 {
				lines[i] += fmt.Sprintf("\x1b[38;5;252mLook at machine %d, and say what it shows: the load, the memory and\x1b[0m", n)
			}
		}
		return strings.Join(lines, "\n")
	}
	r.paint(view(6))
	first := bytes.Clone(out.Bytes())
	for i := range frames {
		out.Reset()
		r.paint(view(7 - i))
		frames[i] = bytes.Clone(out.Bytes())
	}
	w := New(fakeFile{io.Discard}, true)
	_, _ = w.Write(first)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		_, _ = w.Write(frames[i%2])
	}
}
