package fake

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"
)

func DAGRun(dag, id, state string, since time.Duration) Object {
	body := Object{"dag_id": dag, "dag_run_id": id, "state": state, "run_type": "scheduled"}
	if since > 0 {
		body["start_date"] = Stamp(Moment.Add(-since))
	}
	return body
}

// DAG is a DAG that Airflow 3 runs unless it is paused.
func DAG(id string, paused bool) Object {
	return Object{"dag_id": id, "is_paused": paused, "is_stale": false, "has_import_errors": false}
}

// Active is the answer to which runs are queued or running, though these are two
// questions; see QuietAirflow.
func Active(api string, total int, runs ...Object) Exchange {
	if runs == nil {
		runs = []Object{}
	}
	return Exchange{URL: AirflowURL + api + "/dags/~/dagRuns", Body: Object{"dag_runs": runs, "total_entries": total}}
}

// Ended is the answer to which runs ended lately.
func Ended(api string, runs ...Object) Exchange {
	e := Active(api, len(runs), runs...)
	e.URL += "?ended"
	return e
}

// Over is a DAG run that ended so long before the moment.
func Over(dag, id, state string, ago time.Duration) Object {
	body := DAGRun(dag, id, state, ago+time.Minute)
	body["end_date"] = Stamp(Moment.Add(-ago))
	return body
}

var anyLimit = regexp.MustCompile(`limit=\d+`)

// QuietAirflow answers for an Airflow what the script doesn't: nothing runs, ended or
// begins there, and its scheduler is well. GitHub names the release of Tag as the latest then.
// The script's answer about active runs is
// divided by their states.
func QuietAirflow(s *script) http.RoundTripper {
	var mu sync.Mutex
	running := map[string]any{} // what is left to say about running runs
	return RoundTripper(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		defer mu.Unlock()
		u := *r.URL
		u.RawQuery = anyLimit.ReplaceAllString(u.RawQuery, "limit=100")
		api, path := u.Path[:min(len(u.Path), len("/api/v2"))], strings.TrimPrefix(u.Path[min(len(u.Path), len("/api/v2")):], "/")
		state := u.Query().Get("state")
		switch {
		case strings.HasSuffix(u.Path, "/releases/latest") && !s.Has(r.URL.String()):
			return Reply(r, Exchange{}, Exchange{Body: ReleaseBody(Tag, Moment.Add(-time.Hour))}.Text(s.t)), nil
		case strings.Contains(u.Path, "/contents/") && !s.Has(r.URL.String()):
			return Reply(r, Exchange{Status: http.StatusNotFound}, Exchange{Body: Missing}.Text(s.t)), nil
		case u.Host != "airflow.test":
			return s.RoundTrip(r)
		case path == "dags/~/dagRuns" && state == "running" && running[api] != nil:
			body := running[api]
			delete(running, api)
			return Reply(r, Exchange{}, Exchange{Body: body}.Text(s.t)), nil
		case path == "dags/~/dagRuns" && u.Query().Has("end_date_gte"):
			u.RawQuery = "ended"
		case path == "dags/~/dagRuns":
			u.RawQuery = ""
			if e, ok := s.takes(u.String()); ok {
				now, later, divided := divide(e)
				if divided {
					running[api] = later
					e.Body = now
				}
				if e.Err != nil {
					return nil, e.Err
				}
				return Reply(r, e, e.Text(s.t)), nil
			}
		}
		if state == "success" && !s.Has(u.String()) { // how long runs usually take
			return Reply(r, Exchange{}, Exchange{Body: quiet["dags/~/dagRuns"]}.Text(s.t)), nil
		}
		if strings.HasSuffix(path, "/taskInstances") && !s.Has(u.String()) {
			return Reply(r, Exchange{}, Exchange{Body: oneTask}.Text(s.t)), nil
		}
		if id, isDAG := strings.CutPrefix(path, "dags/"); isDAG && r.Method == http.MethodGet && !strings.Contains(id, "/") && !s.Has(u.String()) {
			return Reply(r, Exchange{}, Exchange{Body: DAG(id, false)}.Text(s.t)), nil
		}
		if body, known := quiet[path]; known && !s.Has(u.String()) {
			return Reply(r, Exchange{}, Exchange{Body: body}.Text(s.t)), nil
		}
		r = r.Clone(r.Context())
		r.URL = &u
		return s.RoundTrip(r)
	})
}

var well = Object{"metadatabase": Object{"status": "healthy"}, "scheduler": Object{"status": "healthy", "latest_scheduler_heartbeat": Stamp(Moment.Add(-3 * time.Second))}}

var oneTask = Object{"task_instances": []Object{{"task_id": "t", "state": "running", "operator": "BashOperator"}}, "total_entries": 1}

var quiet = map[string]Object{
	"dags/~/dagRuns": {"dag_runs": []Object{}, "total_entries": 0},
	"dags":           {"dags": []Object{}, "total_entries": 38},
	"pools":          {"pools": []Object{{"name": "default_pool", "running_slots": 0, "queued_slots": 0}}, "total_entries": 1},
	"health":         well, "monitor/health": well,
	"eventLogs": {"event_logs": []Object{}, "total_entries": 0},
}

// takes returns the next exchange with a URL and takes it out.
func (s *script) takes(url string) (Exchange, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, e := range s.left {
		if e.URL == url {
			s.left = append(s.left[:i:i], s.left[i+1:]...)
			return e, true
		}
	}
	return Exchange{}, false
}

// divide divides an answer about active runs into those about queued and running ones.
func divide(e Exchange) (queued, running any, ok bool) {
	body, isObject := e.Body.(Object)
	runs, lists := body["dag_runs"].([]Object)
	total, counts := body["total_entries"].(int)
	if !isObject || !lists || !counts || e.Status != 0 {
		return nil, nil, false
	}
	waits, others := []Object{}, []Object{}
	for _, run := range runs {
		if run["state"] == "queued" {
			waits = append(waits, run)
		} else {
			others = append(others, run)
		}
	}
	return Object{"dag_runs": waits, "total_entries": len(waits)}, Object{"dag_runs": others, "total_entries": total - len(waits)}, true
}

// Pick returns the runs that a request selects by their state, "" for all that ended.
func Pick(runs []Object, q url.Values) []Object {
	out := []Object{}
	for _, run := range runs {
		if run["state"] == q.Get("state") {
			out = append(out, run)
		}
	}
	return out
}
