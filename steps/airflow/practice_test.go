package airflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	practice "catalog-runbook/steps/practice/airflow"
	"catalog-runbook/steps/practice/state"
	asking "catalog-runbook/steps/practice/testdata/ask"
)

// practiceAirflow is the Airflow of a practice world, and what can be so with an
// Airflow and is so in no scenario: it changes what that one is asked, and what it
// answers. The situations of DAG runs are put into the file in which a world keeps
// what is so.
type practiceAirflow struct {
	version int
	next    http.Handler
	store   *state.Store
	clock   *asking.Clock

	mu       sync.Mutex
	lastBeat time.Time    // of a scheduler that has died; else zero
	unread   []unreadFile // the files that cannot be imported
	removed  string       // a DAG whose file is no longer there
}

// unreadFile is a file of DAGs that Airflow cannot import.
type unreadFile struct {
	dag    string // "" for one that never had one
	name   string
	since  time.Time
	reason string // the last line of the trace
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
	"contract_assets":   "recreate_image_popularity_calculation",
	"contract_sensor":   "image_data_refresh",
	"contract_daily":    "airflow_log_cleanup",
}

// waiting is what the task of a running run waits in; others run, or wait in a sensor.
var waiting = map[string]string{practiceDAGs["contract_retry"]: "up_for_retry", practiceDAGs["contract_deferred"]: "deferred", practiceDAGs["contract_sensor"]: "running"}

const (
	practicePassword = "a-practice-password"
	missedAfter      = 30 * time.Second // Airflow's scheduler_health_check_threshold
)

// fields is a JSON object.
type fields = map[string]any

func practiceGround(t *testing.T, version int) ground {
	p := &practiceAirflow{version: version, clock: asking.NewClock()}
	p.clock.Pass(time.Since(p.clock.Now())) // the client compares with the time of day
	p.store = asking.Store(t, state.Facts{
		Airflow: version, Releases: []state.Release{{Tag: "v1.5.3", Published: p.clock.Now()}}, DAGRuns: practice.PastRuns(p.clock.Now()),
		Paused: map[string]bool{practiceDAGs["contract_unpause"]: true, practiceDAGs["contract_backfill"]: true, practiceDAGs["contract_daily"]: true},
	}, p.clock)
	p.next = p.store.Fresh(practice.New(version, practicePassword, p.store))
	p.unread = []unreadFile{{name: "contract_broken.py", since: p.clock.Now(), reason: "RuntimeError: this file is broken on purpose"}}
	url := asking.Serve(t, func(string) http.Handler { return p })
	g := ground{version: version, url: url, practice: p, dags: 38, named: practiceDAGs, accounts: map[string][2]string{}}
	for role, user := range map[string]string{
		"admin": practice.Operator, "viewer": practice.ViewerUser, "narrow": practice.NarrowUser, "blind": practice.PowerlessUser, "nobody": practice.NobodyUser,
	} {
		g.accounts[role] = [2]string{user, practicePassword}
	}
	return g
}

// ServeHTTP lets the practice Airflow answer, and changes what is unusual.
func (p *practiceAirflow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	status, header, body := p.ask(r)
	if status == http.StatusOK {
		path := strings.TrimPrefix(r.URL.Path, api(p.version))
		switch {
		case path == "/health" || path == "/monitor/health":
			p.pulse(body)
		case path == "/importErrors":
			p.importErrors(r, body)
		case path == "/dags" && p.removed != "":
			body["dags"] = slices.DeleteFunc(body["dags"].([]any), func(d any) bool { return d.(fields)["dag_id"] == p.removed })
			body["total_entries"] = body["total_entries"].(float64) - 1
		case path == "/dags/~/dagRuns":
			for _, run := range rows(body, "dag_runs") {
				if run["run_type"] == "backfill" { // whose logical date is years ago
					run["queued_at"] = p.time(p.clock.Now())
				}
			}
		case strings.HasPrefix(path, "/dags/") && r.Method == http.MethodGet:
			p.parsed(body)
		}
	}
	maps.Copy(w.Header(), header)
	w.WriteHeader(status)
	if text, isText := body["text"].(string); isText && len(body) == 1 {
		_, _ = w.Write([]byte(text))
		return
	}
	_ = json.NewEncoder(w).Encode(body)
}

// ask asks the practice Airflow for no more rows than fit a page. A body that is no
// object is the one field text.
func (p *practiceAirflow) ask(r *http.Request) (int, http.Header, fields) {
	r = r.Clone(r.Context())
	if q := r.URL.Query(); r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, api(p.version)) {
		if limit, err := strconv.Atoi(q.Get("limit")); err != nil || limit < 1 || limit > pageLimitHere {
			q.Set("limit", strconv.Itoa(pageLimitHere))
			r.URL.RawQuery = q.Encode()
		}
	}
	answer := httptest.NewRecorder()
	p.next.ServeHTTP(answer, r)
	var body fields
	if json.Unmarshal(answer.Body.Bytes(), &body) != nil {
		body = fields{"text": answer.Body.String()}
	}
	return answer.Code, answer.Header(), body
}

func rows(body fields, key string) []fields {
	var out []fields
	list, _ := body[key].([]any)
	for _, row := range list {
		out = append(out, row.(fields))
	}
	return out
}

func (p *practiceAirflow) time(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// pulse is the health under a scheduler that has died, which is not missed at once.
func (p *practiceAirflow) pulse(body fields) {
	if p.lastBeat.IsZero() {
		return
	}
	scheduler := body["scheduler"].(fields)
	scheduler["latest_scheduler_heartbeat"] = p.time(p.lastBeat)
	if p.clock.Now().Sub(p.lastBeat) > missedAfter {
		scheduler["status"] = "unhealthy"
	}
}

// parsed is what a DAG's file that cannot be read or was removed does to the DAG.
// Airflow 3 no longer runs it in both cases.
func (p *practiceAirflow) parsed(dag fields) {
	gone := dag["dag_id"] == p.removed
	for _, f := range p.unread {
		if dag["dag_id"] == f.dag {
			dag["has_import_errors"], dag["last_parsed_time"] = true, p.time(f.since)
			gone = gone || p.version == 3
		}
	}
	if p.version == 3 {
		dag["is_stale"] = gone
	} else {
		dag["is_active"] = !gone
	}
}

// importErrors lists the files that cannot be read. Who does not see all DAGs is
// told, on Airflow 3, of those that never had one.
func (p *practiceAirflow) importErrors(r *http.Request, body fields) {
	all := r.Clone(r.Context())
	all.URL.Path, all.URL.RawQuery = api(p.version)+"/dags", ""
	_, _, dags := p.ask(all)
	total, _ := dags["total_entries"].(float64)
	told := []any{}
	for i, f := range p.unread {
		if total <= 1 && (f.dag != "" || p.version == 2) {
			continue
		}
		at := "/opt/airflow/catalog/dags/" + f.name
		row := fields{
			"import_error_id": i + 1, "timestamp": p.time(f.since), "filename": at,
			"stack_trace": "Traceback (most recent call last):\n  File \"" + at + "\", line 3, in <module>\n" + f.reason + "\n",
		}
		if p.version == 3 {
			row["filename"], row["bundle_name"] = f.name, "dags-folder"
		}
		told = append(told, row)
	}
	body["total_entries"] = len(told)
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	offset = min(offset, len(told))
	body["import_errors"] = told[offset:min(offset+pageLimitHere, len(told))]
}

// pass moves the world's clock.
func (p *practiceAirflow) pass(d time.Duration) { p.clock.Pass(d) }

// change changes what is so with the practice Airflow.
func (p *practiceAirflow) change(t *testing.T, f func(k *state.Facts, now time.Time)) {
	t.Helper()
	err := p.store.Change(func(k *state.Facts, now time.Time) error {
		f(k, now)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// queue adds runs of a DAG; whether they run is the scheduler's affair.
func (p *practiceAirflow) queue(t *testing.T, dag, kind string, dates ...time.Time) {
	t.Helper()
	p.change(t, func(k *state.Facts, _ time.Time) {
		for _, date := range dates {
			id := fmt.Sprintf("%s__%s_%d", kind, date.Format(time.RFC3339), len(k.DAGRuns))
			k.DAGRuns = append(k.DAGRuns, state.DAGRun{DAG: dag, ID: id, Kind: kind, State: "queued", Logical: date, Waits: waiting[dag]})
		}
	})
}

func (p *practiceAirflow) event(t *testing.T, dag string) {
	t.Helper()
	p.change(t, func(k *state.Facts, _ time.Time) { k.AssetEvents = append(k.AssetEvents, dag) })
}

func (p *practiceAirflow) forgetEvents(t *testing.T) {
	p.change(t, func(k *state.Facts, _ time.Time) { k.AssetEvents = nil })
}

func (p *practiceAirflow) backfill(t *testing.T, dag string, from, to time.Time) {
	t.Helper()
	var dates []time.Time
	for date := from; !date.After(to); date = date.AddDate(0, 0, 1) {
		dates = append(dates, date)
	}
	p.queue(t, dag, "backfill", dates...)
}

// now is the world's time.
func (p *practiceAirflow) now() time.Time { return p.clock.Now() }

// endRuns marks every active run as failed.
func (p *practiceAirflow) endRuns(t *testing.T) {
	t.Helper()
	p.change(t, func(k *state.Facts, now time.Time) {
		for i := range k.DAGRuns {
			if r := &k.DAGRuns[i]; r.At(now).Active() {
				r.State, r.Ended, r.Marked = "failed", now, true
			}
		}
	})
}

// file is how a DAG's file is: fine, without a reason why it cannot be read, or
// removed.
func (p *practiceAirflow) file(dag, reason string, removed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unread, p.removed = p.unread[:1:1], "" // contract_broken.py stays so
	if reason != "" {
		p.unread = append(p.unread, unreadFile{dag: dag, name: dag + ".py", since: p.now(), reason: reason})
	}
	if removed {
		p.removed = dag
	}
}

func (p *practiceAirflow) scheduler(alive bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lastBeat = time.Time{}
	if !alive {
		p.lastBeat = p.now()
	}
}
