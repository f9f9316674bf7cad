package runbook

import (
	"testing"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
)

// TestFilled: what was found about the steps that a placeholder changes counts no more, and
// nothing changes what a command was run with.
func TestFilled(t *testing.T) {
	s := newScript(t, Live).checked().check("bump", Failed, "bump.ready", "x")
	fill := func(value string) Filled {
		return Filled{Head: s.head(), Name: "ENV", Value: value, Steps: []document.StepID{"bump", "plan", "gone"}, Environment: clean.Line(value)}
	}
	if s.run.Filled("ENV") != nil {
		t.Error("it is filled in")
	}
	if s.run.Touched() {
		t.Error("something is said already")
	}
	if s.add(fill("dev")); !s.run.Touched() {
		t.Error("nothing is said")
	}
	before := s.run.Clone()
	s.add(fill("prod"))
	if f := before.Filled("ENV"); f == nil || f.Value != "dev" || before.Environment().String() != "dev" {
		t.Errorf("the copy has %v", f)
	}
	if f := s.run.Filled("ENV"); f.Value != "prod" || s.run.Environment().String() != "prod" {
		t.Errorf("it is %v", f)
	}
	if s.run.Step("bump").Result.Verdict != NotAsked || s.run.Step("dags").Result.Verdict != Passed {
		t.Error("what was found of bump counts, or what was found of dags does not")
	}
	for _, bad := range []Filled{{Head: s.head(), Name: "ENV"}, {Head: s.head(), Value: "prod"}} {
		if s.run.Apply(bad) == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	s.check("bump", Failed, "bump.ready", "x").start("bump", "bump")
	err := s.run.Apply(fill("dev"))
	if _, ok := err.(*Refusal); !ok || s.run.Filled("ENV").Value != "prod" {
		t.Errorf("it is changed under a command: %v", err)
	}
	s.add(Filled{Head: s.head(), Name: "OTHER", Value: "x", Steps: []document.StepID{"image"}})
	if s.run.Environment().String() != "prod" || s.run.Filled("ENV") == nil {
		t.Error("another placeholder changes this one")
	}
	if err := s.run.Refit(fiveSteps()[:4]); err == nil {
		t.Error("the run has other steps now")
	}
}
