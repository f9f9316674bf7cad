package state

import "time"

// RunLasts is how long the running DAG run goes on after somebody saw it first.
const RunLasts = 30 * time.Second

// DAGRun is an Airflow DAG run, as it was when something was last done to it.
type DAGRun struct {
	DAG     string    `json:"dag"`
	ID      string    `json:"id"`
	Kind    string    `json:"run_type"`
	State   string    `json:"state"`
	Started time.Time `json:"started,omitzero"` // zero for a queued run
	Ended   time.Time `json:"ended,omitzero"`
	Logical time.Time `json:"logical"`
	Queued  time.Time `json:"queued,omitzero"` // where that was not at its logical date
	Ends    bool      `json:"ends,omitzero"`   // ends by itself some time after it was seen
	Seen    time.Time `json:"seen,omitzero"`   // when a query first showed it
}

func (r DAGRun) Active() bool { return r.State == "running" || r.State == "queued" }

// Unseen says that the time of a run that ends by itself has not begun.
func (r DAGRun) Unseen() bool { return r.Ends && r.Active() && r.Seen.IsZero() }

// At gives the run as it is at a moment.
func (r DAGRun) At(now time.Time) DAGRun {
	if r.Active() && !r.Seen.IsZero() && now.Sub(r.Seen) >= RunLasts {
		r.State, r.Ended = "success", r.Seen.Add(RunLasts)
	}
	return r
}
