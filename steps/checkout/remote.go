package checkout

import "strings"

// RemoteNames reports whether a remote's address is that of the repository
// owner/name on some host: https://host/owner/name, git@host:owner/name.git, or
// a path that ends so. Hosts of code compare names without regard to case.
func RemoteNames(remote, repository string) bool {
	remote = strings.ToLower(strings.TrimSuffix(strings.TrimRight(remote, "/"), ".git"))
	repository = strings.ToLower(strings.Trim(repository, "/"))
	rest, ok := strings.CutSuffix(remote, repository)
	return ok && repository != "" && (strings.HasSuffix(rest, "/") || strings.HasSuffix(rest, ":"))
}
