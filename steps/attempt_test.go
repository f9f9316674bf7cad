package steps_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// TestEarlierOutputs finds what a command has printed, in this run and in others.
func TestEarlierOutputs(t *testing.T) {
	own, other := t.TempDir(), t.TempDir()
	for _, folder := range []string{own + "/00003-apply", own + "/00009-apply", own + "/00007-plan", other + "/00005-apply", other + "/00006-apply-all"} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	asked := ""
	o := steps.Options{Mode: runbook.Live, Environment: "prod", Folder: own, Earlier: func(mode runbook.Mode, environment clean.Text) []string {
		asked = string(mode) + " " + environment.String()
		return []string{other, filepath.Join(other, "gone")}
	}}
	e, err := steps.New(steps.Bind(fake.Parse(t, "1. `just bump prod web`\n"), steps.Settings{}, kinds.All()), &steps.World{Now: time.Now}, o)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{own + "/00009-apply/output", own + "/00003-apply/output", other + "/00005-apply/output"}
	if got := e.EarlierOutputs("apply"); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if asked != string(runbook.Live)+" prod" {
		t.Errorf("asked for the runs of %q", asked)
	}
	o.Folder = ""
	if e, err = steps.New(e.Bound(), e.World(), o); err != nil || e.EarlierOutputs("apply") != nil {
		t.Errorf("nothing is kept, and found: %v, %q", err, e.EarlierOutputs("apply"))
	}
}
