package journal

import (
	"slices"
	"testing"
	"time"

	"catalog-runbook/runbook"
)

func BenchmarkOpen10000(b *testing.B) {
	s := newStore(b)
	j, err := s.Create(me())
	if err != nil {
		b.Fatal(err)
	}
	j.file = unsynced{j.file}
	events := realEvents()
	for i := range 10000 {
		if err := j.Append(events[i%len(events)]); err != nil {
			b.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		j, h, err := s.Open(j.ID(), me())
		if err != nil || len(h.Records) != 10000 {
			b.Fatal(len(h.Records), err)
		}
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// unsynced makes a long journal in a short time.
type unsynced struct{ file }

func (unsynced) Sync() error { return nil }

func BenchmarkAppend(b *testing.B) {
	j, err := newStore(b).Create(me())
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	all := realEvents()
	event := all[slices.IndexFunc(all, func(e runbook.Event) bool { _, ok := e.(runbook.Checked); return ok })]
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if err := j.Append(event); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
}
