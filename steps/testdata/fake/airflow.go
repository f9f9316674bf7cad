package fake

import "time"

func DAGRun(dag, id, state string, since time.Duration) Object {
	body := Object{"dag_id": dag, "dag_run_id": id, "state": state, "run_type": "scheduled"}
	if since > 0 {
		body["start_date"] = Stamp(Moment.Add(-since))
	}
	return body
}
