package after

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/airflow"
	"catalog-runbook/steps/kinds/why"
	"catalog-runbook/steps/transport"
)

// ServiceBack is the step in which a person waits until Airflow is back after it was
// deployed. Before that its check notes what Airflow is like. A check sends seven requests
// at most, one more for each further page of DAGs, and one for each of the first runs that
// were active before.
var ServiceBack = &steps.Kind{
	Name:    "service-back",
	Doc:     "See that Airflow is back after the deployment: it responds, its scheduler works, and it reads its DAGs.",
	Explain: why.ServiceBack,
	Params:  []steps.Param{{Name: "airflow", Doc: "Airflow's address", Required: true, Setting: "[airflow] url"}},
	Follows: []string{"plan-and-apply"},
	Mend:    "do what its check says",
	Adds: steps.Addition{
		Name: "back", Text: "See that Airflow is back",
		Markdown: "See that Airflow is back.\n\nThe document doesn't mention this step. A deployment replaces the machine that Airflow runs on, and an apply that " +
			"ended well says nothing about what has started there: Airflow has to respond, its scheduler has to work, and it has to read its DAGs.\n",
	},
	Check: &steps.Check{
		Ask:      checkBack,
		Harmless: true, // all that changes anything comes before it
		Again: func(res runbook.Result) time.Duration {
			if res.Waiting {
				return 5 * time.Second
			}
			return 0
		},
	},
}

// runsAsked is how many of the runs that were active before are looked up.
const runsAsked = 10

// back is a look at Airflow after a deployment.
type back struct {
	*steps.Report
	in      steps.Input
	address string
	client  *airflow.Client
	ended   time.Time     // of the deployment, by this machine's clock
	before  runbook.Facts // with which it was begun
	skew    time.Duration // to add for the server's clock
}

func checkBack(ctx context.Context, in steps.Input) runbook.Result {
	b := &back{Report: steps.NewReport(in), in: in, address: in.Params["airflow"]}
	if b.address == "" {
		return b.Unknown("%s", in.World.Unset("Airflow address", "[airflow] url"))
	}
	var err error
	if b.client, err = in.World.Airflow.At(b.address); err != nil {
		return b.Problem("Asking Airflow for its version", err)
	}
	if in.Followed == nil {
		return b.note(ctx)
	}
	b.ended, b.before = in.Followed.Ended, in.Followed.Before
	return b.look(ctx)
}

// note notes what Airflow is like before the deployment.
func (b *back) note(ctx context.Context) runbook.Result {
	version, err := b.client.Version(ctx)
	if err != nil {
		return b.Problem("Noting Airflow's version before the deployment", err)
	}
	b.Saw("version", version.String(), b.address)
	b.Facts[factVersion] = version.String()
	errs, err := b.client.ImportErrors(ctx)
	if err != nil {
		return b.Problem("Noting which files of DAGs Airflow can't read before the deployment", err)
	}
	b.Facts[factImports] = importLines(errs)
	b.Saw("files of DAGs that it can't read", fmt.Sprint(len(errs)), b.address)
	return b.Unknown("Nothing has been deployed in this run yet. Airflow %s responds, with %s in its DAGs.", version, say.Count(len(errs), "import error"))
}

// look looks whether Airflow is back, from what says the most to what says the least.
func (b *back) look(ctx context.Context) runbook.Result {
	h, err := b.client.Health(ctx)
	if err != nil {
		return b.silent("Airflow doesn't respond yet", err)
	}
	b.skew = h.At.Sub(b.Now)
	if res, ok := b.parts(h); !ok {
		return res
	}
	version, err := b.client.Version(ctx)
	if err != nil {
		return b.silent("Airflow doesn't report its version yet", err)
	}
	if res, ok := b.version(version.String()); !ok {
		return res
	}
	unread, err := b.client.ImportErrors(ctx)
	if err != nil {
		return b.silent("Airflow doesn't say which files of DAGs it can't read", err)
	}
	all, err := b.client.DAGs(ctx)
	if err != nil {
		return b.silent("Airflow doesn't list its DAGs", err)
	}
	if res, ok := b.imports(unread); !ok {
		return res
	}
	if res, ok := b.parsed(all); !ok {
		return res
	}
	became := b.runs(ctx)
	if len(b.in.Held) > 0 {
		b.Facts[steps.FactHeld] = strings.Join(b.in.Held, "\n")
		return b.Failed("Airflow %s is back. %s still paused by this run: %s.", version, say.Plural(len(b.in.Held), "DAG is", "DAGs are"), strings.Join(b.in.Held, ", "))
	}
	b.tookOnce()
	return b.Passed("Airflow %s is back: its scheduler works, and it has read its DAGs.%s", version, became)
}

// away reports whether an error is what a service answers, or not, that is being started.
func away(err error) bool {
	cause, _ := transport.CauseOf(err)
	status := transport.StatusOf(err)
	return cause == transport.Unreachable || status >= 500
}

// silent is the result where Airflow doesn't answer.
func (b *back) silent(what string, err error) runbook.Result {
	if !away(err) {
		return b.Problem(what, err)
	}
	text := err.Error()
	if p := new(transport.Problem); errors.As(err, &p) {
		text = p.Text // without the hint to ask again, as the step does by itself
	}
	return b.notYet(fmt.Sprintf("%s: %s", what, strings.TrimSuffix(text, ".")))
}

// parts judges the scheduler and what else Airflow tells of its parts.
func (b *back) parts(h airflow.Health) (runbook.Result, bool) {
	deployed := b.ended.Add(b.skew)
	for _, p := range h.Parts {
		text := map[airflow.Condition]string{airflow.NotRun: "not started", airflow.Healthy: "healthy", airflow.Unhealthy: "not healthy"}[p.Condition]
		if !p.Heartbeat.IsZero() {
			text += ", last seen " + say.Between(p.Heartbeat, h.At) + " ago"
		}
		b.Saw(p.Name.String(), text, b.address)
	}
	for _, p := range h.Ailing() {
		return b.notYet(fmt.Sprintf("Airflow responds, and its %s isn't healthy", p.Name)), false
	}
	for _, name := range []string{"scheduler", "dag_processor"} {
		if p := h.Part(name); p != nil && p.Condition == airflow.Healthy && !p.Heartbeat.After(deployed) {
			return b.notYet(fmt.Sprintf("Airflow responds, and its %s hasn't been seen since the deployment ended", p.Name)), false
		}
	}
	return runbook.Result{}, true
}

// version compares Airflow's version with that of the image, if that is known.
func (b *back) version(now string) (runbook.Result, bool) {
	image, before := b.in.Facts[FactImageAirflow], b.before[factVersion]
	b.Saw("version", now, b.address)
	switch {
	case image != "" && image != now:
		b.Saw("version in the image", image, "registry")
		return b.notYet(fmt.Sprintf("Airflow %s responds, and the image of %s has Airflow %s", now, b.in.Release(), image)), false
	case image != "":
		b.Saw("version in the image", image, "registry")
	case before == "":
		b.Saw("version before", "not known", "journal")
	default:
		b.Saw("version before", before+"; which one the image has is unknown", "journal")
	}
	return runbook.Result{}, true
}

// imports judges the files of DAGs that Airflow can't read.
func (b *back) imports(unread []airflow.ImportError) (runbook.Result, bool) {
	before, known := importsOf(b.before[factImports])
	var names []string
	for _, e := range unread {
		if known && slices.Contains(before, e.File.String()) {
			b.Saw("import error, as before", fmt.Sprintf("%s: %s", e.File, e.Reason), b.address)
			continue
		}
		b.Saw("import error", fmt.Sprintf("%s: %s", e.File, e.Reason), b.address)
		names = append(names, e.File.String())
	}
	switch {
	case len(names) == 0:
		return runbook.Result{}, true
	case !known:
		return b.Unknown("Airflow is back, and can't read %s: %s. Which of them it couldn't read before is unknown: look at each.", say.Count(len(names), "file"), some(names)), false
	}
	return b.Failed("Airflow is back, and can't read %s that it could read before: %s. Fix that, or go back to %s.", say.Count(len(names), "file"), some(names), b.versionBefore()), false
}

// parsed reports whether Airflow has read its DAGs since the deployment: until then, an
// import error is the one of before, or none.
func (b *back) parsed(all []airflow.DAG) (runbook.Result, bool) {
	deployed, old, read := b.ended.Add(b.skew), []string{}, 0
	for _, d := range all {
		switch {
		case d.Gone || d.ImportErrors || d.LastParsed.IsZero():
		case d.LastParsed.After(deployed):
			read++
		default:
			old = append(old, d.ID.String())
		}
	}
	b.Saw("DAGs that it has read since", fmt.Sprintf("%d of %d", read, len(all)), b.address)
	if len(old) > 0 {
		return b.notYet(fmt.Sprintf("Airflow is back, and hasn't read %s since: %s", say.Count(len(old), "DAG"), some(old))), false
	}
	return runbook.Result{}, true
}

// runs looks up what became of the runs that were active before, and returns a sentence
// about them, with a space before it, "" if there were none.
func (b *back) runs(ctx context.Context) string {
	var lines []string
	for line := range strings.SplitSeq(b.before[FactRuns], "\n") {
		if line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return ""
	}
	var became []string
	for i, line := range lines {
		dag, run, _ := strings.Cut(line, " ")
		if i == runsAsked {
			b.Saw("…", fmt.Sprintf("%d more runs were active before", len(lines)-i), b.address)
			became = append(became, fmt.Sprintf("%d more", len(lines)-i))
			break
		}
		state, err := b.client.State(ctx, dag, run)
		word, detail := state.String(), ""
		switch cause, _ := transport.CauseOf(err); {
		case err != nil && cause == transport.NotFound:
			word = "deleted"
		case err != nil:
			word, detail = "not known", fmt.Sprintf(" (%s)", err)
		}
		b.Saw("run that was active before", dag+" "+run+": "+word+detail, b.address)
		became = append(became, dag+" "+word)
	}
	return fmt.Sprintf(" Runs that were active before: %s.", strings.Join(became, ", "))
}

func some(names []string) string {
	const shown = 3
	if more := len(names) - shown; more > 0 {
		names = append(names[:shown:shown], fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
