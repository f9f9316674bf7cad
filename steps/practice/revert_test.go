package practice

import (
	"strings"
	"testing"

	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/text"
)

func actNamed(w *World, id string) (act, bool) {
	for _, a := range w.Acts() {
		if a.ID == id {
			return a, true
		}
	}
	return act{}, false
}

// The plan that would destroy the database can be mended, and the walk finished.
func TestAColleagueRevertsTheRemovalOfTheDatabase(t *testing.T) {
	for name, staged := range map[string]bool{"a bump": false, "a bump that is staged": true} {
		t.Run(name, func(t *testing.T) {
			w, _ := begin(t, "database-destroy", 2)
			if err := w.Do("publish-release"); err != nil {
				t.Fatal(err)
			}
			runJust(t, w, "", bump...).must(t, 0)
			if staged {
				gitOutput(t, w, "add", "--all")
			}
			before, status := gitOutput(t, w, "diff", "HEAD"), gitOutput(t, w, "status", "--porcelain")
			head := gitOutput(t, w, "rev-parse", "HEAD")
			if a, ok := actNamed(w, "restore-database"); !ok || !a.Enabled || strings.HasSuffix(a.Label, ".") {
				t.Fatalf("act %+v, %v", a, ok)
			}
			if err := w.Do("restore-database"); err != nil {
				t.Fatal(err)
			}
			if after := gitOutput(t, w, "diff", "HEAD"); after != before || gitOutput(t, w, "status", "--porcelain") != status || before == "" {
				t.Errorf("what was not committed is now\n%s\nand was\n%s", after, before)
			}
			if got := gitOutput(t, w, "log", "--format=%s", "--name-status", head+"..main"); got != `Revert "`+w.scenario.removed.subject+`"`+"\n\nA\t"+databaseFile {
				t.Errorf("the commit is\n%s", got)
			}
			if got := gitOutput(t, w, "diff", "main~2", "main"); got != "" {
				t.Errorf("the revert does not bring back what was:\n%s", got)
			}
			if a, _ := actNamed(w, "restore-database"); a.Enabled || !strings.HasPrefix(a.Hint, "done: ") {
				t.Errorf("act afterwards %+v", a)
			}
			if err := w.Do("restore-database"); err == nil {
				t.Error("reverted twice")
			}
			p, err := text.Read(strings.NewReader(runJust(t, w, "", plans...).stdout))
			if err != nil {
				t.Fatal(err)
			}
			if j := terraform.Judge(p, terraform.Policy{Service: "catalog-airflow"}); j.Verdict != terraform.Passed || p.Tally()[terraform.Replace] != 1 || p.Tally()[terraform.Delete] != 0 {
				t.Errorf("the plan: %v, %s, %v", j.Verdict, j.Summary, p.Tally())
			}
			runJust(t, w, "yes\n", apply...).must(t, 0, "Apply complete! Resources: 1 added, 0 changed, 1 destroyed.")
			if d := deployed(t, w); d != (state.Deployment{Deployed: draftTag, Database: true, Serial: 1, Newest: draftTag}) {
				t.Errorf("deployed %+v", d)
			}
			if news := strings.Join(w.News(), "\n"); strings.Count(news, "reverted the removal of "+databaseFile) != 1 || strings.Contains(news, "destroyed") {
				t.Errorf("news:\n%s", news)
			}
		})
	}
}

func TestTheRevertComesOnACleanMainToo(t *testing.T) {
	w, c := keep(t, "database-destroy")
	w = again(t, w, c, 0)
	if err := w.Do("restore-database"); err != nil {
		t.Fatal(err)
	}
	if status := gitOutput(t, w, "status", "--porcelain"); status != "" {
		t.Errorf("not clean: %s", status)
	}
	runJust(t, w, "", plans...).must(t, 0, "No changes.")
	w = again(t, w, c, 0)
	if a, ok := actNamed(w, "restore-database"); !ok || a.Enabled {
		t.Errorf("act in the world that goes on %+v, %v", a, ok)
	}
}

func TestTheRevertComesOnMainOnly(t *testing.T) {
	w, _ := begin(t, "database-destroy", 2)
	for _, leave := range [][]string{{"checkout", "--quiet", "-b", "mine"}, {"checkout", "--quiet", "--detach"}} {
		gitOutput(t, w, leave...)
		head := gitOutput(t, w, "rev-parse", "HEAD")
		if err := w.Do("restore-database"); err == nil || !strings.Contains(err.Error(), "isn't on main") || !strings.Contains(err.Error(), "hint: git switch main") {
			t.Errorf("%q: error %v", leave, err)
		}
		if gitOutput(t, w, "rev-parse", "HEAD") != head || gitOutput(t, w, "status", "--porcelain") != "" {
			t.Errorf("%q: the checkout is changed", leave)
		}
	}
	gitOutput(t, w, "checkout", "--quiet", "main")
	if err := w.Do("restore-database"); err != nil {
		t.Error(err)
	}
}

func TestOnlyThatScenarioHasSomethingToRevert(t *testing.T) {
	for _, s := range Scenarios() {
		w, _ := begin(t, s.Name, 2)
		if _, ok := actNamed(w, "restore-database"); ok != (s.Name == "database-destroy") {
			t.Errorf("%s: offered: %v", s.Name, ok)
		}
	}
}
