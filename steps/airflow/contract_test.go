package airflow

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
	"catalog-runbook/steps/transport"
)

// situation is something that DAG runs can be in, and what ActiveRuns says then.
type situation struct {
	name  string
	bring func(*testing.T, ground)
	want  []string // "DAG state", sorted; no more are listed than fit a page
	only  int      // 2 or 3; 0 for both
}

var situations = []situation{
	{name: "idle", bring: func(*testing.T, ground) {}},
	{name: "running",
		bring: func(t *testing.T, g ground) {
			g.trigger(t, "contract_running")
			poll.UntilEvery(t, 200*time.Millisecond, "its task runs", func() bool { return slices.Equal(g.states(t, "contract_running", "tasks"), []string{"running"}) })
		},
		want: []string{"contract_running running"}},
	{name: "queued behind max_active_runs",
		bring: func(t *testing.T, g ground) {
			g.trigger(t, "contract_running")
			g.trigger(t, "contract_running")
			poll.UntilEvery(t, 200*time.Millisecond, "one runs", func() bool {
				return slices.Equal(g.states(t, "contract_running", "runs"), []string{"queued", "running"})
			})
		},
		want: []string{"contract_running queued", "contract_running running"}},
	{name: "queued on a paused DAG",
		bring: func(t *testing.T, g ground) { g.trigger(t, "contract_paused") },
		want:  []string{"contract_paused queued"}},
	{name: "up for retry inside a running run",
		bring: func(t *testing.T, g ground) {
			g.trigger(t, "contract_retry")
			poll.UntilEvery(t, 200*time.Millisecond, "its task waits", func() bool {
				return slices.Equal(g.states(t, "contract_retry", "tasks"), []string{"up_for_retry"})
			})
		},
		want: []string{"contract_retry running"}},
	{name: "deferred",
		bring: func(t *testing.T, g ground) {
			g.trigger(t, "contract_deferred")
			poll.UntilEvery(t, 200*time.Millisecond, "its task waits", func() bool { return slices.Equal(g.states(t, "contract_deferred", "tasks"), []string{"deferred"}) })
		},
		want: []string{"contract_deferred running"}},
	{name: "a backfill on a paused DAG", only: 3,
		bring: func(t *testing.T, g ground) { g.backfill(t, 2, 2, false) },
		want:  []string{"contract_backfill queued"}},
	{name: "a backfill that is paused itself", only: 3,
		bring: func(t *testing.T, g ground) { g.backfill(t, 3, 4, true) },
		want:  []string{"contract_backfill queued", "contract_backfill queued"}},
	{name: "more than a page",
		bring: func(t *testing.T, g ground) {
			for range 3 {
				g.trigger(t, "contract_paused")
			}
		},
		want: []string{"contract_paused queued", "contract_paused queued", "contract_paused queued"}},
}

// backfill begins a backfill of days of January 2024 in an Airflow 3, and pauses
// it where that is wanted. One that was left behind is canceled first: a DAG has one at most, and
// Airflow takes its time to call one complete whose runs are over.
func (g ground) backfill(t *testing.T, first, last int, paused bool) {
	t.Helper()
	day := func(n int) time.Time { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC) }
	from, to := day(first).Format(time.RFC3339), day(last).Format(time.RFC3339)
	path := "/backfills?dag_id=" + g.dag("contract_backfill")
	if g.real() {
		var id any
		poll.UntilEvery(t, 200*time.Millisecond, "a backfill is taken", func() bool {
			for _, old := range g.api(t, "admin", http.MethodGet, path, nil).rows("backfills") {
				if old["completed_at"] == nil {
					g.api(t, "admin", http.MethodPut, fmt.Sprintf("/backfills/%v/cancel", old["id"]), nil)
				}
			}
			r := g.api(t, "admin", http.MethodPost, "/backfills", map[string]any{"dag_id": "contract_backfill", "max_active_runs": 1, "reprocess_behavior": "completed",
				"from_date": from, "to_date": to})
			// SQLite may be busy, which is a 503.
			if r.status != http.StatusOK && r.status != http.StatusConflict && r.status != http.StatusServiceUnavailable {
				t.Fatalf("%d %v", r.status, r.body)
			}
			id = r.body["id"]
			return r.status == http.StatusOK
		})
		if paused {
			if r := g.api(t, "admin", http.MethodPut, fmt.Sprintf("/backfills/%v/pause", id), nil); r.status != http.StatusOK {
				t.Fatalf("%d %v", r.status, r.body)
			}
		}
	} else {
		g.practice.backfill(t, g.dag("contract_backfill"), day(first), day(last))
		return // it has the runs, and no list of backfills
	}
	poll.UntilEvery(t, 200*time.Millisecond, "it is listed", func() bool {
		for _, b := range g.api(t, "viewer", http.MethodGet, path, nil).rows("backfills") {
			if b["completed_at"] == nil && b["is_paused"] == paused && b["from_date"] == from && b["to_date"] == to {
				return true
			}
		}
		return false
	})
}

// asker is someone who asks, and whether that account can tell what runs.
type asker struct {
	name, account string
	change        func(*Options)
	cause         transport.Cause
	tells         bool
}

var askers = []asker{
	{name: "admin", account: "admin", tells: true},
	{name: "viewer", account: "viewer", tells: true},
	{name: "one who sees a single DAG", account: "narrow", cause: transport.Credentials},
	{name: "one who may list runs but sees no DAG", account: "blind", cause: transport.Credentials},
	{name: "one without rights", account: "nobody", cause: transport.Credentials},
	{name: "no account", cause: transport.Credentials},
	{name: "a wrong password", account: "viewer", change: func(o *Options) { o.Password += "x" }, cause: transport.Credentials},
	{name: "an unknown user", account: "viewer", change: func(o *Options) { o.Username += "x" }, cause: transport.Credentials},
	{name: "a wrong token", change: func(o *Options) { o.Token = "aaaa.bbbb.cccc" }, cause: transport.Credentials},
}

// TestContractOfActivity: in every situation, who may see the DAGs is told the
// runs that are active, and everybody else gets no answer. Nobody is told "idle"
// who cannot know.
func TestContractOfActivity(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		for _, s := range situations {
			if s.only != 0 && s.only != g.version {
				continue
			}
			t.Run(s.name, func(t *testing.T) {
				g.endRuns(t)
				s.bring(t, g)
				for _, who := range askers {
					t.Run(who.name, func(t *testing.T) { g.asks(t, who, s.want) })
				}
			})
		}
	})
}

func (g ground) asks(t *testing.T, who asker, want []string) {
	var changes []func(*Options)
	if who.change != nil {
		changes = append(changes, who.change)
	}
	got, err := g.client(t, who.account, changes...).ActiveRuns(t.Context())
	if !who.tells {
		if cause, ok := transport.CauseOf(err); !ok || cause != who.cause {
			t.Errorf("got %d runs and %v, want no answer for the cause %d", got.Total, err, who.cause)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if got.Total != len(want) || got.Version != g.version {
		t.Errorf("%d runs of version %d, want %d of %d", got.Total, got.Version, len(want), g.version)
	}
	if len(want) == 0 && got.DAGs != g.dags {
		t.Errorf("idle, having seen %d DAGs of %d", got.DAGs, g.dags)
	}
	listed := []string{}
	for _, run := range got.Runs {
		listed = append(listed, run.DAG.String()+" "+run.State)
		if run.Type == "" || run.RunID.Empty() || time.Since(run.Since).Abs() > time.Hour { // also a backfill of years ago
			t.Errorf("half a run: %+v", run)
		}
	}
	expected := []string{}
	for _, w := range want {
		name, state, _ := strings.Cut(w, " ")
		expected = append(expected, g.dag(name)+" "+state)
	}
	if g.line != "3.0" { // which knows no maximum_page_limit
		expected = expected[:min(len(expected), pageLimitHere)]
	}
	slices.Sort(listed)
	if !slices.Equal(listed, expected) {
		t.Errorf("listed %q, want %q", listed, expected)
	}
}

// A server has nothing below its pages, and Airflow 3 answers with its one page
// there, which says where Airflow is. Neither is an Airflow that is idle.
func TestContractOfAWrongAddress(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		g.url += "/home"
		got, err := g.client(t, "viewer").ActiveRuns(t.Context())
		if cause, ok := transport.CauseOf(err); !ok || cause != transport.NotFound || g.version == 3 && !strings.Contains(err.Error(), strings.TrimSuffix(g.url, "/home")+`" under [airflow]`) {
			t.Errorf("got %+v, %v", got, err)
		}
		if version, err := g.client(t, "viewer").Version(t.Context()); err == nil {
			t.Errorf("a page is of version %s", version)
		}
		if health, err := g.client(t, "viewer").Health(t.Context()); err == nil {
			t.Errorf("a page is healthy: %+v", health)
		}
	})
}

// TestContractOfTokens: one that is no longer accepted is renewed, once and
// without a word.
func TestContractOfTokens(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		if g.version == 2 {
			return // takes passwords
		}
		c := g.client(t, "viewer")
		c.bearer = "aaaa.bbbb.cccc"
		if got, err := c.ActiveRuns(t.Context()); err != nil || got.Total != 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

// TestContractOfAnswers is what the server says to questions that can mislead,
// while one run is active. None of it is a question of ours, and the practice
// Airflow has no answer to some.
func TestContractOfAnswers(t *testing.T) {
	onEachGround(t, func(t *testing.T, g ground) {
		g.trigger(t, "contract_paused")
		for _, c := range []struct {
			account, path      string
			status2, status3   int
			status25, status30 int  // 0 where it is status2 and status3
			counted2, counted3 int  // where the status is 200
			real               bool // the practice has no answer
		}{
			{account: "viewer", path: "/dags/~/dagRuns?state=running&state=queued", status2: 200, status3: 200, counted2: 1, counted3: 1},
			{account: "viewer", path: "/dags/~/dagRuns?state=running&state=queued&limit=0", status2: 200, status3: 200, counted2: 1, counted3: 1, real: true},
			{account: "viewer", path: "/dags/~/dagRuns?state=running,queued", status2: 200, status3: 422, counted2: 1, real: true},
			{account: "viewer", path: "/dags/~/dagRuns?state=runing", status2: 200, status3: 422, real: true},
			{account: "viewer", path: "/dags/no_such_dag/dagRuns?state=queued", status2: 200, status3: 404, real: true},
			{account: "viewer", path: "/dags/no_such_dag", status2: 404, status3: 404},
			{account: "viewer", path: "/dags?limit=x", status2: 400, status3: 422, real: true},
			{account: "blind", path: "/dags/~/dagRuns?state=running&state=queued", status2: 200, status3: 200, status25: 403, status30: 403},
			{account: "blind", path: "/dags", status2: 403, status3: 200, status30: 403},
			{account: "blind", path: "/dags/no_such_dag", status2: 403, status3: 403},
			{account: "blind", path: "/dags/no_such_dag/dagRuns", status2: 403, status3: 403, real: true},
			{account: "narrow", path: "/dags/~/dagRuns?state=running&state=queued", status2: 200, status3: 200, status30: 403},
			{account: "narrow", path: "/dags", status2: 200, status3: 200, counted2: 1, counted3: 1},
			{account: "nobody", path: "/dags/~/dagRuns?state=running&state=queued", status2: 403, status3: 403},
			{account: "nobody", path: "/dags", status2: 403, status3: 403},
			{account: "nobody", path: "/importErrors", status2: 403, status3: 403},
			{account: "viewer", path: "/dags/no_such_dag/dagRuns/~/taskInstances", status2: 200, status3: 404, real: true},
			{account: "viewer", path: "/dags/" + g.dag("contract_paused") + "/dagRuns/none/taskInstances", status2: 200, status3: 404, real: true},
			{account: "viewer", path: "/dags/~/dagRuns/~/taskInstances?state=runing", status2: 500, status3: 422, status25: 200, real: true},
			{account: "viewer", path: "/dags?paused=true", status2: 200, status3: 200, status25: 400, counted2: 4, counted3: 4},
			{account: "narrow", path: "/dags/~/dagRuns/~/taskInstances", status2: 403, status3: 403, real: true},
			{account: "blind", path: "/dags/~/dagRuns/~/taskInstances", status2: 403, status3: 403, real: true},
			{account: "viewer", path: "/backfills", status2: 404, status3: 422, real: true},
			{account: "viewer", path: "/backfills?dag_id=no_such_dag", status2: 404, status3: 200, real: true},
			{account: "blind", path: "/backfills?dag_id=" + g.dag("contract_backfill"), status2: 404, status3: 403, real: true},
		} {
			if c.real && !g.real() {
				continue
			}
			status, count := c.status2, c.counted2
			if g.version == 3 {
				status, count = c.status3, c.counted3
			}
			switch g.line {
			case "2.5":
				status = cmp.Or(c.status25, status)
			case "3.0":
				status = cmp.Or(c.status30, status)
			}
			got := g.api(t, c.account, http.MethodGet, c.path, nil)
			if got.status != status || status == 200 && got.count() != count {
				t.Errorf("%s asks for %s: %d with %d counted, want %d with %d", c.account, c.path, got.status, got.count(), status, count)
			}
		}
	})
}
