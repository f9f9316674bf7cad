package checkout

import "strings"

// RemoteNames reports whether remote is the URL of the repository owner/name on any
// host: https://host/owner/name, git@host:owner/name.git, or a path with that ending.
// It ignores case, as code hosts do.
func RemoteNames(remote, repository string) bool {
	remote = strings.ToLower(strings.TrimSuffix(strings.TrimRight(remote, "/"), ".git"))
	repository = strings.ToLower(strings.Trim(repository, "/"))
	rest, ok := strings.CutSuffix(remote, repository)
	return ok && repository != "" && (strings.HasSuffix(rest, "/") || strings.HasSuffix(rest, ":"))
}
