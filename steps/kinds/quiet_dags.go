package kinds

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
)

// idleFresh is how long "no DAG run is active" counts.
const idleFresh = time.Minute

// quiet says what can be said while no DAG run is active: a run that has just ended may
// still be working, and one that is due begins soon.
type quiet struct {
	*steps.Report
	in      steps.Input
	seen    airflow.Activity
	address string

	earlier steps.Earlier

	clauses []string // what keeps Airflow from being idle
	lines   []string // the same for factActiveRuns
}

func (q quiet) result(still string) runbook.Result {
	none, among := "No DAG run is running or queued", q.visible()
	if n := len(q.seen.Waiting); n > 0 {
		none += ", except " + say.Plural(n, "that only waits", "that only wait")
	}
	if still == "" {
		q.Saw("scheduler", "healthy", q.address)
	}
	if q.in.World.Earlier != nil {
		q.earlier = q.in.World.Earlier()
	}
	q.fewer()
	q.settling()
	q.due()
	switch {
	case still != "":
		return q.Unknown("%s%s, but %s: runs that are due begin as soon as it is back. Have it looked at, then verify again.", none, among, still)
	case q.seen.Slots > 0:
		return q.Unknown("%s%s, but Airflow's pools count %s in use: this account doesn't see every DAG. Use an account with the role Viewer, or verify again if a run has just begun or ended.",
			none, among, say.Plural(q.seen.Slots, "task slot", "task slots"))
	case len(q.lines) > 0:
		q.Facts[factActiveRuns] = strings.Join(q.lines, "\n")
		return q.Failed("%s%s, but %s.", none, among, strings.Join(q.clauses, "; "))
	}
	return q.Passed("%s%s.", none, among)
}

// visible tells which DAGs the answer is about, and returns a clause if nobody has said
// how many there are.
func (q *quiet) visible() (among string) {
	q.Saw("DAGs this account sees", fmt.Sprint(q.seen.DAGs), q.address)
	if q.in.World.Airflow.Options.ExpectedDAGs == 0 {
		among = fmt.Sprintf(", among the %d DAGs that this account sees", q.seen.DAGs)
		q.Saw("all DAGs", "not known: write how many there are into [airflow] expected_dags, and an account that sees fewer is not believed", "settings")
	}
	if q.seen.Slots >= 0 {
		q.Saw("task slots in use", fmt.Sprint(q.seen.Slots), q.address)
	} else {
		q.Saw("task slots in use", "not known: this account may not see the pools", q.address)
	}
	return among
}

// fewer compares how many DAGs there are with an earlier run. Airflow drops DAGs whose
// files can't be read, or all of a scheduler that hangs, and an account may see fewer.
func (q *quiet) fewer() {
	q.Facts[steps.FactDAGsSeen] = fmt.Sprintf("%d %s", q.seen.DAGs, q.address)
	before := q.earlier.DAGs[q.address]
	if q.seen.DAGs >= before {
		return
	}
	q.Saw("DAGs in an earlier run", fmt.Sprint(before), "journal")
	if q.in.World.Airflow.Options.ExpectedDAGs > 0 {
		return // it has been said how many are enough
	}
	q.lines = append(q.lines, fmt.Sprintf("%d DAGs instead of %d", q.seen.DAGs, before))
	q.clauses = append(q.clauses, fmt.Sprintf("an earlier run saw %d DAGs: find out what became of the others, then set expected_dags = %d under [airflow], or accept it with a reason", before, q.seen.DAGs))
}

// horizon is how long the answer has to hold: while it is fresh, or for as long as the last
// deployment's longest command took.
func (q *quiet) horizon() time.Duration {
	const most = time.Hour
	return min(max(idleFresh, q.earlier.Takes), most)
}

// lookForProcess says where to look for what no request shows.
const lookForProcess = "no request shows its process: look on the machine with ps -ef | grep 'airflow task'"

// settling names the runs that ended a moment ago. Their processes, or the callbacks of
// their DAGs, may still be working.
func (q *quiet) settling() {
	var names []string
	var last time.Duration
	for _, run := range q.seen.Ended {
		ago, how := say.Between(run.End, q.seen.At), run.State
		if words := run.How.String(); words != "" {
			how += ", " + words
		}
		switch {
		case run.Settling > 0:
			names = append(names, fmt.Sprintf("%s ended %s ago (%s)", run.DAG, ago, how))
			last = max(last, run.Settling)
			q.lines = append(q.lines, fmt.Sprintf("%s %s", run.DAG, run.RunID))
			q.Saw("ended", fmt.Sprintf("%s, %s ago: %s", run.DAG, ago, how), run.URL)
		default:
			q.Saw("failed lately", fmt.Sprintf("%s, %s ago; if its worker was cut off, %s", run.DAG, ago, lookForProcess), run.URL)
		}
	}
	for _, run := range q.seen.Gone {
		names = append(names, run.DAG.String()+" was deleted while it was "+run.State)
		last = max(last, cmp.Or(q.in.World.Airflow.Options.Settling, airflow.Settling))
		q.lines = append(q.lines, fmt.Sprintf("%s %s", run.DAG, run.RunID))
		q.Saw("deleted", run.DAG.String()+", which was "+run.State, run.URL)
	}
	if len(names) > 0 {
		q.clause(names, "may still be working", fmt.Sprintf("wait %s", say.Duration(last.Round(time.Second))))
		q.Saw("still working", lookForProcess, q.address)
	}
}

// due names the runs that begin by themselves while the answer counts.
func (q *quiet) due() {
	due := q.seen.Due
	if len(due.Unasked) > 0 {
		q.Saw("events of assets", "not known for "+listed(due.Unasked), q.address)
	}
	var names []string
	for _, next := range due.Next {
		if next.At.After(q.seen.At.Add(q.horizon())) {
			break
		}
		names = append(names, next.DAG.String()+" is "+q.when(next.At))
		q.lines = append(q.lines, "due: "+next.DAG.String())
	}
	for _, dag := range due.Assets {
		names = append(names, "an event of an asset is waiting for "+dag.String())
		q.lines = append(q.lines, "event of an asset: "+dag.String())
		q.Saw("event of an asset", "waiting for "+dag.String(), q.address)
	}
	if len(names) > 0 {
		q.clause(names, "would be cut off", "pause it in Airflow")
	}
	if len(due.Next) > 0 {
		first := due.Next[0]
		when := q.when(first.At)
		if due.Of < q.seen.DAGs {
			when += fmt.Sprintf(", of the first %d DAGs", due.Of)
		}
		q.Saw("next scheduled run", first.DAG.String()+", "+when, q.address)
	}
}

func (q *quiet) when(at time.Time) string {
	if at.After(q.seen.At) {
		return "due in " + say.Between(q.seen.At, at)
	}
	return "due " + say.Between(at, q.seen.At) + " ago"
}

// clause adds what keeps Airflow from being idle, and what to do.
func (q *quiet) clause(names []string, why, do string) {
	const shown = 3
	if more := len(names) - shown; more > 0 {
		names = append(names[:shown:shown], fmt.Sprintf("%d more", more))
	}
	q.clauses = append(q.clauses, fmt.Sprintf("%s, and %s: %s, or accept it with a reason", strings.Join(names, ", "), why, do))
}

func listed(names []clean.Text) string {
	var all []string
	for _, name := range names {
		all = append(all, name.String())
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
