package main

import (
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
)

// BenchmarkResume10000 goes on with a run of 10,000 records: mostly checks, as in
// a run that has waited for hours. Reading, replaying and binding are in it.
func BenchmarkResume10000(b *testing.B) {
	store := journal.Store{Dir: b.TempDir()}
	me := journal.Holder{Actor: "mar", Host: "desk", PID: 1, Since: time.Now()}
	doc, err := embedded()
	if err != nil {
		b.Fatal(err)
	}
	var settings steps.Settings
	settings.GitHub.APIURL = "https://api.github.test"
	bound := steps.Bind(doc, settings, kinds.All())
	world, err := steps.Connect(settings, steps.Credentials{}, false, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	j, err := store.Create(me)
	if err != nil {
		b.Fatal(err)
	}
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	for i := range 10_000 {
		head := runbook.Head{At: now.Add(time.Duration(i) * time.Second), Actor: clean.Line("mar@desk")}
		var e runbook.Event = runbook.Checked{Head: head, Step: bound.Steps[i%4].Step.ID, Result: runbook.Result{
			Verdict: runbook.Passed, Summary: clean.Line("v1.5.4 is published and its build succeeded."),
			Evidence: []runbook.Evidence{{Name: clean.Line("release"), Value: clean.Line("v1.5.4"), Source: clean.Line("https://example.org/releases/v1.5.4"), At: head.At}},
			Facts:    runbook.Facts{"release.commit": "7cef7ee4f62b711580748c0d89e358761ab6af63"},
		}}
		switch {
		case i == 0:
			e = runbook.Started{Head: head, Mode: runbook.Live, Environment: clean.Line("prod"), Document: clean.Line(doc.Name), DocumentHash: doc.Hash(), Text: doc.Text()}
		case i == 1:
			e = runbook.ReleaseChosen{Head: head, Tag: "v1.5.4"}
		}
		if err := j.Append(e); err != nil {
			b.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		j, h, err := store.Open(j.ID(), me)
		if err != nil {
			b.Fatal(err)
		}
		engine, err := steps.Resume(steps.Bind(doc, settings, kinds.All()), world, steps.Options{Mode: runbook.Live, Folder: j.Folder()}, journal.Events(h.Records))
		if err != nil || engine.Run().Release() != "v1.5.4" {
			b.Fatal(err)
		}
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
