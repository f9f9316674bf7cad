package state

import "time"

// usualRun is how long a DAG run continues after a client first listed it, unless the
// run has another time.
const usualRun = 30 * time.Second

// DAGRun is an Airflow DAG run, as of its last change; see At.
type DAGRun struct {
	DAG     string    `json:"dag"`
	ID      string    `json:"id"`
	Kind    string    `json:"run_type"`
	State   string    `json:"state"`
	Started time.Time `json:"started,omitzero"` // zero for a queued run
	Ended   time.Time `json:"ended,omitzero"`
	Logical time.Time `json:"logical"`
	Ends    bool      `json:"ends,omitzero"`   // ends by itself some time after it was seen
	Seen    time.Time `json:"seen,omitzero"`   // when a query first showed it
	Marked  bool      `json:"marked,omitzero"` // a person ended it
	// Waits is the state in which its task waits: "deferred", "up_for_reschedule", or
	// "running" in a sensor; "" if it works.
	Waits string `json:"waits,omitzero"`
	// Lasts is how long it continues after Seen; 0 means half a minute.
	Lasts time.Duration `json:"lasts,omitzero"`
}

// Active reports whether the run has not ended.
func (r DAGRun) Active() bool { return r.State == "running" || r.State == "queued" }

// Unseen reports whether the run would end by itself but no query has shown it yet.
func (r DAGRun) Unseen() bool { return r.Ends && r.Active() && r.Seen.IsZero() }

// At returns the run as it is at a moment.
func (r DAGRun) At(now time.Time) DAGRun {
	if r.Active() && !r.Seen.IsZero() && !now.Before(r.Ending()) {
		r.State, r.Ended = "success", r.Ending()
	}
	return r
}

// Ending returns when a run ends that a query has shown.
func (r DAGRun) Ending() time.Time {
	if r.Lasts == 0 {
		return r.Seen.Add(usualRun)
	}
	return r.Seen.Add(r.Lasts)
}
