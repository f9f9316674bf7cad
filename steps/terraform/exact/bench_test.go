package exact

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"
)

// BenchmarkRead reads a plan of 10,000 changes, and the same bytes with nothing
// but encoding/json's tokenizer. x-tokenizer is how many times as quick Read is.
func BenchmarkRead(b *testing.B) {
	plan, err := io.ReadAll(&bigPlan{n: 10_000})
	if err != nil {
		b.Fatal(err)
	}
	var ours, tokens time.Duration
	b.SetBytes(int64(len(plan)))
	for b.Loop() {
		began := time.Now()
		p, err := Read(bytes.NewReader(plan), Options{Secret: func(string) {}})
		if err != nil || !p.Complete || len(p.Changes) != 10_000 {
			b.Fatalf("%d changes, %v, %q", len(p.Changes), err, p.Problems)
		}
		ours += time.Since(began)

		b.StopTimer()
		began = time.Now()
		if err := tokenize(bytes.NewReader(plan)); err != nil {
			b.Fatal(err)
		}
		tokens += time.Since(began)
		b.StartTimer()
	}
	b.ReportMetric(float64(tokens)/float64(ours), "x-tokenizer")
}

// tokenize passes over JSON with encoding/json's tokenizer.
func tokenize(r io.Reader) error {
	d := json.NewDecoder(r)
	for {
		switch _, err := d.Token(); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	var object bytes.Buffer
	bigParts[1].one(&object, 7)
	b.SetBytes(int64(object.Len()))
	for b.Loop() {
		if lines, err := Diff(object.Bytes()); err != nil || len(lines) < 5 {
			b.Fatalf("%d lines, %v", len(lines), err)
		}
	}
}
