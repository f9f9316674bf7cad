package practice

import (
	"strings"
	"testing"

	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/text"
)

// onTerminal runs just as the program does: on a pseudo-terminal, found on the
// PATH of the world, with an answer typed when the question is there.
func onTerminal(t *testing.T, w *World, answer string, args ...string) (int, string) {
	t.Helper()
	input := make(chan command.Input, 1)
	var seen strings.Builder
	outcome, err := command.PTY{}.Run(t.Context(), command.Command{
		Argv: append([]string{"just"}, args...),
		Dir:  w.InfrastructureDir(),
		Env:  append(w.Environ(), instantly(w)...),
	}, command.Streams{Input: input, Output: func(chunk []byte) {
		seen.Write(chunk)
		if answer != "" && text.AsksApproval(seen.String()) {
			input <- command.Input{Data: []byte(answer + "\n")}
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
	tree := checkout.Checkout{Dir: w.InfrastructureDir()}
	status, err := tree.Status(t.Context())
	if err != nil || !status.Clean || status.Branch != "main" {
		t.Fatalf("status %+v, %v", status, err)
	}
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	if exit, out := onTerminal(t, w, "", bump...); exit != 0 {
		t.Fatalf("bump: %d\n%s", exit, out)
	}
	diff, err := tree.Diff(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if change, err := checkout.VersionChange(diff, draftTag); err != nil || change.From != "v1.5.3" {
		t.Errorf("the bump changes from %q, %v", change.From, err)
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
