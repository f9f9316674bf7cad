package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/journal"
)

// pastRun is a run on disk in which some of a deployment happened.
type pastRun struct {
	t       *testing.T
	state   string // what XDG_STATE_HOME names
	journal *journal.Journal
	now     time.Time
}

// begunRun begins a run of the embedded runbook in a folder for states.
func begunRun(t *testing.T, state string, mode runbook.Mode, begun time.Time) *pastRun {
	t.Helper()
	j, err := journal.Store{Dir: filepath.Join(state, "catalog-runbook", "runs")}.Create(journal.Holder{Actor: "mar@laptop", Host: "laptop", PID: os.Getpid(), Since: begun})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	r := &pastRun{t: t, state: state, journal: j, now: begun}
	return r.add(runbook.Started{Head: r.head(), Mode: mode, Environment: clean.Line("prod"), Document: clean.Line(runbook.DefaultName), Text: string(runbook.Default())},
		runbook.ReleaseChosen{Head: r.head(), Tag: "v1.5.3"})
}

func (r *pastRun) head() runbook.Head {
	r.now = r.now.Add(5 * time.Second)
	return runbook.Head{At: r.now, Actor: clean.Line("mar@laptop")}
}

func (r *pastRun) add(events ...runbook.Event) *pastRun {
	r.t.Helper()
	for _, e := range events {
		if err := r.journal.Append(e); err != nil {
			r.t.Fatal(err)
		}
	}
	return r
}

// begins begins a command of step 4 or 5.
func (r *pastRun) begins(step document.StepID, effect string) *pastRun {
	r.t.Helper()
	return r.add(runbook.EffectStarted{Head: r.head(), Step: step, Effect: effect, Argv: []string{"just", effect, "prod", "catalog-airflow"}, Dir: "/srv/infrastructure", Attempt: "1"})
}

// left closes the journal, as a process does that ends.
func (r *pastRun) left() string {
	r.t.Helper()
	if err := r.journal.Close(); err != nil {
		r.t.Fatal(err)
	}
	return r.journal.ID()
}

const (
	workflowID = "airflow/service-deployments/deployment-workflow"
	bumpID     = document.StepID(workflowID + "#4")
	planID     = document.StepID(workflowID + "#5")
)

// ask runs the program on the runs in a folder for states. What it changes in
// that folder fails the test.
func ask(t *testing.T, state string, args ...string) (code int, out, talk string) {
	t.Helper()
	before := filesBelow(t, state)
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"catalog-runbook"}, args...), streams{
		in: os.Stdin, out: &stdout, err: &stderr, environ: func() []string { return nil },
		getenv: func(name string) string { return map[string]string{"XDG_STATE_HOME": state}[name] },
	})
	if after := filesBelow(t, state); !slices.Equal(before, after) {
		t.Errorf("%q changed the folder of the runs:\n%q\n%q", args, before, after)
	}
	if both := stdout.String() + stderr.String(); strings.ContainsRune(both, 0x1b) {
		t.Errorf("%q prints an escape byte: %q", args, both)
	}
	return code, stdout.String(), stderr.String()
}

// filesBelow lists a folder's regular files with what is in them.
func filesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		all = append(all, path+": "+string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var november = time.Date(2026, 11, 23, 9, 12, 0, 0, time.UTC)

func TestReport(t *testing.T) {
	state := t.TempDir()
	older := begunRun(t, state, runbook.Practice, november).left()
	newest := begunRun(t, state, runbook.Live, november.Add(24*time.Hour))
	newest.begins(bumpID, "bump").add(runbook.EffectFinished{
		Head: newest.head(), Step: bumpID, Effect: "bump", Result: runbook.Result{Verdict: runbook.Passed, Summary: clean.Line("Raised to v1.5.3.")},
	})

	// The newest one, while another process has it open.
	code, out, talk := ask(t, state, "report")
	for _, want := range []string{
		"## Catalog Deployments, v1.5.3 to prod\n", "**Not done.** 1 of 5 steps are done. It is at step 1.", "- Open now: by `mar@laptop`",
		"| step 4 | 🔒 In the infrastructure repository", "| `just bump prod catalog-airflow` | `/srv/infrastructure` | `mar@laptop` | 09:12:15 | 5 s | 0 | Raised to v1.5.3. |",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
	if code != 0 || talk != "" {
		t.Errorf("exit code %d, and it says %q", code, talk)
	}

	// Another one, by the beginning of its name, for programs.
	code, out, _ = ask(t, state, "report", "--json", older[:9])
	var got struct{ Run, Mode, State string }
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if code != 0 || got.Run != older || got.Mode != "practice" || got.State != "open" {
		t.Errorf("exit code %d, got %+v", code, got)
	}
	if code, _, talk := ask(t, state, "report", "2026112"); code != exitUsage || !strings.Contains(talk, "2 runs start with") {
		t.Errorf("a name of two runs: exit code %d, %s", code, talk)
	}
	if code, _, talk := ask(t, state, "report", "../runs/"+older); code != exitUsage || !strings.Contains(talk, "no run ") {
		t.Errorf("a name of no run: exit code %d, %s", code, talk)
	}
}

func TestReportOfADoubt(t *testing.T) {
	state := t.TempDir()
	r := begunRun(t, state, runbook.Live, november).begins(planID, "apply")
	if code, out, _ := ask(t, state, "report"); code != 0 || !strings.Contains(out, "**Running.** `just apply prod catalog-airflow` of step 5 was begun") {
		t.Errorf("while it runs: exit code %d\n%s", code, out)
	}
	r.add(runbook.EffectDoubted{Head: r.head(), Step: planID, Effect: "apply", Text: clean.Line("Its supervisor is gone.")})
	if code, out, talk := ask(t, state, "report"); code != exitDoubt || !strings.Contains(out, "**Outcome unknown.**") || !strings.Contains(talk, "resume "+r.left()) {
		t.Errorf("in doubt: exit code %d, %s\n%s", code, talk, out)
	}
	code, out, _ := ask(t, state, "runs")
	if code != 0 || !strings.Contains(out, "outcome of `just apply prod catalog-airflow` unknown") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// damage changes one byte in the middle of a run's journal.
func damage(t *testing.T, state, id string) {
	t.Helper()
	path := filepath.Join(state, "catalog-runbook", "runs", id, "journal")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("v1.5.3"))
	if at < 0 {
		t.Fatal("the release is not in the journal")
	}
	data[at] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestReportOfADamagedJournal(t *testing.T) {
	state := t.TempDir()
	id := begunRun(t, state, runbook.Live, november).begins(bumpID, "bump").left()
	damage(t, state, id)
	code, out, talk := ask(t, state, "report", id)
	if code != exitDamaged || !strings.Contains(out, "> **Note**: The journal is damaged") || !strings.Contains(out, "**Unknown.** How it ended is unknown, because the journal is damaged") ||
		!strings.Contains(out, "began the run") || !strings.Contains(talk, "is damaged") {
		t.Errorf("exit code %d, %s\n%s", code, talk, out)
	}
	if code, out, _ := ask(t, state, "report", "--json"); code != exitDamaged || !strings.Contains(out, `"damaged": true`) {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if code, out, _ := ask(t, state, "runs"); code != 0 || !strings.Contains(out, "the journal is damaged; before that: 0 of 5 done") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// A last line that was never finished is a note, and no damage.
func TestReportOfATornJournal(t *testing.T) {
	state := t.TempDir()
	id := begunRun(t, state, runbook.Live, november).left()
	path := filepath.Join(state, "catalog-runbook", "runs", id, "journal")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data[:len(data)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := ask(t, state, "report")
	if code != 0 || !strings.Contains(out, "> **Note**: Line 2 is not finished") || !strings.Contains(out, "**Not done.**") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// A document that is not on record is said, and what happened is told all the same.
func TestReportWithoutItsDocument(t *testing.T) {
	state := t.TempDir()
	j, err := journal.Store{Dir: filepath.Join(state, "catalog-runbook", "runs")}.Create(journal.Holder{Since: november})
	if err != nil {
		t.Fatal(err)
	}
	r := &pastRun{t: t, state: state, journal: j, now: november}
	r.add(runbook.Started{Head: r.head(), Mode: runbook.Live, Document: clean.Line("PLANTS.md")}).begins("#1", "bump").left()
	code, out, _ := ask(t, state, "report")
	for _, want := range []string{"## PLANTS.md\n", "> **Note**: Can't list the steps: the journal doesn't contain the document.", "Can't place what happened", "began `just bump prod catalog-airflow`"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
	if code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func TestRuns(t *testing.T) {
	state := t.TempDir()
	practice := begunRun(t, state, runbook.Practice, november).left()
	dry := begunRun(t, state, runbook.DryRun, november.Add(time.Hour)).left()
	live := begunRun(t, state, runbook.Live, november.Add(2*time.Hour))
	code, out, talk := ask(t, state, "runs")
	want := regexp.MustCompile(`^RUN +MODE +RELEASE +STANDS AT +DOCUMENT +OPEN
` + live.journal.ID() + `  live      v1\.5\.3   0 of 5 done  Catalog Deployments  by mar@laptop since 2026-11-23 11:12
` + dry + `  dry-run   v1\.5\.3   0 of 5 done  Catalog Deployments  -
` + practice + `  practice  v1\.5\.3   0 of 5 done  Catalog Deployments  -
$`)
	if code != 0 || talk != "" || !want.MatchString(out) {
		t.Errorf("exit code %d, %s\n%s", code, talk, out)
	}
	for mode, run := range map[string]string{"live": live.journal.ID(), "dry-run": dry, "practice": practice} {
		code, out, _ := ask(t, state, "runs", "--mode", mode)
		if code != 0 || strings.Count(out, "\n") != 2 || !strings.Contains(out, "\n"+run+" ") {
			t.Errorf("--mode %s: exit code %d\n%s", mode, code, out)
		}
	}
}

// The names, their order and the types of the values are a promise.
func TestRunsJSON(t *testing.T) {
	state := t.TempDir()
	begunRun(t, state, runbook.Live, november)
	code, out, _ := ask(t, state, "runs", "--json")
	const want = `{runs: [{run: string, mode: string, title: string, document: string, environment: string, release: string, begun_at: string, last_at: string, ` +
		`held_by: {actor: string, host: string, pid: number, since: string}, state: string, standing: string, done: number, of: number, damaged: boolean, problems: []}]}`
	if got := shape(t, json.NewDecoder(strings.NewReader(out))); code != 0 || got != want {
		t.Errorf("exit code %d; the shape is\n%s\nwant\n%s", code, got, want)
	}
}

func TestNoRuns(t *testing.T) {
	state := t.TempDir()
	if code, out, talk := ask(t, state, "runs"); code != 0 || out != "" || !strings.Contains(talk, "No runs yet. Start one that touches nothing real: catalog-runbook practice") {
		t.Errorf("exit code %d, %q, %q", code, out, talk)
	}
	if code, out, talk := ask(t, state, "runs", "--json"); code != 0 || out != "{\n  \"runs\": []\n}\n" || talk != "" {
		t.Errorf("exit code %d, %q, %q", code, out, talk)
	}
	if code, out, talk := ask(t, state, "report"); code != exitUsage || out != "" || !strings.Contains(talk, "no runs yet") {
		t.Errorf("exit code %d, %q, %q", code, out, talk)
	}
}

// A run of which not even the journal may be read is listed, and so are the others.
func TestRunsListsWhatCannotBeRead(t *testing.T) {
	state := t.TempDir()
	id := begunRun(t, state, runbook.Live, november).left()
	path := filepath.Join(state, "catalog-runbook", "runs", id, "journal")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	other := begunRun(t, state, runbook.Practice, november.Add(time.Hour)).left()
	code, out, _ := ask(t, state, "runs")
	if code != 0 || !regexp.MustCompile(id+` .* unreadable`).MatchString(out) || !strings.Contains(out, other) {
		t.Errorf("exit code %d\n%s", code, out)
	}
}
