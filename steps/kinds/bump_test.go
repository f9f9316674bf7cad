package kinds_test

import (
	"os"
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
			name: "not bumped yet", world: workTree(nil),
			verdict: runbook.Failed, says: []string{"not been bumped to " + fake.Tag + " yet", "clean and on main"}, leaves: ready,
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
			name: "no directory is set", verdict: runbook.Unknown, says: []string{"[infrastructure] directory"},
		},
		{
			name:    "no such directory",
			world:   func(t *testing.T, w *steps.World) { w.Checkout.Dir = filepath.Join(t.TempDir(), "gone") },
			verdict: runbook.Unknown, says: []string{"Reading the infrastructure checkout", "there is no folder"},
		},
		{
			name:    "no checkout",
			world:   func(t *testing.T, w *steps.World) { w.Checkout.Dir = t.TempDir() },
			verdict: runbook.Unknown, says: []string{"not a git work tree"},
		},
		{
			name: "no release is chosen", facts: runbook.Facts{}, world: workTree(nil),
			verdict: runbook.Unknown, says: []string{"No release has been chosen"}, leaves: notReady,
		},
		{name: "the command bumped it", effect: "bump", world: bumpTo(fake.Tag), verdict: runbook.Passed, says: []string{"bumped from v1.5.3"}},
		{name: "the command did nothing", effect: "bump", world: workTree(nil), verdict: runbook.Failed, says: []string{"not been bumped"}},
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
