// Package checkout reads the infrastructure checkout, a git work tree: its state, what
// differs from its last commit, and whether the difference is a change of a version and
// nothing else. It never writes to the checkout.
package checkout

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/command"
)

// Checkout is a git work tree on disk. Its methods don't write to it: they keep git from
// refreshing the index and from fetching anything. They may be called concurrently.
type Checkout struct {
	Dir string // any folder in the work tree
	Git string // the git to run; "" means the one on the PATH

	reaches bool // it may ask a remote, which takes a person's credentials
}

// inherited are the variables that git inherits from this process. It must not inherit
// others, because GIT_DIR or GIT_EXTERNAL_DIFF would change what is read.
var inherited = []string{"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"}

// hardened are arguments that keep a repository's configuration from running programs,
// from changing git's output format, and from writing or fetching anything.
//
// A wrong core.ignoreCase hides a file whose name differs from another one's by case.
var hardened = []string{
	"--no-pager", "--no-optional-locks", "--literal-pathspecs",
	"-c", "core.fsmonitor=false",
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.quotePath=true",
	"-c", "diff.suppressBlankEmpty=false",
	"-c", "color.ui=false",
	"-c", "diff.autoRefreshIndex=false", "-c", "diff.orderFile=/dev/null",
	"-c", "status.aheadBehind=true",
	// No network: a partial clone would fetch the objects that it lacks.
	"-c", "protocol.allow=never", "-c", "maintenance.auto=false", "-c", "gc.auto=0",
}

const outputLimit = 32 << 20 // bytes of output of one git command

// ErrNoWorkTree is wrapped by the error for a folder that isn't in a git work tree.
var ErrNoWorkTree = errors.New("not a git work tree")

// git runs one git command and returns what it prints. If git exits with another
// code than 0, the error wraps an *exec.ExitError.
func (c Checkout) git(ctx context.Context, args ...string) (string, error) {
	if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
		return "", say.Hint(fmt.Errorf("reading the infrastructure checkout: no folder %q", c.Dir), "correct directory under [infrastructure] in the settings")
	}
	out, said, err := c.run(ctx, args...)
	switch {
	case err == nil:
		return out, nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("asking git about the infrastructure checkout: %w", ctx.Err())
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		return "", say.Hint(noGit{err}, "install git, or put it on the PATH: %s", err)
	case answered(err):
	default:
		if err := c.refused(ctx); err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("asking git about the infrastructure checkout: git %s: %w: %s", args[0], err, clean.Line(strings.TrimSpace(said)))
}

// noGit says that git can't be started, for the reason that it wraps.
type noGit struct{ error }

func (noGit) Error() string   { return "asking git about the infrastructure checkout: git not found" }
func (e noGit) Unwrap() error { return e.error }

// run runs git and returns its standard output and standard error.
func (c Checkout) run(ctx context.Context, args ...string) (out, said string, err error) {
	name := cmp.Or(c.Git, "git")
	path, err := exec.LookPath(name)
	if err != nil {
		return "", "", err
	}
	var answer, complaint bytes.Buffer
	asked := command.Command{Argv: slices.Concat([]string{path}, hardened, caseful(), args), Dir: c.Dir, Env: c.environ()}
	err = command.Query(ctx, asked, command.Limit(&answer, outputLimit), command.Limit(&complaint, 64<<10))
	return answer.String(), complaint.String(), err
}

// refused returns why git doesn't accept the folder as a work tree, nil if it does. Git
// exits with 128 for any reason, so refused checks what git checks: where .git is, and
// who owns it (safe.directory in git-config(1)).
func (c Checkout) refused(ctx context.Context) error {
	noWorkTree := say.Hint(fmt.Errorf("reading the infrastructure checkout: %q is %w", c.Dir, ErrNoWorkTree), "clone the infrastructure repository and set directory under [infrastructure], or run: catalog-runbook init")
	switch out, _, err := c.run(ctx, "rev-parse", "--is-inside-work-tree"); {
	case err == nil && out == "true\n":
		return nil
	case err == nil:
		return noWorkTree
	}
	dir, err := filepath.Abs(c.Dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return nil
	}
	for {
		own, err := owned(dir, filepath.Join(dir, ".git"))
		switch up := filepath.Dir(dir); {
		case err == nil && !own:
			return say.Hint(fmt.Errorf("reading the infrastructure checkout: %q belongs to another user", c.Dir), "work as its owner, or add it to git's safe.directory")
		case err == nil:
			return nil // git's own message says what is wrong
		case up == dir:
			return noWorkTree
		default:
			dir = up
		}
	}
}

// owned reports whether all of the files belong to the user of this process.
func owned(files ...string) (bool, error) {
	own := true
	for _, name := range files {
		info, err := os.Lstat(name)
		if err != nil {
			return false, err
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
			own = false
		}
	}
	return own, nil
}

// forRemotes are the variables that git also inherits to ask a remote.
var forRemotes = []string{"SSH_AUTH_SOCK", "SSH_AGENT_PID", "GIT_SSH", "GIT_SSH_COMMAND", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "no_proxy", "all_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GH_TOKEN", "GITHUB_TOKEN"}

// environ is the environment that git runs in.
func (c Checkout) environ() []string {
	env := []string{
		"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_PAGER=cat",
		"GIT_NO_LAZY_FETCH=1",      // since git 2.45; before that, protocol.allow
		"GIT_NO_REPLACE_OBJECTS=1", // refs/replace can make another commit look like HEAD
	}
	keys := inherited
	if c.reaches {
		keys = slices.Concat(inherited, forRemotes)
		env = append(env, "GIT_ASKPASS=", "SSH_ASKPASS_REQUIRE=never", "GCM_INTERACTIVE=never")
		if _, own := os.LookupEnv("GIT_SSH_COMMAND"); !own {
			env = append(env, "GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=10")
		}
	}
	for _, key := range keys {
		if value, ok := os.LookupEnv(key); ok {
			env = append(env, key+"="+value)
		}
	}
	return env
}

// answered reports whether git ran and answered no: some of its commands exit
// with 1 to say so.
func answered(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.ExitCode() == 1
}

// root returns the top folder of the work tree.
func (c Checkout) root(ctx context.Context) (string, error) {
	out, err := c.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return "", err
	}
	return filepath.Clean(strings.TrimSuffix(out, "\n")), nil
}

// caseful returns arguments that make git tell names apart by case where file systems do.
func caseful() []string {
	if runtime.GOOS == "darwin" {
		return nil
	}
	return []string{"-c", "core.ignoreCase=false"}
}
