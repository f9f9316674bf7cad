package checkout

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// Commit is a commit. Its strings are raw: clean them before showing them.
type Commit struct{ ID, Author, Subject string }

// Upstream names the commit that the upstream of the current branch is at.
const Upstream = "@{upstream}"

// commitsShown is how many commits, or branches, are listed.
const commitsShown = 5

// Commits lists the newest commits that HEAD has and that the given commit doesn't have,
// at most five, and says how many there are.
func (c Checkout) Commits(ctx context.Context, since string) (newest []Commit, n int, err error) {
	out, err := c.git(ctx, "log", "--no-show-signature", "--no-color", "-z", "--format=%H%n%an%n%s", since+"..HEAD", "--")
	if err != nil {
		return nil, 0, err
	}
	for record := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		if record == "" {
			continue
		}
		fields := strings.SplitN(record, "\n", 3)
		if len(fields) != 3 {
			return nil, 0, fmt.Errorf("reading git's log: can't interpret a record: %q", record)
		}
		if n++; n <= commitsShown {
			newest = append(newest, Commit{fields[0], fields[1], fields[2]})
		}
	}
	return newest, n, nil
}

// Has reports whether HEAD is another commit than the given one, and a descendant of it.
// A commit that isn't here, as in a shallow clone, is no ancestor of anything.
func (c Checkout) Has(ctx context.Context, head, commit string) (bool, error) {
	if commit == "" || commit == head {
		return false, nil
	}
	_, err := c.git(ctx, "merge-base", "--is-ancestor", commit, "HEAD")
	var exit *exec.ExitError
	if err != nil && errors.As(err, &exit) {
		return false, nil
	}
	return err == nil, err
}

// Branch is a branch with commits that HEAD doesn't have.
type Branch struct {
	Name string // "origin/topic" for a branch of a remote; raw
	Diff Diff   // what it changes since it left HEAD; without a Text
}

// Branches returns the branches that were changed last and aren't merged into HEAD, local
// ones and those that were fetched.
func (c Checkout) Branches(ctx context.Context) ([]Branch, error) {
	out, err := c.git(ctx, "for-each-ref", "--no-merged=HEAD", "--sort=-committerdate", fmt.Sprintf("--count=%d", commitsShown),
		"--format=%(objectname) %(refname)", "refs/heads", "refs/remotes")
	if err != nil {
		return nil, err
	}
	var all []Branch
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\n"), "\n") {
		id, ref, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		b, err := c.changed(ctx, id)
		if err != nil {
			return nil, err
		}
		b.Name = strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/remotes/")
		all = append(all, b)
	}
	return all, nil
}

// changed returns what a branch changes since it left HEAD, nothing if both have nothing
// in common.
func (c Checkout) changed(ctx context.Context, commit string) (Branch, error) {
	_, err := c.git(ctx, "merge-base", "HEAD", commit)
	if err != nil && answered(err) {
		return Branch{}, nil
	}
	if err != nil {
		return Branch{}, err
	}
	files, _, err := c.compare(ctx, "HEAD..."+commit)
	return Branch{Diff: Diff{Files: files}}, err
}

// OwnChanges returns what the current branch changes since it left another one.
func (c Checkout) OwnChanges(ctx context.Context, from string) (Diff, error) {
	files, _, err := c.compare(ctx, "refs/heads/"+from+"...HEAD")
	return Diff{Files: files}, err
}
