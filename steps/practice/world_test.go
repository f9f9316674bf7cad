package practice

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"catalog-runbook/steps/practice/registry"
	"catalog-runbook/steps/practice/testdata/ask"
)

func TestUnknownScenarioSaysWhereTheKnownOnesAre(t *testing.T) {
	if _, err := Start("stormy", Options{}); err == nil || !strings.Contains(err.Error(), `no scenario "stormy"; hint: `) || !strings.Contains(err.Error(), "practice --list") {
		t.Errorf("got %v", err)
	}
}

func TestScenariosCanBeTold(t *testing.T) {
	var names []string
	for _, s := range Scenarios() {
		names = append(names, s.Name)
		if sentences := strings.Count(s.Story, ". ") + 1; sentences < 2 || sentences > 3 || s.Title == "" {
			t.Errorf("%s: %d sentences, title %q", s.Name, sentences, s.Title)
		}
	}
	// Others may follow.
	if want := []string{"calm", "busy-dags", "database-destroy", "plan-changed", "apply-flags"}; len(names) < len(want) || !slices.Equal(names[:len(want)], want) {
		t.Errorf("scenarios %q, want %q first", names, want)
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != len(Scenarios()) {
		t.Errorf("a name is given twice: %q", names)
	}
}

func TestUnknownAirflowVersion(t *testing.T) {
	if _, err := Start("calm", Options{AirflowVersion: 4}); err == nil {
		t.Error("Airflow 4 was started")
	}
}

func TestStartWithoutGitLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("PATH", t.TempDir())
	_, err := Start("calm", Options{})
	if err == nil || !strings.Contains(err.Error(), "hint: install git") {
		t.Fatalf("error %v, want a hint to install git", err)
	}
	if left, _ := os.ReadDir(temp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCloseRemovesEverything(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	folder := string(w.folder)
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if exists(folder) {
		t.Error("the folder is still there")
	}
	if l, err := listenAgain(w.GitHubURL()); err != nil {
		t.Errorf("the port is still taken: %v", err)
	} else {
		l.Close()
	}
}

func TestEnvironHoldsNothingOfOurs(t *testing.T) {
	t.Setenv("GITHUB_TOKEN", "a-real-secret")
	w, _ := begin(t, "calm", 2)
	var names []string
	for _, v := range w.Environ() {
		name, value, _ := strings.Cut(v, "=")
		names = append(names, name)
		if value == "a-real-secret" || name == "PATH" && value != w.folder.Bin() {
			t.Errorf("environment holds %q", v)
		}
		if name == "HOME" && !strings.HasPrefix(value, string(w.folder)) {
			t.Errorf("home %q is outside of the world", value)
		}
	}
	want := []string{"PATH", "HOME", "TMPDIR", "LANG", "GIT_CONFIG_NOSYSTEM", "CATALOG_RUNBOOK_PRACTICE"}
	if !slices.Equal(names, want) {
		t.Errorf("environment %q, want %q", names, want)
	}
	found, _ := os.ReadDir(w.folder.Bin())
	if len(found) != 2 || found[0].Name() != "just" || found[1].Name() != "terraform" {
		t.Errorf("the PATH holds %v, want just and terraform alone", found)
	}
}

func gitOutput(t *testing.T, w *World, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir, cmd.Env = w.InfrastructureDir(), w.Environ()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %q: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestCheckoutIsCleanAndOnMain(t *testing.T) {
	// A person's own git settings have no part in it.
	t.Setenv("GIT_CONFIG_COUNT", "2")
	t.Setenv("GIT_CONFIG_KEY_0", "commit.gpgsign")
	t.Setenv("GIT_CONFIG_VALUE_0", "true")
	t.Setenv("GIT_CONFIG_KEY_1", "init.defaultBranch")
	t.Setenv("GIT_CONFIG_VALUE_1", "trunk")
	t.Setenv("GIT_DIR", t.TempDir())
	for scenario, database := range map[string]bool{"calm": true, "database-destroy": false} {
		w, _ := begin(t, scenario, 2)
		if status := gitOutput(t, w, "status", "--porcelain"); status != "" {
			t.Errorf("%s: not clean: %s", scenario, status)
		}
		if branch := gitOutput(t, w, "symbolic-ref", "--short", "HEAD"); branch != "main" {
			t.Errorf("%s: branch %q", scenario, branch)
		}
		tf := gitOutput(t, w, "show", "HEAD:environments/prod/catalog-airflow.tf")
		if !strings.Contains(tf, `docker_image_tag = "v1.5.3"`) {
			t.Errorf("%s: the tag is not there:\n%s", scenario, tf)
		}
		if got := exists(filepath.Join(w.InfrastructureDir(), databaseFile)); got != database {
			t.Errorf("%s: database described: %v, want %v", scenario, got, database)
		}
	}
}

func TestPublishingIsAnActThatCanBeDoneOnce(t *testing.T) {
	w, c := begin(t, "calm", 2)
	if w.scenario.Name != "calm" {
		t.Errorf("scenario %+v", w.scenario)
	}
	acts := w.Acts()
	if len(acts) != 2 || acts[1].Enabled || !acts[0].Enabled || acts[0].Label != "publish the draft release v1.5.4" {
		t.Fatalf("acts %+v", acts)
	}
	if err := w.Do("something"); err == nil {
		t.Error("an unknown act was done")
	}
	if err := w.Do(acts[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := w.Do(acts[0].ID); err == nil {
		t.Error("published twice")
	}
	if a := w.Acts()[0]; a.Enabled || !strings.HasPrefix(a.Hint, "done") {
		t.Errorf("act afterwards %+v", a)
	}
	for _, step := range []struct {
		pass time.Duration
		last string
	}{
		{0, "was published"}, {1999 * time.Millisecond, "was published"}, {time.Millisecond, "started"},
		{4 * time.Second, "succeeded"}, {2 * time.Second, "arrived"},
	} {
		c.Pass(step.pass)
		news := w.News()
		if last := news[len(news)-1]; !strings.HasSuffix(last, step.last) {
			t.Errorf("last news %q, want ... %q", last, step.last)
		}
	}
}

func TestNewsIsBounded(t *testing.T) {
	w, _ := begin(t, "calm", 2)
	for i := range 300 {
		if err := w.state.Deploy([]string{"v1", "v2"}[i%2], true); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.News()); n != 50 {
		t.Errorf("%d lines, want %d", n, 50)
	}
	if n := len(w.state.Facts().News); n > 4*50 {
		t.Errorf("%d items kept", n)
	}
}

// A front end asks while checks ask and a person acts.
func TestAWorldMayBeUsedConcurrently(t *testing.T) {
	w, c := begin(t, "busy-dags", 2)
	api, who := signIn(w, w.AirflowUser())
	token := registryToken(t, w)
	published := make(chan error, 8)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { published <- w.Do("publish-release") })
		all.Go(func() {
			c.Pass(time.Second)
			w.Acts()
			w.News()
			for _, a := range []ask.Answer{
				ask.Get(t, w.GitHubURL()+"/repos/"+w.Repository()+"/actions/runs"),
				ask.Get(t, api+activePath, "Authorization", who),
				ask.Get(t, w.registry.Origin+"/v2/"+registry.Image+"/tags/list", "Authorization", token),
			} {
				if a.Status != 200 {
					t.Errorf("%d %s", a.Status, a.Body)
				}
			}
		})
	}
	all.Wait()
	if n := strings.Count(strings.Join(w.News(), "\n"), "was published"); n != 1 {
		t.Errorf("published %d times", n)
	}
	close(published)
	done := 0
	for err := range published {
		if err == nil {
			done++
		}
	}
	if done != 1 {
		t.Errorf("%d were told that they published", done)
	}
}
