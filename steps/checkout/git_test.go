package checkout

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"catalog-runbook/runbook/testdata/poll"
)

// repository makes a work tree with one commit on main: a variables file with a
// version in it, and a name with unusual characters.
func repository(t *testing.T) Checkout {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	c := Checkout{Dir: t.TempDir()}
	git(t, c, "init", "--quiet", "--initial-branch=main")
	git(t, c, "config", "user.name", "a")
	git(t, c, "config", "user.email", "a@example.org")
	write(t, c, "prod/airflow.tf", "locals {\n  name = \"airflow\"\n  tag  = \"v1.5.2\"\n  size = 3\n}\n")
	write(t, c, "other.tf", "# -- a comment\nx = 1\n")
	write(t, c, ".gitignore", "*.tfplan\n")
	git(t, c, "add", ".")
	commit(t, c)
	return c
}

func git(t *testing.T, c Checkout, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = c.Dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func commit(t *testing.T, c Checkout) {
	t.Helper()
	git(t, c, "commit", "--quiet", "--message=x")
}

func write(t *testing.T, c Checkout, name, text string) {
	t.Helper()
	path := filepath.Join(c.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, c Checkout) Status {
	t.Helper()
	s, err := c.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStatus(t *testing.T) {
	c := repository(t)
	head := git(t, c, "rev-parse", "HEAD")
	if got, want := status(t, c), (Status{Branch: "main", Commit: head, Clean: true}); !reflect.DeepEqual(got, want) {
		t.Errorf("clean: got %+v, want %+v", got, want)
	}

	git(t, c, "remote", "add", "origin", "https://someone:secret@example.org/infra.git")
	git(t, c, "config", "status.showUntrackedFiles", "no")
	git(t, c, "config", "status.relativePaths", "true")
	write(t, c, "prod/airflow.tf", "changed\n")
	write(t, c, "new dir/a\nb.tf", "new\n")
	write(t, c, "a.tfplan", "ignored\n")
	git(t, c, "mv", "other.tf", "moved it.tf")
	want := Status{Branch: "main", Commit: head, Remote: "https://example.org/infra.git",
		Changed: []string{"moved it.tf", "other.tf", "prod/airflow.tf", "new dir/a\nb.tf"}}
	if got := status(t, Checkout{Dir: filepath.Join(c.Dir, "prod")}); !reflect.DeepEqual(got, want) {
		t.Errorf("changed: got %+v, want %+v", got, want)
	}
}

func TestStatusOffTheBranch(t *testing.T) {
	c := repository(t)
	git(t, c, "checkout", "--quiet", "--detach")
	if got := status(t, c); got.Branch != "" || got.Commit == "" || !got.Clean {
		t.Errorf("detached: got %+v", got)
	}
	git(t, c, "checkout", "--quiet", "--orphan", "fresh")
	if got := status(t, c); got.Branch != "fresh" || got.Commit != "" || got.Clean {
		t.Errorf("without a commit: got %+v", got)
	}
}

func TestStatusOfAConflict(t *testing.T) {
	c := repository(t)
	git(t, c, "checkout", "--quiet", "-b", "side")
	write(t, c, "other.tf", "x = 2\n")
	git(t, c, "add", ".")
	commit(t, c)
	git(t, c, "checkout", "--quiet", "main")
	write(t, c, "other.tf", "x = 3\n")
	git(t, c, "add", ".")
	commit(t, c)
	merge := exec.Command("git", "merge", "side")
	merge.Dir = c.Dir
	if err := merge.Run(); err == nil {
		t.Fatal("the merge went well")
	}
	if got := status(t, c); got.Clean || !reflect.DeepEqual(got.Changed, []string{"other.tf"}) {
		t.Errorf("got %+v", got)
	}
}

func TestParseStatusRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, out := range []string{"", "# branch.head main\x00", "# branch.oid abc\x00! ignored\x00", "# branch.oid abc\x001 .M N... 1\x00", "hello"} {
		if s, err := parseStatus(out); err == nil {
			t.Errorf("%q: got %+v", out, s)
		}
	}
}

func TestGitStartsNothingAndWritesNothing(t *testing.T) {
	c := repository(t)
	trap := filepath.Join(t.TempDir(), "trap")
	mark := trap + ".sprung"
	if err := os.WriteFile(trap, []byte("#!/bin/sh\necho sprung >>"+mark+"\ncat\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"core.fsmonitor", "core.pager", "diff.external", "diff.x.textconv", "diff.x.command"} {
		git(t, c, "config", key, trap)
	}
	for key, value := range map[string]string{"color.ui": "always", "diff.noprefix": "true", "diff.context": "0", "diff.renames": "copies",
		"diff.suppressBlankEmpty": "true", "diff.relative": "true", "core.quotePath": "false"} {
		git(t, c, "config", key, value)
	}
	t.Setenv("GIT_EXTERNAL_DIFF", trap)
	t.Setenv("GIT_DIR", "/nowhere")
	write(t, c, ".gitattributes", "*.tf diff=x\n")
	write(t, c, "prod/airflow.tf", "locals {\n  name = \"airflow\"\n  tag  = \"v1.5.3\"\n  size = 3\n}\n")
	index := filepath.Join(c.Dir, ".git", "index")
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(index, past, past); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(index)
	if err != nil {
		t.Fatal(err)
	}
	d := diff(t, c)
	if _, err := c.MainBranch(context.Background()); err != nil {
		t.Error(err)
	}
	if said, err := os.ReadFile(mark); err == nil {
		t.Errorf("a program was started: %s", said)
	}
	if after, err := os.Stat(index); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("the index was written: %v", err)
	}
	if len(d.Files) != 2 || d.Files[0].Path != "prod/airflow.tf" || len(d.Files[0].Hunks[0].Lines) != 6 {
		t.Errorf("the configuration changed what is read: %+v", d.Files)
	}
}

func TestGitErrorsSayWhatToDo(t *testing.T) {
	c := repository(t)
	ctx := context.Background()
	if _, err := (Checkout{Dir: filepath.Join(c.Dir, ".git")}).Status(ctx); !errors.Is(err, ErrNoWorkTree) {
		t.Errorf("no work tree around it: %v", err)
	}
	if _, err := c.git(ctx, "rev-parse", "--no-such-option-of-git", "--verify"); err == nil || errors.Is(err, ErrNoWorkTree) || !strings.Contains(err.Error(), "git rev-parse: exit status 128") {
		t.Errorf("another error: %v", err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(c.Dir, 12345, -1); err != nil {
			t.Fatal(err)
		}
		_, err := Checkout{Dir: filepath.Join(c.Dir, "prod")}.Status(ctx)
		if err == nil || !strings.Contains(err.Error(), "belongs to another user") || errors.Is(err, ErrNoWorkTree) {
			t.Errorf("somebody else's: %v", err)
		}
	}
	_, err := Checkout{Dir: t.TempDir()}.Status(ctx)
	if !errors.Is(err, ErrNoWorkTree) || !strings.Contains(err.Error(), "hint: clone") {
		t.Errorf("not a work tree: %v", err)
	}
	_, err = Checkout{Dir: filepath.Join(t.TempDir(), "gone")}.Status(ctx)
	if err == nil || !strings.Contains(err.Error(), "reading the infrastructure checkout: no folder") {
		t.Errorf("no folder: %v", err)
	}
	for _, name := range []string{"no-such-git", filepath.Join(t.TempDir(), "git")} {
		_, err = Checkout{Dir: t.TempDir(), Git: name}.Status(ctx)
		if err == nil || !strings.Contains(err.Error(), "hint: install git") {
			t.Errorf("no git: %v", err)
		}
	}
}

// TestGitEndsWithItsContext has a git whose child holds the output open, as a
// credential helper would. Neither is left, and neither can ask on our terminal.
func TestGitEndsWithItsContext(t *testing.T) {
	c := repository(t)
	fake := filepath.Join(t.TempDir(), "git")
	said := fake + ".said"
	if err := os.WriteFile(fake, []byte(`#!/bin/sh
sleep 600 &
echo "pid $$ pid $!" >>"$0.said"
sleep 600
`), 0o755); err != nil {
		t.Fatal(err)
	}
	c.Git = fake
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		_, err := c.Status(ctx)
		done <- err
	}()
	var pids []string
	poll.Until(t, "git runs", func() bool {
		text, _ := os.ReadFile(said)
		pids = regexp.MustCompile(`[0-9]+`).FindAllString(string(text), -1)
		return len(pids) == 2
	})
	// A session of its own has no terminal. proc_pid_stat(5): the fourth field
	// after the name is the session.
	if stat, err := os.ReadFile("/proc/" + pids[0] + "/stat"); err == nil {
		_, after, _ := strings.Cut(string(stat), ") ")
		if session := strings.Fields(after)[3]; session != pids[0] {
			t.Errorf("git %s is in the session %s", pids[0], session)
		}
	}
	start := time.Now()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("took %v", took)
	}
	for _, text := range pids {
		pid, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		poll.Until(t, "process "+text+" has ended", func() bool { return !alive(pid) })
	}
}

func TestMainBranch(t *testing.T) {
	c := repository(t)
	ctx := context.Background()
	expect := func(want string) {
		t.Helper()
		if got, err := c.MainBranch(ctx); err != nil || got != want {
			t.Errorf("got %q, %v; want %q", got, err, want)
		}
	}
	expect("main")
	git(t, c, "branch", "--move", "main", "master")
	expect("master")
	git(t, c, "update-ref", "refs/remotes/origin/release/next", "HEAD")
	git(t, c, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release/next")
	expect("release/next")
	git(t, c, "symbolic-ref", "--delete", "refs/remotes/origin/HEAD")
	git(t, c, "branch", "--move", "master", "topic")
	if got, err := c.MainBranch(ctx); err == nil || !strings.Contains(err.Error(), "hint:") {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := (Checkout{Dir: t.TempDir()}).MainBranch(ctx); !errors.Is(err, ErrNoWorkTree) {
		t.Errorf("got %v", err)
	}
}

func TestRemoteWithoutCredentials(t *testing.T) {
	for remote, want := range map[string]string{
		"":                                     "",
		"git@github.com:owner/infra.git":       "git@github.com:owner/infra.git",
		"ssh://git@github.com/owner/infra":     "ssh://git@github.com/owner/infra",
		"https://token@github.com/owner/infra": "https://github.com/owner/infra",
		"https://a:b@github.com/owner/infra":   "https://github.com/owner/infra",
		"https://a:%zz@github.com/owner/infra": "https://github.com/owner/infra",
		"/srv/git/infra":                       "/srv/git/infra",
	} {
		if got := withoutCredentials(remote); got != want {
			t.Errorf("%s: got %s, want %s", remote, got, want)
		}
	}
}

func alive(pid int) bool {
	state, _ := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return syscall.Kill(pid, 0) == nil && !strings.HasPrefix(string(state), "Z")
}
