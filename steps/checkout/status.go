package checkout

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"catalog-runbook/runbook/say"
)

// Status is the state of a checkout. Its strings are raw: compare them, and clean them
// before showing them.
type Status struct {
	Branch  string   // the current branch; "" if HEAD is detached
	Commit  string   // the full ID; "" if there is no commit yet
	Clean   bool     // nothing is changed, staged or untracked
	Changed []string // paths from the top of the work tree, in git's order
	Remote  string   // the URL of origin without credentials; "" if there is none
}

// Status returns the state of the checkout. Untracked files count as changes, ignored
// files don't.
func (c Checkout) Status(ctx context.Context) (Status, error) {
	out, err := c.git(ctx, "status", "--porcelain=v2", "-z", "--branch", "--untracked-files=all", "--ignore-submodules=none", "--no-renames")
	if err != nil {
		return Status{}, err
	}
	s, err := parseStatus(out)
	if err != nil {
		return Status{}, err
	}
	remote, err := c.git(ctx, "config", "--get", "remote.origin.url")
	if err != nil && !answered(err) {
		return Status{}, err
	}
	s.Remote = withoutCredentials(strings.TrimSuffix(remote, "\n"))
	return s, nil
}

// parseStatus parses git's porcelain format, version 2, with NULs (git-status(1)). A
// record is a header "# name value", or begins with "1" for a changed path, which is
// the last of nine fields; with "2" for a renamed one, the last of ten, which the old
// path follows; with "u" for an unmerged one, the last of eleven; or with "?" for an
// untracked one.
func parseStatus(out string) (Status, error) {
	var s Status
	headed := false
	records := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	for i := 0; i < len(records); i++ {
		record := records[i]
		kind, rest, _ := strings.Cut(record, " ")
		fields := 0
		switch kind {
		case "#":
			name, value, _ := strings.Cut(rest, " ")
			switch {
			case name == "branch.oid" && value != "(initial)":
				s.Commit, headed = value, true
			case name == "branch.oid":
				headed = true
			case name == "branch.head" && value != "(detached)":
				s.Branch = value
			}
			continue
		case "1":
			fields = 7
		case "2":
			fields = 8
			i++ // the old path
		case "u":
			fields = 9
		case "?":
		default:
			return Status{}, fmt.Errorf("reading git's status: a record is not understood: %q", record)
		}
		parts := strings.SplitN(rest, " ", fields+1)
		if len(parts) != fields+1 || parts[fields] == "" {
			return Status{}, fmt.Errorf("reading git's status: a record is cut off: %q", record)
		}
		s.Changed = append(s.Changed, parts[fields])
	}
	if !headed {
		return Status{}, fmt.Errorf("reading git's status: it names no commit")
	}
	s.Clean = len(s.Changed) == 0
	return s, nil
}

// MainBranch returns the name of the repository's main branch: the default branch of
// origin, else main or master, whichever exists.
func (c Checkout) MainBranch(ctx context.Context) (string, error) {
	out, err := c.git(ctx, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
	if name, ok := strings.CutPrefix(strings.TrimSuffix(out, "\n"), "refs/remotes/origin/"); err == nil && ok {
		return name, nil
	}
	if err != nil && !answered(err) {
		return "", err
	}
	for _, name := range []string{"main", "master"} {
		for _, ref := range []string{"refs/remotes/origin/", "refs/heads/"} {
			_, err := c.git(ctx, "show-ref", "--verify", "--quiet", ref+name)
			if err == nil {
				return name, nil
			}
			if !answered(err) {
				return "", err
			}
		}
	}
	return "", say.Hint(fmt.Errorf("looking for the main branch of %q: origin names none, and there is no main or master", c.Dir), "run `git remote set-head origin --auto` there")
}

// withoutCredentials removes a password or token from a remote's URL. An address that
// isn't a URL, such as git@host:path, has none.
func withoutCredentials(remote string) string {
	u, err := url.Parse(remote)
	if err != nil {
		if scheme, rest, ok := strings.Cut(remote, "://"); ok {
			return scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:]
		}
		return remote
	}
	if u.Host == "" || u.User == nil {
		return remote
	}
	if _, password := u.User.Password(); password || u.Scheme != "ssh" {
		u.User = nil
	}
	return u.String()
}
