package checkout

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// What git was told to overlook is named, and what a sparse checkout hasn't got isn't.
func TestOverlookedFiles(t *testing.T) {
	c := repository(t)
	for _, args := range [][]string{{"--skip-worktree", "other.tf"}, {"--assume-unchanged", "prod/airflow.tf"}} {
		git(t, c, append([]string{"update-index"}, args...)...)
	}
	write(t, c, "other.tf", "hidden\n")
	s, err := c.Status(t.Context())
	if err != nil || !s.Clean || !slices.Equal(s.Overlooked, []string{"other.tf", "prod/airflow.tf"}) {
		t.Errorf("%+v, %v", s, err)
	}
	git(t, c, "update-index", "--no-assume-unchanged", "prod/airflow.tf")
	if err := os.Remove(filepath.Join(c.Dir, "other.tf")); err != nil {
		t.Fatal(err)
	}
	if s, err := c.Status(t.Context()); err != nil || len(s.Overlooked) > 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// A replaced commit can't make what is checked out look like HEAD.
func TestReplacedCommit(t *testing.T) {
	c := repository(t)
	write(t, c, "other.tf", "changed\n")
	git(t, c, "add", ".")
	git(t, c, "replace", "HEAD", git(t, c, "commit-tree", git(t, c, "write-tree"), "-m", "z"))
	if out := git(t, c, "status", "--short"); out != "" {
		t.Fatalf("git itself sees %q", out)
	}
	if s, err := c.Status(t.Context()); err != nil || s.Clean {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestUpstream(t *testing.T) {
	c := repository(t)
	if s, err := c.Status(t.Context()); err != nil || s.Upstream != "" || !s.Fetched.IsZero() {
		t.Errorf("without a remote: %+v, %v", s, err)
	}
	origin := filepath.Join(t.TempDir(), "origin")
	git(t, c, "clone", "--quiet", "--bare", ".", origin)
	git(t, c, "remote", "add", "origin", origin)
	git(t, c, "fetch", "--quiet")
	git(t, c, "branch", "--quiet", "--set-upstream-to=origin/main")
	git(t, c, "config", "status.aheadBehind", "false")
	at := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(c.Dir, ".git", "FETCH_HEAD"), at, at); err != nil {
		t.Fatal(err)
	}
	colleague := Checkout{Dir: filepath.Join(t.TempDir(), "theirs")}
	git(t, c, "clone", "--quiet", origin, colleague.Dir)
	git(t, colleague, "-c", "user.name=b", "-c", "user.email=b@example.org", "commit", "--quiet", "--allow-empty", "--message=y")
	git(t, colleague, "push", "--quiet")
	git(t, c, "commit", "--quiet", "--allow-empty", "--message=z")
	if s, err := c.Status(t.Context()); err != nil || s.Upstream != "origin/main" || s.Ahead != 1 || s.Behind != 0 || !s.Fetched.Equal(at) {
		t.Errorf("%+v, %v", s, err)
	}
	git(t, c, "fetch", "--quiet")
	if s, err := c.Status(t.Context()); err != nil || s.Ahead != 1 || s.Behind != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	git(t, c, "update-ref", "-d", "refs/remotes/origin/main")
	if s, err := c.Status(t.Context()); err != nil || s.Upstream != "" {
		t.Errorf("its upstream is gone: %+v, %v", s, err)
	}
}

// A check fetches nothing and writes nothing, in a partial clone either.
func TestNothingIsWritten(t *testing.T) {
	c := repository(t)
	write(t, c, "docs/long.md", strings.Repeat("v1.5.3 is old\n", 10))
	git(t, c, "add", ".")
	commit(t, c)
	origin := filepath.Join(t.TempDir(), "origin")
	git(t, c, "clone", "--quiet", "--bare", ".", origin)
	for _, name := range []string{"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"} {
		git(t, Checkout{Dir: origin}, "config", name, "true")
	}
	partial := Checkout{Dir: filepath.Join(t.TempDir(), "partial")}
	git(t, c, "clone", "--quiet", "--filter=blob:none", "--no-checkout", "file://"+origin, partial.Dir)
	git(t, partial, "sparse-checkout", "set", "--cone", "prod")
	git(t, partial, "checkout", "--quiet", "main")
	write(t, partial, "prod/airflow.tf", "locals {\n  name = \"airflow\"\n  tag  = \"v1.5.3\"\n  size = 3\n}\n")
	files := func() string {
		var all strings.Builder
		err := filepath.WalkDir(partial.Dir, func(name string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				info, err := d.Info()
				if err != nil {
					return err
				}
				all.WriteString(name + info.ModTime().String() + "\n")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all.String()
	}
	before := files()
	if s, err := partial.Status(t.Context()); err != nil || !slices.Equal(s.Changed, []string{"prod/airflow.tf"}) {
		t.Errorf("%+v, %v", s, err)
	}
	if d, err := partial.Diff(t.Context()); err != nil || len(d.Files) != 1 {
		t.Errorf("%+v, %v", d.Files, err)
	}
	if _, err := partial.MainBranch(t.Context()); err != nil {
		t.Error(err)
	}
	if names, err := partial.Names(t.Context(), "v1.5.3"); err == nil {
		t.Errorf("looked into files that are not here: %q", names)
	}
	if after := files(); after != before {
		t.Errorf("files before:\n%s\nand after:\n%s", before, after)
	}
}

// Attributes and settings for people don't hide what has changed.
func TestAttributesHideNothing(t *testing.T) {
	c := repository(t)
	write(t, c, ".gitattributes", "*.tf -diff\n")
	git(t, c, "add", ".")
	commit(t, c)
	git(t, c, "config", "diff.orderFile", "/nowhere")
	write(t, c, "prod/airflow.tf", "locals {\n  name = \"airflow\"\n  tag  = \"v1.5.3\"\n  size = 3\n}\n")
	expectVersion(t, diff(t, c), "v1.5.3", "v1.5.2", 0)
}
