package kinds_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/terraform/text"
	"catalog-runbook/steps/testdata/fake"
)

// applyAsks is a world whose recipe asks before it applies, and savedPlan are the facts
// of one in which the plan was saved.
var (
	applyAsks = func(_ *testing.T, w *steps.World) { w.ApplyAsks = true }
	savedPlan = runbook.Facts{runbook.ReleaseTag: fake.Tag, "plan.form": "saved", "plan.text": text.Fingerprint(fake.Deploys), "plan.tool": "terraform 1.11.4", "plan.dir": "."}
)

// keptPlan makes the folder of a plan that gives a resource the value 2.
func keptPlan(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "00007-plan")
	fake.Write(t, folder, "plan.json", `{"resource_changes":[{"address":"a.b","mode":"managed","change":{"actions":["update"],"before":{"v":1},"after":{"v":2},"after_unknown":{}}}]}`)
	return folder
}

// replacingPlan makes the folder of a plan that replaces the instance.
func replacingPlan(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "00007-plan")
	fake.Write(t, folder, "plan.json", `{"format_version":"1.2","errored":false,"resource_changes":[{"address":"aws_instance.airflow","mode":"managed","type":"aws_instance","name":"airflow","change":{"actions":["delete","create"],"before":{"v":1},"after":{"v":2},"after_unknown":{}}}]}`)
	return folder
}

// stateHolds makes a world whose terraform prints a state in which that resource has a
// value, or fails if that is "".
func stateHolds(value string) func(*testing.T, *steps.World) {
	return func(t *testing.T, w *steps.World) {
		t.Helper()
		script := "#!/bin/sh\n[ \"$*\" = 'show -json' ] && echo '{\"format_version\":\"1.0\",\"values\":{\"root_module\":{\"resources\":[{\"address\":\"a.b\",\"mode\":\"managed\",\"values\":{\"v\":" + value + "}}]}}}'\n"
		if value == "" {
			script = "#!/bin/sh\necho 'Error: no valid credential sources found' >&2; exit 1\n"
		}
		bin := t.TempDir()
		if err := os.WriteFile(filepath.Join(bin, "terraform"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
		w.Environ, w.Checkout.Dir = []string{"PATH=" + bin}, t.TempDir()
	}
}

var planFixture = fixture{
	params: steps.Params{"environment": "prod", "service": "catalog-airflow"},
	facts:  runbook.Facts{runbook.ReleaseTag: fake.Tag, "plan.text": text.Fingerprint(fake.Deploys)},
	cases: []kindCase{
		{
			name: "the instance is replaced", effect: "plan", output: fake.Deploys, world: bumpTo(fake.Tag),
			verdict: runbook.Passed, sees: []string{"service-instance: "},
			leaves: runbook.Facts{"plan.release": fake.Tag, "plan.hash": text.Fingerprint(fake.Deploys)},
		},
		{
			name: "the instance gets the image's tag without the v", effect: "plan", output: strings.ReplaceAll(fake.Deploys, "v1.5.", "1.5."), world: bumpTo("1.5.4"), facts: spelledBare,
			verdict: runbook.Passed, sees: []string{"sets 1.5.4"},
		},
		{
			name: "the instance gets another tag than the image's", effect: "plan", output: strings.ReplaceAll(strings.ReplaceAll(fake.Deploys, "v1.5.", "1.5."), "=1.5.4", "=1.5.5"), world: bumpTo("1.5.5"), facts: spelledBare,
			verdict: runbook.Failed, says: []string{"sets 1.5.5, not 1.5.4"},
		},
		{name: "no changes", effect: "plan", output: fake.Printed("no-changes"), world: bumpTo(fake.Tag), verdict: runbook.Failed},
		{
			name: "the database is destroyed", effect: "plan", output: fake.Printed("cloud-database-destroy"), world: bumpTo(fake.Tag),
			verdict: runbook.Failed, sees: []string{"database: "},
		},
		{name: "garbled", effect: "plan", output: "hello\n", world: bumpTo(fake.Tag), verdict: runbook.Unknown},
		{name: "nothing printed", effect: "plan", world: bumpTo(fake.Tag), verdict: runbook.Unknown},
		{
			name: "cut off", effect: "plan", output: fake.Deploys[:len(fake.Deploys)/2], world: bumpTo(fake.Tag),
			verdict: runbook.Unknown, leaves: runbook.Facts{"plan.hash": ""},
		},
		{name: "planning failed", effect: "plan", exit: 1, output: fake.Deploys, verdict: runbook.Failed, says: []string{"exit code 1"}},
		{
			name: "the exit code of a plan with changes, without a saved plan", effect: "plan", exit: 2, output: "terraform plan -detailed-exitcode\n" + fake.Deploys,
			verdict: runbook.Failed, says: []string{"exit code 2", "take -detailed-exitcode out of the recipe"},
		},
		{name: "the same exit code of something else", effect: "plan", exit: 2, output: fake.Deploys, verdict: runbook.Failed, says: []string{"exit code 2: read its output."}},
		{
			name: "no checkout to tie it to", effect: "plan", output: fake.Deploys,
			verdict: runbook.Unknown, says: []string{"Reading the checkout that the plan was made from"}, leaves: runbook.Facts{"plan.hash": ""},
		},
		{
			name: "applied", effect: "apply", output: fake.Asks + "yes\r\n" + fake.Completed, world: applyAsks,
			verdict: runbook.Passed, says: []string{fake.Tag + " is applied"},
		},
		{
			name: "applied without the reviewed plan", effect: "apply", output: fake.Printed("cloud-database-destroy") + fake.Completed, world: applyAsks,
			verdict: runbook.Unknown, says: []string{"not the plan that was reviewed"},
		},
		{name: "nothing left to apply", effect: "apply", output: fake.Printed("no-changes") + fake.Completed, world: applyAsks, verdict: runbook.Unknown},
		{name: "the apply failed", effect: "apply", exit: 1, output: fake.Asks, world: applyAsks, verdict: runbook.Failed, says: []string{"exit code 1"}},
		{
			name: "the apply did not say that it is complete", effect: "apply", output: fake.Asks, world: applyAsks,
			verdict: runbook.Unknown, says: []string{"did not say"},
		},
		{
			name: "the saved plan is applied", effect: "apply", facts: savedPlan, output: fake.Completed, relied: keptPlan, world: stateHolds("2"),
			verdict: runbook.Passed, says: []string{"the state is what the reviewed plan said"}, sees: []string{"resources in the state: 1"},
		},
		{
			name: "its output goes elsewhere", effect: "apply", facts: savedPlan, output: "see apply.log\n", relied: keptPlan, world: stateHolds("2"),
			verdict: runbook.Passed, says: []string{"the state is what the reviewed plan said"},
		},
		{
			name: "something else is applied", effect: "apply", facts: savedPlan, output: fake.Completed, relied: keptPlan, world: stateHolds("3"),
			verdict: runbook.Unknown, says: []string{"the state is not what the reviewed plan said: v of a.b is not what the plan says"}, sees: []string{"not as planned: v of a.b"},
		},
		{
			name: "nothing is applied", effect: "apply", facts: savedPlan, output: fake.Completed, relied: keptPlan, world: stateHolds("1"),
			verdict: runbook.Unknown, says: []string{"the state is not what the reviewed plan said"},
		},
		{
			name: "the state cannot be read", effect: "apply", facts: savedPlan, output: fake.Completed, relied: keptPlan, world: stateHolds(""),
			verdict: runbook.Unknown, says: []string{"the state can't be read", "no valid credential sources", "Make the plan again"},
		},
		{
			name: "a plan was shown although there is a saved one", effect: "apply", facts: savedPlan, output: fake.Asks + fake.Completed, relied: keptPlan, world: stateHolds("2"),
			verdict: runbook.Unknown, says: []string{"it showed a plan of its own"},
		},
		{
			name: "something was applied without a saved plan, and without a question", effect: "apply", output: fake.Asks + fake.Completed,
			verdict: runbook.Unknown, says: []string{"not the plan that was reviewed"},
		},
		{
			name: "the recipe takes no saved plan", effect: "apply", facts: savedPlan, exit: 1, output: "│ Error: Too many command line arguments\n",
			verdict: runbook.Failed, says: []string{"arguments of its own", `apply = "asks"`, "read what else the recipe has done"},
		},
		{
			name: "the saved plan is stale", effect: "apply", facts: savedPlan, exit: 1, output: "│ Error: Saved plan is stale\n",
			verdict: runbook.Failed, says: []string{"the state has changed since it was made"},
		},
		{
			name: "a signal ended just after the apply", effect: "apply", facts: savedPlan, exit: 129, output: fake.Completed + "error: interrupted by SIGHUP\n",
			verdict: runbook.Failed, says: []string{"exit code 129", "SIGHUP", "Apply complete!"},
		},
		{
			name: "the recipe failed after the apply", effect: "apply", facts: savedPlan, exit: 1, output: fake.Completed + "error: recipe `apply` failed\n",
			verdict: runbook.Failed, says: []string{"ended with exit code 1, although", "Apply complete!"},
		},
		{
			name: "the apply failed in the middle", effect: "apply", facts: savedPlan, exit: 1, output: "aws_instance.a: Destroying...\n│ Error: Saved plan is stale\n",
			verdict: runbook.Failed, says: []string{"exit code 1"},
		},
		{
			name: "the apply was interrupted after the old instance was gone", effect: "apply", facts: savedPlan, exit: 130, relied: replacingPlan,
			output:  "aws_instance.airflow: Destroying... [id=i-1]\r\naws_instance.airflow: Destruction complete after 31s\r\nStopping operation...\r\n",
			verdict: runbook.Failed, says: []string{"exit code 130", "The service catalog-airflow may be down.", "Of aws_instance.airflow, the old one is gone, the new one was not created.", "run the plan again"},
			sees: []string{"aws_instance.airflow: the old one is gone"}, leaves: runbook.Facts{runbook.MayBeDown: "catalog-airflow may be down"},
		},
		{
			name: "the apply was interrupted before anything was destroyed", effect: "apply", facts: savedPlan, exit: 130, relied: replacingPlan,
			output: "Stopping operation...\r\n", verdict: runbook.Failed, says: []string{"exit code 130", "What it changed until then stays changed."},
		},
	},
}

func TestAnswer(t *testing.T) {
	k := kind(t, "plan-and-apply")
	answer := func(in steps.Input, effect, output string) (string, clean.Text) {
		if ask := k.Effect(effect).Answer; ask != nil {
			return ask(in, output)
		}
		return "", clean.Text{}
	}
	in := steps.Input{Params: planFixture.params, Facts: planFixture.facts, World: &steps.World{ApplyAsks: true}}
	asked := fake.Asks
	if !text.AsksApproval(asked) {
		t.Fatal("the fixture does not end in the question")
	}
	for _, tt := range []struct{ name, effect, output, want, says string }{
		{"the reviewed plan", "apply", asked, "yes\n", "the plan that was reviewed"},
		{"with colours and a terminal's line ends", "apply", strings.ReplaceAll(asked, "\n", "\x1b[0m\r\n"), "yes\n", "reviewed"},
		{"after a long start", "apply", strings.Repeat("Refreshing state...\n", 10_000) + asked, "yes\n", "reviewed"},
		{"the question is not there yet", "apply", asked[:strings.LastIndex(asked, "Enter a value")], "", ""},
		{"it was answered", "apply", asked + "yes\r\n", "", ""},
		{"another plan", "apply", strings.Replace(asked, "DOCKER_IMAGE_TAG="+fake.Tag, "DOCKER_IMAGE_TAG=v1.5.5", 1), "no\n", "not the plan"},
		{"two plans", "apply", fake.Deploys + asked, "no\n", "not the plan"},
		{"no plan", "apply", asked[strings.Index(asked, "Do you want to perform"):], "no\n", "not the plan"},
		{"a plan asks nothing", "plan", asked, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "no\n" && tt.output == asked {
				t.Fatal("the fixture does not differ")
			}
			reply, note := answer(in, tt.effect, tt.output)
			if reply != tt.want {
				t.Errorf("answers %q, want %q", reply, tt.want)
			}
			fake.Contains(t, note.String(), tt.says)
		})
	}
	if reply, _ := answer(steps.Input{Facts: runbook.Facts{}, World: in.World}, "apply", asked); reply != "no\n" {
		t.Errorf("without a reviewed plan it answers %q", reply)
	}
	if reply, _ := answer(steps.Input{Facts: runbook.Facts{}, World: in.World}, "apply", asked[strings.Index(asked, "Do you want to perform"):]); reply != "no\n" {
		t.Errorf("without any plan it answers %q", reply)
	}
	if reply, note := answer(in, "apply", command.Gap+asked[strings.Index(asked, "Do you want to perform"):]); reply != "no\n" || !strings.Contains(note.String(), "too long to be kept") {
		t.Errorf("after too much output it answers %q: %s", reply, note)
	}
	in.World = &steps.World{}
	if reply, note := answer(in, "apply", asked); reply != "no\n" {
		t.Errorf("a recipe that has not taken the saved plan is answered %q, %s", reply, note)
	}
}

// Nobody can approve by typing what nobody has read.
func TestRefuse(t *testing.T) {
	k := kind(t, "plan-and-apply")
	savedPlan, asks := &steps.World{}, &steps.World{ApplyAsks: true}
	for _, tt := range []struct {
		effect       string
		world        *steps.World
		output, line string
		says         string // "" if it is passed on
	}{
		{"apply", savedPlan, "Continue? ", "y", ""},
		{"apply", savedPlan, "", "", ""},
		{"apply", savedPlan, "var.size\n  Enter a value: ", "large", ""},
		{"apply", savedPlan, "Continue? ", "yes", "could take a yes"},
		{"apply", savedPlan, "", " YES ", "could take a yes"},
		{"apply", savedPlan, "Sure?", "yyes", "could take a yes"},
		{"apply", savedPlan, fake.Asks, "no", "answered by what was judged"},
		{"apply", asks, "Continue? ", "y", "answered by what was judged"},
		{"plan", savedPlan, "Continue? ", "yes", ""},
		{"plan", savedPlan, fake.Asks, "yes", "make a plan only"},
	} {
		why := k.Effect(tt.effect).Refuse(steps.Input{World: tt.world}, tt.output, tt.line).String()
		if (why == "") != (tt.says == "") || !strings.Contains(why, tt.says) {
			t.Errorf("%s, %q: %q is refused with %q, want %q", tt.effect, tt.output[max(0, len(tt.output)-20):], tt.line, why, tt.says)
		}
	}
}
