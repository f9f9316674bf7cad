package airflow

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// Condition is the health of a part of Airflow.
type Condition int

// The conditions. NotRun includes a part that never ran, and the DAG processor of
// Airflow 2 if the scheduler does its work.
const (
	NotRun Condition = iota
	Healthy
	Unhealthy
)

// Part is a component of Airflow, as Airflow reports it.
type Part struct {
	Name      clean.Text // Airflow's word, such as "dag_processor"
	Condition Condition
	Heartbeat time.Time // the latest; zero if there is none
}

// Health is the condition of an Airflow's parts.
type Health struct {
	Parts   []Part    // metadatabase, scheduler, triggerer and dag_processor, of those that it tells of
	At      time.Time // when it was asked, by the server's clock
	version int       // 2 or 3
}

// Ailing returns the parts whose condition keeps work from going on. A triggerer that
// never ran isn't among them: only deferrable operators need it.
func (h Health) Ailing() []Part {
	var out []Part
	for _, p := range h.Parts {
		needed := p.Name.String() == "metadatabase" || p.Name.String() == "scheduler" || (p.Name.String() == "dag_processor" && h.version == 3)
		if p.Condition == Unhealthy || (needed && p.Condition == NotRun) {
			out = append(out, p)
		}
	}
	return out
}

// Part returns the part of that name, nil if the answer tells nothing of it.
func (h Health) Part(name string) *Part {
	for i := range h.Parts {
		if h.Parts[i].Name.String() == name {
			return &h.Parts[i]
		}
	}
	return nil
}

// Health returns the condition of the server's parts. It needs no account. Airflow
// answers 200 even if parts are unhealthy, so only the fields count: an answer without
// a status for the database and the scheduler is an error. Every error is a
// *transport.Problem and means that the condition isn't known. It sends three requests
// at most, and one if the version is known.
//
// A part is unhealthy once its latest heartbeat is older than Airflow's own limit, 30
// seconds by default: one that has just died still counts as healthy.
func (c *Client) Health(ctx context.Context) (h Health, err error) {
	err = c.with(ctx, func(version int) (err error) {
		h, err = c.health(ctx, version)
		return err
	})
	return h, err
}

// health asks a server of a known version, with one request, and with credentials if it
// wants them after all.
func (c *Client) health(ctx context.Context, version int) (Health, error) {
	path := "/health"
	if version == 3 {
		path = "/monitor/health"
	}
	var answer map[string]json.RawMessage
	err := c.get(ctx, api(version)+path, nil, &answer)
	if transport.StatusOf(err) == http.StatusUnauthorized { // of a proxy, or because of a token that has expired
		err = c.ask(ctx, version, path, nil, &answer)
	}
	if err != nil {
		return Health{}, err
	}
	h := Health{version: version, At: c.now()}
	for _, name := range []string{"metadatabase", "scheduler", "triggerer", "dag_processor"} {
		said, told := answer[name]
		if !told && (name == "triggerer" || name == "dag_processor") {
			continue // of later versions only
		}
		p, err := part(name, said)
		if err != nil {
			return Health{}, err
		}
		h.Parts = append(h.Parts, p)
	}
	return h, nil
}

// part reads {"status": "healthy" | "unhealthy" | null, "latest_NAME_heartbeat": time | null}.
func part(name string, said json.RawMessage) (Part, error) {
	var fields map[string]*string
	if json.Unmarshal(said, &fields) != nil || fields == nil {
		return Part{}, broken("doesn't report the health of its %s", name)
	}
	p := Part{Name: clean.Line(name)}
	status, told := fields["status"]
	switch {
	case !told:
		return Part{}, broken("doesn't report the health of its %s", name)
	case status == nil:
	case *status == "healthy":
		p.Condition = Healthy
	case *status == "unhealthy":
		p.Condition = Unhealthy
	default:
		return Part{}, broken("reports an unknown health of its %s: %q", name, *status)
	}
	if beat := fields["latest_"+name+"_heartbeat"]; beat != nil {
		p.Heartbeat, _ = time.Parse(time.RFC3339, *beat)
	}
	return p, nil
}
