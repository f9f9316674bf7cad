package checkout

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

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

	Upstream      string    // the branch that this one follows, "origin/main"; "" if there is none or it is gone
	Ahead, Behind int       // commits that only this branch has, and that only its upstream has
	Fetched       time.Time // of the last fetch; zero if there was none
	// Overlooked are files in the work tree that git was told not to compare, with
	// `git update-index --skip-worktree` or --assume-unchanged: nobody knows whether
	// they are changed.
	Overlooked []string
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
	if s.Fetched, err = c.fetched(ctx); err != nil {
		return Status{}, err
	}
	s.Overlooked, err = c.overlooked(ctx)
	return s, err
}

// fetched returns when git last wrote FETCH_HEAD, which each fetch does.
func (c Checkout) fetched(ctx context.Context) (time.Time, error) {
	name, err := c.git(ctx, "rev-parse", "--git-path", "FETCH_HEAD")
	if err != nil {
		return time.Time{}, err
	}
	name = filepath.FromSlash(strings.TrimSuffix(name, "\n"))
	if !filepath.IsAbs(name) {
		name = filepath.Join(c.Dir, name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}, nil // there was none
	}
	return info.ModTime(), nil
}

// overlooked returns the files of Status.Overlooked. git marks a file that is assumed to
// be unchanged with a small letter, and one with skip-worktree with "S" (git-ls-files(1)).
// In a sparse checkout those have no file.
func (c Checkout) overlooked(ctx context.Context) ([]string, error) {
	root, err := c.root(ctx)
	if err != nil {
		return nil, err
	}
	out, err := Checkout{Dir: root, Git: c.Git}.git(ctx, "ls-files", "-v", "-z")
	if err != nil {
		return nil, err
	}
	var files []string
	for record := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		mark, name, ok := strings.Cut(record, " ")
		if !ok || mark == "H" {
			continue
		}
		_, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name)))
		if there := err == nil; mark == strings.ToLower(mark) || mark == "S" && there {
			files = append(files, name)
		}
	}
	return files, nil
}

// parseStatus parses git's porcelain format, version 2, with NULs (git-status(1)). A
// record is a header "# name value", or begins with "1" for a changed path, which is
// the last of nine fields; with "2" for a renamed one, the last of ten, which the old
// path follows; with "u" for an unmerged one, the last of eleven; or with "?" for an
// untracked one.
func parseStatus(out string) (Status, error) {
	var s Status
	headed, upstream := false, ""
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
			case name == "branch.upstream":
				upstream = value
			case name == "branch.ab":
				// There are no counts if the upstream is gone.
				if n, err := fmt.Sscanf(value, "+%d -%d", &s.Ahead, &s.Behind); n != 2 || err != nil {
					return Status{}, fmt.Errorf("reading git's status: the counts of commits are not understood: %q", value)
				}
				s.Upstream = upstream
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
			return Status{}, fmt.Errorf("reading git's status: can't interpret a record: %q", record)
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
	return "", say.Hint(fmt.Errorf("looking for the main branch of %q: origin has no default branch, and neither main nor master exists", c.Dir), "run `git remote set-head origin --auto` there")
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
