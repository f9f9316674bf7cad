package practice

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// strange begins a calm world in whose Airflow something is unusual.
func strange(t *testing.T, version int, f func(*facts)) (w *World, c *clock, ask func(user, path string) answer) {
	t.Helper()
	w, c = begin(t, "calm", version)
	err := w.state.change(func(k *facts, _ time.Time) error {
		f(k)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, c, func(user, path string) answer {
		t.Helper()
		api, who := signIn(t, w, version, user)
		return get(t, api+path, "Authorization", who)
	}
}

func queued(at time.Time, dag string, ids ...string) []dagRun {
	var runs []dagRun
	for _, id := range ids {
		runs = append(runs, dagRun{DAG: dag, ID: id, Kind: "manual", State: "queued", Logical: at})
	}
	return runs
}

func TestNoScenarioIsUnusual(t *testing.T) {
	for _, s := range Scenarios() {
		w, _ := begin(t, s.Name, 3)
		kept, err := os.ReadFile(w.folder.stateFile())
		if err != nil || strings.Contains(string(kept), "unusual") {
			t.Errorf("%s: %v\n%s", s.Name, err, kept)
		}
	}
}

func TestRunsOfADAGWaitForEachOther(t *testing.T) {
	for _, version := range []int{2, 3} {
		w, c, ask := strange(t, version, func(k *facts) {
			k.DAGRuns = append(queued(k.News[0].At, runningDAG, "a", "b", "c"), queued(k.News[0].At, queuedDAG, "d", "e")...)
		})
		states := func() string {
			t.Helper()
			var out []string
			for _, r := range wants[runListJSON](t, ask(ViewerUser, "/dags/~/dagRuns"), http.StatusOK).Runs {
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
		c.pass(runLasts)
		is("a success, b running, c queued, d queued, e queued")
		if err := w.state.failRun(runningDAG); err != nil {
			t.Fatal(err)
		}
		is("a success, b failed, c running, d queued, e queued")
		d, _ := findDAG(queuedDAG)
		if err := w.state.pause(d, false); err != nil {
			t.Fatal(err)
		}
		is("a success, b failed, c running, d running, e queued")
		c.pass(runLasts)
		is("a success, b failed, c success, d success, e running")
		c.pass(runLasts)
		is("a success, b failed, c success, d success, e success")
		if news := strings.Join(w.News(), "\n"); strings.Count(news, "ended as success") != 4 || strings.Count(news, "marked as failed") != 1 {
			t.Errorf("news:\n%s", news)
		}
	}
}

func TestADeadSchedulerIsMissedAfterAWhileAndStartsNothing(t *testing.T) {
	for version, path := range map[int]string{2: "/api/v1/health", 3: "/api/v2/monitor/health"} {
		w, c, ask := strange(t, version, func(k *facts) {
			k.Unusual.LastBeat = k.News[0].At
			k.DAGRuns = queued(k.News[0].At, runningDAG, "a")
		})
		says := func(want string) {
			t.Helper()
			got := wants[struct{ Scheduler struct{ Status string } }](t, get(t, w.AirflowURL()+path), http.StatusOK)
			if got.Scheduler.Status != want {
				t.Errorf("Airflow %d: %s, want %s", version, got.Scheduler.Status, want)
			}
		}
		says("healthy")
		c.pass(missedAfter)
		says("healthy")
		c.pass(time.Second)
		says("unhealthy")
		if got := wants[runListJSON](t, ask(ViewerUser, activePath), http.StatusOK); *got.Total != 1 || got.Runs[0].State != "queued" {
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
		_, c, ask := strange(t, version, func(k *facts) {
			k.DAGRuns = queued(k.News[0].At, runningDAG, "a")
			k.Unusual.Tasks = map[string]string{runningDAG: "up_for_retry"}
		})
		for range 2 {
			got := wants[list](t, ask(ViewerUser, "/dags/"+runningDAG+"/dagRuns/a/taskInstances?state=up_for_retry&state=deferred"), http.StatusOK)
			if got.Total != 1 || got.Tasks[0].State != "up_for_retry" || got.Tasks[0].End == nil || got.Tasks[0].Tries == 0 {
				t.Errorf("Airflow %d: %+v", version, got)
			}
			if got := wants[runListJSON](t, ask(ViewerUser, activePath), http.StatusOK); *got.Total != 1 || got.Runs[0].State != "running" {
				t.Errorf("Airflow %d: %+v", version, got)
			}
			c.pass(time.Hour)
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
		2: {operator: {airflowFolder + "new.py", airflowFolder + runningDAG + ".py"}, PowerlessUser: nil},
		3: {operator: {"new.py", runningDAG + ".py"}, PowerlessUser: {"new.py"}},
	} {
		_, _, ask := strange(t, version, func(k *facts) {
			for _, name := range []string{"new.py", runningDAG + ".py"} {
				k.Unusual.Unread = append(k.Unusual.Unread, unreadFile{Name: name, Since: k.News[0].At, Reason: "SyntaxError: invalid syntax"})
			}
			k.Unusual.Removed = []string{queuedDAG}
		})
		for user, want := range told {
			var files []string
			for _, e := range wants[list](t, ask(user, "/importErrors"), http.StatusOK).Errors {
				files = append(files, e.File)
				if !strings.HasSuffix(e.Trace, "\nSyntaxError: invalid syntax\n") {
					t.Errorf("Airflow %d: %q", version, e.Trace)
				}
			}
			if !slices.Equal(files, want) {
				t.Errorf("Airflow %d: %s is told %q, want %q", version, user, files, want)
			}
		}
		if a := ask(NarrowUser, "/importErrors"); a.status != http.StatusForbidden {
			t.Errorf("Airflow %d: %d %s", version, a.status, a.body)
		}
		// A DAG that is no longer run is not listed, and still there.
		want := map[int]int{2: 37, 3: 36}[version]
		if got := wants[struct {
			Total int `json:"total_entries"`
		}](t, ask(ViewerUser, "/dags"), http.StatusOK); got.Total != want {
			t.Errorf("Airflow %d lists %d DAGs, want %d", version, got.Total, want)
		}
		if a := ask(ViewerUser, "/dags/"+runningDAG); a.status != http.StatusOK || !strings.Contains(a.body, `"has_import_errors":true`) {
			t.Errorf("Airflow %d: %d %s", version, a.status, a.body)
		}
	}
}
