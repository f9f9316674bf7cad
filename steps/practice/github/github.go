package github

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

const (
	Repository   = "WordPress/openverse-catalog"
	Workflow     = "ci_cd.yml"
	repositoryID = 387427000
	rateLimit    = 5000 // requests an hour with a token; 60 without, on GitHub
)

// hub answers as GitHub's REST API does for one public repository.
// Whatever it does not know is GitHub's 404.
type hub struct {
	origin string
	token  string
	state  *state.Store
	mux    *http.ServeMux
}

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

// operations are what is known below a repository's path.
func (g *hub) operations() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"":                               g.repo,
		"/releases":                      g.releases,
		"/releases/latest":               g.latestRelease,
		"/releases/{id}":                 g.releaseByID,
		"/releases/tags/{tag...}":        g.releaseByTag,
		"/commits/{ref...}":              g.commit,
		"/compare/{basehead...}":         g.compare,
		"/git/ref/tags/{tag...}":         g.ref,
		"/git/tags/{sha}":                g.tagObject,
		"/actions/runs":                  g.runs,
		"/actions/workflows/{file}/runs": g.workflowRuns,
		"/actions/runs/{id}":             g.run,
		"/actions/runs/{id}/jobs":        g.jobs,
	}
}

// ServeHTTP does what GitHub does for every request, and then asks the mux.
func (g *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	h.Set("X-GitHub-Api-Version-Selected", "2022-11-28")
	h.Set("X-RateLimit-Resource", "core")
	h.Set("X-RateLimit-Reset", strconv.FormatInt(g.state.Now().Add(time.Hour).Unix(), 10))
	limit := 60
	if g.signedIn(r) {
		limit = rateLimit
	}
	// A practice never runs out: the remainder is the limit less this request.
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(limit-1))
	h.Set("X-RateLimit-Used", "1")

	if r.UserAgent() == "" {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header.\n")
		return
	}
	if r.Header.Get("Authorization") != "" && !g.signedIn(r) {
		githubError(w, http.StatusUnauthorized, "Bad credentials")
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
	return (strings.EqualFold(kind, "bearer") || strings.EqualFold(kind, "token")) && server.Same(token, g.token)
}

func githubError(w http.ResponseWriter, status int, message string) {
	githubJSON(w, status, server.Object{"message": message, "documentation_url": "https://docs.github.com/rest", "status": strconv.Itoa(status)})
}

func githubJSON(w http.ResponseWriter, status int, body any) {
	server.Reply(w, status, "application/json; charset=utf-8", body)
}

func (g *hub) notFound(w http.ResponseWriter, _ *http.Request) {
	githubError(w, http.StatusNotFound, "Not Found")
}

// page stands where GitHub has its web pages, since answers link to them.
func (g *hub) page(w http.ResponseWriter, _ *http.Request) {
	server.Page(w, http.StatusOK, "Practice GitHub", "This is the practice world's GitHub. It has no pages: publish the release from the pane \"the world\" in the program.")
}

func (g *hub) api(path string) string { return g.origin + "/repos/" + Repository + path }
func (g *hub) web(path string) string { return g.origin + "/" + Repository + path }

// user says who asks; nobody does without a token.
func (g *hub) user(w http.ResponseWriter, r *http.Request) {
	if !g.signedIn(r) {
		githubError(w, http.StatusUnauthorized, "Requires authentication")
		return
	}
	w.Header().Set("X-OAuth-Scopes", "read:packages, repo")
	githubJSON(w, http.StatusOK, g.accountBody())
}

func (g *hub) repo(w http.ResponseWriter, r *http.Request) {
	body := g.repositoryBody()
	maps.Copy(body, g.repositoryDetails(g.signedIn(r)))
	githubJSON(w, http.StatusOK, body)
}

// githubTime writes a time as GitHub does, in whole seconds; nil for the zero time.
func githubTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// paginate cuts the page that was asked for out of all rows and sets the Link
// header (GitHub's documentation, "Using pagination in the REST API").
func paginate[T any](w http.ResponseWriter, r *http.Request, g *hub, all []T) []T {
	q := r.URL.Query()
	per := min(positive(q.Get("per_page"), 30), 100)
	current := positive(q.Get("page"), 1)
	last := max(1, (len(all)+per-1)/per)
	var links []string
	link := func(rel string, page int) {
		to := url.Values{}
		for k, v := range q {
			to[k] = slices.Clone(v)
		}
		to.Set("page", strconv.Itoa(page))
		path := strings.TrimPrefix(r.URL.Path, "/repos/"+r.PathValue("owner")+"/"+r.PathValue("name"))
		links = append(links, fmt.Sprintf(`<%s/repositories/%d%s?%s>; rel="%s"`, g.origin, repositoryID, path, to.Encode(), rel))
	}
	if current > 1 {
		link("prev", min(current-1, last))
	}
	if current < last {
		link("next", current+1)
		link("last", last)
	}
	if current > 1 {
		link("first", 1)
	}
	if len(links) > 0 {
		w.Header().Set("Link", strings.Join(links, ", "))
	}
	from := min((current-1)*per, len(all))
	return all[from:min(from+per, len(all))]
}

func positive(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 1<<20 {
		return n
	}
	return otherwise
}
