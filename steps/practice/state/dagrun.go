package state

import "time"

// RunLasts is how long a DAG run goes on after somebody saw it first, where it does
// not say otherwise.
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
	Ends    bool      `json:"ends,omitzero"` // ends by itself some time after it was seen
	Seen    time.Time `json:"seen,omitzero"` // when a query first showed it
	// Lasts is how long it goes on after that; 0 is RunLasts.
	Lasts time.Duration `json:"lasts,omitzero"`
}

func (r DAGRun) Active() bool { return r.State == "running" || r.State == "queued" }

// Unseen says that the time of a run that ends by itself has not begun.
func (r DAGRun) Unseen() bool { return r.Ends && r.Active() && r.Seen.IsZero() }

// At gives the run as it is at a moment.
func (r DAGRun) At(now time.Time) DAGRun {
	if r.Active() && !r.Seen.IsZero() && !now.Before(r.Ending()) {
		r.State, r.Ended = "success", r.Ending()
	}
	return r
}

// Ending is when a run ends that was seen.
func (r DAGRun) Ending() time.Time {
	if r.Lasts == 0 {
		return r.Seen.Add(RunLasts)
	}
	return r.Seen.Add(r.Lasts)
}
