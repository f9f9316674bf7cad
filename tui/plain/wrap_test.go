package plain

import (
	"strings"
	"testing"
)

// Lines are broken at spaces, with a hanging indent, and never in what is copied whole.
func TestWrap(t *testing.T) {
	t.Parallel()
	whole := []string{"just apply prod catalog-airflow"}
	for _, c := range []struct {
		line string
		w    int
		want string
	}{
		{"Seen: no DAG run is running or queued.", 0, "Seen: no DAG run is running or queued."},
		{"Seen: no DAG run is running or queued.", 10, "Seen: no DAG run is running or queued."},
		{"Seen: no DAG run is running or queued.", 39, "Seen: no DAG run is running or queued."},
		{"Seen: no DAG run is running or queued.", 38, "Seen: no DAG run is running or\n  queued."},
		{"  3. Keep following it until it ends", 22, "  3. Keep following\n     it until it ends"},
		{"  - Step 1 is unknown: No release", 24, "  - Step 1 is unknown:\n    No release"},
		{"  ~ user_data   = (known after apply)", 30, "  ~ user_data   = (known\n    after apply)"},
		{"Next: type run to run just apply prod catalog-airflow; you confirm it first.", 40, "Next: type run to run\n  just apply prod catalog-airflow; you\n  confirm it first."},
		{"Next: run just apply prod catalog-airflow.", 20, "Next: run\n  just apply prod catalog-airflow."},
		{"Hint: run `terraform force-unlock 1234-5678 now` there", 30, "Hint: run\n  `terraform force-unlock 1234-5678 now`\n  there"},
		{"Leave it; reattach later with catalog-runbook resume", 47, "Leave it; reattach later with\n  catalog-runbook resume"},
		{"Link 1: https://github.com/wordpress/openverse-catalog/releases", 20, "Link 1:\n  https://github.com/wordpress/openverse-catalog/releases"},
		{"Seen: 東京の サーバー は 止まって います", 24, "Seen: 東京の サーバー\n  は 止まって います"},
		{strings.Repeat(" ", 18) + "so far to the right", 24, "  so far to the right"},
	} {
		if got := strings.Join(wrap(c.line, c.w, whole), "\n"); got != c.want {
			t.Errorf("%q in %d cells:\n%s\nwant\n%s", c.line, c.w, got, c.want)
		}
	}
}
