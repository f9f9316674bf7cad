package kinds_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
)

// workTree makes the infrastructure checkout and changes it.
func workTree(change func(t *testing.T, dir string)) func(*testing.T, *steps.World) {
	return func(t *testing.T, w *steps.World) {
		w.Checkout.Dir = fake.Repository(t)
		if change != nil {
			change(t, w.Checkout.Dir)
		}
	}
}

func bumpTo(to string) func(*testing.T, *steps.World) {
	return workTree(func(t *testing.T, dir string) { fake.Bumped(t, dir, to) })
}

// rewritten makes a checkout with another file, committed, in which one text is replaced.
func rewritten(file, text, before, after string) func(*testing.T, *steps.World) {
	return workTree(func(t *testing.T, dir string) {
		fake.Write(t, dir, file, text)
		fake.Git(t, dir, "add", ".")
		fake.Git(t, dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=y")
		fake.Write(t, dir, file, strings.ReplaceAll(text, before, after))
	})
}

// spelledBare are the facts about a release whose image has a tag without a v.
var spelledBare = runbook.Facts{runbook.ReleaseTag: fake.Tag, "image.tag": strings.TrimPrefix(fake.Tag, "v")}

// upstreamed makes a clean checkout of which either the branch or its upstream has one
// commit more.
func upstreamed(ahead bool) func(*testing.T, *steps.World) {
	return workTree(func(t *testing.T, dir string) {
		commit := func() {
			fake.Git(t, dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "--message=y")
		}
		if !ahead {
			commit()
		}
		origin := filepath.Join(t.TempDir(), "origin")
		fake.Git(t, dir, "clone", "--quiet", "--bare", ".", origin)
		fake.Git(t, dir, "remote", "add", "origin", origin)
		fake.Git(t, dir, "fetch", "--quiet")
		fake.Git(t, dir, "branch", "--quiet", "--set-upstream-to=origin/main")
		if ahead {
			commit()
		} else {
			fake.Git(t, dir, "reset", "--quiet", "--hard", "HEAD~1")
		}
	})
}

var (
	ready    = runbook.Facts{"bump.ready": "clean, on main"}
	notReady = runbook.Facts{"bump.ready": ""}
)

var bumpFixture = fixture{
	params: steps.Params{"environment": "prod", "service": "catalog-airflow"},
	facts:  runbook.Facts{runbook.ReleaseTag: fake.Tag},
	hang:   hangingGit,
	cases: []kindCase{
		{
			name: "bumped", world: bumpTo(fake.Tag),
			verdict: runbook.Passed, says: []string{"from v1.5.3 to " + fake.Tag, "nothing else is changed"},
			sees: []string{"branch: main at ", "changed: " + fake.VersionFile, "version: v1.5.3 -> " + fake.Tag}, leaves: notReady,
		},
		{
			name: "lowered", world: bumpTo("v1.5.2"), facts: runbook.Facts{runbook.ReleaseTag: "v1.5.2"},
			verdict: runbook.Passed, says: []string{"lowered from v1.5.3 to v1.5.2, which is older"},
		},
		{
			name: "a port becomes the version", world: rewritten(fake.VersionFile, fake.Version+"port = 5432\n", "5432", fake.Tag),
			verdict: runbook.Failed, says: []string{`changes "5432", which is not a version`},
		},
		{
			name: "another environment", world: rewritten("environments/staging/catalog-airflow.tf", fake.Version, "v1.5.3", fake.Tag),
			verdict: runbook.Failed, says: []string{"environments/staging/catalog-airflow.tf, which is of staging and not of prod"},
		},
		{
			name: "another service", world: rewritten("environments/prod/api.tf", "api_version = \"v1.5.3\"\n", "v1.5.3", fake.Tag),
			verdict: runbook.Unknown, says: []string{"environments/prod/api.tf, and nothing there names catalog-airflow"},
		},
		{
			name: "the same environment by another name", world: rewritten("production/main.tf", "airflow_tag = \"v1.5.3\"\n", "v1.5.3", fake.Tag),
			verdict: runbook.Passed, says: []string{"from v1.5.3 to " + fake.Tag},
		},
		{
			name: "a comment", world: rewritten(fake.VersionFile, fake.Version+"# v1.5.1 was the catalog's last one\n", "v1.5.1", fake.Tag),
			verdict: runbook.Failed, says: []string{"only in a comment or a text"},
		},
		{
			name: "a change log", world: rewritten("CHANGELOG.md", "catalog-airflow v1.5.3\n", "v1.5.3", fake.Tag),
			verdict: runbook.Failed, says: []string{"only in a comment or a text"},
		},
		{
			name: "without the v", world: rewritten(fake.VersionFile, "tag = \"1.5.3\"\n", "1.5.3", strings.TrimPrefix(fake.Tag, "v")),
			verdict: runbook.Passed, says: []string{"from 1.5.3 to " + fake.Tag},
		},
		{
			name: "to the image's tag without the v", world: bumpTo("1.5.4"), facts: spelledBare,
			verdict: runbook.Passed, says: []string{"from v1.5.3 to " + fake.Tag}, sees: []string{`+: tag      = "1.5.4"`},
		},
		{
			name: "to a tag with a v that the image doesn't have", world: bumpTo(fake.Tag), facts: spelledBare,
			verdict: runbook.Failed, says: []string{"changes to v1.5.4, but 1.5.4 was chosen; the image of v1.5.4 has the tag 1.5.4"},
		},
		{
			name: "named already without the v", world: rewritten(fake.VersionFile, "tag = \"1.5.4\"\n", "x", "x"), facts: spelledBare,
			verdict: runbook.Unknown, says: []string{"main names v1.5.4 already"},
		},
		{
			name: "hidden from git", world: workTree(func(t *testing.T, dir string) {
				fake.Bumped(t, dir, fake.Tag)
				fake.Write(t, dir, "justfile", "bump:\n")
				fake.Git(t, dir, "add", "justfile")
				fake.Git(t, dir, "update-index", "--assume-unchanged", "justfile")
			}),
			verdict: runbook.Unknown, says: []string{"told to ignore changes of justfile"},
		},
		{
			name: "behind", world: upstreamed(false), verdict: runbook.Failed, says: []string{"is 1 commit behind origin/main: pull first"},
			sees: []string{"upstream: origin/main, 0 ahead, 1 behind, fetched"}, leaves: notReady,
		},
		{name: "ahead", world: upstreamed(true), verdict: runbook.Failed, says: []string{"has 1 commit that origin/main doesn't have"}, leaves: notReady},
		{
			name: "not bumped yet", world: workTree(nil),
			verdict: runbook.Failed, says: []string{"Not bumped", "The checkout is clean"}, leaves: ready,
		},
		{
			name: "another branch", world: workTree(func(t *testing.T, dir string) { fake.Git(t, dir, "checkout", "--quiet", "-b", "topic") }),
			verdict: runbook.Failed, says: []string{`on "topic", not on its main branch "main"`}, leaves: notReady,
		},
		{
			name: "no branch", world: workTree(func(t *testing.T, dir string) { fake.Git(t, dir, "checkout", "--quiet", "--detach") }),
			verdict: runbook.Failed, says: []string{"not on its main branch"}, leaves: notReady,
		},
		{
			name: "bumped on another branch", world: workTree(func(t *testing.T, dir string) {
				fake.Git(t, dir, "checkout", "--quiet", "-b", "topic")
				fake.Bumped(t, dir, fake.Tag)
			}),
			verdict: runbook.Failed, says: []string{"not on its main branch"}, leaves: notReady,
		},
		{
			name: "another tag", world: bumpTo("v1.5.5"),
			verdict: runbook.Failed, says: []string{"v1.5.5", fake.Tag + " was chosen"}, leaves: notReady,
		},
		{
			name: "another change in the file", world: workTree(func(t *testing.T, dir string) {
				fake.Write(t, dir, fake.VersionFile, strings.NewReplacer("v1.5.3", fake.Tag, "m5.xlarge", "m5.large").Replace(fake.Version))
			}),
			verdict: runbook.Failed, says: []string{"not by the bump to " + fake.Tag + " alone"}, leaves: notReady,
		},
		{
			name: "another file", world: workTree(func(t *testing.T, dir string) {
				fake.Bumped(t, dir, fake.Tag)
				fake.Write(t, dir, "notes\x1b[2J.txt", "x\n")
			}),
			verdict: runbook.Failed, says: []string{"notes^[[2J.txt"}, sees: []string{"changed: notes"}, leaves: notReady,
		},
		{
			name: "another file alone", world: workTree(func(t *testing.T, dir string) { fake.Write(t, dir, "notes.txt", "x\n") }),
			verdict: runbook.Failed, leaves: notReady,
		},
		{
			name: "no directory is set", verdict: runbook.Unknown, says: []string{"catalog-runbook init", "directory under [infrastructure]"},
		},
		{
			name:    "no such directory",
			world:   func(t *testing.T, w *steps.World) { w.Checkout.Dir = filepath.Join(t.TempDir(), "gone") },
			verdict: runbook.Unknown, says: []string{"Reading the infrastructure checkout", "no folder"},
		},
		{
			name:    "no checkout",
			world:   func(t *testing.T, w *steps.World) { w.Checkout.Dir = t.TempDir() },
			verdict: runbook.Unknown, says: []string{"not a git work tree"},
		},
		{
			name: "no release is chosen", facts: runbook.Facts{}, world: workTree(nil),
			verdict: runbook.Unknown, says: []string{"Choose a release first."}, leaves: notReady,
		},
		{name: "the command bumped it", effect: "bump", world: bumpTo(fake.Tag), verdict: runbook.Passed, says: []string{"bumped from v1.5.3"}},
		{name: "the command did nothing", effect: "bump", world: workTree(nil), verdict: runbook.Failed, says: []string{"Not bumped"}},
		{name: "the command failed and did nothing", effect: "bump", exit: 2, world: workTree(nil), verdict: runbook.Failed},
		{
			name: "the command failed, although it bumped", effect: "bump", exit: 2, world: bumpTo(fake.Tag),
			verdict: runbook.Unknown, says: []string{"exit code 2"},
		},
	},
}

// TestBumpDiffFollowsTheCheckout holds the fact that a plan is compared with to
// what is in the checkout: any change of it is another value.
func TestBumpDiffFollowsTheCheckout(t *testing.T) {
	w := fake.Connect(t, fake.NewScript(t))
	w.Checkout.Dir = fake.Repository(t)
	k := kind(t, "bump")
	seen := map[string]string{}
	look := func(when string) string {
		t.Helper()
		res := k.Check.Ask(t.Context(), steps.Input{Params: bumpFixture.params, Facts: bumpFixture.facts, World: w})
		print := res.Facts["bump.diff"]
		if was, dup := seen[print]; dup || len(print) != 64 {
			t.Errorf("%s: %q, which was that of %q too", when, print, was)
		}
		seen[print] = when
		return print
	}
	first := look("clean")
	fake.Bumped(t, w.Checkout.Dir, fake.Tag)
	look("bumped")
	fake.Bumped(t, w.Checkout.Dir, "v1.5.5")
	look("bumped to another")
	fake.Git(t, w.Checkout.Dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--all", "--message=y")
	look("committed")
	fake.Write(t, w.Checkout.Dir, "new.tf", "x\n")
	look("with a new file")
	if err := os.Remove(filepath.Join(w.Checkout.Dir, "new.tf")); err != nil {
		t.Fatal(err)
	}
	fake.Git(t, w.Checkout.Dir, "reset", "--quiet", "--hard", "HEAD~1")
	delete(seen, first)
	if again := look("as at first"); again != first {
		t.Error("the same checkout has another value")
	}
}

// kind returns the named kind.
func kind(t *testing.T, name string) *steps.Kind {
	t.Helper()
	for _, k := range kinds.All() {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("there is no such kind as %s", name)
	panic("unreachable")
}

// The checkouts of ../shared, which developers have, are not bumped, whatever git says.
func TestSharedCheckouts(t *testing.T) {
	scripts, err := filepath.Glob("../../../shared/cases/checkouts/*.sh")
	if err != nil || len(scripts) == 0 {
		t.Skip("SKIPPED: ../shared is not here")
	}
	for _, script := range scripts {
		t.Run(filepath.Base(script), func(t *testing.T) {
			script, err := filepath.Abs(script)
			if err != nil {
				t.Fatal(err)
			}
			w := fake.Connect(t, fake.NewScript(t))
			w.Checkout.Dir = filepath.Join(t.TempDir(), "infra")
			if out, err := exec.Command("sh", script, w.Checkout.Dir).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			in := steps.Input{Params: bumpFixture.params, Facts: bumpFixture.facts, World: w}
			if res := kind(t, "bump").Check.Ask(t.Context(), in); res.Verdict == runbook.Passed {
				t.Errorf("it is passed: %s", res.Summary)
			} else {
				t.Logf("%s: %s", res.Verdict, res.Summary)
			}
		})
	}
}
