package kinds

import (
	"net/url"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
)

// linked returns a Recognise function for steps with a link that read accepts. read
// returns the value of the parameter.
func linked(param string, read func(string) (string, bool), why string) func(*document.Step) (steps.Match, bool) {
	return func(s *document.Step) (steps.Match, bool) {
		for _, l := range s.Links {
			if v, ok := read(l.Target); ok {
				return steps.Match{By: steps.ByLink, Why: clean.Linef(why, v), Params: steps.Params{param: v}}, true
			}
		}
		return steps.Match{}, false
	}
}

// linkParam returns a Link function that reads one parameter.
func linkParam(param string, read func(string) (string, bool)) func(string) steps.Params {
	return func(target string) steps.Params {
		if v, ok := read(target); ok {
			return steps.Params{param: v}
		}
		return nil
	}
}

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
// on GitHub: /OWNER/REPO/pkgs/container/NAME or /orgs/OWNER/packages/container/NAME,
// where what follows the name is a version. A slash in a name is written %2F.
// References are lower case (the OCI distribution specification's grammar).
func packageLink(target string) (image string, ok bool) {
	parts, ok := githubPath(target)
	if !ok {
		return "", false
	}
	for i := 2; i+2 < len(parts); i++ {
		if (parts[i] == "pkgs" || parts[i] == "packages" || parts[i] == "package") && parts[i+1] == "container" {
			owner, name := parts[0], parts[i+2]
			if owner == "orgs" || owner == "users" {
				owner = parts[1]
			}
			if parts[i] == "packages" && name == "package" && i+3 < len(parts) {
				name = parts[i+3] // /orgs/OWNER/packages/container/package/NAME
			}
			return strings.ToLower("ghcr.io/" + owner + "/" + name), true
		}
	}
	return "", false
}

// githubPath returns the unescaped parts of a path on github.com.
func githubPath(target string) ([]string, bool) {
	if !onGitHub(target) {
		return nil, false
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, false
	}
	parts := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return nil, false
		}
		parts[i] = plain
	}
	return parts, len(parts) >= 2
}

// onGitHub reports whether an address is on github.com, without parsing it: most links
// of a document lead elsewhere.
func onGitHub(target string) bool {
	rest, ok := cutFold(target, "https://")
	if !ok {
		rest, ok = cutFold(target, "http://")
	}
	if !ok {
		return false
	}
	rest, _ = cutFold(rest, "www.")
	_, ok = cutFold(rest, "github.com/")
	return ok
}

// cutFold is strings.CutPrefix for any case.
func cutFold(s, prefix string) (rest string, found bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// webAddress parses an absolute http or https address.
func webAddress(target string) (*url.URL, bool) {
	if len(target) < len("http://x") || !strings.EqualFold(target[:4], "http") {
		return nil, false
	}
	u, err := url.Parse(target)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, false
	}
	return u, true
}

// runningDAGsLink reads Airflow's address from a link to its list of DAG runs:
// /dagrun/list/ and /home?status=running (2.x), /dag_runs (3.x).
func runningDAGsLink(target string) (airflow string, ok bool) {
	if !strings.Contains(target, "/dagrun/list") && !strings.Contains(target, "/dag_runs") && !strings.Contains(target, "/home?") {
		return "", false
	}
	u, ok := webAddress(target)
	if !ok {
		return "", false
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	for _, page := range []string{"/dagrun/list", "/dag_runs", "/home"} {
		prefix, found := strings.CutSuffix(path, page)
		if found && (page != "/home" || u.Query().Has("status")) {
			return u.Scheme + "://" + u.Host + prefix, true
		}
	}
	return "", false
}

// airflowRoot reads Airflow's address from a link that names Airflow in its host.
func airflowRoot(target string) (airflow string, ok bool) {
	if v, ok := runningDAGsLink(target); ok {
		return v, true
	}
	if !strings.Contains(target, "://airflow.") {
		return "", false
	}
	u, ok := webAddress(target)
	if !ok || strings.HasSuffix(u.Hostname(), ".apache.org") {
		return "", false
	}
	return u.Scheme + "://" + u.Host, true
}

// otherHost reports whether two addresses are on different hosts. An address that can't
// be read is different.
func otherHost(a, b string) bool {
	one, ok := webAddress(a)
	two, ok2 := webAddress(b)
	return !ok || !ok2 || !strings.EqualFold(one.Host, two.Host)
}
