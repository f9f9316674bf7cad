package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/checkout"
	"catalog-runbook/steps/github"
)

// namedChanges is how many changed files are named.
const namedChanges = 3

// checkout checks the infrastructure checkout as the bump does before it runs.
func (s Setup) checkout(by clean.Text) Question {
	return question(About(by, "checkout", "checkout.remote", "checkout.branch", "checkout.changes"), func(ctx context.Context, f []*Finding) string {
		dir, remote, branch, changes := f[0], f[1], f[2], f[3]
		c := s.World.Checkout
		if c.Dir == "" {
			dir.Is(Missing, s.cloneTo("PATH")+", and "+s.set("infrastructure", `directory = "PATH"`), "no infrastructure checkout configured")
			return ""
		}
		status, err := c.Status(ctx)
		switch {
		case errors.Is(err, exec.ErrNotFound):
			dir.waits("git")
		case err != nil:
			s.noWorkTree(dir, err)
		case status.Commit == "":
			dir.Is(Wrong, s.orElsewhere("clone the infrastructure repository to another folder"), "%s has no commit yet", c.Dir)
		default:
			dir.ok("%s at %s", c.Dir, short(status.Commit))
			s.remote(remote, status)
			s.onBranch(ctx, branch, status)
			changed(c, changes, status)
		}
		return ""
	})
}

// noWorkTree says what to do if there is no work tree, or nothing at all.
func (s Setup) noWorkTree(f *Finding, err error) {
	f.Fail(err)
	f.Found = clean.Line(strings.TrimPrefix(f.Found.String(), "looking at the infrastructure checkout: "))
	_, missing := os.Stat(s.World.Checkout.Dir)
	switch {
	case errors.Is(missing, fs.ErrNotExist) && s.World.InfrastructureRepository == "":
		f.Next = clean.Line(s.orElsewhere("clone the infrastructure repository there"))
	case errors.Is(missing, fs.ErrNotExist):
		f.Next = clean.Line(s.orElsewhere(s.cloneTo(s.World.Checkout.Dir)))
	case errors.Is(err, checkout.ErrNoWorkTree):
		f.Next = clean.Line(s.orElsewhere("clone the infrastructure repository to another folder"))
	}
}

// orElsewhere adds that the checkout may be in another folder.
func (s Setup) orElsewhere(next string) string {
	return next + "; or correct directory under [infrastructure] in " + s.file()
}

// cloneTo says how to get a checkout in a folder.
func (s Setup) cloneTo(dir string) string {
	if s.World.InfrastructureRepository == "" {
		return "clone the infrastructure repository"
	}
	return "`git clone " + quoted(s.origin()) + " " + quoted(dir) + "`"
}

// origin is the address that the checkout comes from.
func (s Setup) origin() string {
	want := shown(s.World.InfrastructureRepository)
	if strings.Count(want, "/") == 1 && s.Settings.GitHub.APIURL == github.APIURL {
		return "https://github.com/" + want + ".git"
	}
	return want
}

func (s Setup) remote(f *Finding, status checkout.Status) {
	want, is := s.World.InfrastructureRepository, shown(status.Remote)
	setting := s.set("github", `infrastructure_repository = "OWNER/NAME"`)
	switch {
	case want == "" && status.Remote == "":
		f.Is(Missing, setting, "no remote named origin, and the settings don't ask for one").optional()
	case want == "":
		f.Is(Missing, setting, "%s; no setting says which remote to expect", is).optional()
	case status.Remote == "":
		f.Is(Wrong, inCheckout(s.World.Checkout, "remote", "add", "origin", s.origin()), "no remote named origin, but it must come from %s", shown(want))
	case !checkout.RemoteNames(status.Remote, want):
		f.Is(Wrong, "correct directory under [infrastructure], or infrastructure_repository under [github], in "+s.file(), "%s is not %s", is, shown(want))
	default:
		f.ok("%s, as the settings say", is)
	}
}

func (s Setup) onBranch(ctx context.Context, f *Finding, status checkout.Status) {
	c := s.World.Checkout
	main, err := c.MainBranch(ctx)
	switch {
	case err != nil:
		if f.Fail(err); f.State == Wrong {
			f.Next = clean.Line(s.orElsewhere(inCheckout(c, "remote", "set-head", "origin", "--auto")))
		}
	case status.Branch == "":
		f.Is(Wrong, inCheckout(c, "switch", main), "no branch is checked out (detached HEAD); the main branch is %s", main)
	case status.Branch != main:
		f.Is(Wrong, inCheckout(c, "switch", main), "%s is checked out; the main branch is %s", status.Branch, main)
	case status.Behind > 0:
		f.Is(Wrong, inCheckout(c, "pull", "--ff-only"), "%s is %s behind %s", main, say.Count(status.Behind, "commit"), status.Upstream)
	case status.Ahead > 0:
		f.Is(Wrong, "push them, or drop them", "%s has %s that %s doesn't have", main, say.Count(status.Ahead, "commit"), status.Upstream)
	default:
		f.ok("%s, the main branch", main)
	}
}

// changed reports changed files, which don't block: the bump is a change too.
func changed(c checkout.Checkout, f *Finding, status checkout.Status) {
	if n := len(status.Overlooked); n > 0 {
		f.Is(Wrong, inCheckout(c, "update-index", "--no-skip-worktree", "--no-assume-unchanged", status.Overlooked[0]),
			"git is told to ignore changes to %s, including %s", say.Count(n, "file"), shown(status.Overlooked[0]))
		return
	}
	if status.Clean {
		f.ok("none")
		return
	}
	names := strings.Join(status.Changed[:min(len(status.Changed), namedChanges)], ", ")
	if len(status.Changed) > namedChanges {
		names += ", …"
	}
	f.Is(Wrong, "look at it with "+inCheckout(c, "status")+"; unless it is the bump, commit or stash it",
		"%s: %s", say.Plural(len(status.Changed), "file is changed", "files are changed"), names).optional()
}

// inCheckout writes a git command for the checkout that works in any folder.
func inCheckout(c checkout.Checkout, args ...string) string {
	return "`" + say.CommandLine(append([]string{"git", "-C", c.Dir}, args...)).String() + "`"
}

func short(commit string) string { return commit[:min(len(commit), 12)] }
