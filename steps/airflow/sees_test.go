package airflow

import (
	"cmp"
	"strings"
	"testing"

	"catalog-runbook/steps/transport"
)

func TestSees(t *testing.T) {
	html := func(c call) call { c.kind, c.answer = "text/html", "<html>log in</html>"; return c }
	for name, tc := range map[string]struct {
		calls    []call
		expected int // 0 is 5, below 0 is that nobody has said it
		dags     int
		cause    transport.Cause
		says     string
	}{
		"2":            {calls: []call{version2, sees("/api/v1", 214)}, dags: 214},
		"3":            {calls: []call{version3, sees("/api/v2", 7)}, dags: 7},
		"too few":      {calls: []call{version3, sees("/api/v2", 4)}, cause: transport.Credentials, says: "the account sees 4 of at least 5 DAGs, so it can't tell whether any is running"},
		"one of one":   {calls: []call{version3, sees("/api/v2", 1)}, expected: 1, dags: 1},
		"two of ?":     {calls: []call{version3, sees("/api/v2", 2)}, expected: -1, dags: 2},
		"one of ?":     {calls: []call{version3, sees("/api/v2", 1)}, expected: -1, cause: transport.Credentials, says: "sees a single DAG, so it can't tell whether another is running; hint: use an account that can read all DAGs, such as one with the role Viewer; if there is only one DAG, set expected_dags = 1 under [airflow]"},
		"none of ?":    {calls: []call{version3, sees("/api/v2", 0)}, expected: -1, cause: transport.Credentials, says: "the account sees 0 of at least 1 DAGs, so it can't tell whether any is running"},
		"401":          {calls: []call{version3, sees("/api/v2", 0).failing(401)}, cause: transport.Credentials, says: "401"},
		"a login page": {calls: []call{version3, html(sees("/api/v2", 0))}, cause: transport.Credentials, says: "login page"},
		"no Airflow":   {calls: []call{version2, sees("/api/v1", 0).failing(404)}, cause: transport.NotFound, says: "no Airflow 2 or 3 API at this address"},
		"not told":     {calls: []call{version3, {uri: "/api/v2/dags?limit=100", answer: `{"dags":[]}`}}, cause: transport.Broken, says: "without saying"},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, tc.calls...)
			dags, err := client(t, s.URL, Options{ExpectedDAGs: max(cmp.Or(tc.expected, 5), 0)}).Sees(t.Context())
			if tc.says == "" {
				if err != nil || dags != tc.dags {
					t.Errorf("got %d, %v", dags, err)
				}
				return
			}
			cause, asked := transport.CauseOf(err)
			if !asked || cause != tc.cause || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want one of cause %d that says %q", err, tc.cause, tc.says)
			}
		})
	}
}
