package kinds

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/kinds/after"
	"catalog-runbook/steps/kinds/sentence"
	"catalog-runbook/steps/kinds/why"
)

// idleDAGs is a step in which a person makes sure that no DAG run is active, because a
// deployment would kill it. See airflow.Client.ActiveRuns for what a check costs.
var idleDAGs = &steps.Kind{
	Name:      "idle-dags",
	Doc:       "Make sure that no DAG run is running or queued in Airflow.",
	Explain:   why.IdleDAGs,
	Params:    []steps.Param{{Name: "airflow", Doc: "Airflow's address", Required: true, Setting: "[airflow] url", Linked: linkedAirflow, Differs: otherHost}},
	Recognise: runsLinked,
	Reads: sentence.Reads("words about running DAGs", []string{"DAG"}, func(text string) bool {
		return aboutRunning().MatchString(text)
	}, idleSentence),
	Link: linkParam("airflow", airflowRoot),
	Check: &steps.Check{
		Ask:   checkIdle,
		Fresh: time.Minute,
		Again: func(res runbook.Result) time.Duration {
			return soonIf(res.Verdict == runbook.Failed && res.Facts[factStuck] == "")
		},
		Override:  factActiveRuns,
		Accepting: "Deploying will kill these DAG runs. Why is that acceptable?",
	},
	Effects: pauseEffects,
}

// factActiveRuns names what a person may accept, one per line: the active runs, or what
// may still be working or begin soon while none is.
const factActiveRuns runbook.Fact = "dags.active"

// runsShown is how many active runs become evidence of their own.
const runsShown = 20

var aboutRunning = pattern.Lazy(`(?i)\b(?:running|active|finish|finished|ended|idle|in progress)\b`)

// Parts of sentences about DAGs.
const (
	dagRuns    = `(?:dags|dag runs|dag run|dag)`
	isRunning  = `(?:running or queued|active or queued|running|active|queued|in progress)`
	inAirflow  = `(?:,? (?:in|on) (?:airflow's ui|the airflow ui|airflow|production airflow|production|prod|name)| right now| at the moment| currently| any ?more| any longer| left)*`
	adverb     = `(?:(?:actively|currently|still|now) )?`
	haveEnded  = `(?:(?:have|are) )?(?:all )?(?:finished|ended|completed|done|idle)`
	thatIsThen = `(?: (?:that|which) (?:is|are))?`
)

// idleSentence asks to see that no DAG is running.
var idleSentence = pattern.Lazy(`^(?:(?:log in to|log into|open|go to) (?:(?:the )?airflow(?: ui)?|airflow's ui),? and(?: then)? )?(?:` +
	wordCheck + `(?: in airflow)?(?: that)? (?:there (?:are|is)|airflow (?:has|lists|shows)) no (?:(?:more|other) )?` + adverb + `(?:` + isRunning + ` ` + dagRuns + `|` + dagRuns + thatIsThen + ` ` + adverb + isRunning + `)` +
	`|(?:` + wordCheck + `(?: in airflow)?(?: that)?|wait (?:until|till)) no ` + dagRuns + ` (?:is|are) ` + adverb + isRunning +
	`|wait (?:until|till) there are no (?:(?:more|other) )?(?:` + adverb + isRunning + ` ` + dagRuns + `|` + dagRuns + thatIsThen + ` ` + adverb + isRunning + `)` +
	`|if (?:any|some) (?:dags|dag runs) are ` + adverb + isRunning + `, wait (?:for them to (?:finish|end|complete)|until they (?:have|are) (?:finished|ended|completed|done))` +
	`|there (?:must|may|should) be no ` + adverb + isRunning + ` ` + dagRuns +
	`|no ` + dagRuns + ` (?:must|may|should) be ` + adverb + isRunning +
	`|wait (?:until|till) (?:(?:all|the|all the|all of the) )?(?:` + isRunning + ` )?(?:dags|dag runs) ` + haveEnded +
	`|wait for (?:(?:all|any|the|all the) )?(?:` + isRunning + ` )?(?:dags|dag runs) to (?:finish|end|complete)` +
	`|(?:` + wordCheck + `|look)(?: in airflow)? (?:for|whether there are|if there are|that there are no) (?:any )?` + adverb + isRunning + ` (?:dags|dag runs)` +
	`|check(?: in airflow)? (?:whether|if) (?:any )?(?:dags|dag runs) are ` + adverb + isRunning +
	`|(?:check|look at) (?:the )?(?:list of )?(?:running dags|running dag runs|dag runs)(?: in airflow)? to (?:make sure|ensure|see|verify)(?: that)? (?:no dags are|there are no dags|none is|none are) ` + adverb + isRunning +
	`)` + inAirflow + wordBefore + `$`)

// isIdle says that no DAG is running.
var isIdle = pattern.Lazy(`\b(?:(?:no|none|nothing)\b[^.,;]*\b(?:running|active|queued|in progress|going on)|(?:running|active)\b[^.;]*\b(?:none|nothing)|empty|idle|finish|finished|ended|for (?:any )?(?:running|active))\b`)

// idleDeed says what a link to the running DAGs shows, instead of telling to check it.
func idleDeed(clause string) (rest string, found bool) {
	if strings.HasPrefix(clause, "no ") && showsNone().MatchString(clause) {
		return "", true
	}
	return clause, false
}

var showsNone = pattern.Lazy(`^no (?:actively |currently )?(?:running|active) dags?$`)

// linkedAirflow is the parameter with the Airflow that the document links to, if another
// is asked.
const linkedAirflow = "linked-airflow"

func checkIdle(ctx context.Context, in steps.Input) runbook.Result {
	r := steps.NewReport(in)
	address, linked := in.Params["airflow"], in.Params[linkedAirflow]
	if linked == "" || in.World.Airflow.Missing != nil { // else none is asked
		return askAirflow(ctx, in, r, address)
	}
	r.Saw("another Airflow than the document's", fmt.Sprintf("%s was asked; the document links to %s", address, linked), "[airflow] url")
	res := askAirflow(ctx, in, r, address)
	res.Summary = clean.Linef("%s %s was asked; the document links to %s.", res.Summary, address, linked)
	return res
}

func askAirflow(ctx context.Context, in steps.Input, r *steps.Report, address string) runbook.Result {
	if address == "" {
		return r.Unknown("%s", in.World.Unset("Airflow address", "[airflow] url"))
	}
	client, err := in.World.Airflow.At(address)
	if err != nil {
		return r.Problem("Asking Airflow for active DAG runs", err)
	}
	seen, err := client.ActiveRuns(ctx)
	if err != nil {
		res := r.Problem("Asking Airflow for active DAG runs", err)
		if res.Denied && in.World.Airflow.Withholds(address) {
			res.Summary = clean.Linef("%s Your credentials were not sent, because the address comes from the document: to send them there, set url under [airflow] in catalog-runbook.toml.", res.Summary)
		}
		return res
	}
	r.Saw("active DAG runs", fmt.Sprint(seen.Total), seen.Source)
	r.Facts[after.FactRuns] = after.RunLines(slices.Concat(seen.Runs, seen.Waiting))
	for _, run := range seen.Waiting {
		r.Saw("only waiting", fmt.Sprintf("%s, as [airflow] may_wait allows", run.DAG), run.URL)
	}
	still := standstill(r, seen, address)
	if seen.Total == 0 {
		return quiet{in: in, Report: r, seen: seen, address: address}.result(still)
	}
	names := make([]string, 0, len(seen.Runs))
	for i, run := range seen.Runs {
		since := ""
		if !run.Since.IsZero() {
			since = ", for " + say.Between(run.Since, r.Now)
		}
		switch why := stuckWords[run.Stuck]; {
		case why != "":
			since += "; " + why
		case run.Usual > 0:
			since += "; usually takes " + say.Duration(run.Usual)
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
	them := pronoun(seen.Total)
	if still != "" {
		ends := "it ends"
		if seen.Total > 1 {
			ends = "they end"
		}
		return r.Failed("%s active, but %s, so nothing records when %s. Have it restarted, or accept %s with a reason.", active, still, ends, them)
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
	if end, known := likelyEnd(seen.Runs); known {
		r.Facts[steps.FactUntil] = end.UTC().Format(time.RFC3339)
	}
	return r.Waiting("%s active: wait for %s to end, or accept it with a reason.", active, them)
}

// likelyEnd returns when the last of the runs ends if each takes as long as usual. It
// returns false if that isn't known of one of them.
func likelyEnd(runs []airflow.DAGRun) (last time.Time, known bool) {
	for _, run := range runs {
		if run.Usual == 0 || run.Since.IsZero() {
			return time.Time{}, false
		}
		if end := run.Since.Add(run.Usual); end.After(last) {
			last = end
		}
	}
	return last, true
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
		airflow.PausedDAG:      "Unpause the DAG in Airflow, or mark the run as failed there",
		airflow.GoneDAG:        "Bring the DAG's file back",
		airflow.PausedBackfill: "Unpause the backfill, or cancel it in Airflow",
		airflow.NothingLeft:    "Mark the run as success or failed in Airflow",
	}
)

// heartbeatMost is the age of a heartbeat from which on "healthy" is an old answer, such as
// that of a proxy. Airflow says "unhealthy" after 30 seconds, unless it is set otherwise.
const heartbeatMost = 5 * time.Minute

// standstill returns a clause that says that the scheduler doesn't run, or "" if it runs
// or that isn't known.
func standstill(r *steps.Report, seen airflow.Activity, address string) string {
	scheduler := seen.Scheduler
	switch {
	case scheduler == nil:
		return ""
	case scheduler.Condition == airflow.Healthy && seen.At.Sub(scheduler.Heartbeat) < heartbeatMost:
		return ""
	case scheduler.Heartbeat.IsZero() && scheduler.Condition == airflow.Healthy:
		return ""
	case scheduler.Heartbeat.IsZero():
		r.Saw("scheduler", "not started", address)
		return "Airflow's scheduler is not started"
	}
	last := say.Between(scheduler.Heartbeat, seen.At)
	r.Saw("scheduler", "not healthy, last seen "+last+" ago", address)
	return "Airflow's scheduler has stopped, last seen " + last + " ago"
}

// pronoun returns the pronoun for n things that something is done to.
func pronoun(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

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
	for _, text := range leftPaused(q.in, q.address, q.seen.Due.Paused) {
		q.Saw("left paused", text.String(), "journal")
	}
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
		q.Saw("all DAGs", "unknown: set expected_dags under [airflow] to how many there are, and an account that sees fewer isn't trusted", "settings")
	}
	if q.seen.Slots >= 0 {
		q.Saw("task slots in use", fmt.Sprint(q.seen.Slots), q.address)
	} else {
		q.Saw("task slots in use", "unknown: this account may not see the pools", q.address)
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
	q.clauses = append(q.clauses, fmt.Sprintf("an earlier run saw %d DAGs: find out where the others are, then set expected_dags = %d under [airflow], or accept it with a reason", before, q.seen.DAGs))
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
	var names []string
	ends := q.seen.At.Add(horizonOf(q.in))
	for _, next := range due.Next {
		if next.At.After(ends) {
			break
		}
		names = append(names, next.DAG.String()+" is "+dueAt(q.seen.At, next.At))
		q.lines = append(q.lines, lineDue+next.DAG.String())
	}
	for _, dag := range due.Assets {
		names = append(names, "an event of an asset is waiting for "+dag.String())
		q.lines = append(q.lines, lineAsset+dag.String())
		q.Saw("event of an asset", "waiting for "+dag.String(), q.address)
	}
	if len(names) > 0 {
		them := pronoun(len(names))
		q.clause(names, "would be cut off", "pause "+them+" until the deployment is over")
	}
	q.unasked()
	if names := dueNames(q.lines); len(names) > 0 {
		q.Facts[factDue] = strings.Join(names, "\n")
	}
	if due.Of < q.seen.DAGs {
		q.Saw("schedules", fmt.Sprintf("known of the first %d DAGs of %d", due.Of, q.seen.DAGs), q.address)
	}
	if len(due.Next) > 0 {
		first := due.Next[0]
		q.Saw("next scheduled run", first.DAG.String()+", "+dueAt(q.seen.At, first.At), q.address)
	}
}

// clause adds what keeps Airflow from being idle, and what to do.
// unasked names the DAGs of which Airflow doesn't say whether an event of an asset is
// waiting. That isn't known to be none, so a person decides.
func (q *quiet) unasked() {
	all := q.seen.Due.Unasked
	if len(all) == 0 {
		return
	}
	q.Saw("events of assets", "not known for "+listed(all), q.address)
	var names []string
	for _, dag := range all {
		names = append(names, dag.String())
		q.lines = append(q.lines, lineUnasked+dag.String())
	}
	them := pronoun(len(all))
	q.clauses = append(q.clauses, fmt.Sprintf("whether an event of an asset waits for %s is unknown: pause %s until the deployment is over, or accept it with a reason", some(names), them))
}

func (q *quiet) clause(names []string, why, do string) {
	q.clauses = append(q.clauses, fmt.Sprintf("%s, and %s: %s, or accept it with a reason", some(names), why, do))
}

// some returns the first names of a list.
func some(names []string) string {
	const shown = 3
	if more := len(names) - shown; more > 0 {
		names = append(names[:shown:shown], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}

func listed(names []clean.Text) string {
	var all []string
	for _, name := range names {
		all = append(all, name.String())
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
