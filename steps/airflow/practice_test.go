package airflow

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/practice/airflow"
)

// practiceAirflow is the Airflow of a practice world, and the hands that bring it
// into a situation. No scenario has most of these, and no act leads to them, so
// they are put into the file in which the world keeps what is so. Its services
// read that before each answer, and refuse what they do not know.
type practiceAirflow struct {
	kept string // the file

	mu sync.Mutex
	at time.Time // the world's clock, which only moves when it is told to
}

func (p *practiceAirflow) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *practiceAirflow) pass(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = p.at.Add(d)
}

// The practice world's DAGs that do what those of testdata/dags do.
var practiceDAGs = map[string]string{
	"contract_idle":     "phylopic_workflow", // which practice.NarrowUser sees
	"contract_running":  "metropolitan_museum_reingestion_workflow",
	"contract_paused":   "add_license_url",
	"contract_unpause":  "oauth2_authorization",
	"contract_retry":    "freesound_workflow",
	"contract_deferred": "jamendo_workflow",
	"contract_backfill": "cleveland_museum_workflow",
	"contract_later":    "smk_workflow",
}

// The fields of the kept file that are changed here.
type fields = map[string]any

func practiceGround(t *testing.T, version int) ground {
	folder := t.TempDir()
	p := &practiceAirflow{kept: filepath.Join(folder, "world.json"), at: time.Now()}
	w, err := practice.Start("calm", practice.Options{AirflowVersion: version, Folder: folder, Now: p.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	p.change(t, func(world, unusual fields) {
		world["paused"] = fields{practiceDAGs["contract_unpause"]: true, practiceDAGs["contract_backfill"]: true}
		unusual["page_limit"] = pageLimitHere
		unusual["tasks"] = fields{practiceDAGs["contract_retry"]: "up_for_retry", practiceDAGs["contract_deferred"]: "deferred"}
		unusual["unread"] = []any{p.unread("contract_broken.py", "RuntimeError: this file is broken on purpose")}
	})
	g := ground{version: version, url: w.AirflowURL(), practice: p, dags: 38, named: practiceDAGs, accounts: map[string][2]string{}}
	for role, user := range map[string]string{
		"admin": w.AirflowUser(), "viewer": airflow.ViewerUser, "narrow": airflow.NarrowUser, "blind": airflow.PowerlessUser, "nobody": airflow.NobodyUser,
	} {
		g.accounts[role] = [2]string{user, w.AirflowPassword()}
	}
	return g
}

// change rewrites the kept file.
func (p *practiceAirflow) change(t *testing.T, f func(world, unusual fields)) {
	t.Helper()
	text, err := os.ReadFile(p.kept)
	if err != nil {
		t.Fatal(err)
	}
	var world fields
	if err := json.Unmarshal(text, &world); err != nil {
		t.Fatal(err)
	}
	unusual, _ := world["unusual"].(fields)
	if unusual == nil {
		unusual = fields{}
	}
	f(world, unusual)
	world["unusual"] = unusual
	if text, err = json.Marshal(world); err != nil {
		t.Fatal(err)
	}
	beside := p.kept + ".test" // a service may read meanwhile
	if err := os.WriteFile(beside, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(beside, p.kept); err != nil {
		t.Fatal(err)
	}
}

// queue adds runs of a DAG; whether they run is the scheduler's affair.
func (p *practiceAirflow) queue(t *testing.T, dag, kind string, dates ...time.Time) {
	t.Helper()
	p.change(t, func(world, _ fields) {
		runs, _ := world["dag_runs"].([]any)
		for _, date := range dates {
			runs = append(runs, fields{"dag": dag, "id": fmt.Sprintf("%s__%s_%d", kind, date.Format(time.RFC3339), len(runs)),
				"run_type": kind, "state": "queued", "logical": date, "queued": p.now()})
		}
		world["dag_runs"] = runs
	})
}

func (p *practiceAirflow) backfill(t *testing.T, dag string, from, to time.Time, paused bool) {
	t.Helper()
	var dates []time.Time
	for date := from; !date.After(to); date = date.AddDate(0, 0, 1) {
		dates = append(dates, date)
	}
	p.queue(t, dag, "backfill", dates...)
	p.change(t, func(_, unusual fields) {
		unusual["backfills"] = []any{fields{"dag": dag, "from": from, "to": to, "created": p.now(), "paused": paused}}
	})
}

// endRuns marks every active run as failed, which completes the backfills.
func (p *practiceAirflow) endRuns(t *testing.T) {
	t.Helper()
	p.change(t, func(world, unusual fields) {
		runs, _ := world["dag_runs"].([]any)
		for _, r := range runs {
			if run := r.(fields); run["state"] == "queued" || run["state"] == "running" {
				run["state"], run["ended"] = "failed", p.now()
			}
		}
		delete(unusual, "backfills")
	})
}

func (p *practiceAirflow) unread(file, reason string) fields {
	return fields{"name": file, "reason": reason, "since": p.now()}
}

// file is how a DAG's file is: fine, without a reason why it cannot be read, or
// removed.
func (p *practiceAirflow) file(t *testing.T, dag, reason string, removed bool) {
	t.Helper()
	p.change(t, func(_, unusual fields) {
		files, _ := unusual["unread"].([]any)
		unusual["unread"] = files[:1] // contract_broken.py, which stays so
		if reason != "" {
			unusual["unread"] = append(files[:1:1], p.unread(dag+".py", reason))
		}
		delete(unusual, "removed")
		if removed {
			unusual["removed"] = []any{dag}
		}
	})
}

func (p *practiceAirflow) scheduler(t *testing.T, alive bool) {
	t.Helper()
	p.change(t, func(_, unusual fields) {
		delete(unusual, "last_beat")
		if !alive {
			unusual["last_beat"] = p.now()
		}
	})
}
