package kinds

import (
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps"
	"catalog-runbook/steps/wording"
)

// linked returns a Recognise function for steps with a link that read accepts and whose
// text asks for the deed, or to check that what holds describes is so. read returns the
// value of the parameter, and also others that such a link gives.
func linked(param string, read func(string) (string, bool), why string, deed wording.Deed, holds func() *regexp.Regexp, also ...func(string) steps.Params) func(*document.Step) (steps.Match, bool) {
	return func(s *document.Step) (steps.Match, bool) {
		var found, asked steps.Match
		var first string // what the first of the links gives
		for _, l := range s.Links {
			v, ok := read(l.Target)
			if !ok || wording.OnlyWhen(s.Text.String(), l.Text.String()) {
				continue
			}
			if first = cmp.Or(first, v); !strings.EqualFold(v, first) {
				asked.Other = v
			}
			if asked.By != steps.ByNone {
				continue
			}
			m := steps.Match{By: steps.ByLink, Why: clean.Linef(why, v), Params: steps.Params{param: v}, Negated: l.Negated}
			for _, params := range also {
				maps.Copy(m.Params, params(l.Target))
			}
			if wording.AsksWith(s.Text.String(), l.Text.String(), deed, holds) {
				m.Other = asked.Other
				asked = m
				continue
			}
			if m.Mentioned = true; found.By == steps.ByNone {
				found = m
			}
		}
		if asked.By != steps.ByNone {
			if strings.EqualFold(asked.Other, asked.Params[param]) {
				asked.Other = first
			}
			return asked, true
		}
		return found, found.By != steps.ByNone
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

// releasesFilter reads the prefix of the tags from a link to the releases that searches them,
// such as /releases?q=catalog-: one repository releases several parts. A search for
// anything but the beginning of a tag tells nothing.
func releasesFilter(target string) steps.Params {
	if !strings.Contains(target, "q=") {
		return nil
	}
	if _, ok := releasesLink(target); !ok {
		return nil
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil
	}
	prefix := u.Query().Get("q")
	for i := range len(prefix) {
		if c := prefix[i]; !('a' <= c|0x20 && c|0x20 <= 'z' || i > 0 && strings.IndexByte("-_/.@", c) >= 0) {
			return nil
		}
	}
	if prefix == "" {
		return nil
	}
	return steps.Params{"tag-prefix": prefix}
}

// releaseParams reads what a link to the releases says, also outside of the steps.
func releaseParams(target string) steps.Params {
	repository, ok := releasesLink(target)
	if !ok {
		return nil
	}
	params := steps.Params{"repository": repository}
	maps.Copy(params, releasesFilter(target))
	return params
}

// packageLink reads an image reference from the address of a container package
// on GitHub, https://ghcr.io/OWNER/NAME, /OWNER/REPO/pkgs/container/NAME or /orgs/OWNER/packages/container/NAME,
// where what follows the name is a version. A slash in a name is written %2F.
// References are lower case (the OCI distribution specification's grammar).
func packageLink(target string) (image string, ok bool) {
	if rest, ok := cutFold(target, "https://ghcr.io/"); ok && registryPath().MatchString(rest) {
		return strings.ToLower("ghcr.io/" + strings.TrimRight(rest, "/")), true
	}
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

// registryPath is the path of a package's own address in the registry.
var registryPath = pattern.Lazy(`^[\w.-]+(?:/[\w.-]+)+/?$`)

// repositoryOwner returns the owner in "owner/name".
func repositoryOwner(repository string) string {
	owner, _, _ := strings.Cut(repository, "/")
	return owner
}

// imageOwner returns whose packages on GitHub an image is among, "" if it is elsewhere.
func imageOwner(image string) string {
	rest, ok := strings.CutPrefix(image, "ghcr.io/")
	if !ok {
		return ""
	}
	return repositoryOwner(rest)
}

// githubPath returns the unescaped parts of a path on github.com. It doesn't parse the whole
// address: most links of a document lead elsewhere, and each kind looks at all of them.
func githubPath(target string) ([]string, bool) {
	rest, ok := cutFold(target, "https://")
	if !ok {
		rest, ok = cutFold(target, "http://")
	}
	if !ok {
		return nil, false
	}
	rest, _ = cutFold(rest, "www.")
	if rest, ok = cutFold(rest, "github.com/"); !ok || strings.ContainsFunc(rest, unicode.IsControl) {
		return nil, false
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil {
			return nil, false
		}
		parts[i] = plain
	}
	return parts, len(parts) >= 2
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

// runsLinked recognizes steps with a link to Airflow's DAG runs.
func runsLinked(s *document.Step) (steps.Match, bool) {
	m, ok := linkedRuns(s)
	m.Mentioned = m.Mentioned || ok && asksOtherwise(s)
	return m, ok
}

var linkedRuns = linked("airflow", runningDAGsLink, "a link to the DAG runs of %s", idleDeed, isIdle)

// asksOtherwise reports whether a step asks something else about the DAG runs that it links
// to: by its words, or by the state that its link selects.
func asksOtherwise(s *document.Step) bool {
	for i := range s.Links {
		if _, ok := runningDAGsLink(s.Links[i].Target); ok && otherState().MatchString(s.Links[i].Target) {
			return true
		}
	}
	text := strings.ToLower(s.Text.String())
	for word := range strings.FieldsFuncSeq(text, func(c rune) bool { return c < '0' || c > '9' && c < 'a' || c > 'z' && c < 0x80 }) {
		if otherQuestions[word] || otherQuestions[word[:min(4, len(word))]+"*"] {
			return true
		}
	}
	return strings.Contains(text, "other than")
}

// otherQuestions are words of other questions about DAGs, and the beginnings of some.
var otherQuestions = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq("fail* sche* exce* succ* slow* pause paused unpause unpaused broken error errors longer stale twice enabled disabled new again " +
		"outdated duplicate duplicated missing skipped late hour hours stuck") {
		set[word] = true
	}
	return set
}()

var otherState = pattern.Lazy(`[?&](?:_flt_3_state|state|status)=(?:[^&rq]|r[^u]|queued?[^&u])`)
