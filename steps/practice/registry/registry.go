package registry

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// ImageName is the one public image.
const Image = "wordpress/openverse-catalog"

// tokenLasts is how long the registry's tokens are good for, by the world's clock.
const tokenLasts = 5 * time.Minute

// registryServer answers as ghcr.io does for one public image. It adds to
// go-containerregistry's registry what that one is too lenient about: tokens,
// the Accept header, and errors as the distribution specification has them.
// The protocol's tests hold it to what distribution answers.
type registryServer struct {
	origin string
	state  *state.Store
	store  http.Handler

	mu     sync.Mutex
	tokens map[string]time.Time // when they end
	pushed map[string]bool      // by tag
}

func New(s *state.Store) *registryServer {
	return &registryServer{
		state: s, tokens: map[string]time.Time{}, pushed: map[string]bool{},
		store: registry.New(registry.Logger(log.New(io.Discard, "", 0))),
	}
}

func (g *registryServer) Handler(origin string) http.Handler {
	g.origin = origin
	return g
}

// registryPath is what can be asked for: of a repository, a manifest by a tag or
// a digest, a blob by a digest, or the list of tags.
var registryPath = regexp.MustCompile(`^/v2/([a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*)` +
	`/(?:(manifests)/(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|([a-z0-9]+:[0-9a-fA-F]+))|(blobs)/([a-z0-9]+:[0-9a-fA-F]+)|(tags)/list)$`)

// request is what was asked for; all is "" for the registry itself.
type request struct{ repository, what, digest string }

func readRequest(path string) (request, bool) {
	m := registryPath.FindStringSubmatch(path)
	if m == nil {
		return request{}, path == "/v2/"
	}
	return request{repository: m[1], what: m[2] + m[4] + m[6], digest: m[3] + m[5]}, true
}

// ServeHTTP answers. Images that are due arrive before it looks for one.
func (g *registryServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		g.exchange(w, r)
		return
	}
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	asked, ok := readRequest(r.URL.Path)
	if !ok {
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	if refusal, ok := g.admits(asked, r.Header.Get("Authorization")); !ok {
		g.challenge(w, asked, refusal)
		return
	}
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		registryError(w, http.StatusForbidden, "DENIED", "permission_denied: write_package", nil)
	case asked.what == "":
		answerRegistry(w, []byte("{}"))
	case asked.digest != "" && !sha256Digest.MatchString(asked.digest):
		registryError(w, http.StatusBadRequest, "DIGEST_INVALID", "provided digest did not match uploaded content", "invalid checksum digest length")
	default:
		if err := g.receive(); err != nil {
			registryError(w, http.StatusInternalServerError, "UNKNOWN", err.Error(), nil)
			return
		}
		g.serve(w, r, asked)
	}
}

var sha256Digest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// admits reports whether what was asked for may be seen with the authorization,
// and else what is wrong with it; nothing is wrong with none.
func (g *registryServer) admits(asked request, authorization string) (refusal string, ok bool) {
	kind, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(kind, "Bearer") || token == "" {
		return "", false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch ends, known := g.tokens[token]; {
	case !known || !g.state.Now().Before(ends):
		return "invalid_token", false
	case asked.repository != "" && asked.repository != Image:
		return "insufficient_scope", false
	}
	return "", true
}

// challenge says where a token for what was asked can be had.
func (g *registryServer) challenge(w http.ResponseWriter, asked request, refusal string) {
	scope := "repository:user/image:pull"
	if asked.repository != "" {
		scope = "repository:" + asked.repository + ":pull"
	}
	challenge := fmt.Sprintf(`Bearer realm="%s/token",service="ghcr.io",scope="%s"`, g.origin, scope)
	if refusal != "" {
		challenge += fmt.Sprintf(`,error="%s"`, refusal)
	}
	w.Header().Set("WWW-Authenticate", challenge)
	registryError(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required", nil)
}

// exchange gives everybody a token for the one public image. What does not
// exist and what is private get the same answer.
func (g *registryServer) exchange(w http.ResponseWriter, r *http.Request) {
	for _, scope := range r.URL.Query()["scope"] {
		if !strings.HasPrefix(scope, "repository:"+Image+":") {
			registryError(w, http.StatusForbidden, "DENIED", "requested access to the resource is denied", nil)
			return
		}
	}
	server.Reply(w, http.StatusOK, "application/json", server.Object{"token": g.newToken()})
}

func (g *registryServer) newToken() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.state.Now()
	for token, ends := range g.tokens {
		if !now.Before(ends) {
			delete(g.tokens, token)
		}
	}
	token := server.Secret()
	g.tokens[token] = now.Add(tokenLasts)
	return token
}

// receive pushes every image that is due and not yet there.
func (g *registryServer) receive() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.state.Images() {
		if g.pushed[r.Tag] {
			continue
		}
		if err := g.push(r); err != nil {
			return fmt.Errorf("pushing the practice image %s: %w", r.Tag, err)
		}
		g.pushed[r.Tag] = true
	}
	return nil
}
