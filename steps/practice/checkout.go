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
)

//go:embed checkout
var checkoutFiles embed.FS

const databaseFile = "environments/prod/catalog-db.tf"

// makeCheckout makes a git repository with one branch, main, and no changes.
// The user's own git configuration has no part in it.
func makeCheckout(ctx context.Context, dir, home string, s Scenario) error {
	git, err := exec.LookPath("git")
	if err != nil {
		return fmt.Errorf("making the infrastructure checkout: %w; hint: install git, the practice world works on a real checkout", err)
	}
	if err := writeCheckout(dir); err != nil {
		return fmt.Errorf("making the infrastructure checkout: %w", err)
	}
	commands := [][]string{
		{"init", "--quiet", "--template="},
		// Not init.defaultBranch alone: git before 2.28 does not know it.
		{"symbolic-ref", "HEAD", "refs/heads/main"},
		{"add", "--all"},
		{"commit", "--quiet", "--message", "Run Catalog v1.5.3 in production"},
	}
	if s.withoutDBDef {
		commands = append(commands,
			[]string{"rm", "--quiet", databaseFile},
			[]string{"commit", "--quiet", "--message", "Tidy up: drop the unused database module"})
	}
	for _, args := range commands {
		if err := runGit(ctx, git, dir, home, args); err != nil {
			return fmt.Errorf("making the infrastructure checkout: git %s: %w", args[0], err)
		}
	}
	return nil
}

func writeCheckout(dir string) error {
	files, err := fs.Sub(checkoutFiles, "checkout")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}

func runGit(ctx context.Context, git, dir, home string, args []string) error {
	fixed := []string{"-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"}
	cmd := exec.CommandContext(ctx, git, append(fixed, args...)...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + filepath.Dir(git), "HOME=" + home, "LANG=C",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Practice", "GIT_AUTHOR_EMAIL=practice@example.org", "GIT_AUTHOR_DATE=2023-04-05T12:00:00Z",
		"GIT_COMMITTER_NAME=Practice", "GIT_COMMITTER_EMAIL=practice@example.org", "GIT_COMMITTER_DATE=2023-04-05T12:00:00Z",
	}
	if root := os.Getenv("SYSTEMROOT"); root != "" {
		cmd.Env = append(cmd.Env, "SYSTEMROOT="+root)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		return errors.Join(err, errors.New(string(bytes.TrimSpace(out))))
	}
	return nil
}
