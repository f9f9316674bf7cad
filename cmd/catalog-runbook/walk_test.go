package main

import (
	"strings"
	"testing"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/steps/practice"
)

// TestWalk walks the whole deployment as a person does: keys in, screens out.
func TestWalk(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := onTerminal(t, size[0], size[1], nil, []string{"practice", "calm"}, nil)
			walkToApplied(term)
			passed := 5
			if name == "120x40" { // once is enough: Airflow takes its time to come back
				term.insist("n", "v to verify it")
				term.insist("w", "waiting")
				term.waitFor("6 of 7 done")
				passed = 6
			}
			term.typeIn("q")
			if code := term.end(); code != exitOpen { // the version has not landed yet
				t.Errorf("exit code %d", code)
			}
			summary := term.bytes()[strings.LastIndex(term.bytes(), leaveAltScreen):]
			if !strings.Contains(summary, "release v1.5.4") || strings.Count(summary, "passed") != passed+1 { // the question as well
				t.Errorf("the summary is %q", summary)
			}
		})
	}
}

// TestRollbackWalk goes back to the release before, as a person does.
func TestRollbackWalk(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := []string{"XDG_STATE_HOME=" + t.TempDir()}
			term := onTerminal(t, size[0], size[1], environ, []string{"practice", "rollback"}, nil)
			term.waitFor("PRACTICE ROLLBACK", "release v1.5.3, back from v1.5.4")
			term.typeIn("V")
			term.waitFor("✓ 1", "✓ 2", "✓ 3")
			term.typeIn("n")
			term.waitFor("Step 4", "main still names v1.5.4")
			term.typeIn("W")
			term.waitFor("› write v1.5.3 into catalog-airflow.tf") // the first that can be done
			term.typeIn("\r")
			term.waitGone("esc closes")
			term.insist("v", "✓ 4")
			term.typeIn("j")
			term.waitFor("Step 5", "Stays", "Airflow's metadata database")
			term.confirm("prod")
			term.waitFor("-/+ module.catalog_airflow.aws_instance.this")
			term.insist(pageDown, "Does the plan look right? Press t")
			term.typeIn("t")
			term.waitFor("r to run `just apply prod")
			term.confirm("prod 1")
			term.waitFor("✓ 5", "v1.5.3 is applied")
			term.typeIn("q")
			if code := term.end(); code != exitOpen { // nobody has seen Airflow come back
				t.Errorf("exit code %d", code)
			}
			if out := output(t, environ, "report"); !strings.Contains(out, "## PRACTICE: ROLLBACK: Catalog Deployments, v1.5.3") || !strings.Contains(out, "back from `v1.5.4`") {
				t.Errorf("report says %s", out)
			}
		})
	}
}

// Outside of practice, a rollback finds its release by the checkout's history.
func TestRollbackCommand(t *testing.T) {
	t.Parallel()
	w, err := practice.Start("rollback", practice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	file := writeFile(t, settings.FileName, worldSettings(w))
	environ := []string{"XDG_STATE_HOME=" + t.TempDir(), "GH_TOKEN=" + w.GitHubToken(), "AIRFLOW_PASSWORD=" + w.AirflowPassword()}
	for what, args := range map[string][]string{
		"release v1.5.3, back from v1.5.4": {"rollback", "--settings", file},
		"release v1.5.2, back from v1.5.4": {"rollback", "--release", "v1.5.2", "--settings", file},
	} {
		term := onTerminal(t, 100, 30, environ, args, nil)
		term.waitFor("LIVE ROLLBACK prod", what, "Going back from v1.5.4")
		term.typeIn("q")
		if code := term.end(); code != exitOpen {
			t.Errorf("exit code %d", code)
		}
	}
}

// A plan that would destroy the database goes no further, whatever is typed.
func TestWalkStopsAtTheDatabase(t *testing.T) {
	t.Parallel()
	term := onTerminal(t, 100, 30, nil, []string{"practice", "database-destroy"}, nil)
	walkToPlan(term)
	term.waitFor("✗ failed")
	term.typeIn("t")
	term.waitFor("The plan can't be called correct")
	term.typeIn("G")
	term.typeIn("r")
	term.waitFor("Run `just plan prod catalog-airflow`", "4 of 7 done") // again, and nothing else
}

// publishAndChoose publishes the release, chooses it, and waits until it is built.
func publishAndChoose(term *emulator) {
	term.t.Helper()
	term.waitFor("PRACTICE", "v to ask what has changed")
	term.insist("n", "0 of 7 done")
	term.typeIn("W")
	term.waitFor("publish the draft release v1.5.4")
	term.typeIn("\r")
	term.waitFor("release v1.5.4 was published")
	term.typeIn("c")
	term.waitFor("Which release is this deployment about?", "› v1.5.4")
	term.insist("\r", "release v1.5.4 ·")
	term.typeIn("w") // until the build has ended
	term.waitFor("✓ passed", "1 of 7 done")
}

// walkToPlan publishes and chooses the release, verifies the steps, bumps the
// version and runs the plan.
func walkToPlan(term *emulator) {
	term.t.Helper()
	publishAndChoose(term)
	term.insist("V", "3 of 7 done") // the image comes a moment after the build
	term.typeIn("jjj")
	term.waitFor("Step 4")
	term.confirm("prod")
	term.waitFor("4 of 7 done")
	term.typeIn("j")
	term.waitFor("Step 5")
	term.confirm("prod")
	term.waitFor("plan of just plan prod catalog-airflow")
}

// walkToApplied walks on from the plan until the release is applied.
func walkToApplied(term *emulator) {
	term.t.Helper()
	walkToPlan(term)
	term.insist("t", "to its end first") // it is not ticked, and what t said when the plan was still coming has gone
	term.insist(pageDown, "Does the plan look right? Press t")
	term.typeIn("t")
	term.waitFor("r to run `just apply prod")
	term.confirm("prod 1")
	term.waitFor("5 of 7 done", "v1.5.4 is applied: the state is what the reviewed plan said.")
}

// confirm runs the command of the selected step and types the word that the
// dialogue asks for.
func (t *emulator) confirm(word string) {
	t.t.Helper()
	t.typeIn("r")
	t.waitFor("Type " + word + " to run it")
	t.insist("\x15"+word, "› "+word+" ") // ctrl+u drops the half that came before the dialogue
	// What is answered within a second was not read.
	asks := "Type " + word + " to run it"
	t.wait("\r", func(screen string) bool { return !strings.Contains(screen, asks) }, []string{"no " + asks})
}
