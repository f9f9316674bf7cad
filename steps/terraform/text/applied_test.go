package text

import (
	"strings"
	"testing"
)

// boxed frames a text as Terraform does, with its colours or without.
func boxed(coloured bool, lines ...string) string {
	var b strings.Builder
	bar := "│ "
	if coloured {
		bar = "\x1b[31m│\x1b[0m \x1b[0m"
	}
	b.WriteString("╷\n")
	for _, line := range lines {
		b.WriteString(bar + line + "\n")
	}
	b.WriteString("╵\n")
	return b.String()
}

// What Terraform 1.11.4 and OpenTofu 1.10.6 print where they refuse a saved plan.
func TestRefused(t *testing.T) {
	stale := []string{"Error: Saved plan is stale", "", "The given plan file can no longer be applied because the state was changed", "by another operation after the plan was created."}
	arguments := []string{"Error: Too many command line arguments", "", "Expected at most one positional argument."}
	for name, tt := range map[string]struct {
		text string
		want Refusal
	}{
		"arguments":               {boxed(false, arguments...), ItsArguments},
		"arguments, with colours": {boxed(true, arguments...), ItsArguments},
		"stale":                   {boxed(false, stale...), Stale},
		"stale, on a terminal":    {strings.ReplaceAll(boxed(true, stale...), "\n", "\r\n"), Stale},
		"another version": {"\nError: Failed to read plan from plan file\n\nCannot read the plan from the given plan file: plan file was created by\n" +
			"OpenTofu or Terraform 1.11.4, but this is 1.10.6-dev; plan files cannot be\ntransferred between different versions of OpenTofu / Terraform.\n", OtherVersion},
		"incomplete":         {boxed(false, "Error: Cannot apply incomplete plan", "", "Terraform encountered an error when generating this plan, so it cannot be applied."), Incomplete},
		"another error":      {boxed(false, "Error: creating EC2 Instance: InsufficientInstanceCapacity"), NotRefused},
		"nothing":            {"", NotRefused},
		"after a change":     {"aws_instance.a: Destroying... [id=i-1]\n" + boxed(false, stale...), NotRefused},
		"after a whole one":  {"Apply complete! Resources: 0 added, 0 changed, 0 destroyed.\n" + boxed(false, arguments...), NotRefused},
		"words of something": {"the note says: Saved plan is fresh\n", NotRefused},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Refused(tt.text); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestShowsPlan(t *testing.T) {
	const applied = "terraform_data.a: Modifying... [id=1]\nApply complete! Resources: 0 added, 1 changed, 0 destroyed.\n"
	if ShowsPlan(applied) || CountPlans(applied) != 0 || !Applied(applied) {
		t.Error("what the apply of a saved plan prints is taken for a plan")
	}
	for _, name := range []string{"cloud-deploy", "coloured", "coloured-crlf", "no-changes", "outputs-only", "precondition-fails"} {
		text := fixture(t, name)
		if !ShowsPlan(text) || CountPlans(text) != 1 || Applied(text) {
			t.Errorf("%s: shows a plan: %v, plans: %d", name, ShowsPlan(text), CountPlans(text))
		}
		if got := CountPlans(text + text); got != 2 {
			t.Errorf("%s twice: %d plans", name, got)
		}
	}
	if ShowsPlan(fixture(t, "syntax-error")) {
		t.Error("an error is taken for a plan")
	}
	if half, _, _ := strings.Cut(fixture(t, "cloud-deploy"), "Plan: "); !ShowsPlan(half) || CountPlans(half) != 0 {
		t.Error("the beginning of a plan is taken for none, or for a whole one")
	}
}
