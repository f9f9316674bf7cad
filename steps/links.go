package steps

import (
	"net/url"
	"strings"
)

// releasesLink reads owner/name from the address of a GitHub repository's
// releases page.
func releasesLink(target string) (repository string, ok bool) {
	parts, ok := githubPath(target)
	if !ok || len(parts) < 3 || parts[2] != "releases" {
		return "", false
	}
	return parts[0] + "/" + parts[1], true
}

// packageLink reads an image reference from the address of a container package
// on GitHub: /OWNER/REPO/pkgs/container/NAME or /orgs/OWNER/packages/container/NAME.
// References are lower case (the OCI distribution specification's grammar).
func packageLink(target string) (image string, ok bool) {
	parts, ok := githubPath(target)
	if !ok {
		return "", false
	}
	for i := 2; i+2 < len(parts); i++ {
		if (parts[i] == "pkgs" || parts[i] == "packages" || parts[i] == "package") && parts[i+1] == "container" {
			owner := parts[0]
			if owner == "orgs" || owner == "users" {
				owner = parts[1]
			}
			name, _, _ := strings.Cut(strings.Join(parts[i+2:], "/"), "/versions")
			return strings.ToLower("ghcr.io/" + owner + "/" + name), true
		}
	}
	return "", false
}

func githubPath(target string) ([]string, bool) {
	if !strings.HasPrefix(target, "https://github.com/") && !strings.HasPrefix(target, "http://github.com/") && !strings.HasPrefix(target, "https://www.github.com/") {
		return nil, false
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, false
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	return parts, len(parts) >= 2
}

// runningDAGsLink reads Airflow's address from a link to its list of DAG runs or
// of DAGs: /dagrun/list/ (2.x), /home?status=running (2.x), /dag_runs or
// /dags (3.x).
func runningDAGsLink(target string) (airflow string, ok bool) {
	if !strings.HasPrefix(target, "http") {
		return "", false
	}
	for _, page := range []string{"/dagrun/list", "/dag_runs", "/home?status="} {
		if i := strings.Index(target, page); i > 0 {
			return target[:i], true
		}
	}
	return "", false
}

// airflowRoot reads Airflow's address from a link that names Airflow in its host.
func airflowRoot(target string) (airflow string, ok bool) {
	if v, ok := runningDAGsLink(target); ok {
		return v, true
	}
	if !strings.HasPrefix(target, "http") || !strings.Contains(target, "://airflow.") {
		return "", false
	}
	u, err := url.Parse(target)
	if err != nil || strings.HasSuffix(u.Hostname(), ".apache.org") {
		return "", false
	}
	return u.Scheme + "://" + u.Host, true
}
