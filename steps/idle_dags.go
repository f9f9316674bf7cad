package steps

import (
	"context"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/airflow"
)

var _ = register(idleDAGs{})

// idleDAGs is a step in which somebody makes sure that no DAG run is active,
// because a deployment would kill it. One request answers a check in the steady
// state, three at the most.
type idleDAGs struct{}

// runsShown is how many active runs become evidence of their own.
const runsShown = 20

func (idleDAGs) Name() string { return "idle-dags" }
func (idleDAGs) Doc() string {
	return "Make sure that no DAG run is running or queued in Airflow."
}

func (idleDAGs) Params() []Param { return idleParams }

var idleParams = []Param{{Name: "airflow", Doc: "Airflow's address", Required: true, Setting: "[airflow] url"}}

func (idleDAGs) Fresh() time.Duration { return time.Minute }
func (idleDAGs) Override() string     { return runbook.FactActiveRuns }
func (idleDAGs) Accepting() string {
	return "A deployment cuts these DAG runs off. Why is that all right?"
}

var idleWords = regexp.MustCompile(`(?i)\bno\b.{0,30}\b(running|active)\b.{0,20}\bDAGs?\b|\bno\b.{0,20}\bDAGs?\b.{0,30}\b(running|active)\b|\bcheck\b.{0,20}\b(running|active) DAGs?\b`)

func (idleDAGs) Recognise(s *document.Step) (Match, bool) {
	for _, l := range s.Links {
		if at, ok := runningDAGsLink(l.Target); ok {
			return Match{By: ByLink, Why: clean.Linef("a link to the DAG runs of %s", at), Params: Params{"airflow": at}}, true
		}
	}
	return Match{}, false
}

func (idleDAGs) Reads(s *document.Step) (string, bool) {
	text := s.Text.String()
	return "words about running DAGs", strings.Contains(text, "DAG") && idleWords.MatchString(text)
}

func (idleDAGs) Check(ctx context.Context, in Input) runbook.Result {
	r := newReport(in)
	address := in.Params["airflow"]
	if address == "" {
		return r.unknown("Airflow's address is not known: set [airflow] url.")
	}
	client, err := in.World.Airflow.At(address)
	if err != nil {
		return r.unknown("%s.", err)
	}
	seen, err := client.ActiveRuns(ctx)
	if err != nil {
		res := r.problem("Asking Airflow for active DAG runs", err)
		if res.Denied && in.World.Airflow.withheld(address) {
			res.Summary = clean.Linef("%s Your credentials were not sent, because the address comes from the document: write it into [airflow] url to say that they are for it.", res.Summary)
		}
		return res
	}
	r.saw("active DAG runs", fmt.Sprint(seen.Total), seen.Source)
	still := standstill(r, seen.Scheduler, address)
	if seen.Total == 0 {
		return idle(in, r, seen, still, address)
	}
	names := make([]string, 0, len(seen.Runs))
	for i, run := range seen.Runs {
		since := ""
		if !run.Since.IsZero() {
			since = ", for " + say.Between(run.Since, r.now)
		}
		if i < runsShown {
			r.saw(run.State, run.DAG.String()+since, run.URL)
		}
		names = append(names, fmt.Sprintf("%s %s", run.DAG, run.RunID))
	}
	sort.Strings(names)
	if seen.Total > len(seen.Runs) {
		return r.failed("%d DAG runs are active, more than can be listed: wait for them to end.", seen.Total)
	}
	r.facts[runbook.FactActiveRuns] = strings.Join(names, "\n")
	if still != "" {
		return r.failed("%s active, and %s: %s will not be seen to end. Have it started again, or accept %s with a reason.",
			say.Plural(seen.Total, "DAG run is", "DAG runs are"), still, they(seen.Total), them(seen.Total))
	}
	return r.failed("%s active: wait for %s to end, or accept it with a reason.", say.Plural(seen.Total, "DAG run is", "DAG runs are"), them(seen.Total))
}

// idle is the answer while no run is active. How far that reaches depends on the
// account, and how long it stays so on the schedules.
func idle(in Input, r *report, seen airflow.Activity, still, address string) runbook.Result {
	r.saw("DAGs this account sees", fmt.Sprint(seen.DAGs), address)
	among := ""
	if in.World.Airflow.Options.ExpectedDAGs == 0 {
		among = fmt.Sprintf(", among the %d DAGs that this account sees", seen.DAGs)
		r.saw("all DAGs", "not known: write how many there are into [airflow] expected_dags, and an account that sees fewer is not believed", "settings")
	}
	if still == "" && seen.Scheduler != nil {
		r.saw("scheduler", "healthy", address)
	}
	if next := seen.Next; !next.At.IsZero() {
		due := "due " + say.Between(next.At, r.now) + " ago"
		if next.At.After(r.now) {
			due = "due in " + say.Between(r.now, next.At)
		}
		if next.Of < seen.DAGs {
			due += fmt.Sprintf(", of the first %d DAGs", next.Of)
		}
		r.saw("next scheduled run", next.DAG.String()+", "+due, address)
	}
	if still != "" {
		return r.unknown("No DAG run is running or queued%s, but %s: runs that are due begin as soon as it is back. Have it looked at, then verify again.", among, still)
	}
	return r.passed("No DAG run is running or queued%s.", among)
}

// standstill says that the scheduler does not work, "" where it does and where
// that is not known.
func standstill(r *report, scheduler *airflow.Part, address string) string {
	switch {
	case scheduler == nil || scheduler.Condition == airflow.Healthy:
		return ""
	case scheduler.Heartbeat.IsZero():
		r.saw("scheduler", "not started", address)
		return "Airflow's scheduler is not started"
	}
	last := say.Between(scheduler.Heartbeat, r.now)
	r.saw("scheduler", "not healthy, last seen "+last+" ago", address)
	return "Airflow's scheduler stands still, last seen " + last + " ago"
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

func they(n int) string {
	if n == 1 {
		return "it"
	}
	return "they"
}

func (idleDAGs) Again(res runbook.Result) time.Duration {
	if res.Verdict == runbook.Failed {
		return 5 * time.Second
	}
	return 0
}
