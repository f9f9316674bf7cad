package practice

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/registry"
)

// registryServer answers as ghcr.io does for one public image. It adds to
// go-containerregistry's registry what that one is too lenient about: tokens,
// the Accept header, and errors as the distribution specification has them.
type registryServer struct {
	origin string
	token  string
	state  *state
	store  http.Handler

	mu     sync.Mutex
	pushed map[string]bool // by tag
}

func newRegistry(s *state) *registryServer {
	return &registryServer{
		token: secret(), state: s, pushed: map[string]bool{},
		store: registry.New(registry.Logger(log.New(io.Discard, "", 0))),
	}
}

func (g *registryServer) handler(origin string) http.Handler {
	g.origin = origin
	return g
}

// ServeHTTP lets images that are due arrive, and then answers.
func (g *registryServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		g.exchange(w, r)
		return
	}
	w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
	switch {
	case !strings.HasPrefix(r.URL.Path, "/v2"):
		page(w, http.StatusNotFound, "Practice registry", "404 page not found")
	case !same(r.Header.Get("Authorization"), "Bearer "+g.token):
		g.challenge(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		registryError(w, http.StatusForbidden, "DENIED", "permission_denied: write_package")
	default:
		if err := g.receive(); err != nil {
			registryError(w, http.StatusInternalServerError, "UNKNOWN", err.Error())
			return
		}
		g.serve(w, r)
	}
}

var repositoryPath = regexp.MustCompile(`^/v2/(.+)/(?:manifests|blobs|tags)/`)

// challenge says where a token for what was asked can be had.
func (g *registryServer) challenge(w http.ResponseWriter, r *http.Request) {
	scope := "repository:user/image:pull"
	if m := repositoryPath.FindStringSubmatch(r.URL.Path); m != nil {
		scope = "repository:" + m[1] + ":pull"
	}
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s/token",service="ghcr.io",scope="%s"`, g.origin, scope))
	registryError(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
}

// exchange gives everybody a token for the one public image. What does not
// exist and what is private get the same answer.
func (g *registryServer) exchange(w http.ResponseWriter, r *http.Request) {
	for _, scope := range r.URL.Query()["scope"] {
		if !strings.HasPrefix(scope, "repository:"+imageName+":") {
			registryError(w, http.StatusForbidden, "DENIED", "requested access to the resource is denied")
			return
		}
	}
	reply(w, http.StatusOK, "application/json", object{"token": g.token})
}

func registryError(w http.ResponseWriter, status int, code, message string) {
	reply(w, status, "application/json", object{"errors": []object{{"code": code, "message": message}}})
}

// serve passes the request to the store and corrects its answer.
func (g *registryServer) serve(w http.ResponseWriter, r *http.Request) {
	answer := newRecorder()
	g.store.ServeHTTP(answer, r)
	kind := answer.header.Get("Content-Type")
	switch {
	case answer.status == http.StatusNotFound && strings.Contains(r.URL.Path, "/manifests/"):
		registryError(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "manifest unknown")
		return
	case answer.status == http.StatusNotFound && strings.Contains(r.URL.Path, "/blobs/"):
		registryError(w, http.StatusNotFound, "BLOB_UNKNOWN", "blob unknown to registry")
		return
	case answer.status == http.StatusNotFound:
		registryError(w, http.StatusNotFound, "NAME_UNKNOWN", "repository name not known to registry")
		return
	case strings.Contains(r.URL.Path, "/manifests/") && !strings.Contains(strings.Join(r.Header.Values("Accept"), ","), kind):
		// Measured on distribution, and ghcr.io does the same.
		registryError(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "OCI manifest found, but accept header does not support OCI manifests")
		return
	}
	for k, v := range answer.header {
		w.Header()[k] = v
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body.Bytes())
}

// receive pushes every image that is due and not yet there.
func (g *registryServer) receive() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.state.images() {
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
