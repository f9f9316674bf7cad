package checkout

import (
	"context"
	"fmt"
	"strings"
)

// reaching are arguments that let git ask a remote, by the usual protocols alone: "ext"
// would run any program. They come after those in hardened.
var reaching = []string{
	"-c", "protocol.https.allow=always", "-c", "protocol.http.allow=always", "-c", "protocol.ssh.allow=always", "-c", "protocol.git.allow=always", "-c", "protocol.file.allow=always",
}

// UpstreamAt asks origin at which commit a branch is now, "" if it has no such branch. It
// fetches nothing, and asks for no password.
func (c Checkout) UpstreamAt(ctx context.Context, branch string) (commit string, err error) {
	root, err := c.root(ctx)
	if err != nil {
		return "", err
	}
	ref := "refs/heads/" + branch
	args := append(append([]string{}, reaching...), "ls-remote", "--quiet", "--upload-pack=git-upload-pack", "origin", ref)
	out, err := Checkout{Dir: root, Git: c.Git, reaches: true}.git(ctx, args...)
	if err != nil {
		return "", fmt.Errorf("asking origin for its branch %s: %w", branch, err)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\n"), "\n") {
		// A pattern matches the end of names, too (git-ls-remote(1)).
		if id, name, ok := strings.Cut(line, "\t"); ok && name == ref {
			return id, nil
		}
	}
	return "", nil
}

// SeenAt returns the commit at which a branch of origin was fetched last, "" if it wasn't.
func (c Checkout) SeenAt(ctx context.Context, branch string) (commit string, err error) {
	out, err := c.git(ctx, "rev-parse", "--verify", "--quiet", "refs/remotes/origin/"+branch)
	if err != nil && answered(err) {
		return "", nil
	}
	return strings.TrimSuffix(out, "\n"), err
}
