package kinds_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// stagedCases are the recorded cases beside the repository by folder and number, and where
// each is staged: in the cases of a kind here, or in a test of another package.
var stagedCases = map[string]map[string][]string{
	"airflow": {
		"01": {"idle under a dead scheduler"},
		"03": {"idle, and a run was marked by hand, another timed out and a third failed by itself", "idle, and a run has just ended"},
		"05": {"idle, and a run has just ended"},
		"07": {"idle, and a run failed minutes ago"},
		"09": {"idle, on another Airflow than the document's"},
		"11": {"../airflow TestADeletedRunIsNotForgotten"},
		"13": {"../airflow TestAPasswordThatVersion2RefusesIsExplained"},
		"15": {"../airflow TestAWrongPathIsNoLoginPage"},
	},
	"github": {
		"02": {"a pre-release"},
		"03": {"its label is that of its base image, and the commit has a tag", "its label is that of its base image"},
		"06": {"../registry TestProvenance"},
		"08": {"GitHub lists no run, long after the publication", "GitHub lists no run yet"},
		"10": {"an edit of the notes started a run that failed"},
		"11": {"the steps that push were skipped"},
		"13": {"what gives the image its tag was skipped, and something else was published"},
		"15": {"one run is done, and another of the same workflow goes on"},
		"17": {"newer releases of another part of the repository", "no release is chosen, of one part of the repository"},
		"19": {"its runs are too old to be listed"},
		"22": {"GitHub lists the jobs later"},
	},
}

// falseGreens are the situations in which the idle check was green although something ran
// or was about to: each with where it is staged. They are numbered as in the record of what
// was observed with real servers; README.md lists the contracts with these.
var falseGreens = map[string][]string{
	"1 the scheduler is dead and a run overdue":        {"idle under a dead scheduler", "../airflow TestContractOfADeadScheduler"},
	"2 the account sees two of 22 DAGs":                {"no run in sight, and tasks of other DAGs run", "../airflow TestContractOfPools"},
	"3 another Airflow than the document's":            {"idle, on another Airflow than the document's"},
	"4 a run failed, and its process lives":            {"idle, and a run failed minutes ago"},
	"5 a run was marked by hand":                       {"idle, and a run was marked by hand, another timed out and a third failed by itself", "../airflow TestContractOfEndedRuns"},
	"6 a run timed out":                                {"idle, and a run was marked by hand, another timed out and a third failed by itself"},
	"7 a task's callback runs":                         {"idle, and a run has just ended"},
	"8 a DAG's callback runs":                          {"idle, and a run has just ended"},
	"9 a run is due in a moment":                       {"idle, and a schedule is about to start a run"},
	"10 a running run was deleted":                     {"../airflow TestADeletedRunIsNotForgotten"},
	"11 a task was taken out of the file":              {"idle, and a run has just ended"},
	"12 a task has left a child":                       {"idle, and a run has just ended"}, // no API shows it: the evidence says where to look
	"13 a proxy drops a parameter, or answers from it": {"../airflow TestNoProxyMakesAirflowIdle", "../airflow TestNoCacheMakesAirflowIdle"},
}

func TestFalseGreens(t *testing.T) {
	for situation, places := range falseGreens {
		for _, place := range places {
			if !staged(t, place) {
				t.Errorf("%s: there is no %q", situation, place)
			}
		}
	}
}

// TestSharedCases: each recorded case is staged somewhere.
func TestSharedCases(t *testing.T) {
	for folder, cases := range stagedCases {
		t.Run(folder, func(t *testing.T) {
			for number, places := range cases {
				for _, place := range places {
					if !staged(t, place) {
						t.Errorf("%s: there is no %q", number, place)
					}
				}
			}
			recorded, _ := filepath.Glob("../../../shared/cases/" + folder + "/*.md")
			if len(recorded) == 0 {
				t.Skip("SKIPPED: the recorded cases are not beside the repository")
			}
			for _, path := range recorded {
				number, _, _ := strings.Cut(filepath.Base(path), "-")
				if cases[number] == nil {
					t.Errorf("nothing stages %s", filepath.Base(path))
				}
			}
		})
	}
}

// staged reports whether there is a case of that name, or that test.
func staged(t *testing.T, place string) bool {
	t.Helper()
	if folder, test, other := strings.Cut(place, " Test"); other && strings.HasPrefix(folder, "../") {
		return definesTest(t, folder, "Test"+test)
	}
	for _, f := range fixtures {
		if slices.ContainsFunc(f.cases, func(c kindCase) bool { return c.name == place }) {
			return true
		}
	}
	return false
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
