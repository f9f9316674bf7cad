package practice

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"catalog-runbook/steps/practice/state"
)

//go:embed checkout
var checkoutFiles embed.FS

// made is the date of the first commits in the checkout.
var made = time.Date(2023, 4, 5, 12, 0, 0, 0, time.UTC)

// hasFile reports whether the checkout has a file; its name has slashes.
func hasFile(f state.Folder, name string) bool {
	return exists(filepath.Join(f.Checkout(), filepath.FromSlash(name)))
}

// makeCheckout makes a git repository with one branch, main, and a clean work tree.
func makeCheckout(ctx context.Context, f state.Folder, s Scenario) error {
	git, err := findGit(f, made)
	if err != nil {
		return fmt.Errorf("making the infrastructure checkout: %w", err)
	}
	err = writeCheckout(f.Checkout())
	if err == nil && s.applyFlags != "" {
		err = passFlags(filepath.Join(f.Checkout(), "justfile"), s.applyFlags)
	}
	if err != nil {
		return fmt.Errorf("making the infrastructure checkout: %w", err)
	}
	commands := [][]string{
		{"init", "--quiet", "--template="},
		// init.defaultBranch is not enough: git before 2.28 does not know it.
		{"symbolic-ref", "HEAD", "refs/heads/main"},
		{"add", "--all"},
		{"commit", "--quiet", "--message", "Run Catalog v1.5.3 in production"},
	}
	if s.back {
		commands = append(commands, []string{"commit", "--quiet", "--all", "--message", "Run Catalog " + draftTag + " in production"})
	}
	if s.removed.file != "" {
		commands = append(commands,
			[]string{"rm", "--quiet", s.removed.file},
			[]string{"commit", "--quiet", "--message", s.removed.subject})
	}
	// The remote is beside the checkout, and its address relative: the folder is moved.
	commands = append(commands,
		[]string{"init", "--quiet", "--template=", "--bare", f.Remote()},
		[]string{"remote", "add", "origin", "../" + filepath.Base(f.Remote())},
		[]string{"push", "--quiet", "--set-upstream", "origin", "main"})
	for _, args := range commands {
		if args[0] == "commit" && slices.Contains(args, "--all") {
			err = replaceTag(f, "v1.5.3", draftTag)
		}
		if err == nil {
			_, err = git.run(ctx, args...)
		}
		if err != nil {
			return fmt.Errorf("making the infrastructure checkout: %w", err)
		}
	}
	return nil
}

// serviceFile names the version that runs.
const serviceFile = "environments/prod/catalog-airflow.tf"

// replaceTag writes another version into the checkout.
func replaceTag(f state.Folder, old, now string) error {
	name := filepath.Join(f.Checkout(), filepath.FromSlash(serviceFile))
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return os.WriteFile(name, bytes.Replace(data, []byte(old), []byte(now), 1), 0o644)
}

func writeCheckout(dir string) error {
	files, err := fs.Sub(checkoutFiles, "checkout")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}

// passFlags makes the apply recipe pass flags to Terraform, which then takes no saved
// plan from it.
func passFlags(justfile, flags string) error {
	data, err := os.ReadFile(justfile)
	if err != nil {
		return err
	}
	const without = " apply -no-color"
	return os.WriteFile(justfile, bytes.Replace(data, []byte(without), []byte(without+" "+flags), 1), 0o644)
}

// revert restores the file with a commit on main that touches nothing else. It does
// not use `git revert`, which refuses if a bump is staged: other changes, staged or
// not, stay as they are.
func (r removal) revert(ctx context.Context, f state.Folder, now time.Time) error {
	git, err := findGit(f, now)
	if err != nil {
		return fmt.Errorf("reverting in the infrastructure checkout: %w", err)
	}
	if branch, err := git.run(ctx, "symbolic-ref", "--short", "HEAD"); err != nil || branch != "main" {
		return errors.New("reverting in the infrastructure checkout: it isn't on main, where the colleague commits; hint: git switch main")
	}
	first, err := git.run(ctx, "rev-list", "--max-parents=0", "HEAD")
	if err != nil {
		return fmt.Errorf("reverting in the infrastructure checkout: %w", err)
	}
	for _, args := range [][]string{
		{"checkout", "--quiet", first, "--", r.file},
		{"commit", "--quiet", "--only", "--message", `Revert "` + r.subject + `"`, "--", r.file},
		{"push", "--quiet", "origin", "main"},
	} {
		if _, err := git.run(ctx, args...); err != nil {
			return fmt.Errorf("reverting in the infrastructure checkout: %w", err)
		}
	}
	return nil
}

// land commits what the bump has changed and pushes it to the main branch of the remote, as
// a merged pull request would in the end.
func land(ctx context.Context, f state.Folder, tag string, now time.Time) error {
	git, err := findGit(f, now)
	if err != nil {
		return fmt.Errorf("landing the version: %w", err)
	}
	for _, args := range [][]string{
		{"commit", "--quiet", "--all", "--message", "Run catalog-airflow " + tag + " in prod"},
		{"push", "--quiet", "origin", "HEAD:refs/heads/main"},
	} {
		if _, err := git.run(ctx, args...); err != nil {
			return fmt.Errorf("landing the version: %w", err)
		}
	}
	return nil
}

// gitCommand runs git in a world's checkout, without the user's configuration.
type gitCommand struct {
	path   string
	folder state.Folder
	date   time.Time // of its commits
}

func findGit(f state.Folder, date time.Time) (gitCommand, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		err = fmt.Errorf("%w; hint: install git, the practice world uses a real checkout", err)
	}
	return gitCommand{path, f, date}, err
}

// run returns what git prints.
func (g gitCommand) run(ctx context.Context, args ...string) (string, error) {
	fixed := []string{"-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"}
	cmd := exec.CommandContext(ctx, g.path, append(fixed, args...)...)
	cmd.Dir = g.folder.Checkout()
	date := g.date.Format(time.RFC3339)
	cmd.Env = []string{
		"PATH=" + filepath.Dir(g.path), "HOME=" + g.folder.Home(), "LANG=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Practice", "GIT_AUTHOR_EMAIL=practice@example.org", "GIT_AUTHOR_DATE=" + date,
		"GIT_COMMITTER_NAME=Practice", "GIT_COMMITTER_EMAIL=practice@example.org", "GIT_COMMITTER_DATE=" + date,
	}
	if root := os.Getenv("SYSTEMROOT"); root != "" {
		cmd.Env = append(cmd.Env, "SYSTEMROOT="+root)
	}
	out, err := cmd.CombinedOutput()
	text := string(bytes.TrimSpace(out))
	if err != nil {
		return "", fmt.Errorf("git %s: %w", args[0], errors.Join(err, errors.New(text)))
	}
	return text, nil
}
