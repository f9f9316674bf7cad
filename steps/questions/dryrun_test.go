package questions_test

import (
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/questions"
)

// TestDryRun: the headline says what a live run would refuse, and what it would merely ask
// for isn't counted.
func TestDryRun(t *testing.T) {
	doc, err := document.Parse("doc.md", []byte("# Deploy\n\n1. Run `just bump prod web`.\n2. Run `just plan prod web`, then `just apply prod web`.\n"))
	if err != nil {
		t.Fatal(err)
	}
	run := runbook.NewRun(steps.Bind(doc, steps.Settings{}, kinds.All()).Specs())
	now := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	if err := run.Apply(runbook.Started{Head: runbook.Head{At: now, Actor: clean.Line("sam")}, Mode: runbook.DryRun, Environment: clean.Line("prod")}); err != nil {
		t.Fatal(err)
	}
	spec := run.Specs()[1]
	confirm := runbook.Reason{Demand: runbook.DemandConfirmation, Text: clean.Line("It has not been confirmed.")}
	title, lines := questions.DryRun(run, spec.ID, spec.Effects[0], []runbook.Reason{
		{Demand: runbook.DemandRelease, Text: clean.Line("Choose a release first.")},
		{Demand: runbook.DemandEarlier, Step: run.Specs()[0].ID, Text: clean.Line("Step 1 is not done yet.")}, confirm,
	}, &steps.World{SettingsFile: "/home/sam/catalog-runbook.toml"})
	got := title + "\n" + strings.Join(lines, "\n")
	for _, want := range []string{
		"a live run would refuse this (2 reasons)\nIt would first require:\n- Choose a release.\n- Complete step 1.\nIt would ask you:\n- Type \"prod\".\n",
		"Would run: just plan prod web", "which isn't configured: set directory under [infrastructure] in /home/sam/catalog-runbook.toml", "Dry run: nothing was executed.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if title, _ := questions.DryRun(run, spec.ID, spec.Effects[0], []runbook.Reason{confirm}, &steps.World{Checkout: checkout.Checkout{Dir: "/infra"}}); !strings.Contains(title, "a live run would do this") {
		t.Errorf("got %q", title)
	}
}
