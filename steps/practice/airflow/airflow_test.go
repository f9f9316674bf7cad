package airflow

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/practice/testdata/ask"
)

// signIn gives the header that signs a user in, and the API's address.
func signIn(t *testing.T, w *world, version int, user string) (api, authorization string) {
	t.Helper()
	if version == 2 {
		return w.AirflowURL() + "/api/v1", "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+w.AirflowPassword()))
	}
	a := ask.Fetch(t, http.MethodPost, w.AirflowURL()+"/auth/token", `{"username":"`+user+`","password":"`+w.AirflowPassword()+`"}`, "Content-Type", "application/json")
	got := ask.Wants[struct {
		Token string `json:"access_token"`
	}](t, a, http.StatusCreated)
	return w.AirflowURL() + "/api/v2", "Bearer " + got.Token
}

type runListJSON struct {
	Total *int `json:"total_entries"`
	Runs  []struct {
		DAG     string  `json:"dag_id"`
		ID      string  `json:"dag_run_id"`
		State   string  `json:"state"`
		Type    string  `json:"run_type"`
		Start   *string `json:"start_date"`
		Logical *string `json:"logical_date"`
		// Of one version only.
		Execution *string `json:"execution_date"`
		RunAfter  *string `json:"run_after"`
	} `json:"dag_runs"`
}

const activePath = "/dags/~/dagRuns?state=running&state=queued&limit=100"

func TestVersionAndHealthNeedNoSignIn(t *testing.T) {
	type health struct {
		Metadatabase struct{ Status string }
		Scheduler    struct {
			Status    string
			Heartbeat string `json:"latest_scheduler_heartbeat"`
		}
	}
	for version, paths := range map[int][2]string{
		2: {"/api/v1/version", "/api/v1/health"},
		3: {"/api/v2/version", "/api/v2/monitor/health"},
	} {
		w, _ := begin(t, "calm", version)
		v := ask.Wants[struct{ Version string }](t, ask.Get(t, w.AirflowURL()+paths[0]), http.StatusOK)
		if !strings.HasPrefix(v.Version, string(rune('0'+version))+".") {
			t.Errorf("Airflow %d says %q", version, v.Version)
		}
		h := ask.Wants[health](t, ask.Get(t, w.AirflowURL()+paths[1]), http.StatusOK)
		if h.Scheduler.Status != "healthy" || h.Metadatabase.Status != "healthy" || h.Scheduler.Heartbeat == "" {
			t.Errorf("Airflow %d: health %+v", version, h)
		}
	}
}

func TestTheOtherVersionIsNotThere(t *testing.T) {
	two, _ := begin(t, "calm", 2)
	if a := ask.Get(t, two.AirflowURL()+"/api/v2/version"); a.Status != http.StatusNotFound || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
		t.Errorf("Airflow 2 on /api/v2: %d %s", a.Status, a.Body)
	}
	three, _ := begin(t, "calm", 3)
	if a := ask.Get(t, three.AirflowURL()+"/api/v1/version"); a.Status != http.StatusNotFound || !strings.Contains(a.Body, "API route not found") {
		t.Errorf("Airflow 3 on /api/v1: %d %s", a.Status, a.Body)
	}
	page := ask.Get(t, two.AirflowURL()+"/dagrun/list/?_flt_3_state=running")
	if page.Status != http.StatusFound || !strings.HasPrefix(page.Header.Get("Location"), "/login/") {
		t.Errorf("the page of DAG runs: %d to %q", page.Status, page.Header.Get("Location"))
	}
}

func TestSignInIsDemanded(t *testing.T) {
	two, _ := begin(t, "calm", 2)
	for _, authorization := range []string{"", "Basic " + base64.StdEncoding.EncodeToString([]byte("practice:wrong")), "Bearer x"} {
		a := ask.Get(t, two.AirflowURL()+"/api/v1/dags", "Authorization", authorization)
		p := ask.Wants[struct {
			Title, Type string
			Status      int
		}](t, a, http.StatusUnauthorized)
		if p.Title != "Unauthorized" || p.Status != 401 || a.Header.Get("WWW-Authenticate") != "Basic" || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%q: %+v as %q", authorization, p, a.Header.Get("Content-Type"))
		}
	}
	three, _ := begin(t, "calm", 3)
	if a := ask.Get(t, three.AirflowURL()+"/api/v2/dags"); a.Status != http.StatusUnauthorized || !strings.Contains(a.Body, `"detail":"Not authenticated"`) {
		t.Errorf("Airflow 3: %d %s", a.Status, a.Body)
	}
	for _, c := range []struct {
		kind, body string
		status     int
	}{
		{"application/json", `{"username":"practice","password":"wrong"}`, 401},
		{"application/json", `{"username":"","password":""}`, 401},
		{"application/json", `{`, 422},
	} {
		if a := ask.Fetch(t, http.MethodPost, three.AirflowURL()+"/auth/token", c.body, "Content-Type", c.kind); a.Status != c.status {
			t.Errorf("token for %s: %d, want %d", c.body, a.Status, c.status)
		}
	}
}

func TestDAGs(t *testing.T) {
	type list struct {
		DAGs []struct {
			ID     string `json:"dag_id"`
			Paused *bool  `json:"is_paused"`
			Active *bool  `json:"is_active"`
			Stale  *bool  `json:"is_stale"`
		}
		Total int `json:"total_entries"`
	}
	for _, version := range []int{2, 3} {
		w, _ := begin(t, "calm", version)
		api, who := signIn(t, w, version, w.AirflowUser())
		for query, want := range map[string]int{
			"": 38, "?limit=1": 1, "?limit=1000": 38, "?limit=100&offset=30": 8, "?offset=99": 0,
		} {
			got := ask.Wants[list](t, ask.Get(t, api+"/dags"+query, "Authorization", who), http.StatusOK)
			if got.Total != 38 || len(got.DAGs) != want {
				t.Errorf("Airflow %d %q: %d of %d, want %d of 38", version, query, len(got.DAGs), got.Total, want)
			}
			for _, d := range got.DAGs {
				if (d.Active != nil) != (version == 2) || (d.Stale != nil) != (version == 3) || d.Paused == nil {
					t.Fatalf("Airflow %d: %+v has another version's fields", version, d)
				}
			}
		}
		if a := ask.Get(t, api+"/dags/"+queuedDAG, "Authorization", who); a.Status != http.StatusOK || !strings.Contains(a.Body, `"is_paused":true`) {
			t.Errorf("Airflow %d: one DAG: %d %s", version, a.Status, a.Body)
		}
		if a := ask.Get(t, api+"/dags/none", "Authorization", who); a.Status != http.StatusNotFound || !strings.Contains(a.Body, "none") {
			t.Errorf("Airflow %d: no such DAG: %d %s", version, a.Status, a.Body)
		}
	}
}

func TestThePowerlessSeeNothingAndAreNotTold(t *testing.T) {
	for _, version := range []int{2, 3} {
		w, c := begin(t, "busy-dags", version)
		api, who := signIn(t, w, version, PowerlessUser)
		for _, path := range []string{activePath, "/dags"} {
			if path == "/dags" && version == 2 {
				if a := ask.Get(t, api+path, "Authorization", who); a.Status != http.StatusForbidden {
					t.Errorf("Airflow 2 %s: %d", path, a.Status)
				}
				continue
			}
			got := ask.Wants[runListJSON](t, ask.Get(t, api+path, "Authorization", who), http.StatusOK)
			if got.Total == nil || *got.Total != 0 {
				t.Errorf("Airflow %d %s: %+v", version, path, got)
			}
		}
		if a := ask.Get(t, api+"/dags/"+runningDAG, "Authorization", who); a.Status != http.StatusForbidden {
			t.Errorf("Airflow %d: one DAG: %d", version, a.Status)
		}
		// No client has listed the run yet, so its time hasn't started.
		c.Pass(time.Hour)
		if busyRuns(w.state)[0].State != "running" {
			t.Error("the run ended although nobody saw it")
		}
	}
}

func TestRunsEndInTheirTime(t *testing.T) {
	for _, version := range []int{2, 3} {
		w, c := begin(t, "busy-dags", version)
		api, who := signIn(t, w, version, w.AirflowUser())
		active := func() runListJSON {
			return ask.Wants[runListJSON](t, ask.Get(t, api+activePath, "Authorization", who), http.StatusOK)
		}
		c.Pass(time.Hour) // the time counts from when the run was seen first
		first := active()
		if *first.Total != 2 || first.Runs[0].State != "running" || first.Runs[1].State != "queued" || first.Runs[1].Start != nil {
			t.Fatalf("Airflow %d: at first %+v", version, first)
		}
		if r := first.Runs[0]; (r.Execution != nil) != (version == 2) || (r.RunAfter != nil) != (version == 3) || r.Start == nil {
			t.Errorf("Airflow %d: %+v has another version's fields", version, r)
		}
		page := ask.Get(t, strings.Replace(api+activePath, "limit=100", "limit=1", 1), "Authorization", who)
		if got := ask.Wants[runListJSON](t, page, http.StatusOK); *got.Total != 2 || len(got.Runs) != 1 {
			t.Errorf("Airflow %d: a page gives %d of %d", version, len(got.Runs), *got.Total)
		}
		c.Pass(30*time.Second - time.Millisecond)
		if got := active(); *got.Total != 2 {
			t.Errorf("Airflow %d: ended too early: %+v", version, got)
		}
		c.Pass(time.Millisecond)
		if got := active(); *got.Total != 1 || got.Runs[0].DAG != queuedDAG {
			t.Errorf("Airflow %d: the running one is still there: %+v", version, got)
		}
		c.Pass(24 * time.Hour)
		if got := active(); *got.Total != 1 {
			t.Errorf("Airflow %d: the queued one went away by itself", version)
		}
		if err := FailRun(w.state, queuedDAG); err != nil {
			t.Fatal(err)
		}
		if got := active(); *got.Total != 0 || got.Runs == nil {
			t.Errorf("Airflow %d: in the end %+v", version, got)
		}
	}
}

func TestARunThatWasFailedDoesNotAlsoSucceed(t *testing.T) {
	w, c := begin(t, "busy-dags", 2)
	api, who := signIn(t, w, 2, w.AirflowUser())
	ask.Get(t, api+activePath, "Authorization", who)
	for _, dag := range []string{runningDAG, queuedDAG} {
		if err := FailRun(w.state, dag); err != nil {
			t.Error(err)
		}
		if err := FailRun(w.state, dag); err == nil {
			t.Errorf("%s twice", dag)
		}
	}
	c.Pass(time.Hour)
	failed := ask.Wants[runListJSON](t, ask.Get(t, api+"/dags/~/dagRuns?state=failed", "Authorization", who), http.StatusOK)
	if *failed.Total != 2 {
		t.Errorf("%d failed runs", *failed.Total)
	}
	if news := strings.Join(w.News(), "\n"); strings.Contains(news, "ended as success") || strings.Count(news, "marked as failed") != 2 {
		t.Errorf("news:\n%s", news)
	}
}

func TestADAGThatIsTurnedOnRunsWhatIsQueued(t *testing.T) {
	for _, version := range []int{2, 3} {
		w, c := begin(t, "busy-dags", version)
		turn := func(user, mask, body string) ask.Answer {
			api, who := signIn(t, w, version, user)
			return ask.Fetch(t, http.MethodPatch, api+"/dags/"+queuedDAG+mask, body, "Authorization", who, "Content-Type", "application/json")
		}
		const on, mask = `{"is_paused":false}`, "?update_mask=is_paused"
		for user, status := range map[string]int{ViewerUser: 403, PowerlessUser: 403, NobodyUser: 403} {
			if a := turn(user, mask, on); a.Status != status {
				t.Errorf("Airflow %d: %s: %d %s", version, user, a.Status, a.Body)
			}
		}
		if a := turn(w.AirflowUser(), "?update_mask=is_active", on); a.Status != http.StatusBadRequest {
			t.Errorf("Airflow %d: another field: %d", version, a.Status)
		}
		if a := turn(w.AirflowUser(), mask, `{}`); a.Status != http.StatusBadRequest {
			t.Errorf("Airflow %d: nothing: %d", version, a.Status)
		}
		if a := turn(w.AirflowUser(), mask, on); a.Status != http.StatusOK || !strings.Contains(a.Body, `"is_paused":false`) {
			t.Fatalf("Airflow %d: %d %s", version, a.Status, a.Body)
		}
		runState := func() string {
			for _, r := range busyRuns(w.state) {
				if r.DAG == queuedDAG {
					return r.State
				}
			}
			return ""
		}
		if got := runState(); got != "running" {
			t.Errorf("Airflow %d: its run is %q", version, got)
		}
		c.Pass(30 * time.Second)
		if got := runState(); got != "success" {
			t.Errorf("Airflow %d: its run ended as %q", version, got)
		}
		if a := turn(w.AirflowUser(), mask, `{"is_paused":true}`); a.Status != http.StatusOK || !strings.Contains(a.Body, `"is_paused":true`) {
			t.Errorf("Airflow %d: paused again: %d %s", version, a.Status, a.Body)
		}
		if news := strings.Join(w.News(), "\n"); !strings.Contains(news, queuedDAG+" was turned on") || !strings.Contains(news, queuedDAG+" was paused") {
			t.Errorf("news:\n%s", news)
		}
	}
}
