package main

import (
	"strings"
	"testing"
)

// TestDAGDeployment walks a DAG deployment as a person does it: the merge, the sync, and the
// new DAG that starts at once.
func TestDAGDeployment(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := []string{"XDG_STATE_HOME=" + t.TempDir()}
			term := onTerminal(t, size[0], size[1], environ, []string{"practice", "dag-starts"}, nil)
			term.waitFor("0 of 3 done", "Merge the pull request")
			term.insist("v", "#1096 is open")
			merge(term, "1096")
			term.insist("j", "Wait until Airflow has the changed DAGs · ○")
			term.typeIn("w")
			term.waitFor("Airflow has rijksmuseum_workflow.py")
			term.insist("j", "Turn the new DAGs on · ○")
			term.insist("v", "The new DAG rijksmuseum_workflow is", "P to turn one on")
			term.insist("P", "at once starts a", "Type unpause to unpause it.")
			term.insist("\x15unpause", "› unpause ")
			term.typeIn("\r")
			term.waitFor("3 of 3 done", "rijksmuseum_workflow is unpaused")
			term.typeIn("q")
			if code := term.end(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if out := output(t, environ, "report"); !strings.Contains(out, `found that rijksmuseum\_workflow is unpaused`) || !strings.Contains(out, "WordPress/openverse-catalog") {
				t.Errorf("report says %s", out)
			}
			if out := output(t, environ, "runs"); strings.Contains(out, "still") {
				t.Errorf("runs says %s", out)
			}
		})
	}
}

// TestOtherWalks goes through what else the practice offers, each to the step that it is about.
func TestOtherWalks(t *testing.T) {
	t.Parallel()
	for scenario, walk := range map[string]func(*emulator){
		"dags-only": func(term *emulator) {
			merge(term, "1094")
			term.insist("j", "Wait until Airflow has the changed DAGs · ○")
			term.typeIn("w")
			term.waitFor("Airflow has")
			term.insist("j", "Turn the new DAGs on · ○")
			term.insist("v", "P to turn one on")
		},
		"broken-dag": func(term *emulator) {
			merge(term, "1095")
			term.insist("j", "Wait until Airflow has the changed DAGs · ○")
			term.typeIn("w")
			term.waitFor("No module", "europeana_client'")
		},
		"migration": func(term *emulator) {
			term.waitFor("Reach the database through the jump host · ○")
			term.insist("v", "✓ passed")
			term.insist("j", "Migrate the database")
			term.insist("v", "There is no index")
			term.insist("W", "esc closes")
			term.typeIn("\r")
			term.waitFor("image_license_idx has begun")
			term.insist("v", "◷ waiting")
		},
		"not-back": func(term *emulator) {
			walkToPlan(term)
			term.insist(pageDown, "Does the plan look right? Press t")
			term.typeIn("t")
			term.waitFor("r to run `just apply prod")
			term.confirm("prod 1")
			term.waitFor("5 of 7 done", "v1.5.4 is applied")
			term.insist("n", "See that Airflow is back")
			term.insist("v", "doesn't respond yet")
		},
	} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			term := onTerminal(t, 100, 30, []string{"XDG_STATE_HOME=" + t.TempDir()}, []string{"practice", scenario}, nil)
			term.waitFor("PRACTICE " + scenario)
			walk(term)
			term.typeIn("q")
			if code := term.end(); code != exitOpen && code != 0 { // 0 if nothing was said or done
				t.Errorf("exit code %d", code)
			}
		})
	}
}

// merge has a colleague merge the pull request, and sees it merged.
func merge(term *emulator, number string) {
	term.t.Helper()
	term.waitFor("0 of 3 done", "Merge the pull request")
	term.insist("W", "merge the pull request #"+number)
	term.typeIn("\r")
	term.waitFor("GitHub: the pull request #" + number + " was merged")
	term.insist("v", "#"+number+" is merged into main")
}
