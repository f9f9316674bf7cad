package kinds

import (
	"cmp"
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
)

// idleDAGs is a step in which a person makes sure that no DAG run is active, because a
// deployment would kill it. See airflow.Client.ActiveRuns for what a check costs.
var idleDAGs = &steps.Kind{
	Name:      "idle-dags",
	Doc:       "Make sure that no DAG run is running or queued in Airflow.",
	Params:    []steps.Param{{Name: "airflow", Doc: "Airflow's address", Required: true, Setting: "[airflow] url", Linked: linkedAirflow, Differs: otherHost}},
	Recognise: linked("airflow", runningDAGsLink, "a link to the DAG runs of %s"),
	Reads: func(s *document.Step) (string, bool) {
		text := s.Text.String()
		return "words about running DAGs", strings.Contains(text, "DAG") && idleWords().MatchString(text)
	},
	Link: linkParam("airflow", airflowRoot),
	Check: &steps.Check{
		Ask:   checkIdle,
		Fresh: time.Minute,
		Again: func(res runbook.Result) time.Duration {
			return soonIf(res.Verdict == runbook.Failed && res.Facts[factStuck] == "")
		},
		Override:  factActiveRuns,
		Accepting: "A deployment cuts these DAG runs off. Why is that all right?",
	},
}

// factActiveRuns names what a person may accept, one per line: the active runs, or what
// may still be working or begin soon while none is.
const factActiveRuns runbook.Fact = "dags.active"

// runsShown is how many active runs become evidence of their own.
const runsShown = 20

var idleWords = pattern.Lazy(`(?i)\bno\b.{0,30}\b(running|active)\b.{0,20}\bDAGs?\b|\bno\b.{0,20}\bDAGs?\b.{0,30}\b(running|active)\b|\bcheck\b.{0,20}\b(running|active) DAGs?\b`)

// linkedAirflow is the parameter with the Airflow that the document links to, if another
// is asked.
const linkedAirflow = "linked-airflow"

func checkIdle(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	address, linked := in.Params["airflow"], in.Params[linkedAirflow]
	if linked == "" {
		return askAirflow(ctx, in, r, address)
	}
	r.Saw("another Airflow than the document's", fmt.Sprintf("%s was asked; the document links to %s", address, linked), "[airflow] url")
	res := askAirflow(ctx, in, r, address)
	res.Summary = clean.Linef("%s %s was asked; the document links to %s.", res.Summary, address, linked)
	return res
}

func askAirflow(ctx context.Context, in steps.Input, r *steps.Report, address string) runbook.Result {
	if address == "" {
		return r.Unknown("Airflow's address is not known: set [airflow] url.")
	}
	client, err := in.World.Airflow.At(address)
	if err != nil {
		return r.Unknown("%s.", err)
	}
	seen, err := client.ActiveRuns(ctx)
	if err != nil {
		res := r.Problem("Asking Airflow for active DAG runs", err)
		if res.Denied && in.World.Airflow.Withholds(address) {
			res.Summary = clean.Linef("%s Your credentials were not sent, because the address comes from the document: write it into [airflow] url to say that they are for it.", res.Summary)
		}
		return res
	}
	r.Saw("active DAG runs", fmt.Sprint(seen.Total), seen.Source)
	for _, run := range seen.Waiting {
		r.Saw("only waiting", fmt.Sprintf("%s, as [airflow] may_wait allows", run.DAG), run.URL)
	}
	still := standstill(r, seen.Scheduler, address)
	if seen.Total == 0 {
		return quiet{in: in, Report: r, seen: seen, address: address}.result(still)
	}
	names := make([]string, 0, len(seen.Runs))
	for i, run := range seen.Runs {
		since := ""
		if !run.Since.IsZero() {
			since = ", for " + say.Between(run.Since, r.Now)
		}
		if why := stuckWords[run.Stuck]; why != "" {
			since += "; " + why
		}
		if i < runsShown {
			r.Saw(run.State, run.DAG.String()+since, run.URL)
		}
		names = append(names, fmt.Sprintf("%s %s", run.DAG, run.RunID))
	}
	sort.Strings(names)
	if seen.Total > len(seen.Runs) {
		return r.Failed("%d DAG runs are active, more than can be listed: wait for them to end.", seen.Total)
	}
	r.Facts[factActiveRuns] = strings.Join(names, "\n")
	active := say.Plural(seen.Total, "DAG run is", "DAG runs are")
	they, them := pronouns(seen.Total)
	if still != "" {
		return r.Failed("%s active, and %s: %s will not be seen to end. Have it started again, or accept %s with a reason.", active, still, they, them)
	}
	stuck, first := 0, airflow.DAGRun{}
	for _, run := range seen.Runs {
		if run.Stuck != airflow.NotStuck {
			first = cmp.Or(first, run)
			stuck++
		}
	}
	switch {
	case stuck == seen.Total:
		r.Facts[factStuck] = first.DAG.String()
		return r.Failed("%s active, and %s won't end by itself: %s. %s, or accept it with a reason.", active, first.DAG, stuckWords[first.Stuck], stuckHelp[first.Stuck])
	case stuck > 0:
		return r.Failed("%s active, and %s won't end by itself: %s. %s and wait for the rest to end, or accept it with a reason.", active, first.DAG, stuckWords[first.Stuck], stuckHelp[first.Stuck])
	}
	return r.Failed("%s active: wait for %s to end, or accept it with a reason.", active, them)
}

// factStuck names a run if none of the active ones ends by itself, so that waiting is in
// vain.
const factStuck runbook.Fact = "dags.stuck"

// stuckWords say why a run doesn't end by itself, and stuckHelp what ends it.
var (
	stuckWords = map[airflow.Stuck]string{
		airflow.PausedDAG:      "its DAG is paused",
		airflow.GoneDAG:        "its DAG is gone, or its file can't be read",
		airflow.PausedBackfill: "its backfill is paused",
		airflow.NothingLeft:    "it has no unfinished task",
	}
	stuckHelp = map[airflow.Stuck]string{
		airflow.PausedDAG:      "Unpause the DAG, or mark the run as failed in Airflow",
		airflow.GoneDAG:        "Bring the DAG's file back, or mark the run as failed in Airflow",
		airflow.PausedBackfill: "Unpause the backfill, or cancel it in Airflow",
		airflow.NothingLeft:    "Mark the run as success or failed in Airflow",
	}
)

// standstill returns a clause that says that the scheduler doesn't run, or "" if it runs
// or that isn't known.
func standstill(r *steps.Report, scheduler *airflow.Part, address string) string {
	switch {
	case scheduler == nil || scheduler.Condition == airflow.Healthy:
		return ""
	case scheduler.Heartbeat.IsZero():
		r.Saw("scheduler", "not started", address)
		return "Airflow's scheduler is not started"
	}
	last := say.Between(scheduler.Heartbeat, r.Now)
	r.Saw("scheduler", "not healthy, last seen "+last+" ago", address)
	return "Airflow's scheduler stands still, last seen " + last + " ago"
}

// pronouns returns the pronouns for n things.
func pronouns(n int) (they, them string) {
	if n == 1 {
		return "it", "it"
	}
	return "they", "them"
}
