// Package github is the GitHub of a practice world: one public repository with its
// releases and the workflow runs that they start. Responses have the fields that our
// client reads, as GitHub's OpenAPI description defines them.
package github

import (
	"crypto/sha1"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	pathpkg "path"
	"slices"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

const (
	// Repository is the one repository, "owner/name".
	Repository = "WordPress/openverse-catalog"
	// Workflow is the file name of the workflow that publishes images.
	Workflow = "ci_cd.yml"

	repositoryID = 387427000
)

// hub implements GitHub's REST API for one public repository. It answers unknown
// requests with GitHub's 404.
type hub struct {
	origin string
	token  string
	state  *state.Store
	mux    *http.ServeMux
}

// New returns the service at an origin. Requests with the token may see drafts.
func New(origin, token string, s *state.Store) http.Handler {
	g := &hub{origin: origin, token: token, state: s, mux: http.NewServeMux()}
	for path, h := range g.operations() {
		g.mux.HandleFunc("GET /repos/{owner}/{name}"+path, h)
	}
	g.mux.HandleFunc("GET /user", g.user)
	g.mux.HandleFunc("GET /"+Repository+"/", g.page)
	g.mux.HandleFunc("/", g.notFound)
	return g
}

// operations are the handlers for paths below that of a repository.
func (g *hub) operations() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"":                               g.repo,
		"/releases":                      g.releases,
		"/releases/latest":               g.latest,
		"/releases/tags/{tag...}":        g.releaseByTag,
		"/commits/tags/{tag...}":         g.commit,
		"/commits/{id}":                  g.commitByID,
		"/actions/runs":                  g.runs,
		"/actions/workflows/{file}/runs": g.runsOfWorkflow,
		"/actions/runs/{id}/jobs":        g.jobs,
		"/contents/{path...}":            g.contents,
		"/pulls":                         g.pulls,
		"/pulls/{number}":                g.pull,
		"/pulls/{number}/files":          g.pullFiles,
		"/compare/{range}":               g.compare,
		"/commits":                       g.commits,
		"/git/matching-refs/{ref...}":    g.noRefs,
	}
}

// ServeHTTP implements http.Handler. It does what GitHub does for every request, and
// then calls the handler.
func (g *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limit := 60 // requests an hour without a token
	if g.signedIn(r) {
		limit = 5000
	}
	// A practice never runs out: the remainder is the limit less this request.
	w.Header().Set("X-RateLimit-Limit", strconv.Itoa(limit))
	w.Header().Set("X-RateLimit-Remaining", strconv.Itoa(limit-1))
	w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(g.state.Now().Add(time.Hour).Unix(), 10))

	if r.Header.Get("Authorization") != "" && !g.signedIn(r) {
		fail(w, http.StatusUnauthorized, "Bad credentials")
		return
	}
	// GitHub's own links name a repository by number.
	if rest, ok := strings.CutPrefix(r.URL.Path, fmt.Sprintf("/repositories/%d", repositoryID)); ok {
		r = r.Clone(r.Context())
		r.URL.Path = "/repos/" + Repository + rest
	}
	if parts := strings.SplitN(r.URL.Path, "/", 5); len(parts) > 3 && parts[1] == "repos" && !strings.EqualFold(parts[2]+"/"+parts[3], Repository) {
		g.notFound(w, r)
		return
	}
	g.mux.ServeHTTP(w, r)
}

func (g *hub) signedIn(r *http.Request) bool {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.EqualFold(kind, "bearer") && server.Same(token, g.token)
}

func fail(w http.ResponseWriter, status int, message string) {
	answer(w, status, server.Object{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)})
}

func answer(w http.ResponseWriter, status int, body any) {
	server.Reply(w, status, "application/json; charset=utf-8", body)
}

func (g *hub) notFound(w http.ResponseWriter, _ *http.Request) {
	fail(w, http.StatusNotFound, "Not Found")
}

// page serves all web pages, because responses link to them.
func (g *hub) page(w http.ResponseWriter, _ *http.Request) {
	server.Page(w, http.StatusOK, "Practice GitHub", "This is the practice world's GitHub. It has no pages: publish the release from the pane \"the world\" in the program.")
}

// web returns the URL of a web page.
func (g *hub) web(path string) string { return g.origin + "/" + Repository + path }

// user serves the user that the token belongs to.
func (g *hub) user(w http.ResponseWriter, r *http.Request) {
	if !g.signedIn(r) {
		fail(w, http.StatusUnauthorized, "Requires authentication")
		return
	}
	w.Header().Set("X-OAuth-Scopes", "read:packages, repo")
	answer(w, http.StatusOK, server.Object{"login": "a-maintainer"})
}

func (g *hub) repo(w http.ResponseWriter, r *http.Request) {
	push := g.signedIn(r)
	answer(w, http.StatusOK, server.Object{
		"id": repositoryID, "full_name": Repository, "default_branch": branch, "private": false, "archived": false, "html_url": g.web(""),
		"permissions": server.Object{"admin": false, "push": push, "pull": true},
	})
}

// workflowFile is the file of the one workflow, at every commit.
//
//go:embed ci_cd.yml
var workflowFile []byte

// contents serves the workflow's file, which is at every commit, and the files of the pull
// request.
func (g *hub) contents(w http.ResponseWriter, r *http.Request) {
	const path = ".github/workflows/" + Workflow
	ref := r.URL.Query().Get("ref")
	if g.dagFile(w, r.PathValue("path"), ref) {
		return
	}
	known := ref == "" || slices.ContainsFunc(g.state.Releases(true), func(rel state.Release) bool { return rel.Commit == ref })
	if r.PathValue("path") != path || !known {
		g.notFound(w, r)
		return
	}
	g.file(w, path, ref, workflowFile)
}

// file serves a file at a commit.
func (g *hub) file(w http.ResponseWriter, path, ref string, data []byte) {
	sum := sha1.Sum(slices.Concat(fmt.Appendf(nil, "blob %d\x00", len(data)), data))
	id := hex.EncodeToString(sum[:])
	at := g.origin + "/repos/" + Repository + "/contents/" + path + "?ref=" + ref
	answer(w, http.StatusOK, server.Object{
		"type": "file", "name": pathpkg.Base(path), "path": path, "sha": id, "size": len(data),
		"encoding": "base64", "content": base64.StdEncoding.EncodeToString(data),
		"url": at, "html_url": g.web("/blob/" + ref + "/" + path), "git_url": g.origin + "/repos/" + Repository + "/git/blobs/" + id, "download_url": nil,
		"_links": server.Object{"self": at, "git": nil, "html": nil},
	})
}

// stamp formats a time as GitHub does, in whole seconds. It returns nil for the zero
// time.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// paginate returns the requested page of the rows, and adds a link to the next one
// (GitHub's documentation, "Using pagination in the REST API").
func paginate[T any](w http.ResponseWriter, r *http.Request, g *hub, all []T) []T {
	q := r.URL.Query()
	per := min(positive(q.Get("per_page"), 30), 100)
	page := positive(q.Get("page"), 1)
	from := min((page-1)*per, len(all))
	if from+per < len(all) {
		next := url.Values{}
		for name := range q {
			next.Set(name, q.Get(name))
		}
		next.Set("page", strconv.Itoa(page+1))
		path := strings.TrimPrefix(r.URL.Path, "/repos/"+r.PathValue("owner")+"/"+r.PathValue("name"))
		w.Header().Set("Link", fmt.Sprintf(`<%s/repositories/%d%s?%s>; rel="next"`, g.origin, repositoryID, path, next.Encode()))
	}
	return all[from:min(from+per, len(all))]
}

func positive(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 1<<20 {
		return n
	}
	return otherwise
}
