package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/infra"
)

// namedChanges is how many changed files are named.
const namedChanges = 3

// checkout looks at the infrastructure checkout as the bump does before it runs.
func (p Patient) checkout(by clean.Text) Question {
	about := func(id, name string) Finding {
		return Finding{ID: id, Name: clean.Line(name), Needed: true, For: by}
	}
	dir, remote := about("checkout", "Checkout"), about("checkout.remote", "Checkout's remote")
	branch, changes := about("checkout.branch", "Checkout's branch"), about("checkout.changes", "Checkout's changes")
	return Question{About: []Finding{dir, remote, branch, changes}, Ask: func(ctx context.Context) []Finding {
		c := p.World.Checkout
		if c.Dir == "" {
			return []Finding{dir.is(Missing, p.cloned("PATH")+", and "+p.set("infrastructure", `directory = "PATH"`), "the infrastructure checkout is not named in the settings")}
		}
		status, err := c.Status(ctx)
		switch {
		case errors.Is(err, exec.ErrNotFound):
			return []Finding{dir.waits("git")}
		case err != nil:
			return []Finding{p.nowhere(dir.problem(err), err)}
		case status.Commit == "":
			return []Finding{dir.is(Wrong, p.otherwise("clone the infrastructure repository to another folder"), "%s has no commit yet", c.Dir)}
		}
		dir = dir.ok("%s at %s", c.Dir, short(status.Commit))
		return []Finding{dir, p.remote(remote, status), p.onBranch(ctx, branch, status), changed(c, changes, status)}
	}}
}

// nowhere says what to do where there is no work tree, or nothing at all.
func (p Patient) nowhere(f Finding, err error) Finding {
	f.Found = clean.Line(strings.TrimPrefix(f.Found.String(), "looking at the infrastructure checkout: "))
	_, missing := os.Stat(p.World.Checkout.Dir)
	switch {
	case errors.Is(missing, fs.ErrNotExist) && p.World.InfrastructureRepository == "":
		f.Next = clean.Line(p.otherwise("clone the infrastructure repository there"))
	case errors.Is(missing, fs.ErrNotExist):
		f.Next = clean.Line(p.otherwise(p.cloned(p.World.Checkout.Dir)))
	case errors.Is(err, infra.ErrNoWorkTree):
		f.Next = clean.Line(p.otherwise("clone the infrastructure repository to another folder"))
	}
	return f
}

// otherwise adds the other way to a checkout: it may be elsewhere.
func (p Patient) otherwise(next string) string {
	return next + "; or correct directory under [infrastructure] in " + p.file()
}

// cloned says how to come by a checkout in a folder.
func (p Patient) cloned(dir string) string {
	if p.World.InfrastructureRepository == "" {
		return "clone the infrastructure repository"
	}
	return "`git clone " + quoted(p.origin()) + " " + quoted(dir) + "`"
}

// origin is the address that the checkout comes from.
func (p Patient) origin() string {
	want := shown(p.World.InfrastructureRepository)
	if strings.Count(want, "/") == 1 && p.Settings.GitHub.APIURL == github.APIURL {
		return "https://github.com/" + want + ".git"
	}
	return want
}

func (p Patient) remote(f Finding, s infra.Status) Finding {
	want, is := p.World.InfrastructureRepository, shown(s.Remote)
	setting := p.set("github", `infrastructure_repository = "OWNER/NAME"`)
	switch {
	case want == "" && s.Remote == "":
		return f.is(Missing, setting, "it has no remote named origin, and none is asked for").optional()
	case want == "":
		return f.is(Missing, setting, "%s, and no setting says which it must be", is).optional()
	case s.Remote == "":
		return f.is(Wrong, inCheckout(p.World.Checkout, "remote", "add", "origin", p.origin()), "it has no remote named origin, but must come from %s", shown(want))
	case !infra.RemoteNames(s.Remote, want):
		return f.is(Wrong, "correct directory under [infrastructure], or infrastructure_repository under [github], in "+p.file(), "%s is not %s", is, shown(want))
	}
	return f.ok("%s, as the settings say", is)
}

func (p Patient) onBranch(ctx context.Context, f Finding, s infra.Status) Finding {
	c := p.World.Checkout
	main, err := c.MainBranch(ctx)
	switch {
	case err != nil:
		f = f.problem(err)
		if f.State == Wrong {
			f.Next = clean.Line(p.otherwise(inCheckout(c, "remote", "set-head", "origin", "--auto")))
		}
		return f
	case s.Branch == "":
		return f.is(Wrong, inCheckout(c, "switch", main), "no branch is checked out; the main one is %s", main)
	case s.Branch != main:
		return f.is(Wrong, inCheckout(c, "switch", main), "%s is checked out; the main one is %s", s.Branch, main)
	}
	return f.ok("%s, the main one", main)
}

// changed is no hindrance: a bump that has been made is a change too.
func changed(c infra.Checkout, f Finding, s infra.Status) Finding {
	if s.Clean {
		return f.ok("none")
	}
	names := strings.Join(s.Changed[:min(len(s.Changed), namedChanges)], ", ")
	if len(s.Changed) > namedChanges {
		names += ", …"
	}
	return f.is(Wrong, "look at it with "+inCheckout(c, "status")+"; unless it is the bump, commit or stash it", "%s: %s", count(len(s.Changed), "file is changed", "files are changed"), names).optional()
}

// inCheckout is a git command for the checkout, from wherever one is.
func inCheckout(c infra.Checkout, args ...string) string {
	return "`" + steps.CommandLine(append([]string{"git", "-C", c.Dir}, args...)).String() + "`"
}

func short(commit string) string { return commit[:min(len(commit), 12)] }
