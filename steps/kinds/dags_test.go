package kinds_test

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// The repository whose DAGs are deployed, and its pull request #12.
const (
	dagsRepo = fake.GitHubAPI + "/repos/o/r"
	earliest = "1111111111111111111111111111111111111111"
	between  = "2222222222222222222222222222222222222222"
	dagFile  = "catalog/dags/a.py"
)

// texts of the file.
const (
	oldText = "from airflow import DAG\nDAG('a')\n"
	newText = "from airflow import DAG\nDAG('a', tags=['new'])\n"
)

// pull is the pull request, merged into main ten minutes ago unless it is changed.
func pull(files int, change fake.Object) fake.Exchange {
	body := fake.Object{"number": 12, "title": "Add a DAG", "html_url": "https://github.com/o/r/pull/12", "state": "closed", "draft": false, "merged": true,
		"merged_at": fake.Stamp(fake.Moment.Add(-10 * time.Minute)), "merge_commit_sha": fake.Commit, "changed_files": files, "auto_merge": nil,
		"base": fake.Object{"ref": "main", "sha": earliest, "repo": fake.Object{"default_branch": "main"}}}
	for name, value := range change {
		body[name] = value
	}
	return fake.Exchange{URL: dagsRepo + "/pulls/12", Body: body}
}

func open(change fake.Object) fake.Exchange {
	all := fake.Object{"state": "open", "merged": false, "merged_at": nil, "merge_commit_sha": fake.Other}
	for name, value := range change {
		all[name] = value
	}
	return pull(1, all)
}

func into(branch string) fake.Object {
	return fake.Object{"base": fake.Object{"ref": branch, "sha": earliest, "repo": fake.Object{"default_branch": "main"}}}
}

// lies is what lies between two commits, as GitHub compares them.
func lies(base, head, status string, ahead int, files ...fake.Object) fake.Exchange {
	if files == nil {
		files = []fake.Object{}
	}
	return fake.Exchange{URL: dagsRepo + "/compare/" + base + "..." + head + "?per_page=1",
		Body: fake.Object{"status": status, "ahead_by": ahead, "behind_by": 0, "merge_base_commit": fake.Object{"sha": base}, "files": files, "html_url": "https://github.com/o/r/compare"}}
}

func queued(refs ...fake.Object) fake.Exchange {
	if refs == nil {
		refs = []fake.Object{}
	}
	return fake.Exchange{URL: dagsRepo + "/git/matching-refs/heads/gh-readonly-queue/main/pr-12-", Body: refs}
}

var dagsParams = steps.Params{"repository": "o/r", "pull-request": "12", "airflow": fake.AirflowURL}

var repositoryIsThere = fake.Exchange{URL: dagsRepo, Body: fake.Object{"full_name": "o/r"}}

var pullRequestFixture = fixture{
	params: dagsParams,
	hang:   hangingService,
	cases: []kindCase{
		{name: "merged", asks: []fake.Exchange{pull(1, nil), lies(fake.Commit, "main", "identical", 0)}, verdict: runbook.Passed,
			says: []string{"#12 is merged into main as 0123456."}, sees: []string{"pull request: #12 Add a DAG", "merged: into main, 10 min ago", "merge commit: " + fake.Commit},
			leaves: runbook.Facts{"pull-request.commit": fake.Commit, "pull-request.number": "o/r#12"}},
		{name: "by its address, in another repository than the settings'", params: steps.Params{"repository": "o/other", "pull-request": "https://github.com/o/r/pull/12/files"},
			asks: []fake.Exchange{pull(1, nil), lies(fake.Commit, "main", "ahead", 3)}, verdict: runbook.Passed, sees: []string{"commits since: 3"}},
		{name: "the one of before, after the run was resumed", params: steps.Params{"repository": "o/r"}, facts: runbook.Facts{"pull-request.number": "o/r#12"},
			asks: []fake.Exchange{pull(1, nil), lies(fake.Commit, "main", "identical", 0)}, verdict: runbook.Passed},
		{name: "none is named", params: steps.Params{"repository": "o/r"}, verdict: runbook.Unknown, says: []string{"--pull-request NUMBER", "pull_request under [github]"}},
		{name: "no number", params: steps.Params{"repository": "o/r", "pull-request": "latest"}, verdict: runbook.Unknown, says: []string{`"latest"`}},
		{name: "open", asks: []fake.Exchange{open(nil), queued()}, verdict: runbook.Failed, says: []string{"#12 is open: merge it into main."}, again: true,
			leaves: runbook.Facts{"pull-request.commit": ""}},
		{name: "open, and the queue can't be asked", asks: []fake.Exchange{open(nil), {URL: queued().URL, Status: 403, Body: fake.Object{"message": "no"}}}, verdict: runbook.Failed, again: true,
			sees: []string{"merge queue: can't be asked: "}},
		{name: "in the merge queue", asks: []fake.Exchange{open(nil), queued(fake.Object{"ref": "refs/heads/gh-readonly-queue/main/pr-12-abc"})}, verdict: runbook.Failed, waits: true, again: true,
			says: []string{"merge queue"}},
		{name: "merges by itself", asks: []fake.Exchange{open(fake.Object{"auto_merge": fake.Object{"merge_method": "squash"}}), queued()}, verdict: runbook.Failed, waits: true, again: true},
		{name: "a draft", asks: []fake.Exchange{open(fake.Object{"draft": true})}, verdict: runbook.Failed, says: []string{"is a draft"}, again: true},
		{name: "closed", asks: []fake.Exchange{pull(1, fake.Object{"merged": false, "merged_at": nil})}, verdict: runbook.Failed, says: []string{"closed without being merged"}},
		{name: "merged into another branch", asks: []fake.Exchange{pull(1, into("feature"))}, verdict: runbook.Failed, says: []string{"merged into feature", "main"},
			leaves: runbook.Facts{"pull-request.commit": ""}},
		{name: "merged into the branch of the settings", params: steps.Params{"repository": "o/r", "pull-request": "12", "branch": "feature"},
			asks: []fake.Exchange{pull(1, into("feature")), lies(fake.Commit, "feature", "identical", 0)}, verdict: runbook.Passed},
		{name: "open towards another branch", asks: []fake.Exchange{open(into("feature"))}, verdict: runbook.Failed, says: []string{"change its base branch"}},
		{name: "taken back from the branch", asks: []fake.Exchange{pull(1, nil), lies(fake.Commit, "main", "diverged", 4)}, verdict: runbook.Failed, says: []string{"no longer on main"},
			leaves: runbook.Facts{"pull-request.commit": ""}},
		{name: "no such pull request", asks: []fake.Exchange{{URL: dagsRepo + "/pulls/12", Status: 404, Body: fake.Missing}, repositoryIsThere}, verdict: runbook.Failed, says: []string{"has no pull request #12"}},
		{name: "a repository that isn't shown", asks: []fake.Exchange{{URL: dagsRepo + "/pulls/12", Status: 404, Body: fake.Missing}, {URL: dagsRepo, Status: 404, Body: fake.Missing}}, verdict: runbook.Unknown,
			says: []string{"your account can't see it"}},
		{name: "refused", asks: []fake.Exchange{{URL: dagsRepo + "/pulls/12", Status: 401, Body: fake.Object{"message": "Bad credentials"}}}, verdict: runbook.Unknown, denied: true},
		{name: "merged, and the branch can't be asked", asks: []fake.Exchange{pull(1, nil), {URL: dagsRepo + "/compare/" + fake.Commit + "...main?per_page=1", Status: 502, Body: "bad"}}, verdict: runbook.Unknown},
	},
}

// changes lists the files of the pull request.
func changes(files ...fake.Object) fake.Exchange {
	return fake.Exchange{URL: dagsRepo + "/pulls/12/files?page=1&per_page=100", Body: files}
}

func modified(name string) fake.Object { return fake.Object{"filename": name, "status": "modified"} }
func added(name string) fake.Object    { return fake.Object{"filename": name, "status": "added"} }
func removed(name string) fake.Object  { return fake.Object{"filename": name, "status": "removed"} }

// content is a file at a commit.
func content(name, commit, text string) fake.Exchange {
	return fake.Exchange{URL: dagsRepo + "/contents/" + name + "?ref=" + commit,
		Body: fake.Object{"type": "file", "encoding": "base64", "content": base64.StdEncoding.EncodeToString([]byte(text))}}
}

// history lists the commits that changed a file.
func history(name, from string, ids ...string) fake.Exchange {
	rows := []fake.Object{}
	for i, id := range ids {
		rows = append(rows, fake.Object{"sha": id, "commit": fake.Object{"committer": fake.Object{"date": fake.Stamp(fake.Moment.Add(-time.Duration(i+1) * time.Hour))}}})
	}
	return fake.Exchange{URL: dagsRepo + "/commits?path=" + "catalog%2Fdags%2F" + name + "&per_page=8&sha=" + from, Body: rows}
}

// dagIn is a DAG of Airflow 3 in a file, parsed a minute ago.
func dagIn(id, file string, change fake.Object) fake.Object {
	body := fake.Object{"dag_id": id, "is_paused": false, "is_stale": false, "has_import_errors": false, "fileloc": "/opt/airflow/" + file,
		"relative_fileloc": file[len("catalog/dags/"):], "last_parsed_time": fake.Stamp(fake.Moment.Add(-time.Minute)), "file_token": "token-" + id}
	for name, value := range change {
		body[name] = value
	}
	return body
}

// dagsOf is an Airflow 3 that knows these DAGs, and two others.
func dagsOf(dags ...fake.Object) []fake.Exchange {
	dags = append(dags, dagIn("other", "catalog/dags/other.py", nil), dagIn("third", "catalog/dags/third.py", nil))
	return []fake.Exchange{airflow3, {URL: fake.AirflowURL + "/api/v2/dags?exclude_stale=false&limit=100", Body: fake.Object{"dags": dags, "total_entries": len(dags)}}}
}

func importErrors(rows ...fake.Object) fake.Exchange {
	if rows == nil {
		rows = []fake.Object{}
	}
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/importErrors?limit=100", Body: fake.Object{"import_errors": rows, "total_entries": len(rows)}}
}

func source(dag, text string) fake.Exchange {
	return fake.Exchange{URL: fake.AirflowURL + "/api/v2/dagSources/" + dag, Body: fake.Object{"content": text, "dag_id": dag}}
}

// syncs are the questions about a pull request that changes one file, and what is special.
func syncs(file fake.Object, airflow []fake.Exchange, more ...fake.Exchange) []fake.Exchange {
	asks := append(airflow, pull(1, nil), changes(file), lies(fake.Commit, "main", "identical", 0))
	return append(asks, more...)
}

var readsNothing = fake.Exchange{URL: fake.AirflowURL + "/api/v2/monitor/health", Body: fake.Object{"metadatabase": fake.Object{"status": "healthy"},
	"scheduler": fake.Object{"status": "healthy", "latest_scheduler_heartbeat": nil}, "dag_processor": fake.Object{"status": "unhealthy", "latest_dag_processor_heartbeat": nil}}}

var reads = fake.Exchange{URL: fake.AirflowURL + "/api/v2/monitor/health", Body: fake.Object{"metadatabase": fake.Object{"status": "healthy"},
	"scheduler": fake.Object{"status": "healthy", "latest_scheduler_heartbeat": nil}, "dag_processor": fake.Object{"status": "healthy", "latest_dag_processor_heartbeat": nil}}}

var a = dagIn("a", dagFile, nil)

const otherFile = "catalog/dags/b.py"

// beside are the questions about a pull request that was merged an hour ago and changes a DAG
// and another file.
func beside(file fake.Object, text string, airflow []fake.Exchange) []fake.Exchange {
	merged := pull(2, fake.Object{"merged_at": fake.Stamp(fake.Moment.Add(-time.Hour))})
	return append(airflow, merged, changes(modified(dagFile), file), lies(fake.Commit, "main", "identical", 0), importErrors(),
		content(dagFile, fake.Commit, newText), source("a", newText), content(otherFile, fake.Commit, text))
}

var dagsSyncedFixture = fixture{
	params: dagsParams,
	facts:  runbook.Facts{"pull-request.commit": fake.Commit, "pull-request.number": "o/r#12"},
	hang:   hangingService,
	cases: []kindCase{
		{name: "synced", asks: syncs(modified(dagFile), dagsOf(a), importErrors(), content(dagFile, fake.Commit, newText), source("a", newText)), verdict: runbook.Passed,
			says: []string{"Airflow has a.py as of 0123456, parsed without an import error."}, sees: []string{dagFile + ": Airflow has the commit's text (a)"},
			leaves: runbook.Facts{"dags.commit": fake.Commit, "dags.files": "modified catalog/dags " + dagFile}},
		{name: "with other line ends", asks: syncs(modified(dagFile), dagsOf(a), importErrors(), content(dagFile, fake.Commit, "\ufeffDAG\r\nairflow\r\n"), source("a", "DAG\nairflow\n")), verdict: runbook.Passed},
		{name: "the old text is there", asks: syncs(modified(dagFile), dagsOf(a), importErrors(), content(dagFile, fake.Commit, newText), source("a", oldText),
			history("a.py", fake.Commit, fake.Commit, between, earliest), content(dagFile, between, "x"), content(dagFile, earliest, oldText),
			lies(earliest, fake.Commit, "ahead", 7), lies(between, fake.Commit, "ahead", 3), reads),
			verdict: runbook.Failed, waits: true, again: true, says: []string{"The sync is 4 to 7 commits behind", "a.py is there as of 1111111"}, leaves: runbook.Facts{"dags.commit": ""},
			sees: []string{"backlog: 4 to 7 commits"}},
		{name: "the old text is there, and nothing reads files", asks: syncs(modified(dagFile), dagsOf(a), importErrors(), content(dagFile, fake.Commit, newText), source("a", oldText),
			history("a.py", fake.Commit, fake.Commit, earliest), content(dagFile, earliest, oldText), lies(earliest, fake.Commit, "ahead", 1), readsNothing),
			verdict: runbook.Failed, says: []string{"dag_processor is unhealthy"}},
		{name: "a text of no commit", asks: syncs(modified(dagFile), dagsOf(a), importErrors(), content(dagFile, fake.Commit, newText), source("a", "other"),
			history("a.py", fake.Commit, fake.Commit, earliest), content(dagFile, earliest, oldText)), verdict: runbook.Failed, says: []string{"none of the repository's versions"}},
		{name: "the text of a later commit", asks: append(dagsOf(a), pull(1, nil), changes(modified(dagFile)), lies(fake.Commit, "main", "ahead", 2, modified(dagFile)), importErrors(),
			content(dagFile, fake.Commit, newText), source("a", "later"), history("a.py", fake.Commit, fake.Commit), history("a.py", "main", fake.Other, fake.Commit), content(dagFile, fake.Other, "later")),
			verdict: runbook.Passed, says: []string{"as of 0123456 or a later commit"}, sees: []string{"is there as of 89abcde, a later commit"}},
		{name: "parsed before the merge", asks: syncs(modified(dagFile), dagsOf(dagIn("a", dagFile, fake.Object{"last_parsed_time": fake.Stamp(fake.Moment.Add(-time.Hour))})), importErrors(),
			content(dagFile, fake.Commit, newText), source("a", newText), reads), verdict: runbook.Failed, waits: true, again: true, says: []string{"hasn't parsed it since the merge"}},
		{name: "an import error", asks: syncs(modified(dagFile), dagsOf(a), importErrors(importError("a.py", time.Minute))), verdict: runbook.Failed, again: true,
			says: []string{"a.py can't be imported: ModuleNotFoundError: No module named 'x', 60 s ago. Airflow continues without the change: repair it on main."}},
		{name: "an import error of Airflow 3, which runs the DAG no longer", asks: syncs(modified(dagFile), dagsOf(dagIn("a", dagFile, fake.Object{"is_stale": true, "has_import_errors": true})), importErrors(importError("a.py", time.Minute))),
			verdict: runbook.Failed, again: true, says: []string{"Airflow no longer runs a: repair it on main."}},
		{name: "an import error of before the merge", asks: syncs(modified(dagFile), dagsOf(a), importErrors(importError("a.py", time.Hour)), reads), verdict: runbook.Failed, again: true, waits: true,
			says: []string{"import error from before the merge"}},
		{name: "an import error that only the DAG shows", asks: syncs(modified(dagFile), dagsOf(dagIn("a", dagFile, fake.Object{"has_import_errors": true})), importErrors()),
			verdict: runbook.Failed, again: true, says: []string{"can't be imported"}},
		{name: "a new file isn't found yet", asks: syncs(added(dagFile), dagsOf(), importErrors(), content(dagFile, fake.Commit, newText), reads), verdict: runbook.Failed, waits: true, again: true,
			says: []string{"a.py is new"}},
		{name: "a file whose DAGs are not shown", asks: syncs(modified(dagFile), dagsOf(), importErrors(), content(dagFile, fake.Commit, newText)), verdict: runbook.Unknown, says: []string{".airflowignore"}},
		{name: "stale DAGs", asks: syncs(modified(dagFile), dagsOf(dagIn("a", dagFile, fake.Object{"is_stale": true})), importErrors(), content(dagFile, fake.Commit, newText), reads), verdict: runbook.Failed, waits: true, again: true},
		{name: "only a helper", asks: syncs(modified("catalog/dags/common/slack.py"), dagsOf(), importErrors(), content("catalog/dags/common/slack.py", fake.Commit, "def f(): pass\n")), verdict: runbook.Unknown,
			says: []string{"Airflow keeps no copy of slack.py"}},
		{name: "a helper and a DAG", asks: append(dagsOf(a), pull(2, nil), changes(modified(dagFile), modified("catalog/dags/q.sql")), lies(fake.Commit, "main", "identical", 0), importErrors(),
			content(dagFile, fake.Commit, newText), content("catalog/dags/q.sql", fake.Commit, "select"), source("a", newText)), verdict: runbook.Passed, says: []string{"it keeps no copy of q.sql, which came with the same commit"}},
		{name: "a DAG, and beside it a new file that only defines", asks: beside(added(otherFile), "from airflow import DAG\ndef make():\n    return DAG('b')\n", dagsOf(a)), verdict: runbook.Passed,
			says: []string{"it keeps no copy of b.py"}},
		{name: "a DAG, and beside it a new file that makes some when it is read", asks: beside(added(otherFile), "from airflow.common import make_dag\nfor name in NAMES:\n    make_dag(name)\n", dagsOf(a)), verdict: runbook.Unknown,
			says: []string{"b.py may make DAGs when Airflow reads it, but Airflow shows none of it"}, leaves: runbook.Facts{"dags.commit": ""}},
		{name: "a DAG, and beside it a new file of which nobody knows what it makes", asks: beside(added(otherFile), "from airflow.common import build # DAGs\nbuild()\n", dagsOf(a)), verdict: runbook.Unknown},
		{name: "a DAG, and beside it a changed helper that calls something", asks: beside(modified(otherFile), "from airflow.common import Counter # of DAGs\nc = Counter()\n", dagsOf(a)), verdict: runbook.Passed},
		{name: "a DAG, and beside it a changed file whose DAGs are gone", asks: beside(modified(otherFile), "from airflow.common import build # DAGs\nbuild()\n", dagsOf(a, dagIn("b", otherFile, fake.Object{"is_stale": true}))),
			verdict: runbook.Unknown, says: []string{"those that Airflow knows from it are stale"}},
		{name: "a changed file that defines what makes DAGs", asks: beside(modified(otherFile), "from airflow import DAG\ndef make():\n    with DAG('b'):\n        pass\n", dagsOf(a)), verdict: runbook.Passed},
		{name: "removed, and its DAG is still run", asks: syncs(removed(dagFile), dagsOf(a), importErrors(), reads), verdict: runbook.Failed, waits: true, again: true, says: []string{"Airflow still runs a"}},
		{name: "removed, and its DAG is gone", asks: syncs(removed(dagFile), dagsOf(dagIn("a", dagFile, fake.Object{"is_stale": true})), importErrors()), verdict: runbook.Passed},
		{name: "renamed", asks: syncs(fake.Object{"filename": "catalog/dags/b.py", "previous_filename": dagFile, "status": "renamed"}, dagsOf(a), importErrors(),
			content("catalog/dags/b.py", fake.Commit, newText), reads), verdict: runbook.Failed, waits: true, again: true, says: []string{"a.py is removed", "b.py is new"}},
		{name: "no DAG changes", asks: append(dagsOf(a), importErrors(), pull(1, nil), changes(modified("README.md"))), verdict: runbook.Failed, says: []string{"changes none of the DAGs"}},
		{name: "a service deployment too", asks: append(dagsOf(a), importErrors(), pull(2, nil), changes(modified(dagFile), modified("catalog/Dockerfile")), lies(fake.Commit, "main", "identical", 0),
			content(dagFile, fake.Commit, newText), source("a", newText)), verdict: runbook.Passed, sees: []string{"catalog/Dockerfile: this needs a service deployment too"}},
		{name: "no rule", asks: append(dagsOf(a), importErrors(), pull(2, nil), changes(modified(dagFile), modified("strange.txt"))), verdict: runbook.Unknown, says: []string{"strange.txt", "[[triage]]"}},
		{name: "a list of files that is cut", asks: append(dagsOf(a), importErrors(), pull(2, nil), changes(modified(dagFile))), verdict: runbook.Unknown, says: []string{"1 of the 2 files"}},
		{name: "which folder is not known", asks: append([]fake.Exchange{airflow3, {URL: fake.AirflowURL + "/api/v2/dags?exclude_stale=false&limit=100", Body: fake.Object{"total_entries": 2, "dags": []fake.Object{
			fake.DAG("a", false), fake.DAG("b", false)}}}}, importErrors(), pull(1, nil), changes(modified(dagFile)), lies(fake.Commit, "main", "identical", 0)), verdict: runbook.Unknown, says: []string{"dags_folder"}},
		{name: "not merged", facts: runbook.Facts{"pull-request.number": "o/r#12"}, asks: append(dagsOf(a), importErrors()), verdict: runbook.Unknown, says: []string{"isn't merged, or its step isn't verified yet"}},
		{name: "the code is not shown", asks: syncs(modified(dagFile), dagsOf(a), importErrors(), content(dagFile, fake.Commit, newText), fake.Exchange{URL: source("a", "").URL, Status: 403, Body: fake.Object{"detail": "Forbidden"}}),
			verdict: runbook.Unknown, denied: true, says: []string{"DAG Code"}},
		{name: "GitHub doesn't answer", asks: syncs(modified(dagFile), dagsOf(a), importErrors(), fake.Exchange{URL: content(dagFile, fake.Commit, "").URL, Status: 502, Body: "x"}), verdict: runbook.Unknown},
		{name: "Airflow refuses", asks: append(dagsOf(a)[:1], fake.Exchange{URL: dagsOf()[1].URL, Status: 403, Body: fake.Object{"detail": "Forbidden"}}), verdict: runbook.Unknown, denied: true},
	},
}

func importError(file string, ago time.Duration) fake.Object {
	return fake.Object{"filename": file, "bundle_name": "dags-folder", "timestamp": fake.Stamp(fake.Moment.Add(-ago)), "stack_trace": "Traceback\nModuleNotFoundError: No module named 'x'\n"}
}

// detail is when a DAG of Airflow 3 runs, and whether it ever has.
func detail(dag string, runs int, more fake.Object) []fake.Exchange {
	body := fake.Object{"dag_id": dag, "catchup": false, "max_active_runs": 16, "timetable_summary": nil, "timetable_description": "Never, external triggers only"}
	for name, value := range more {
		body[name] = value
	}
	return []fake.Exchange{{URL: fake.AirflowURL + "/api/v2/dags/" + dag + "/details", Body: body},
		{URL: fake.AirflowURL + "/api/v2/dags/" + dag + "/dagRuns?limit=100", Body: fake.Object{"dag_runs": []fake.Object{}, "total_entries": runs}}}
}

var isOff = dagIn("a", dagFile, fake.Object{"is_paused": true})

func daily(next time.Duration, catchup bool) fake.Object {
	at := fake.Stamp(fake.Moment.Add(next))
	return fake.Object{"catchup": catchup, "timetable_summary": "@daily", "next_dagrun_run_after": at, "next_dagrun_logical_date": at}
}

func newFile(file string) runbook.Facts {
	return runbook.Facts{"dags.commit": fake.Commit, "dags.files": "added catalog/dags " + file, "pull-request.number": "o/r#12"}
}

var changedFile = runbook.Facts{"dags.commit": fake.Commit, "dags.files": "modified catalog/dags " + dagFile, "pull-request.number": "o/r#12"}

var dagsOnFixture = fixture{
	params: dagsParams,
	facts:  newFile(dagFile),
	hang:   hangingService,
	cases: []kindCase{
		{name: "none is new", facts: newFile("catalog/dags/helper.py"), asks: dagsOf(), verdict: runbook.Passed, says: []string{"No DAG is new"}},
		{name: "on", asks: dagsOf(a), verdict: runbook.Passed, says: []string{"Each new DAG is on: a."}, sees: []string{"a: on"}},
		{name: "paused, without a schedule", asks: append(dagsOf(isOff), detail("a", 0, nil)...), verdict: runbook.Failed, says: []string{"The new DAG a is paused"},
			sees: []string{"a: paused; no schedule; nothing starts at once"}, leaves: runbook.Facts{"dags.off": "a"}},
		{name: "a run starts at once", asks: append(dagsOf(isOff), detail("a", 0, daily(-time.Hour, false))...), verdict: runbook.Failed,
			sees: []string{"a: paused; @daily, no catchup; at once starts the run of 2024-03-02 11:00 UTC"}},
		{name: "many start at once", asks: append(dagsOf(isOff), detail("a", 0, daily(-24*time.Hour, true))...), verdict: runbook.Failed,
			sees: []string{"@daily, with catchup; at once starts a run for each date since 2024-03-01 12:00 UTC, 16 at a time"}},
		{name: "the first run is to come", asks: append(dagsOf(isOff), detail("a", 0, daily(time.Hour, false))...), verdict: runbook.Failed, sees: []string{"the first run starts 2024-03-02 13:00 UTC"}},
		{name: "started by assets", asks: append(dagsOf(isOff), detail("a", 0, fake.Object{"timetable_summary": "Asset", "timetable_description": "Triggered by assets"})...), verdict: runbook.Failed, sees: []string{"started by assets"}},
		{name: "has run and was paused again", asks: append(dagsOf(isOff), detail("a", 3, nil)...), verdict: runbook.Passed},
		{name: "was named before", facts: changedFile, asks: append(dagsOf(isOff), pull(1, nil), content(dagFile, earliest, oldText)), verdict: runbook.Passed},
		{name: "new in a file of before", facts: changedFile, asks: append(dagsOf(isOff), append(detail("a", 0, nil), pull(1, nil), content(dagFile, earliest, "DAG('b')"))...), verdict: runbook.Failed},
		{name: "the earlier text is not known", facts: changedFile, asks: append(dagsOf(isOff), pull(1, nil), fake.Exchange{URL: content(dagFile, earliest, "").URL, Status: 502, Body: "x"}), verdict: runbook.Unknown},
		{name: "Airflow doesn't have it yet", facts: runbook.Facts{"dags.files": "added catalog/dags " + dagFile}, verdict: runbook.Unknown, says: []string{"only once Airflow has"}},
		{name: "Airflow refuses", asks: append(dagsOf(a)[:1], fake.Exchange{URL: dagsOf()[1].URL, Status: 403, Body: fake.Object{"detail": "Forbidden"}}), verdict: runbook.Unknown, denied: true},
	},
}

// Airflow 2 has one copy for a file, whose token it names.
func TestSourceOfAirflow2(t *testing.T) {
	row := dagIn("a", dagFile, fake.Object{"is_active": true})
	delete(row, "is_stale")
	delete(row, "relative_fileloc")
	second := dagIn("b", dagFile, fake.Object{"is_active": true})
	delete(second, "is_stale")
	delete(second, "relative_fileloc")
	v1 := fake.AirflowURL + "/api/v1"
	asks := []fake.Exchange{
		{URL: fake.AirflowURL + "/api/v2/version", Status: 404, Body: fake.Object{}}, {URL: v1 + "/version", Body: fake.Object{"version": "2.11.2"}},
		{URL: v1 + "/dags?limit=100&only_active=false", Body: fake.Object{"dags": []fake.Object{row, second}, "total_entries": 2}},
		{URL: v1 + "/importErrors?limit=100", Body: fake.Object{"import_errors": []fake.Object{}, "total_entries": 0}},
		{URL: v1 + "/dags?limit=100", Body: fake.Object{"dags": []fake.Object{row, second}, "total_entries": 2}},
		pull(1, nil), changes(modified(dagFile)), lies(fake.Commit, "main", "identical", 0), content(dagFile, fake.Commit, newText),
		{URL: fmt.Sprintf("%s/dagSources/token-a", v1), Body: fake.Object{"content": newText}},
	}
	c := kindCase{asks: asks, verdict: runbook.Passed}
	for _, k := range kinds.All() {
		if k.Name == "dags-synced" {
			c.run(t, k, dagsSyncedFixture)
		}
	}
}
