package database

import (
	"context"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
)

// askDAG finds out how the latest run of the DAG that migrates has ended.
func askDAG(ctx context.Context, in steps.Input, r *steps.Report) runbook.Result {
	dag, address := in.Params["dag"], in.Params["airflow"]
	var since time.Time
	if text := in.Params["since"]; text != "" {
		var err error
		if since, err = parseSince(text); err != nil {
			return r.Unknown("since in the step's annotation is %q: write it like 2026-11-28 or 2026-11-28T14:00:00Z.", clean.Line(text))
		}
	}
	if address == "" {
		return r.Unknown("%s", in.World.Unset("Airflow address", "[airflow] url"))
	}
	client, err := in.World.Airflow.At(address)
	if err != nil {
		return r.Problem("Asking Airflow for the latest run of "+clean.Line(dag).String(), err)
	}
	run, ok, err := client.LatestRun(ctx, dag)
	switch {
	case err != nil:
		return r.Problem("Asking Airflow for the latest run of "+clean.Line(dag).String(), err)
	case !ok:
		return r.Failed("%s has never run: start it in Airflow, then verify again.", clean.Line(dag))
	}
	r.Saw("latest run", run.RunID.String()+": "+run.State, run.URL)
	age := say.Between(run.Since, r.Now) + " ago"
	switch {
	case run.State == "queued" || run.State == "running":
		return r.Waiting("The latest run of %s is %s: wait for it to end.", run.DAG, run.State)
	case !since.IsZero() && run.Since.Before(since):
		return r.Failed("The latest run of %s began %s, before %s: start it again in Airflow, then verify again.", run.DAG, age, since.Format(time.RFC3339))
	case run.State == "success":
		return r.Passed("The latest run of %s succeeded; it began %s.", run.DAG, age)
	case run.State == "failed":
		return r.Failed("The latest run of %s failed; it began %s. Read its log, and clear its tasks or start it again.", run.DAG, age)
	}
	return r.Unknown("The latest run of %s is in the state %q, which is unknown.", run.DAG, clean.Line(run.State))
}

func parseSince(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	return time.Parse(time.RFC3339, text)
}
