package airflow_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/testdata/poll"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds/dags"
	"catalog-runbook/steps/testdata/fake"
)

// rollout is a DAG deployment on a real Airflow, with a GitHub that says what was merged.
type rollout struct {
	t      *testing.T
	world  *steps.World
	url    string
	file   string // on the server
	text   string // at the merge commit
	merged time.Time
	facts  runbook.Facts
	params steps.Params
}

const rolloutFile = "catalog/dags/rollout.py"

// github answers for the pull request #12, which adds the file.
func (r *rollout) github(req *http.Request) (*http.Response, error) {
	var body any
	switch path := strings.TrimPrefix(req.URL.Path, "/repos/o/r"); {
	case path == "/pulls/12":
		body = fake.Object{"number": 12, "html_url": "https://github.test/12", "state": "closed", "merged": true, "merged_at": fake.Stamp(r.merged), "merge_commit_sha": fake.Commit, "changed_files": 1,
			"base": fake.Object{"ref": "main", "sha": fake.Other, "repo": fake.Object{"default_branch": "main"}}}
	case path == "/pulls/12/files":
		body = []fake.Object{{"filename": rolloutFile, "status": "added"}}
	case strings.HasPrefix(path, "/compare/"):
		body = fake.Object{"status": "identical", "ahead_by": 0, "behind_by": 0, "merge_base_commit": fake.Object{"sha": fake.Commit}, "files": []any{}}
	case path == "/contents/"+rolloutFile:
		body = fake.Object{"type": "file", "encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte(r.text))}
	case path == "/commits":
		body = []fake.Object{{"sha": fake.Commit}}
	default:
		r.t.Errorf("GitHub was asked for %s", req.URL)
	}
	data, err := json.Marshal(body)
	return fake.Reply(req, fake.Exchange{}, data), err
}

func (r *rollout) RoundTrip(req *http.Request) (*http.Response, error) {
	if "https://"+req.URL.Host == fake.GitHubAPI {
		return r.github(req)
	}
	return (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
}

func (r *rollout) input() steps.Input {
	return steps.Input{Params: r.params, Facts: r.facts, World: r.world}
}

// until asks a step until its summary has the words.
func (r *rollout) until(k *steps.Kind, verdict runbook.Verdict, words string) runbook.Result {
	r.t.Helper()
	var res runbook.Result
	said := ""
	poll.UntilEvery(r.t, time.Second, k.Name+" says "+words, func() bool {
		res = k.Check.Ask(r.t.Context(), r.input())
		if now := res.Summary.String(); now != said {
			r.t.Logf("%s is %s: %s", k.Name, res.Verdict, now)
			said = now
		}
		return res.Verdict == verdict && strings.Contains(res.Summary.String(), words)
	})
	for name, value := range res.Facts {
		r.facts[name] = value
	}
	return res
}

func (r *rollout) write(text string) {
	r.t.Helper()
	if err := os.WriteFile(r.file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// TestRollout deploys a new DAG to each real Airflow: it isn't there, is found, is turned on
// and starts what it said, and is broken.
func TestRollout(t *testing.T) {
	for _, line := range []string{"2", "3"} {
		t.Run("real "+line, func(t *testing.T) {
			variable := "CATALOG_RUNBOOK_TEST_AIRFLOW_" + line
			folder := os.Getenv(variable)
			if folder == "" {
				t.Skipf("SKIPPED: there is no Airflow %s to ask; start one with steps/airflow/testdata/airflow and set %s to its folder", line, variable)
			}
			at, err := os.ReadFile(filepath.Join(folder, "url"))
			if err != nil {
				t.Fatal(err)
			}
			r := &rollout{t: t, url: strings.TrimSpace(string(at)), file: filepath.Join(folder, "dags", "rollout.py"), merged: time.Now().Add(-time.Second), facts: runbook.Facts{}}
			start := time.Now().UTC().AddDate(0, 0, -2).Truncate(24 * time.Hour)
			r.text = fmt.Sprintf("from datetime import datetime\nfrom airflow import DAG\ndag = DAG('rollout', schedule='@daily', catchup=True, max_active_runs=1, start_date=datetime(%d, %d, %d))\n", start.Year(), start.Month(), start.Day())
			r.world = fake.Connect(t, r)
			r.world.Now, r.world.Airflow.Options.Now = time.Now, time.Now
			r.world.Airflow.Options.Username, r.world.Airflow.Options.Password, r.world.Airflow.Trusted = "admin", "admin", r.url
			r.params = steps.Params{"repository": "o/r", "pull-request": "12", "airflow": r.url, "dags-folder": filepath.Join(folder, "dags")}
			t.Cleanup(r.remove)
			r.walk()
		})
	}
}

func (r *rollout) walk() {
	t := r.t
	r.until(dags.PullRequest, runbook.Passed, "merged into main")
	if res := r.until(dags.Synced, runbook.Failed, "rollout.py is new"); !res.Waiting {
		t.Errorf("what isn't there yet is not awaited: %s", res.Summary)
	}
	r.write(r.text)
	r.until(dags.Synced, runbook.Passed, "Airflow has rollout.py as of 0123456")
	res := r.until(dags.On, runbook.Failed, "The new DAG rollout is paused")
	if got := res.Evidence[0].Value.String(); !strings.Contains(got, ", with catchup; at once starts a run for each date since ") || !strings.Contains(got, ", 1 at a time") {
		t.Errorf("what it starts is %q", got)
	}

	change := dags.On.Effects[0].Changes
	scope, err := change.On(t.Context(), r.input())
	if err != nil || len(scope.Things) != 1 || scope.Things[0].Name != "rollout" {
		t.Fatalf("what can be turned on is %+v, %v", scope, err)
	}
	if c := change.Look(t.Context(), r.input(), "rollout"); c.Done || c.Unknown {
		t.Errorf("before, it is %+v", c)
	}
	if c := change.Set(t.Context(), r.input(), "rollout"); !c.Done {
		t.Fatalf("it is %+v", c)
	}
	r.until(dags.On, runbook.Passed, "Each new DAG is on: rollout.")
	client, err := r.world.Airflow.At(r.url)
	if err != nil {
		t.Fatal(err)
	}
	poll.UntilEvery(t, time.Second, "its first run has begun", func() bool {
		d, err := client.DAG(t.Context(), "rollout")
		if err != nil {
			return false
		}
		s, err := client.Schedule(t.Context(), d)
		return err == nil && s.Ran
	})

	r.write(r.text + "import there_is_no_such_module\n")
	r.until(dags.Synced, runbook.Failed, "No module named 'there_is_no_such_module'")
	r.write(r.text + "# somebody has changed it on the server\n")
	r.until(dags.Synced, runbook.Failed, "none of the repository's versions")
}

// remove takes the file, the DAG and its runs away.
func (r *rollout) remove() {
	if err := os.Remove(r.file); err != nil && !os.IsNotExist(err) {
		r.t.Error(err)
	}
	poll.UntilEvery(r.t, time.Second, "the DAG is gone", func() bool {
		r.api(http.MethodDelete, "/dags/rollout")
		return r.api(http.MethodGet, "/dags/rollout") == http.StatusNotFound
	})
}

// api asks as the administrator, and returns the status.
func (r *rollout) api(method, path string) int {
	req, err := http.NewRequest(method, r.url+"/api/v1"+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.SetBasicAuth("admin", "admin")
	if strings.HasSuffix(r.t.Name(), "3") {
		resp, err := http.Post(r.url+"/auth/token", "application/json", strings.NewReader(`{"username":"admin","password":"admin"}`))
		if err != nil {
			r.t.Fatal(err)
		}
		var token struct {
			Value string `json:"access_token"`
		}
		_ = json.NewDecoder(resp.Body).Decode(&token)
		resp.Body.Close()
		req.URL.Path = "/api/v2" + path
		req.Header.Set("Authorization", "Bearer "+token.Value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
