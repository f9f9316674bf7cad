package checkout

import (
	"context"
	"fmt"
	"net/url"
	"strings"
)

// Status is where a checkout stands. Its texts are as git has them: they are for
// comparing, and must be cleaned before they are shown.
type Status struct {
	Branch  string   // the branch that is checked out; "" where HEAD is detached
	Commit  string   // the full id; "" where there is no commit yet
	Clean   bool     // nothing is changed, staged or untracked
	Changed []string // paths from the top of the work tree, in git's order
	Remote  string   // the URL of origin without credentials; "" where there is none
}

// Status asks git where the checkout stands. Ignored files do not count as
// changes; untracked ones do.
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

// parseStatus reads git's porcelain format, version 2, with NUL (git-status(1)):
// headers "# name value"; "1" for a changed path, with eight fields before it;
// "2" for a renamed one, with nine and the old path after it; "u" for an
// unmerged one, with ten; "?" for an untracked one.
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
			i++ // the path it had
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

// MainBranch returns the name of the repository's main branch: the one that
// origin names as its default, else main or master, whichever there is.
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
	return "", fmt.Errorf("looking for the main branch of %q: origin names none, and there is no main or master; hint: run `git remote set-head origin --auto` there", c.Dir)
}

// withoutCredentials drops a password or token from a remote's URL. What is not
// a URL, such as git@host:path, holds none.
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
