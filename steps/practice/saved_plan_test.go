package practice

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/command"
	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
	"catalog-runbook/steps/terraform/saved"
	"catalog-runbook/steps/terraform/text"
)

// withPlan runs a recipe with what makes Terraform save the plan there, or apply
// the one that is there.
func withPlan(t *testing.T, w *World, file, stdin string, recipe []string) ran {
	t.Helper()
	cmd := justCmd(w, recipe...)
	cmd.Env = append(cmd.Env, "TF_CLI_ARGS_plan='-no-color' '-out="+file+"'", "TF_CLI_ARGS_apply='"+file+"'")
	return finish(t, cmd, stdin)
}

// shown asks the practice terraform for a plan as the engine does.
func shown(t *testing.T, w *World, file string) []byte {
	t.Helper()
	var out bytes.Buffer
	err := command.Ask(t.Context(), command.Command{
		Argv: []string{"terraform", "show", "-json", file}, Dir: filepath.Join(w.InfrastructureDir(), "environments", "prod"),
		Env: append(w.Environ(), instantly(w)...),
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bumped is a world in which v1.5.4 can be planned, or the version to go back to.
func bumped(t *testing.T, scenario string) *World {
	t.Helper()
	w, _ := keep(t, scenario)
	if w.GoesBack() {
		if err := w.Do("set-back"); err != nil {
			t.Fatal(err)
		}
		return w
	}
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	runJust(t, w, "", bump...).must(t, 0)
	return w
}

// What is printed of a plan and what its JSON says is the same plan.
func TestAPlanIsTheSameInBothForms(t *testing.T) {
	for _, s := range Scenarios() {
		w := bumped(t, s.Name)
		file := filepath.Join(t.TempDir(), "plan")
		printed := withPlan(t, w, file, "", plans)
		printed.must(t, 0, "\nSaved the plan to: "+file+"\n")
		if strings.Contains(printed.stdout, "-out option") {
			t.Errorf("%s: saved, and not saved:\n%s", s.Name, printed.stdout)
		}
		asText, err := text.Read(strings.NewReader(printed.stdout))
		if err != nil {
			t.Fatal(err)
		}
		var secrets []string
		policy := terraform.Policy{Service: "catalog-airflow", Release: w.state.Deployment().Newest}
		if w.GoesBack() {
			policy.Release = "v1.5.3"
		}
		object := shown(t, w, file)
		asJSON, err := exact.Read(bytes.NewReader(object), exact.Options{
			Edits: policy.NeedsEdits, Attributes: policy.NeedsAttributes, Secret: func(s string) { secrets = append(secrets, s) },
		})
		if err != nil {
			t.Fatal(err)
		}
		if list(asJSON) != list(asText) || asJSON.Counts != asText.Counts || len(asJSON.Changes) == 0 {
			t.Errorf("%s: as JSON %s %+v, printed %s %+v", s.Name, list(asJSON), asJSON.Counts, list(asText), asText.Counts)
		}
		if !asJSON.Complete || asJSON.StateEmpty || asJSON.Version != "1.11.4" || time.Since(asJSON.Made).Abs() > time.Minute || len(asJSON.Problems)+len(asJSON.Drifted) > 0 {
			t.Errorf("%s: %+v", s.Name, asJSON)
		}
		want := terraform.Passed
		if s.removed.file != "" {
			want = terraform.Failed
		}
		for form, p := range map[string]terraform.Plan{"JSON": asJSON, "asText": asText} {
			if j := terraform.Judge(p, policy); j.Verdict != want {
				t.Errorf("%s, %s: %v, %s", s.Name, form, j.Verdict, j.Summary)
			}
		}
		for i, c := range asJSON.Changes {
			lines, err := exact.Diff(object[c.At.Offset : c.At.Offset+c.At.Length])
			if err != nil {
				t.Fatal(err)
			}
			var names, printed []string
			unknowns := 0
			for _, l := range lines {
				if l.Unknown {
					unknowns++
				}
				if l.Mark != terraform.Same && attribute.MatchString("~ "+l.Name.String()+" = ") {
					names = append(names, l.Name.String())
				}
			}
			for _, m := range attribute.FindAllStringSubmatch(asText.Changes[i].Body.String(), -1) {
				printed = append(printed, m[1])
			}
			if n := strings.Count(asText.Changes[i].Body.String(), "(known after apply)"); n != unknowns {
				t.Errorf("%s: of %s, JSON has %d that are not known yet, and printed are %d", s.Name, c.Address, unknowns, n)
			}
			slices.Sort(names)
			slices.Sort(printed)
			if !slices.Equal(names, printed) || len(names) < 10 {
				t.Errorf("%s: of %s, JSON changes %q, and printed are %q", s.Name, c.Address, names, printed)
			}
		}
		if len(secrets) == 0 || slices.ContainsFunc(secrets, func(s string) bool { return strings.Contains(printed.stdout, s) }) {
			t.Errorf("%s: the secrets are %q", s.Name, secrets)
		}
	}
}

// attribute is a line about one that changes, or about a block.
var attribute = regexp.MustCompile(`(?m)^ *[-+~] ([a-z_]+) +(?:= |\{)`)

// list says what a plan does to what, and why.
func list(p terraform.Plan) string {
	var all []string
	for _, c := range p.Changes {
		all = append(all, fmt.Sprint(c.Address, " ", c.Type, " ", c.Actions(), " ", c.Triggers))
	}
	return strings.Join(all, "\n")
}

// The engine finds out by the configuration in it where a plan was made.
func TestASavedPlanHasItsConfiguration(t *testing.T) {
	w := bumped(t, "calm")
	file := filepath.Join(t.TempDir(), "plan")
	withPlan(t, w, file, "", plans).must(t, 0)
	configuration, err := saved.ReadConfiguration(file)
	if err != nil {
		t.Fatal(err)
	}
	prod := filepath.Join(w.InfrastructureDir(), "environments", "prod")
	found, err := configuration.Find(w.InfrastructureDir())
	if err != nil || !slices.Equal(found, []string{prod}) {
		t.Errorf("found in %q, %v", found, err)
	}
	gitOutput(t, w, "checkout", "--", ".")
	if configuration.In(prod) {
		t.Error("it is that of before the bump")
	}
	if withPlan(t, w, file, "", plans).must(t, 0, "No changes."); strings.Contains(string(shown(t, w, file)), `"applyable":true`) {
		t.Error("a plan of nothing is applyable")
	}
	withPlan(t, w, file, "", apply).must(t, 0, "0 added, 0 changed, 0 destroyed.")
	withPlan(t, w, file, "", apply).must(t, 0) // nothing has made it stale
}

func TestOnlyPlansOfThePracticeAreTaken(t *testing.T) {
	w := bumped(t, "calm")
	file := filepath.Join(t.TempDir(), "plan")
	zipped, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(zipped)
	member, err := archive.Create("tfplan")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := member.Write([]byte{8, 3, 18}); err != nil { // as a real one begins
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	withPlan(t, w, file, "yes\n", apply).must(t, 1, "as a plan file", "was not created in a practice world")
	if d := deployed(t, w); d.Deployed != release1 {
		t.Errorf("deployed %+v", d)
	}
}

// A plan that was saved is applied after a pause, without a question.
func TestASavedPlanOutlivesAPause(t *testing.T) {
	w, c := keep(t, "calm")
	if err := w.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	runJust(t, w, "", bump...).must(t, 0)
	file := filepath.Join(t.TempDir(), "plan")
	withPlan(t, w, file, "", plans).must(t, 0)
	w = again(t, w, c, time.Minute)
	done := withPlan(t, w, file, "", apply)
	done.must(t, 0, "\nApply complete! Resources: 1 added, 0 changed, 1 destroyed.\n")
	if text.ShowsPlan(done.stdout) || strings.Contains(done.stdout, "Enter a value") {
		t.Errorf("a saved plan is applied without a word:\n%s", done.stdout)
	}
	w = again(t, w, c, time.Minute)
	stale := withPlan(t, w, file, "", apply)
	if stale.must(t, 1, "\nError: Saved plan is stale\n"); text.Refused(stale.stderr) != text.Stale {
		t.Errorf("refused for %v", text.Refused(stale.stderr))
	}
}

// The whole of the scenario plan-changed, with a pause where it matters.
func TestAColleagueMakesThePlanStale(t *testing.T) {
	w := bumped(t, "plan-changed")
	file := filepath.Join(t.TempDir(), "plan")
	first := withPlan(t, w, file, "", plans)
	if a, ok := actNamed(w, "replace-instance"); !ok || !a.Enabled {
		t.Fatalf("act %+v, %v", a, ok)
	}
	if err := w.Do("replace-instance"); err != nil {
		t.Fatal(err)
	}
	w = again(t, w, ask.NewClock(), 0)
	withPlan(t, w, file, "yes\n", apply).must(t, 1, "Error: Saved plan is stale", "error: recipe `apply` failed on line")
	if d := deployed(t, w); d.Deployed != release1 {
		t.Fatalf("deployed %+v", d)
	}
	second := withPlan(t, w, file, "", plans)
	if text.Fingerprint(first.stdout) == text.Fingerprint(second.stdout) {
		t.Errorf("it is the same plan:\n%s", second.stdout)
	}
	if err := w.Do("replace-instance"); err != nil { // as often as one likes
		t.Fatal(err)
	}
	withPlan(t, w, file, "", apply).must(t, 1, "Error: Saved plan is stale")
	withPlan(t, w, file, "", plans).must(t, 0)
	withPlan(t, w, file, "", apply).must(t, 0, "Apply complete! Resources: 1 added")
	if d := deployed(t, w); d != (state.Deployment{Deployed: draftTag, Database: true, Replaced: 2, Serial: 3, Newest: draftTag}) {
		t.Errorf("deployed %+v", d)
	}
	runJust(t, w, "", plans...).must(t, 0, "No changes.")
	for _, s := range Scenarios() {
		w, _ := begin(t, s.Name, 2)
		if _, ok := actNamed(w, "replace-instance"); ok != (s.Name == "plan-changed" || s.Name == "apply-flags") {
			t.Errorf("%s: offered: %v", s.Name, ok)
		}
	}
}

// The whole of the scenario apply-flags.
func TestARecipeWithAFlagTakesNoSavedPlan(t *testing.T) {
	w := bumped(t, "apply-flags")
	file := filepath.Join(t.TempDir(), "plan")
	plan := withPlan(t, w, file, "", plans)
	plan.must(t, 0)
	refused := withPlan(t, w, file, "yes\n", apply)
	refused.must(t, 1, "Error: Too many command line arguments", "apply -no-color -lock-timeout=60s")
	if text.Refused(refused.stderr) != text.ItsArguments || refused.stdout != "" || deployed(t, w).Deployed != release1 {
		t.Errorf("refused for %v, printed %q, deployed %+v", text.Refused(refused.stderr), refused.stdout, deployed(t, w))
	}
	asked, _, _ := strings.Cut(runJust(t, w, "no\n", apply...).stdout, "Enter a value: ")
	if text.Fingerprint(asked) == "" || text.Fingerprint(asked) != text.Fingerprint(plan.stdout) {
		t.Errorf("another plan is asked about:\n%s", asked)
	}
	runJust(t, w, "yes\n", apply...).must(t, 0, "Apply complete! Resources: 1 added")
	if status := gitOutput(t, w, "status", "--porcelain", "justfile"); status != "" {
		t.Errorf("the recipe is not committed: %s", status)
	}
}
