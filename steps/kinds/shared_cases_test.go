package kinds_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// airflowCases are the recorded cases beside the repository by their numbers, and where
// each is staged: in the cases of idle-dags here, or in a test of another package.
var airflowCases = map[string][]string{
	"01": {"idle under a dead scheduler"},
	"03": {"idle, and a run was marked by hand, another timed out and a third failed by itself", "idle, and a run has just ended"},
	"05": {"idle, and a run has just ended"},
	"07": {"idle, and a run failed minutes ago"},
	"09": {"idle, on another Airflow than the document's"},
	"11": {"../airflow TestADeletedRunIsNotForgotten"},
	"13": {"../airflow TestAPasswordThatVersion2RefusesIsExplained"},
	"15": {"../airflow TestAWrongPathIsNoLoginPage"},
}

// TestSharedAirflowCases: each recorded case is staged somewhere.
func TestSharedAirflowCases(t *testing.T) {
	for number, places := range airflowCases {
		for _, place := range places {
			if folder, test, other := strings.Cut(place, " Test"); other && strings.HasPrefix(folder, "../") {
				if !definesTest(t, folder, "Test"+test) {
					t.Errorf("%s: %s has no Test%s", number, folder, test)
				}
			} else if !slices.ContainsFunc(idleDAGsFixture.cases, func(c kindCase) bool { return c.name == place }) {
				t.Errorf("%s: there is no case %q", number, place)
			}
		}
	}
	recorded, _ := filepath.Glob("../../../shared/cases/airflow/*.md")
	if len(recorded) == 0 {
		t.Skip("SKIPPED: the recorded cases are not beside the repository")
	}
	for _, path := range recorded {
		number, _, _ := strings.Cut(filepath.Base(path), "-")
		if airflowCases[number] == nil {
			t.Errorf("nothing stages %s", filepath.Base(path))
		}
	}
}

func definesTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(text), "\nfunc "+name+"(t *testing.T) {")
	})
}
