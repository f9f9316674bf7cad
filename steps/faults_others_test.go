package steps_test

import (
	"encoding/base64"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

// The kinds that are no steps of the document are asked by themselves.
func init() { inquiries = append(inquiries, others...) }

// A repository with a pull request, and the Airflow that its DAGs are deployed to.
const (
	repoPath    = "api.github.test/repos/o/r"
	pullPath    = repoPath + "/pulls/12"
	airflowPath = "airflow.test/api/v2"
	dagFile     = "catalog/dags/a.py"
	dagText     = "from airflow import DAG\nDAG('a')\n"
)

func mergedPull() fake.Object {
	return fake.Object{"number": 12, "title": "Add a DAG", "html_url": "https://github.com/o/r/pull/12", "state": "closed", "draft": false, "merged": true,
		"merged_at": fake.Stamp(fake.Moment.Add(-10 * time.Minute)), "merge_commit_sha": fake.Commit, "changed_files": 1, "auto_merge": nil,
		"base": fake.Object{"ref": "main", "sha": fake.Other, "repo": fake.Object{"default_branch": "main"}}}
}

func openPull() fake.Object {
	p := mergedPull()
	p["state"], p["merged"], p["merged_at"] = "open", false, nil
	return p
}

func comparison(status string, files ...fake.Object) fake.Object {
	if files == nil {
		files = []fake.Object{}
	}
	return fake.Object{"status": status, "ahead_by": len(files), "behind_by": 0, "merge_base_commit": fake.Object{"sha": fake.Commit}, "files": files}
}

func fileAt(text string) fake.Object {
	return fake.Object{"type": "file", "encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte(text))}
}

func dagRow(paused bool) fake.Object {
	d := fake.DAG("a", paused)
	d["fileloc"], d["relative_fileloc"], d["last_parsed_time"] = "/opt/airflow/"+dagFile, "a.py", fake.Stamp(fake.Moment.Add(-10*time.Second))
	return d
}

func rows(key string, all ...fake.Object) fake.Object {
	if all == nil {
		all = []fake.Object{}
	}
	return fake.Object{key: all, "total_entries": len(all)}
}

// changed is a file of the pull request.
func changed(status string) fake.Object { return fake.Object{"filename": dagFile, "status": status} }

var (
	dagParams = steps.Params{"repository": "o/r", "pull-request": "12", "airflow": fake.AirflowURL}
	newDAG    = runbook.Facts{"dags.commit": fake.Commit, "dags.files": "added catalog/dags " + dagFile, "pull-request.number": "o/r#12"}
	oldDAG    = runbook.Facts{"dags.commit": fake.Commit, "dags.files": "modified catalog/dags " + dagFile, "pull-request.number": "o/r#12"}
	merged    = runbook.Facts{"pull-request.commit": fake.Commit, "pull-request.number": "o/r#12"}

	synced = map[string]any{
		pullPath: mergedPull(), pullPath + "/files": []fake.Object{changed("modified")}, repoPath + "/compare/" + fake.Commit + "...main": comparison("identical"),
		repoPath + "/contents/" + dagFile: fileAt(dagText), repoPath + "/commits": []fake.Object{{"sha": fake.Commit}, {"sha": fake.Other}},
		repoPath + "/compare/" + fake.Other + "..." + fake.Commit: comparison("ahead", changed("modified")),
		airflowPath + "/dags": rows("dags", dagRow(false), fake.DAG("other", false)), airflowPath + "/importErrors": rows("import_errors"), airflowPath + "/dagSources/a": fake.Object{"content": dagText},
	}
	turnedOff = map[string]any{
		airflowPath + "/dags": rows("dags", dagRow(true)), airflowPath + "/dags/a/dagRuns": rows("dag_runs"), pullPath: mergedPull(), repoPath + "/contents/" + dagFile: fileAt(""),
		airflowPath + "/dags/a/details": fake.Object{"dag_id": "a", "catchup": false, "max_active_runs": 16, "timetable_summary": nil, "timetable_description": "Never, external triggers only"},
	}
)

// with returns a copy of answers with one that is different.
func with(answers map[string]any, path string, body any) map[string]any {
	all := map[string]any{path: body}
	for p, b := range answers {
		if p != path {
			all[p] = b
		}
	}
	return all
}

// others are the inquiries of the kinds that are no steps of the document.
var others = []inquiry{
	{name: "pull-request", kind: "pull-request", requests: 2, posts: -1, in: steps.Input{Params: dagParams},
		answers: map[string]any{pullPath: mergedPull(), repoPath + "/compare/" + fake.Commit + "...main": comparison("identical")}},
	{name: "pull-request that is open", kind: "pull-request", requests: 2, posts: -1, in: steps.Input{Params: dagParams},
		answers: map[string]any{pullPath: openPull(), repoPath + "/git/matching-refs/heads/gh-readonly-queue/main/pr-12-": []fake.Object{}},
		good:    outcome{verdict: runbook.Failed, says: []string{"#12 is open: merge it into main."}}},
	{name: "dags-synced", kind: "dags-synced", requests: 9, posts: -1, token: true, in: steps.Input{Params: dagParams, Facts: merged}, answers: synced},
	{name: "dags-synced that is behind", kind: "dags-synced", requests: 13, posts: -1, token: true, in: steps.Input{Params: dagParams, Facts: merged},
		answers: with(with(synced, airflowPath+"/dagSources/a", fake.Object{"content": "of before"}), repoPath+"/contents/"+dagFile+"?ref="+fake.Other, fileAt("of before")),
		good:    outcome{verdict: runbook.Failed, says: []string{"The sync is 1 commit behind"}, waits: true}},
	{name: "dags-on", kind: "dags-on", requests: 2, posts: -1, token: true, in: steps.Input{Params: dagParams, Facts: newDAG},
		answers: with(turnedOff, airflowPath+"/dags", rows("dags", dagRow(false)))},
	{name: "dags-on that are off", kind: "dags-on", requests: 6, posts: -1, token: true, in: steps.Input{Params: dagParams, Facts: oldDAG}, answers: turnedOff,
		good: outcome{verdict: runbook.Failed, says: []string{"The new DAG a is paused"}}},
	{name: "migration", kind: "migration", requests: 3, posts: -1, token: true, in: steps.Input{Params: steps.Params{"dag": "m", "airflow": fake.AirflowURL}},
		answers: map[string]any{airflowPath + "/dags/m": fake.DAG("m", false), airflowPath + "/dags/m/dagRuns": rows("dag_runs", fake.DAGRun("m", "r", "success", time.Hour))}},
	{name: "service-back before", kind: "service-back", requests: 3, posts: -1, token: true, in: steps.Input{Params: dagParams},
		answers: map[string]any{airflowPath + "/importErrors": rows("import_errors")},
		good:    outcome{verdict: runbook.Unknown, says: []string{"Nothing has been deployed in this run yet. Airflow 3.0.2 responds"}, final: true}},
	{name: "service-back", kind: "service-back", requests: 7, posts: -1, token: true,
		in: steps.Input{Params: dagParams, Followed: &runbook.Carried{By: clean.Line("mar@desk"), Begun: fake.Moment.Add(-2 * time.Minute), Ended: fake.Moment.Add(-time.Minute),
			Before: runbook.Facts{"back.version-before": "3.0.1", "back.imports-before": "0", "bump.previous": "v1.5.3", "dags.runs": "a r"}}},
		answers: map[string]any{airflowPath + "/importErrors": rows("import_errors"), airflowPath + "/dags": rows("dags", dagRow(false), fake.DAG("other", false)), airflowPath + "/dags/a/dagRuns/r": fake.DAGRun("a", "r", "success", time.Hour)}},
	{name: "which-deployment", kind: "which-deployment", requests: 2, posts: -1, in: steps.Input{Params: dagParams},
		answers: map[string]any{repoPath + "/compare/v1.4.0...HEAD": comparison("ahead", fake.Object{"filename": "catalog/Dockerfile", "status": "modified"})}},
}

// starting are the faults of a service that is being started, or of the proxy before it,
// which may not have its certificate yet.
var starting = []string{"refused", "no such name", "the name server stumbles", "no way there", "nobody vouches for it", "another name", "old TLS", "HTTP where HTTPS is expected",
	"no handshake", "hangs up on the handshake", "cut before the answer", "reset before the answer", "reset in the headers", "reset in the body", "cut in the body", "not HTTP at all",
	"slow headers", "slow body", "500", "502", "503", "503 with seconds", "504"}

// otherwiseOfOthers is otherwise for them.
var otherwiseOfOthers = []exception{
	// A repository that can be seen proves the thing in it to be absent.
	{"pull-request", []string{"404"}, []int{0}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"o/r has no pull request #12: correct the number."}}},
	{"pull-request", []string{"404"}, []int{1}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"has no branch main, or its commit is gone"}}},
	{"pull-request that is open", []string{"404"}, []int{0}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"o/r has no pull request #12: correct the number."}}},
	{"dags-synced", []string{"404"}, []int{4, 6}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"Verify the merge again."}}},
	{"dags-synced", []string{"404"}, []int{7}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"a.py is not in 0123456, though #12 changes it: verify the merge again."}, final: true}},
	{"dags-synced that is behind", []string{"404"}, []int{4, 6}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"Verify the merge again."}}},
	{"dags-synced that is behind", []string{"404"}, []int{7}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"a.py is not in 0123456, though #12 changes it: verify the merge again."}, final: true}},
	{"dags-synced that is behind", []string{"404"}, []int{10}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"none of the repository's versions"}}},
	{"dags-on that are off", []string{"404"}, []int{2}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"Verify the merge again."}}},
	{"dags-on that are off", []string{"404"}, []int{3}, onceOnly, outcome{verdict: runbook.Failed, says: []string{"The new DAG a is paused"}}},
	{"which-deployment", []string{"404"}, []int{1}, onceOnly, outcome{verdict: runbook.Unknown, says: []string{"o/r has no v1.4.0 or no HEAD"}}},

	// What the rest has shown stays, whatever these would add to it.
	{"pull-request that is open", nil, []int{1}, always, outcome{verdict: runbook.Failed, says: []string{"#12 is open: merge it into main."}}},
	{"dags-synced that is behind", nil, []int{11, 12}, always, outcome{verdict: runbook.Failed, says: []string{"1 commit behind: a.py is there as of 89abcde."}, waits: true}},
	{"service-back", []string{"404"}, []int{6}, always, outcome{verdict: runbook.Passed, says: []string{"Runs that were active before: a deleted."}}},
	{"service-back", nil, []int{6}, forGoodOnly, outcome{verdict: runbook.Passed, says: []string{"Runs that were active before: a not known."}}},
	{"service-back", nil, []int{6}, onceOnly, outcome{verdict: runbook.Passed, says: []string{"Runs that were active before: a "}}},
}
