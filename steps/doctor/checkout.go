package doctor

import (
	"context"
	"strings"

	"catalog-runbook/runbook/clean"
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
			return []Finding{dir.is(Missing, `[infrastructure] directory = "PATH"`+p.into(), "the infrastructure checkout is not named in the settings")}
		}
		status, err := c.Status(ctx)
		if err != nil {
			dir = dir.problem(err)
			return []Finding{dir}
		}
		dir = dir.ok("%s at %s", c.Dir, short(status.Commit))
		if status.Commit == "" {
			dir = dir.is(Wrong, "clone the infrastructure repository", "%s has no commit yet", c.Dir)
		}
		return []Finding{dir, p.remote(remote, status), onBranch(ctx, c, branch, status), changed(c, changes, status)}
	}}
}

func (p Patient) remote(f Finding, s infra.Status) Finding {
	want, is := p.World.InfrastructureRepository, shown(s.Remote)
	switch {
	case want == "" && s.Remote == "":
		return f.is(Missing, `[github] infrastructure_repository = "owner/name"`+p.into(), "it has no remote named origin, and none is asked for").optional()
	case want == "":
		return f.is(Missing, `[github] infrastructure_repository = "owner/name"`+p.into(), "%s, and no setting says which it must be", is).optional()
	case s.Remote == "":
		return f.is(Wrong, "git -C "+quoted(p.World.Checkout.Dir)+" remote add origin ADDRESS", "it has no remote named origin, but must come from %s", shown(want))
	case !infra.RemoteNames(s.Remote, want):
		return f.is(Wrong, "correct [infrastructure] directory, or [github] infrastructure_repository", "%s is not %s", is, shown(want))
	}
	return f.ok("%s, as the settings say", is)
}

func onBranch(ctx context.Context, c infra.Checkout, f Finding, s infra.Status) Finding {
	main, err := c.MainBranch(ctx)
	switch {
	case err != nil:
		return f.problem(err)
	case s.Branch == "":
		return f.is(Wrong, "git -C "+quoted(c.Dir)+" switch "+quoted(main), "no branch is checked out; the main one is %s", main)
	case s.Branch != main:
		return f.is(Wrong, "git -C "+quoted(c.Dir)+" switch "+quoted(main), "%s is checked out; the main one is %s", s.Branch, main)
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
	return f.is(Wrong, "git -C "+quoted(c.Dir)+" status; unless it is the bump, commit or stash it", "%s: %s", count(len(s.Changed), "file is changed", "files are changed"), names).optional()
}

func short(commit string) string { return commit[:min(len(commit), 12)] }
