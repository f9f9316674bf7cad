package main

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
)

// dagsStep is the step that no DAG is running.
const dagsStep = "airflow/service-deployments/deployment-workflow#3"

// pauseHeadless pauses the first two DAGs that are on, or unpauses those that the run has
// paused.
func pauseHeadless(ctx context.Context, e *steps.Engine, effect string) error {
	var all []document.StepID
	for i := range e.Bound().Steps {
		all = append(all, e.Bound().Steps[i].Step.ID)
	}
	e.CheckAll(ctx, all)
	scope, err := e.Scope(ctx, dagsStep, effect)
	if err != nil {
		return fmt.Errorf("looking what there is to %s: %w", effect, err)
	}
	var names []string
	for _, thing := range scope.Things[:min(len(scope.Things), 2)] {
		names = append(names, thing.Name)
	}
	return e.Change(ctx, dagsStep, effect, e.Run().Phrase(dagsStep, effect), names, steps.Session{})
}

// pausedIn returns the DAGs that are paused in the practice world.
func (k *killing) pausedIn() []string {
	k.t.Helper()
	c, err := airflow.New(k.world.AirflowURL(), airflow.Options{Username: k.world.AirflowUser(), Password: k.world.AirflowPassword()})
	if err != nil {
		k.t.Fatal(err)
	}
	all, err := c.PausedDAGs(k.t.Context())
	if err != nil {
		k.t.Fatal(err)
	}
	var names []string
	for _, d := range all {
		names = append(names, d.ID.String())
	}
	return names
}

// pausePoints are the places around a pause, and an unpause, at which the program dies.
var pausePoints = []string{
	"change:confirmed", "change:intent", "change:before", "change:set", "change:did",
	"change:before@2", "change:set@2", "change:did@2", "change:before-outcome",
}

// TestPauseIsKilled kills the program at each of the places. What it has paused is found out
// when the run is gone on with, whether or not that was recorded, and unpaused then; what
// was paused before stays paused.
func TestPauseIsKilled(t *testing.T) {
	program := withFailPoints(t)
	const before = "add_license_url"
	for n, point := range pausePoints {
		if n%3 != 0 && !*long {
			continue
		}
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			k := newKilling(t)
			defer k.close()
			walk := func(environ ...string) (lines []string, err error) {
				cmd, a := k.start(program, environ...)
				k.holds(a)
				return a.lines, cmd.Wait()
			}
			held := func(lines []string) (names []string) {
				for _, line := range lines {
					if list, ok := strings.CutPrefix(line, "held "); ok {
						names = strings.Fields(list)
					}
				}
				return names
			}
			// is fails unless the run has paused all that is paused and was not.
			is := func(paused int) {
				t.Helper()
				lines, err := walk(headlessUntil + "=resume")
				if err != nil {
					t.Fatalf("resuming: %v\n%s", err, strings.Join(lines, "\n"))
				}
				names := held(lines)
				all := append(slices.Clone(names), before)
				slices.Sort(all)
				if got := k.pausedIn(); !slices.Equal(got, all) || paused >= 0 && len(names) != paused {
					t.Fatalf("paused are %q, and the run says %q", got, names)
				}
			}
			if lines, err := walk(headlessUntil+"=pause", "CATALOG_RUNBOOK_FAILPOINT="+point); err == nil {
				t.Fatalf("it was not killed:\n%s", strings.Join(lines, "\n"))
			}
			is(-1)
			if lines, err := walk(headlessUntil + "=pause"); err != nil {
				t.Fatalf("pausing: %v\n%s", err, strings.Join(lines, "\n"))
			}
			is(-1)
			if lines, err := walk(headlessUntil+"=unpause", "CATALOG_RUNBOOK_FAILPOINT="+point); err == nil {
				t.Fatalf("it was not killed:\n%s", strings.Join(lines, "\n"))
			}
			is(-1)
			for len(k.pausedIn()) > 1 {
				if lines, err := walk(headlessUntil + "=unpause"); err != nil {
					t.Fatalf("unpausing: %v\n%s", err, strings.Join(lines, "\n"))
				}
			}
			is(0)
		})
	}
}

// TestPausedDAGsAreNamed in a walk as a person does it: when it is left, by `runs`, and when
// it is gone on with.
func TestPausedDAGsAreNamed(t *testing.T) {
	t.Parallel()
	const paused = "2 DAGs are still paused by this run: europeana_workflow, flickr_workflow"
	for name, size := range map[string][2]int{"80x24": {80, 24}, "120x40": {120, 40}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := []string{"XDG_STATE_HOME=" + t.TempDir()}
			term := onTerminal(t, size[0], size[1], environ, []string{"practice", "runs-due"}, nil)
			publishAndChoose(term)
			term.insist("V", "2 of 7 done")
			term.insist("n", "Step 3", "P to pause what is due")
			term.typeIn("P")
			term.waitFor("Pause only what is due: europeana_workflow (due in", "Pause all 37 DAGs")
			term.insist("1", "Type pause to pause them.")
			term.insist("\x15pause", "› pause ")
			term.typeIn("\r")
			term.waitFor("3 of 7 done", "2 DAGs paused", "flickr_workflow is paused")
			term.typeIn("q")
			term.waitFor("DAGs are still paused", paused)
			term.wait("2", func(string) bool { return strings.Contains(term.bytes(), leaveAltScreen) }, []string{"the end"})
			if code := term.end(); code != exitOpen {
				t.Errorf("exit code %d", code)
			}
			last := term.bytes()[strings.LastIndex(term.bytes(), leaveAltScreen):]
			if !strings.Contains(last, paused+". To unpause DAGs: catalog-runbook resume ") {
				t.Errorf("it ends with %q", last)
			}
			if out := output(t, environ, "runs"); !strings.Contains(out, "3 of 7 done; "+paused) {
				t.Errorf("runs says %s", out)
			}
			if out := output(t, environ, "report"); !strings.Contains(out, strings.ReplaceAll(paused, "_", `\_`)) || !strings.Contains(out, `found that flickr\_workflow is paused`) {
				t.Errorf("report says %s", out)
			}

			term = onTerminal(t, size[0], size[1], environ, []string{"resume"}, nil)
			term.waitFor("2 DAGs paused", "3 of 7 done")
			term.typeIn("P")
			term.insist("1", "Type unpause to unpause them.", "The deployment is not over")
			term.insist("\x15unpause", "› unpause ")
			term.typeIn("\r")
			term.waitFor("flickr_workflow is unpaused")
			term.waitGone("2 DAGs paused")
			term.typeIn("q")
			if code := term.end(); code != exitOpen {
				t.Errorf("exit code %d", code)
			}
			if out := output(t, environ, "runs"); strings.Contains(out, "paused") {
				t.Errorf("runs says %s", out)
			}
		})
	}
}

// output is what the program prints.
func output(t *testing.T, environ []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	cmd.Env = append([]string{"HOME=" + t.TempDir()}, environ...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return string(out)
}
