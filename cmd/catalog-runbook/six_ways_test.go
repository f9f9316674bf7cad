package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/practice/just"
)

// sixWays are the ways to lose the front end, and the exit code that is left; a
// process that is killed has none.
var sixWays = map[string]struct {
	lose func(*emulator)
	code int
}{
	"KILL":            {loseTo(syscall.SIGKILL), -1},
	"HUP":             {loseTo(syscall.SIGHUP), 129},
	"TERM":            {loseTo(syscall.SIGTERM), 143},
	"INT":             {loseTo(syscall.SIGINT), 130},
	"panic":           {func(t *emulator) { t.typeIn("!") }, exitUsage},
	"closed terminal": {(*emulator).shut, 129},
}

func loseTo(s syscall.Signal) func(*emulator) {
	return func(t *emulator) {
		t.t.Helper()
		if err := t.cmd.Process.Signal(s); err != nil {
			t.t.Fatal(err)
		}
	}
}

// shut closes the terminal, as someone does who closes its window.
func (t *emulator) shut() {
	t.t.Helper()
	// A read that is under way would hold our side open. It ends with what is
	// drawn next, and there is always more while a command runs.
	if err := syscall.SetNonblock(int(t.file.Fd()), true); err != nil {
		t.t.Fatal(err)
	}
	select {
	case <-t.changed:
	default:
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-t.changed:
	case <-late.C:
		t.t.Fatal("nothing more is drawn")
	}
	if err := t.file.Close(); err != nil {
		t.t.Fatal(err)
	}
}

// TestSixWaysToLoseTheFrontEnd loses it while an apply runs, before and after its
// question was answered. The apply completes each time, once, and whoever resumes
// the run takes its outcome over. Without -long there are only two of the ways.
func TestSixWaysToLoseTheFrontEnd(t *testing.T) {
	path := withFailPoints(t)
	for way, lost := range sixWays {
		if !*long && way != "KILL" && way != "HUP" {
			continue
		}
		t.Run(way+" after the answer", func(t *testing.T) {
			t.Parallel()
			a := newApplying(t, path)
			a.term.waitFor("answering yes", "Still destroying")
			lost.lose(a.term)
			if code := a.term.end(); code != lost.code {
				t.Errorf("exit code %d, want %d", code, lost.code)
			}
			if _, err := os.Stat(a.file("exit")); err == nil {
				t.Fatal("the apply had ended before: this proves nothing")
			}
			eventually(t, patience, "the apply does not end", func() bool { _, err := os.Stat(a.file("exit")); return err == nil })
			a.adopted()
		})
		t.Run(way+" before the answer", func(t *testing.T) {
			t.Parallel()
			a := newApplying(t, path)
			a.term.waitFor("Refreshing state")
			lost.lose(a.term)
			if code := a.term.end(); code != lost.code {
				t.Errorf("exit code %d, want %d", code, lost.code)
			}
			eventually(t, patience, "the apply does not ask", func() bool { return strings.HasSuffix(a.printed(), "Enter a value: ") })
			if _, err := os.Stat(a.file("exit")); err == nil {
				t.Fatal("nobody has answered the apply, and it has ended")
			}
			a.adopted()
		})
	}
}

// asksFirst is a scenario whose apply asks before it changes anything.
const asksFirst = "apply-flags"

// applying is a run in the practice world whose apply runs.
type applying struct {
	t       *testing.T
	path    string
	environ []string
	run     string // its folder
	term    *emulator
}

// newApplying has a person apply the plan.
func newApplying(t *testing.T, path string) *applying {
	t.Helper()
	state := t.TempDir()
	a := &applying{t: t, path: path, run: plannedRun(t, path, state), environ: []string{"XDG_STATE_HOME=" + state}}
	a.resume("4 of 7 done", point("show:goroutine")) // what was sensed is asked again by itself
	a.term.insist("n", "Step 5")
	a.term.confirm("prod 1")
	return a
}

// resume goes on with the run on a terminal of its own.
func (a *applying) resume(shows string, environ ...string) {
	a.t.Helper()
	a.term = newTerminal(a.t, 100, 40, append(environ, a.environ...), a.path, "resume")
	a.term.start(nil)
	a.term.waitFor("PRACTICE "+asksFirst, shows)
}

// plannedRun is a run in whose practice world a plan was made and called correct,
// by the engine without a terminal. It returns the run's folder.
func plannedRun(t *testing.T, path, state string) string {
	t.Helper()
	runs, err := openRuns(streams{getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": state}[name] }})
	if err != nil {
		t.Fatal(err)
	}
	k, err := runs.begin()
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	var behind atomic.Int64
	behind.Store(int64(time.Minute)) // so that the image has come by now
	world, err := practice.Start(asksFirst, practice.Options{
		Folder: filepath.Join(k.journal.Folder(), practiceFolder), Executable: path,
		Now: func() time.Time { return time.Now().Add(-time.Duration(behind.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer world.Close()
	if err := world.Do("publish-release"); err != nil {
		t.Fatal(err)
	}
	behind.Store(0)
	bound, services, err := practiceServices(world)
	if err != nil {
		t.Fatal(err)
	}
	services.Environ, services.Executor = append(services.Environ, just.PaceVariable+"=0"), command.Supervised{Executable: path}
	engine, err := steps.New(bound, services, k.options(steps.Options{Mode: runbook.Practice, Environment: asksFirst}))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Choose(headlessTag); err != nil {
		t.Fatal(err)
	}
	if err := engine.Perform(t.Context(), bumpStep, "bump", "prod", steps.Session{}); err != nil {
		t.Fatal(err)
	}
	if err := engine.Perform(t.Context(), planStep, "plan", "prod", steps.Session{}); err != nil {
		t.Fatal(err)
	}
	if err := engine.Judge(planStep, "plan", engine.Run().OutcomeHash(planStep, "plan")); err != nil {
		t.Fatal(err)
	}
	return k.journal.Folder()
}

// file is a file in the folder of the only apply.
func (a *applying) file(name string) string {
	a.t.Helper()
	found, err := filepath.Glob(filepath.Join(a.run, "*-apply"))
	if err != nil || len(found) != 1 {
		a.t.Fatalf("the applies are %q, %v", found, err)
	}
	return filepath.Join(found[0], name)
}

func (a *applying) printed() string {
	a.t.Helper()
	return readFile(a.t, a.file("output"))
}

// adopted resumes the run, and looks that the apply was carried out once and that
// its outcome is taken over.
func (a *applying) adopted() {
	a.t.Helper()
	a.resume("v1.5.4 is applied.")
	a.term.waitFor("✓ 5")
	a.term.typeIn("q")
	if code := a.term.end(); code != exitOpen { // the version has not landed yet
		a.t.Errorf("after the resumption: exit code %d", code)
	}
	for text, want := range map[string]int{"Enter a value: ": 1, "Enter a value: yes\r\n": 1, "yes\r\n": 1, "Apply complete!": 1} {
		if got := strings.Count(a.printed(), text); got != want {
			a.t.Errorf("%q was printed %d times, want %d:\n%s", text, got, want, a.printed())
		}
	}

	cmd := exec.Command(a.path, "report", "--json")
	cmd.Env = append(a.environ, "HOME="+a.t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		a.t.Fatalf("report: %v", err)
	}
	var report struct {
		State    string
		Commands []struct {
			Effect  string
			Exit    *int
			Adopted bool
			Doubted bool
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		a.t.Fatal(err)
	}
	applies := 0
	for _, c := range report.Commands {
		if c.Effect != "apply" {
			continue
		}
		applies++
		if c.Exit == nil || *c.Exit != 0 || !c.Adopted || c.Doubted {
			a.t.Errorf("the report says of the apply: %+v", c)
		}
	}
	if applies != 1 || report.State != "open" {
		a.t.Errorf("the report tells of %d applies, and that the run is %q", applies, report.State)
	}

	world, err := practice.Start(asksFirst, practice.Options{Folder: filepath.Join(a.run, practiceFolder), Executable: a.path})
	if err != nil {
		a.t.Fatal(err)
	}
	defer world.Close()
	plan := exec.Command(filepath.Join(a.run, practiceFolder, "bin", "just"), "plan", "prod", "catalog-airflow")
	plan.Dir, plan.Env = world.InfrastructureDir(), append(world.Environ(), just.PaceVariable+"=0")
	if out, err := plan.CombinedOutput(); err != nil || !strings.Contains(string(out), "No changes.") {
		a.t.Errorf("the release is not deployed: %v\n%s", err, out)
	}
}
