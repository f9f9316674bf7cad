package airflow

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

const smk2 = `{"dag_id":"smk","is_paused":%t,"is_active":true,"has_import_errors":false,"last_parsed_time":"2026-01-02T03:04:05+00:00","next_dagrun_create_after":"2026-02-02T00:00:00+00:00","fileloc":"/dags/smk.py"}`
const smk3 = `{"dag_id":"smk","is_paused":%t,"is_stale":false,"has_import_errors":false,"last_parsed_time":null,"next_dagrun_run_after":"2026-02-02T00:00:00Z","fileloc":"/dags/smk.py"}`

var public2 = call{uri: "/api/v1/version", answer: `{"version":"2.11.2","git_version":""}`}

func patch(answer string) call {
	return call{method: http.MethodPatch, uri: "/dags/smk?update_mask=is_paused", body: `{"is_paused":false}`, answer: answer}
}

func (c call) under(api string) call { c.uri = api + c.uri; return c }

func TestDAGOfBothVersions(t *testing.T) {
	parsed, next := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2026, 2, 2, 0, 0, 0, 0, time.UTC)
	s := script(t, version2, public2, call{uri: "/api/v1/dags/smk", answer: fmt.Sprintf(smk2, true)})
	d, err := client(t, s.URL, Options{}).DAG(t.Context(), "smk")
	if err != nil || !d.Paused || d.Gone || d.ImportErrors || !d.LastParsed.Equal(parsed) || !d.NextRun.Equal(next) || d.URL != s.URL+"/dags/smk" {
		t.Errorf("got %+v, %v", d, err)
	}
	s = script(t, version3, call{uri: "/api/v2/dags/smk", answer: fmt.Sprintf(smk3, false)})
	d, err = client(t, s.URL, Options{}).DAG(t.Context(), "smk")
	if err != nil || d.Paused || d.Gone || !d.LastParsed.IsZero() || !d.NextRun.Equal(next) {
		t.Errorf("got %+v, %v", d, err)
	}
}

// What is not said of a DAG is not taken for said.
func TestDAGIsNotGuessed(t *testing.T) {
	for answer, says := range map[string]string{
		`{}`:               `and returned ""`,
		`{"dag_id":"smk"}`: "doesn't say whether smk is paused",
		`{"dag_id":"smk","is_paused":null,"is_stale":false,"has_import_errors":false}`: "doesn't say whether smk is paused",
		`{"dag_id":"smk","is_paused":true,"has_import_errors":false}`:                  "doesn't say whether smk is still in use",
		`{"dag_id":"smk","is_paused":true,"is_stale":false,"has_import_errors":null}`:  "doesn't say whether it can import the file of smk",
		strings.Replace(fmt.Sprintf(smk3, true), "smk", "nappy", 1):                    `and returned "nappy"`,
	} {
		s := script(t, version3, call{uri: "/api/v2/dags/smk", answer: answer})
		d, err := client(t, s.URL, Options{}).DAG(t.Context(), "smk")
		if cause, ok := transport.CauseOf(err); !ok || cause != transport.Broken || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %+v, %v", answer, d, err)
		}
	}
}

func TestADAGThatIsNotThereIsNoOtherVersion(t *testing.T) {
	missing := call{uri: "/api/v1/dags/smk", status: 404, answer: `{"title":"DAG not found"}`}
	s := script(t, version2, public2, missing, missing, version2, public2)
	c := client(t, s.URL, Options{})
	for range 2 { // the second time the version could have changed since
		_, err := c.DAG(t.Context(), "smk")
		refuses(t, "a missing DAG", err, transport.NotFound)
	}
	s = script(t, version2, public2, missing, missing, version3, call{uri: "/api/v2/dags/smk", answer: fmt.Sprintf(smk3, true)})
	c = client(t, s.URL, Options{})
	_, err := c.DAG(t.Context(), "smk")
	refuses(t, "a missing DAG", err, transport.NotFound)
	if d, err := c.DAG(t.Context(), "smk"); err != nil || !d.Paused {
		t.Errorf("after an upgrade: %+v, %v", d, err)
	}
}

// TestSetPausedIsForOneDAG: what is asked for is what the server says afterwards. Where
// its answer was lost, the DAG is asked for, and nothing is sent again.
func TestSetPausedIsForOneDAG(t *testing.T) {
	for _, paused := range []bool{true, false} {
		change := patch(fmt.Sprintf(smk2, paused)).under("/api/v1")
		change.body = fmt.Sprintf(`{"is_paused":%t}`, paused)
		s := script(t, version2, public2, change)
		if d, err := client(t, s.URL, Options{}).SetPaused(t.Context(), "smk", paused); err != nil || d.Paused != paused {
			t.Errorf("got %+v, %v", d, err)
		}
	}
	found := func(paused bool) call {
		return call{uri: "/dags/smk", answer: fmt.Sprintf(smk3, paused)}
	}
	gone := patch(`{}`)
	gone.cut = true
	for name, c := range map[string]struct {
		calls     []call
		cause     transport.Cause // if it is not done
		done      bool
		undecided bool
		says      string
	}{
		"still paused":                   {calls: []call{patch(fmt.Sprintf(smk3, true)), found(true)}, cause: transport.Broken, says: "asked to unpause smk"},
		"another DAG":                    {calls: []call{patch(strings.Replace(fmt.Sprintf(smk3, false), "smk", "nappy", 1)), found(true)}, cause: transport.Broken},
		"a list":                         {calls: []call{patch(`{"dags":[],"total_entries":3}`), found(false)}, done: true},
		"a list, and nothing more":       {calls: []call{patch(`{"dags":[],"total_entries":3}`), found(true).failing(500)}, cause: transport.Broken, undecided: true},
		"not allowed":                    {calls: []call{patch(`{"detail":"Forbidden"}`).failing(403)}, cause: transport.Credentials, says: "an account that has can_edit on DAGs, or on DAG:smk"},
		"the token is refused":           {calls: []call{patch(`{"detail":"Invalid JWT token"}`).failing(403)}, cause: transport.Credentials, says: "rejected the token ("},
		"not there":                      {calls: []call{patch(`{}`).failing(404)}, cause: transport.NotFound},
		"refused":                        {calls: []call{patch(`{}`).failing(422)}, cause: transport.Refused},
		"rate limit":                     {calls: []call{patch(`{}`).failing(429)}, cause: transport.RateLimited},
		"it failed and was not done":     {calls: []call{patch(`{}`).failing(500), found(true)}, cause: transport.Broken},
		"it failed and was done":         {calls: []call{patch(`{}`).failing(500), found(false)}, done: true},
		"it was unavailable, may arrive": {calls: []call{patch(`{}`).failing(503), found(true)}, cause: transport.Broken, undecided: true},
		"the answer was lost, done":      {calls: []call{gone, found(false)}, done: true},
		"the answer was lost, not done":  {calls: []call{gone, found(true)}, cause: transport.Unreachable, undecided: true},
		"all answers were lost":          {calls: []call{gone, found(true).failing(503)}, cause: transport.Unreachable, undecided: true},
		"a page to sign in":              {calls: []call{{method: http.MethodPatch, uri: "/dags/smk?update_mask=is_paused", kind: "text/html", answer: "<html>"}}, cause: transport.Credentials},
	} {
		t.Run(name, func(t *testing.T) {
			calls := []call{version3}
			for _, c := range c.calls {
				calls = append(calls, c.under("/api/v2"))
			}
			s := script(t, calls...)
			d, err := client(t, s.URL, Options{}).SetPaused(t.Context(), "smk", false)
			if c.done {
				if err != nil || d.Paused || d.ID.String() != "smk" {
					t.Errorf("got %+v, %v", d, err)
				}
				return
			}
			refuses(t, name, err, c.cause)
			if d != (DAG{}) || errors.As(err, new(Undecided)) != c.undecided || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %+v, %v", d, err)
			}
		})
	}
}

// What became of a change is asked even if nobody waits for it any more.
func TestSetPausedIsReadBackAfterItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	change := patch(`{}`).under("/api/v2")
	change.then, change.cut = cancel, true
	s := script(t, version3, change, call{uri: "/api/v2/dags/smk", answer: fmt.Sprintf(smk3, false)})
	if d, err := client(t, s.URL, Options{}).SetPaused(ctx, "smk", false); err != nil || d.Paused {
		t.Errorf("got %+v, %v", d, err)
	}
}

// A name that stands for more than one DAG is not sent.
func TestSetPausedIsForOneNameOnly(t *testing.T) {
	s := script(t)
	for _, id := range []string{"", "~", ".", "..", "a/b", "a%2Fb", "%", "a b", "a?", "a\n", strings.Repeat("a", 251)} {
		_, err := client(t, s.URL, Options{}).SetPaused(t.Context(), id, false)
		refuses(t, fmt.Sprintf("%q", id), err, transport.Refused)
	}
}

func TestADryRunTurnsNothingOn(t *testing.T) {
	s := script(t, version2, public2)
	_, err := client(t, s.URL, Options{ReadOnly: true}).SetPaused(t.Context(), "smk", false)
	refuses(t, "a dry run", err, transport.ReadOnly)
	if !strings.Contains(err.Error(), "dry run") || strings.Contains(err.Error(), "token") {
		t.Errorf("got %v", err)
	}
}

func TestListsAreReadToTheirEnd(t *testing.T) {
	row := func(id string) string { return strings.Replace(fmt.Sprintf(smk3, true), "smk", id, 1) }
	page := func(offset, total int, ids ...string) call {
		var rows []string
		for _, id := range ids {
			rows = append(rows, row(id))
		}
		uri := "/api/v2/dags?limit=100&paused=true"
		if offset > 0 {
			uri = fmt.Sprintf("/api/v2/dags?limit=100&offset=%d&paused=true", offset)
		}
		return call{uri: uri, answer: fmt.Sprintf(`{"dags":[%s],"total_entries":%d}`, strings.Join(rows, ","), total)}
	}
	for name, c := range map[string]struct {
		calls []call
		want  int
		says  string
	}{
		"three pages":          {calls: []call{page(0, 5, "a", "b"), page(2, 5, "c", "d"), page(4, 5, "e")}, want: 5},
		"one is not paused":    {calls: []call{{uri: page(0, 0).uri, answer: `{"dags":[` + fmt.Sprintf(smk3, false) + `],"total_entries":1}`}}, says: "was asked for paused DAGs and listed smk, which isn't paused"},
		"it ends too early":    {calls: []call{page(0, 3, "a", "b"), page(2, 3)}, says: "counts 3 of dags and listed 2"},
		"it gets shorter":      {calls: []call{page(0, 3, "a", "b"), page(2, 2, "c")}, says: "counts 2 of dags and listed 3"},
		"it was not counted":   {calls: []call{{uri: page(0, 0).uri, answer: `{"dags":[]}`}}, says: "returned no list of dags with a count"},
		"the count is null":    {calls: []call{{uri: page(0, 0).uri, answer: `{"dags":[],"total_entries":null}`}}, says: "returned no list of dags with a count"},
		"there is no list":     {calls: []call{{uri: page(0, 0).uri, answer: `{"total_entries":0}`}}, says: "returned no list of dags with a count"},
		"nobody sees none":     {calls: []call{page(0, 0), sees("/api/v2", 0)}, says: "the account sees 0 of at least 1 DAGs, so it can't tell whether any is running"},
		"none":                 {calls: []call{page(0, 0), sees("/api/v2", 3)}},
		"one without its name": {calls: []call{{uri: page(0, 0).uri, answer: `{"dags":[{}],"total_entries":1}`}}, says: "without its name"},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, append([]call{version3}, c.calls...)...)
			got, err := client(t, s.URL, Options{}).PausedDAGs(t.Context())
			if c.says == "" && (err != nil || len(got) != c.want) || c.says != "" && (err == nil || got != nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("got %d, %v; want %d, %q", len(got), err, c.want, c.says)
			}
		})
	}
}

func TestAListThatNeverEndsDoes(t *testing.T) {
	calls := []call{version3}
	for n := range pageLimit {
		uri := "/api/v2/importErrors?limit=100"
		if n > 0 {
			uri += fmt.Sprint("&offset=", n)
		}
		calls = append(calls, call{uri: uri, answer: `{"import_errors":[{"filename":"a.py"}],"total_entries":1000000}`})
	}
	s := script(t, calls...)
	_, err := client(t, s.URL, Options{}).ImportErrors(t.Context())
	refuses(t, "an endless list", err, transport.Broken)
}

func TestImportErrors(t *testing.T) {
	s := script(t, version3, call{uri: "/api/v2/importErrors?limit=100", answer: `{"total_entries":1,"import_errors":[{"import_error_id":7,"filename":"a\u001b[2J.py","bundle_name":"dags-folder",
		"timestamp":"2026-01-02T03:04:05Z","stack_trace":"Traceback:\n  File \"a.py\"\nImportError: no\u202e b\n"}]}`})
	got, err := client(t, s.URL, Options{}).ImportErrors(t.Context())
	if err != nil || len(got) != 1 || got[0].File.String() != "a^[[2J.py" ||
		!strings.HasPrefix(got[0].Reason.String(), "ImportError: no") || strings.ContainsRune(got[0].Reason.String(), '\u202e') {
		t.Errorf("got %+v, %v", got, err)
	}
	s = script(t, version3, call{uri: "/api/v2/importErrors?limit=100", answer: `{"import_errors":[],"total_entries":0}`}, sees("/api/v2", 0))
	got, err = client(t, s.URL, Options{}).ImportErrors(t.Context())
	refuses(t, "an account that sees nothing", err, transport.Credentials)
	if got != nil {
		t.Errorf("got %v", got)
	}
}

func TestHealthIsReadFromItsFields(t *testing.T) {
	const ok = `"metadatabase":{"status":"healthy"},"scheduler":{"status":"healthy","latest_scheduler_heartbeat":"2026-01-02T03:04:05+00:00"}`
	healthy, dead := `{"status":"healthy"}`, `{"status":"unhealthy","latest_scheduler_heartbeat":null}`
	for name, c := range map[string]struct {
		version int
		answer  string
		ailing  string
		says    string
	}{
		"2, all well":                           {2, `{` + ok + `}`, "[]", ""},
		"2, unhealthy with 200 (4.4)":           {2, `{"metadatabase":` + healthy + `,"scheduler":` + dead + `}`, "[scheduler]", ""},
		"2, the scheduler reads the DAGs":       {2, `{` + ok + `,"triggerer":{"status":null},"dag_processor":{"status":null,"latest_dag_processor_heartbeat":null}}`, "[]", ""},
		"3, all well":                           {3, `{` + ok + `,"triggerer":` + healthy + `,"dag_processor":` + healthy + `}`, "[]", ""},
		"3, no triggerer (4.4)":                 {3, `{` + ok + `,"triggerer":{"status":null},"dag_processor":` + healthy + `}`, "[]", ""},
		"3, the triggerer died":                 {3, `{` + ok + `,"triggerer":{"status":"unhealthy"},"dag_processor":` + healthy + `}`, "[triggerer]", ""},
		"3, nothing reads the DAGs":             {3, `{` + ok + `,"triggerer":{"status":null},"dag_processor":{"status":null}}`, "[dag_processor]", ""},
		"the database is not well":              {3, `{"metadatabase":{"status":"unhealthy"},"scheduler":` + dead + `}`, "[metadatabase scheduler]", ""},
		"the scheduler is not told of":          {3, `{"metadatabase":` + healthy + `}`, "", "doesn't report the health of its scheduler"},
		"its status is not told":                {3, `{"metadatabase":` + healthy + `,"scheduler":{}}`, "", "doesn't report the health of its scheduler"},
		"its status is another word":            {3, `{"metadatabase":` + healthy + `,"scheduler":{"status":"fine"}}`, "", `scheduler: "fine"`},
		"it is null":                            {3, `{"metadatabase":` + healthy + `,"scheduler":null}`, "", "doesn't report the health of its scheduler"},
		"a scheduler that never was is no good": {3, `{"metadatabase":` + healthy + `,"scheduler":{"status":null}}`, "[scheduler]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			calls := []call{version3, {uri: "/api/v2/monitor/health", answer: c.answer}}
			if c.version == 2 {
				calls = []call{version2, public2, {uri: "/api/v1/health", answer: c.answer}}
			}
			s := script(t, calls...)
			h, err := client(t, s.URL, Options{}).Health(t.Context())
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) || h.Parts != nil {
					t.Errorf("got %+v, %v", h, err)
				}
				return
			}
			ailing := []string{}
			for _, p := range h.Ailing() {
				ailing = append(ailing, p.Name.String())
			}
			if err != nil || fmt.Sprint(ailing) != c.ailing || h.version != c.version {
				t.Errorf("got %+v, %v", h, err)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	for name, c := range map[string]struct {
		calls []call
		want  string
		says  string
	}{
		"2":               {calls: []call{version2, public2}, want: "2.11.2"},
		"3":               {calls: []call{version3}, want: "3.0.2"},
		"neither":         {calls: []call{version2, public2.failing(404)}, says: "no Airflow 2 or 3 API at this address"},
		"nameless":        {calls: []call{version2, {uri: "/api/v1/version", answer: `{}`}}, says: "didn't report its version"},
		"behind a login":  {calls: []call{{uri: "/api/v2/version", kind: "text/html", answer: "<html>"}, {uri: "/api/v1/version", kind: "text/html", answer: "<html>"}}, says: "login page"},
		"asked too often": {calls: []call{version3.failing(429)}, says: "rate limit"},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, c.calls...)
			got, err := client(t, s.URL, Options{}).Version(context.Background())
			if got.String() != c.want || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}
