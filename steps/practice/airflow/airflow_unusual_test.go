package airflow

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

// strange begins a calm world in whose Airflow something is unusual.
func strange(t *testing.T, version int, f func(*state.Facts)) (w *world, c *ask.Clock, query func(user, path string) ask.Answer) {
	t.Helper()
	w, c = begin(t, "calm", version)
	err := w.state.Change(func(k *state.Facts, _ time.Time) error {
		f(k)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, c, func(user, path string) ask.Answer {
		t.Helper()
		api, who := signIn(t, w, version, user)
		return ask.Get(t, api+path, "Authorization", who)
	}
}

func queued(at time.Time, dag string, ids ...string) []state.DAGRun {
	var runs []state.DAGRun
	for _, id := range ids {
		runs = append(runs, state.DAGRun{DAG: dag, ID: id, Kind: "manual", State: "queued", Logical: at})
	}
	return runs
}

func TestRunsOfADAGWaitForEachOther(t *testing.T) {
	for _, version := range []int{2, 3} {
		w, c, query := strange(t, version, func(k *state.Facts) {
			k.DAGRuns = append(queued(k.News[0].At, runningDAG, "a", "b", "c"), queued(k.News[0].At, queuedDAG, "d", "e")...)
		})
		states := func() string {
			t.Helper()
			var out []string
			for _, r := range ask.Wants[runListJSON](t, query(ViewerUser, "/dags/~/dagRuns"), http.StatusOK).Runs {
				out = append(out, r.ID+" "+r.State)
			}
			return strings.Join(out, ", ")
		}
		is := func(want string) {
			t.Helper()
			if got := states(); got != want {
				t.Errorf("Airflow %d: %s, want %s", version, got, want)
			}
		}
		is("a running, b queued, c queued, d queued, e queued")
		c.Pass(state.RunLasts)
		is("a success, b running, c queued, d queued, e queued")
		if err := FailRun(w.state, runningDAG); err != nil {
			t.Fatal(err)
		}
		is("a success, b failed, c running, d queued, e queued")
		d, _ := findDAG(queuedDAG)
		if err := pause(w.state, d, false); err != nil {
			t.Fatal(err)
		}
		is("a success, b failed, c running, d running, e queued")
		c.Pass(state.RunLasts)
		is("a success, b failed, c success, d success, e running")
		c.Pass(state.RunLasts)
		is("a success, b failed, c success, d success, e success")
		if news := strings.Join(w.News(), "\n"); strings.Count(news, "ended as success") != 4 || strings.Count(news, "marked as failed") != 1 {
			t.Errorf("news:\n%s", news)
		}
	}
}

func TestADeadSchedulerIsMissedAfterAWhileAndStartsNothing(t *testing.T) {
	for version, path := range map[int]string{2: "/api/v1/health", 3: "/api/v2/monitor/health"} {
		w, c, query := strange(t, version, func(k *state.Facts) {
			k.Unusual.LastBeat = k.News[0].At
			k.DAGRuns = queued(k.News[0].At, runningDAG, "a")
		})
		says := func(want string) {
			t.Helper()
			got := ask.Wants[struct{ Scheduler struct{ Status string } }](t, ask.Get(t, w.AirflowURL()+path), http.StatusOK)
			if got.Scheduler.Status != want {
				t.Errorf("Airflow %d: %s, want %s", version, got.Scheduler.Status, want)
			}
		}
		says("healthy")
		c.Pass(missedAfter)
		says("healthy")
		c.Pass(time.Second)
		says("unhealthy")
		if got := ask.Wants[runListJSON](t, query(ViewerUser, activePath), http.StatusOK); *got.Total != 1 || got.Runs[0].State != "queued" {
			t.Errorf("Airflow %d: %+v", version, got)
		}
	}
}

func TestARunWhoseTaskWaitsGoesOn(t *testing.T) {
	type list struct {
		Tasks []struct {
			State string  `json:"state"`
			End   *string `json:"end_date"`
			Tries int     `json:"max_tries"`
		} `json:"task_instances"`
		Total int `json:"total_entries"`
	}
	for _, version := range []int{2, 3} {
		_, c, query := strange(t, version, func(k *state.Facts) {
			k.DAGRuns = queued(k.News[0].At, runningDAG, "a")
			k.Unusual.Tasks = map[string]string{runningDAG: "up_for_retry"}
		})
		for range 2 {
			got := ask.Wants[list](t, query(ViewerUser, "/dags/"+runningDAG+"/dagRuns/a/taskInstances?state=up_for_retry&state=deferred"), http.StatusOK)
			if got.Total != 1 || got.Tasks[0].State != "up_for_retry" || got.Tasks[0].End == nil || got.Tasks[0].Tries == 0 {
				t.Errorf("Airflow %d: %+v", version, got)
			}
			if got := ask.Wants[runListJSON](t, query(ViewerUser, activePath), http.StatusOK); *got.Total != 1 || got.Runs[0].State != "running" {
				t.Errorf("Airflow %d: %+v", version, got)
			}
			c.Pass(time.Hour)
		}
	}
}

// An account is told of the files of those DAGs that it sees.
func TestWhoIsToldOfImportErrors(t *testing.T) {
	type list struct {
		Errors []struct {
			File  string `json:"filename"`
			Trace string `json:"stack_trace"`
		} `json:"import_errors"`
	}
	for version, told := range map[int]map[string][]string{
		2: {Operator: {airflowFolder + "new.py", airflowFolder + runningDAG + ".py"}, PowerlessUser: nil},
		3: {Operator: {"new.py", runningDAG + ".py"}, PowerlessUser: {"new.py"}},
	} {
		_, _, query := strange(t, version, func(k *state.Facts) {
			for _, name := range []string{"new.py", runningDAG + ".py"} {
				k.Unusual.Unread = append(k.Unusual.Unread, state.UnreadFile{Name: name, Since: k.News[0].At, Reason: "SyntaxError: invalid syntax"})
			}
			k.Unusual.Removed = []string{queuedDAG}
		})
		for user, want := range told {
			var files []string
			for _, e := range ask.Wants[list](t, query(user, "/importErrors"), http.StatusOK).Errors {
				files = append(files, e.File)
				if !strings.HasSuffix(e.Trace, "\nSyntaxError: invalid syntax\n") {
					t.Errorf("Airflow %d: %q", version, e.Trace)
				}
			}
			if !slices.Equal(files, want) {
				t.Errorf("Airflow %d: %s is told %q, want %q", version, user, files, want)
			}
		}
		if a := query(NarrowUser, "/importErrors"); a.Status != http.StatusForbidden {
			t.Errorf("Airflow %d: %d %s", version, a.Status, a.Body)
		}
		// A DAG that is no longer run is not listed, and still there.
		want := map[int]int{2: 37, 3: 36}[version]
		if got := ask.Wants[struct {
			Total int `json:"total_entries"`
		}](t, query(ViewerUser, "/dags"), http.StatusOK); got.Total != want {
			t.Errorf("Airflow %d lists %d DAGs, want %d", version, got.Total, want)
		}
		if a := query(ViewerUser, "/dags/"+runningDAG); a.Status != http.StatusOK || !strings.Contains(a.Body, `"has_import_errors":true`) {
			t.Errorf("Airflow %d: %d %s", version, a.Status, a.Body)
		}
	}
}
