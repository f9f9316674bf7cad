package airflow

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
)

// ground is an Airflow that the contract is run against. Its DAGs go by the
// names that the real ones have in testdata/dags.
type ground struct {
	version  int
	line     string // of a real one, such as "3" or "2.5"
	url      string
	folder   string               // of a real one; "" in practice
	practice *practiceAirflow     // nil for a real one
	dags     int                  // all that there are
	accounts map[string][2]string // user and password of admin, viewer, narrow, blind and nobody
	named    map[string]string    // DAGs that have another name here
}

// pageLimitHere is the maximum_page_limit of every ground, so that a list of
// three does not fit a page.
const pageLimitHere = 2

// lines are the lines of real Airflows that testdata/airflow can start: the newest of 2
// and 3, and older ones.
var lines = []string{"2", "2.5", "3", "3.0"}

// realVariable names the folder of a real Airflow, as testdata/airflow has started it.
func realVariable(line string) string {
	return "CATALOG_RUNBOOK_TEST_AIRFLOW_" + strings.ReplaceAll(line, ".", "_")
}

// onEachGround runs a test against the practice world's Airflow, of both versions, and
// against the real ones.
func onEachGround(t *testing.T, test func(*testing.T, ground)) {
	for _, version := range []int{2, 3} {
		t.Run(fmt.Sprintf("practice %d", version), func(t *testing.T) { test(t, practiceGround(t, version)) })
	}
	for _, line := range lines {
		t.Run("real "+line, func(t *testing.T) { test(t, realGround(t, line)) })
	}
}

func realGround(t *testing.T, line string) ground {
	folder := os.Getenv(realVariable(line))
	if folder == "" {
		t.Skipf("SKIPPED: there is no Airflow %s to ask; start one with steps/airflow/testdata/airflow and set %s to its folder", line, realVariable(line))
	}
	at, err := os.ReadFile(filepath.Join(folder, "url"))
	if err != nil {
		t.Fatalf("%s names a folder without a running Airflow: %v", realVariable(line), err)
	}
	g := ground{version: int(line[0] - '0'), line: line, url: strings.TrimSpace(string(at)), folder: folder, dags: 10, accounts: map[string][2]string{}}
	for _, user := range []string{"admin", "viewer", "narrow", "blind", "nobody"} {
		g.accounts[user] = [2]string{user, user}
	}
	poll.UntilEvery(t, 200*time.Millisecond, "all DAGs are there", func() bool {
		return g.api(t, "viewer", http.MethodGet, "/dags", nil).count() == g.dags
	})
	g.endRuns(t)
	t.Cleanup(func() { g.endRuns(t) })
	return g
}

func (g ground) real() bool { return g.practice == nil }

// dag gives a DAG's name on this ground.
func (g ground) dag(name string) string {
	if other := g.named[name]; other != "" {
		return other
	}
	return name
}

// client asks as an account; "" is none. Each has connections of its own.
func (g ground) client(t *testing.T, account string, change ...func(*Options)) *Client {
	t.Helper()
	a := g.accounts[account]
	if account != "" && a[0] == "" {
		t.Fatalf("there is no account %q", account)
	}
	o := Options{Username: a[0], Password: a[1], ExpectedDAGs: g.dags, Base: &http.Transport{DisableKeepAlives: true}}
	for _, f := range change {
		f(&o)
	}
	return client(t, g.url, o)
}

// reply is what the API says, without a client of ours between.
type reply struct {
	status int
	body   map[string]any
}

// count is total_entries, or -1.
func (r reply) count() int {
	if n, ok := r.body["total_entries"].(float64); ok {
		return int(n)
	}
	return -1
}

func (r reply) rows(key string) []map[string]any {
	var out []map[string]any
	list, _ := r.body[key].([]any)
	for _, row := range list {
		if m, ok := row.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func (g ground) api(t *testing.T, account, method, path string, body any) reply {
	t.Helper()
	a := g.accounts[account]
	authorization := "Basic " + base64.StdEncoding.EncodeToString([]byte(a[0]+":"+a[1]))
	if g.version == 3 {
		token, _ := g.fetch(t, http.MethodPost, "/auth/token", "", map[string]string{"username": a[0], "password": a[1]}).body["access_token"].(string)
		authorization = "Bearer " + token
	}
	return g.fetch(t, method, api(g.version)+path, authorization, body)
}

// fetch asks once more where a real one on SQLite has waited too long for another writer;
// see testdata/airflow. Nothing was done then.
func (g ground) fetch(t *testing.T, method, path, authorization string, body any) reply {
	t.Helper()
	r := g.exchange(t, method, path, authorization, body)
	for again := 0; g.real() && r.status == http.StatusInternalServerError && again < 3; again++ {
		r = g.exchange(t, method, path, authorization, body)
	}
	return r
}

func (g ground) exchange(t *testing.T, method, path, authorization string, body any) reply {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if body == nil { // 3.0 fails on null, and 2.11 on nothing that is JSON
		text = nil
	}
	req, err := http.NewRequest(method, g.url+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 100 * time.Second}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	r := reply{status: resp.StatusCode}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = json.Unmarshal(answer, &r.body) // a web page has none
	return r
}

// trigger asks for a run of a DAG.
func (g ground) trigger(t *testing.T, dag string) {
	t.Helper()
	if !g.real() {
		g.practice.queue(t, g.dag(dag), "manual", g.practice.now())
		return
	}
	body := map[string]any{"conf": map[string]any{}}
	if g.version == 3 {
		body["logical_date"] = nil
	}
	if r := g.api(t, "admin", http.MethodPost, "/dags/"+dag+"/dagRuns", body); r.status != http.StatusOK {
		t.Fatalf("starting %s: %d %v", dag, r.status, r.body)
	}
}

// states lists the states of a DAG's runs, or of the tasks of these, that are
// not over.
func (g ground) states(t *testing.T, dag, of string) []string {
	t.Helper()
	path, key := "/dags/"+g.dag(dag)+"/dagRuns?state=queued&state=running", "dag_runs"
	if of == "tasks" {
		path, key = "/dags/"+g.dag(dag)+"/dagRuns/~/taskInstances?state=running&state=deferred&state=up_for_retry", "task_instances"
	}
	if !g.real() { // which knows the runs of all DAGs, and no tasks
		path, key = "/dags/~/dagRuns?state=queued&state=running", "dag_runs"
	}
	var out []string
	for _, row := range g.api(t, "admin", http.MethodGet, path, nil).rows(key) {
		state, _ := row["state"].(string)
		switch waits := waiting[g.dag(dag)]; {
		case row["dag_id"] != g.dag(dag):
			continue
		case !g.real() && of == "tasks" && state == "running" && waits != "":
			state = waits
		}
		out = append(out, state)
	}
	slices.Sort(out)
	return out
}

// endRuns marks every run as failed.
func (g ground) endRuns(t *testing.T) {
	if !g.real() {
		g.practice.endRuns(t)
		return
	}
	poll.UntilEvery(t, 200*time.Millisecond, "no run is active", func() bool {
		active := g.api(t, "admin", http.MethodGet, "/dags/~/dagRuns?state=queued&state=running", nil)
		for _, row := range active.rows("dag_runs") {
			g.api(t, "admin", http.MethodPatch, "/dags/"+row["dag_id"].(string)+"/dagRuns/"+url.PathEscape(row["dag_run_id"].(string)), map[string]string{"state": "failed"})
		}
		return active.count() == 0
	})
}

// freeze stops the scheduler, until thaw is called.
func (g ground) freeze(t *testing.T) (thaw func()) {
	t.Helper()
	if !g.real() {
		g.practice.scheduler(false)
		return func() { g.practice.scheduler(true) }
	}
	g.script(t, "freeze", "scheduler")
	return sync.OnceFunc(func() { g.script(t, "thaw", "scheduler") })
}

// later lets time pass where it only passes when it is told to.
func (g ground) later(d time.Duration) {
	if !g.real() {
		g.practice.pass(d)
	}
}

// write makes the file of the DAG contract_later: one that can be read, or one
// that imports a module that is not there.
func (g ground) write(t *testing.T, readable bool) {
	t.Helper()
	text, reason := "from airflow import DAG\ndag = DAG('contract_later', schedule=None)\n", ""
	if !readable {
		text, reason = text+"import there_is_no_such_module\n", noSuchModule
	}
	if !g.real() {
		g.practice.file(g.dag("contract_later"), reason, false)
		return
	}
	if err := os.WriteFile(filepath.Join(g.folder, "dags", "contract_later.py"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// remove takes that file away again. That it is not there is no mistake.
func (g ground) remove(t *testing.T) {
	t.Helper()
	if !g.real() {
		g.practice.file(g.dag("contract_later"), "", true)
		return
	}
	if err := os.Remove(filepath.Join(g.folder, "dags", "contract_later.py")); err != nil && !os.IsNotExist(err) {
		t.Error(err)
	}
}

// noSuchModule is what Airflow says of the file of contract_later that cannot be
// read.
const noSuchModule = "ModuleNotFoundError: No module named 'there_is_no_such_module'"

// script runs testdata/airflow on a real Airflow's folder.
func (g ground) script(t *testing.T, verb string, more ...string) {
	t.Helper()
	args := append([]string{filepath.Join("testdata", "airflow"), verb, g.line, g.folder}, more...)
	if out, err := exec.Command("bash", args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", verb, err, out)
	}
}
