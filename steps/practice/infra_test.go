package practice

import (
	"strings"
	"testing"

	"catalog-runbook/steps/infra"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/text"
)

// onTerminal runs just as the program does: on a pseudo-terminal, found on the
// PATH of the world, with an answer typed when the question is there.
func onTerminal(t *testing.T, w *World, answer string, args ...string) (int, string) {
	t.Helper()
	input := make(chan infra.Input, 1)
	var seen strings.Builder
	outcome, err := infra.PTY{}.Run(t.Context(), infra.Command{
		Argv: append([]string{"just"}, args...),
		Dir:  w.InfrastructureDir(),
		Env:  append(w.Environ(), instantly(w)...),
	}, infra.Streams{Input: input, Output: func(chunk []byte) {
		seen.Write(chunk)
		if answer != "" && text.AsksApproval(seen.String()) {
			input <- infra.Input{Data: []byte(answer + "\n")}
			answer = ""
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return outcome.Exit, seen.String()
}

func TestTheDeploymentOnAPseudoTerminal(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	checkout := infra.Checkout{Dir: w.InfrastructureDir()}
	status, err := checkout.Status(t.Context())
	if err != nil || !status.Clean || status.Branch != "main" {
		t.Fatalf("status %+v, %v", status, err)
	}
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	if exit, out := onTerminal(t, w, "", bump...); exit != 0 {
		t.Fatalf("bump: %d\n%s", exit, out)
	}
	diff, err := checkout.Diff(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if from, err := infra.VersionChange(diff, draftTag); err != nil || from != "v1.5.3" {
		t.Errorf("the bump changes from %q, %v", from, err)
	}
	_, out := onTerminal(t, w, "", plans...)
	p, err := text.Read(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if j := terraform.Judge(p, terraform.Policy{Service: "catalog-airflow"}); j.Verdict != terraform.Passed {
		t.Errorf("%v, %s, %v\n%s", j.Verdict, j.Summary, p.Problems, out)
	}
	if exit, out := onTerminal(t, w, "no", apply...); exit != 1 || !strings.Contains(out, "Apply cancelled.") {
		t.Errorf("no: %d\n%s", exit, out)
	}
	if exit, out := onTerminal(t, w, "yes", apply...); exit != 0 || !strings.Contains(out, "Apply complete! Resources: 1 added, 0 changed, 1 destroyed.") {
		t.Errorf("yes: %d\n%s", exit, out)
	}
	if d := deployed(t, w); d.Deployed != draftTag {
		t.Errorf("deployed %+v", d)
	}
}
