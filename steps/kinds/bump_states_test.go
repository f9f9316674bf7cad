package kinds_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps/testdata/fake"
)

// TestBumpInUnusualCheckouts bumps the version in checkouts that git can be in.
func TestBumpInUnusualCheckouts(t *testing.T) {
	link := func(t *testing.T, dir, target, name string) {
		t.Helper()
		_ = os.Remove(filepath.Join(dir, name))
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	clone := func(i *infra, args ...string) {
		dir := filepath.Join(i.t.TempDir(), "clone")
		i.git(append(append([]string{"clone", "--quiet"}, args...), "file://"+filepath.Join(i.world.Checkout.Dir, ".git"), dir)...)
		i.world.Checkout.Dir = dir
	}
	two := "prod_airflow_version = \"v1.5.3\"\nstaging_airflow_version = \"v1.5.3\"\n"
	blocks := "module \"staging_airflow\" {\n  a = 1\n  b = 1\n  c = 1\n  version = \"v1.5.3\"\n}\n\nmodule \"prod_airflow\" {\n  a = 1\n  b = 1\n  c = 1\n  version = \"v1.5.3\"\n}\n"
	services := "airflow_version = \"v1.5.3\"\napi_version = \"v1.5.3\"\n"
	edit := func(text, old, now string, n int) func(*infra) {
		return func(i *infra) {
			i.commit("main.tf", text)
			i.git("push", "--quiet")
			at := strings.Index(text, old)
			for range n {
				at += len(old) + strings.Index(text[at+len(old):], old)
			}
			fake.Write(i.t, i.world.Checkout.Dir, "main.tf", text[:at]+strings.Replace(text[at:], old, now, 1))
		}
	}
	bump := func(i *infra) { fake.Bumped(i.t, i.world.Checkout.Dir, fake.Tag) }
	for _, c := range []struct {
		name    string
		change  func(*infra)
		verdict runbook.Verdict
		says    string
	}{
		{"a linked work tree", func(i *infra) {
			dir := filepath.Join(i.t.TempDir(), "linked")
			i.git("checkout", "--quiet", "--detach")
			i.git("worktree", "add", "--quiet", dir, "main")
			i.world.Checkout.Dir = dir
			bump(i)
		}, runbook.Passed, ""},
		{"a shallow clone", func(i *infra) { clone(i, "--depth=1"); bump(i) }, runbook.Passed, ""},
		{"a clone that shares objects", func(i *infra) { clone(i, "--shared"); bump(i) }, runbook.Passed, ""},
		{"a sparse checkout", func(i *infra) {
			i.git("sparse-checkout", "set", "--cone", filepath.Dir(fake.VersionFile))
			bump(i)
		}, runbook.Passed, ""},
		{"no branch", func(i *infra) { i.git("checkout", "--quiet", "--detach"); bump(i) }, runbook.Failed, "not on its main branch"},
		{"line ends are converted", func(i *infra) {
			i.git("config", "core.autocrlf", "true")
			fake.Write(i.t, i.world.Checkout.Dir, fake.VersionFile, strings.ReplaceAll(strings.ReplaceAll(fake.Version, "v1.5.3", fake.Tag), "\n", "\r\n"))
		}, runbook.Passed, ""},
		{"line ends are changed", func(i *infra) {
			fake.Write(i.t, i.world.Checkout.Dir, fake.VersionFile, strings.ReplaceAll(strings.ReplaceAll(fake.Version, "v1.5.3", fake.Tag), "\n", "\r\n"))
		}, runbook.Failed, "more than a version"},
		{"renamed", func(i *infra) {
			bump(i)
			i.git("mv", fake.VersionFile, filepath.Dir(fake.VersionFile)+"/catalog-airflow-2.tf")
		}, runbook.Failed, ""},
		{"a link becomes the version", func(i *infra) {
			link(i.t, i.world.Checkout.Dir, "v1.5.3", "airflow")
			i.git("add", "airflow")
			i.git("commit", "--quiet", "--message=link")
			i.git("push", "--quiet")
			link(i.t, i.world.Checkout.Dir, fake.Tag, "airflow")
		}, runbook.Failed, "airflow is a link or a submodule and changed"},
		{"a file becomes a link", func(i *infra) {
			link(i.t, i.world.Checkout.Dir, "elsewhere", fake.VersionFile)
		}, runbook.Failed, ""},
		{"a file whose name differs by case is hidden", func(i *infra) {
			if runtime.GOOS == "darwin" {
				i.t.Skip("SKIPPED: names don't differ by case here")
			}
			i.git("config", "core.ignoreCase", "true")
			bump(i)
			fake.Write(i.t, i.world.Checkout.Dir, strings.ToUpper(fake.VersionFile), "x\n")
			fake.Write(i.t, i.world.Checkout.Dir, filepath.Join(filepath.Dir(fake.VersionFile), strings.ToUpper(filepath.Base(fake.VersionFile))), "x\n")
		}, runbook.Failed, "is untracked"},
		{"this of two environments in a file", edit(two, "v1.5.3", fake.Tag, 0), runbook.Passed, ""},
		{"the other of two environments in a file", edit(two, "v1.5.3", fake.Tag, 1), runbook.Failed, "main.tf, which is of staging and not of prod"},
		{"the block of this environment", edit(blocks, "v1.5.3", fake.Tag, 1), runbook.Passed, ""},
		{"the block of another environment", edit(blocks, "v1.5.3", fake.Tag, 0), runbook.Failed, "which is of staging and not of prod"},
		{"this of two services in a file", edit(services, "v1.5.3", fake.Tag, 0), runbook.Passed, ""},
		{"the other of two services in a file", edit(services, "v1.5.3", fake.Tag, 1), runbook.Unknown, "nothing there names catalog-airflow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newInfra(t)
			c.change(i)
			i.expect(c.verdict, c.says)
		})
	}
}
