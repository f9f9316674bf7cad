// Package registry is the container registry of a practice world: ghcr.io with one
// public image. The protocol tests compare it with distribution.
package registry

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// Image is the one public image.
const Image = "wordpress/openverse-catalog"

// tokenLasts is the lifetime of a token, by the world's clock.
const tokenLasts = 5 * time.Minute

type registry struct {
	origin string
	state  *state.Store

	mu     sync.Mutex
	tokens map[string]time.Time // when they expire
	images map[string]v1.Image  // by tag and by digest
	// indexes are those that a tag leads to instead.
	indexes map[string]v1.ImageIndex
}

// New returns the registry at an origin.
func New(origin string, s *state.Store) http.Handler {
	return &registry{origin: origin, state: s, tokens: map[string]time.Time{}, images: map[string]v1.Image{}, indexes: map[string]v1.ImageIndex{}}
}

// registryPath matches the paths of a repository: a manifest by tag or digest, a blob by
// digest, and the list of tags.
var registryPath = pattern.Lazy(`^/v2/([a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*)` +
	`/(?:(manifests)/(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}|([a-z0-9]+:[0-9a-fA-F]+))|(blobs)/([a-z0-9]+:[0-9a-fA-F]+)|(tags)/list)$`)

// request is a parsed path. All fields are "" for /v2/, the registry itself.
type request struct{ repository, what, digest string }

func readRequest(path string) (request, bool) {
	m := registryPath().FindStringSubmatch(path)
	if m == nil {
		return request{}, path == "/v2/"
	}
	return request{repository: m[1], what: m[2] + m[4] + m[6], digest: m[3] + m[5]}, true
}

var sha256Digest = pattern.Lazy(`^sha256:[0-9a-f]{64}$`)

// ServeHTTP implements http.Handler. It adds the images that are due before it serves a
// request.
func (g *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
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
	if err := g.receive(); err != nil {
		fail(w, http.StatusInternalServerError, "UNKNOWN", err.Error(), nil)
		return
	}
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		fail(w, http.StatusForbidden, "DENIED", "permission_denied: write_package", nil)
	case asked.what == "":
		serve(w, "application/json", []byte("{}"))
	case asked.digest != "" && !sha256Digest().MatchString(asked.digest):
		fail(w, http.StatusBadRequest, "DIGEST_INVALID", "provided digest did not match uploaded content", "invalid checksum digest length")
	case asked.what == "tags":
		g.tags(w, r)
	case asked.what == "blobs":
		g.blob(w, asked.digest)
	default:
		g.manifest(w, r)
	}
}

// admits reports whether the authorization allows a request. If it doesn't, refusal is
// the error code, "" if there was no authorization.
func (g *registry) admits(asked request, authorization string) (refusal string, ok bool) {
	kind, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(kind, "Bearer") || token == "" {
		return "", false
	}
	switch ends, known := g.tokens[token]; {
	case !known || !g.state.Now().Before(ends):
		return "invalid_token", false
	case asked.repository != "" && asked.repository != Image:
		return "insufficient_scope", false
	}
	return "", true
}

// challenge writes the error that says where to get a token for a request.
func (g *registry) challenge(w http.ResponseWriter, asked request, refusal string) {
	scope := "repository:user/image:pull"
	if asked.repository != "" {
		scope = "repository:" + asked.repository + ":pull"
	}
	challenge := fmt.Sprintf(`Bearer realm="%s/token",service="ghcr.io",scope="%s"`, g.origin, scope)
	if refusal != "" {
		challenge += fmt.Sprintf(`,error="%s"`, refusal)
	}
	w.Header().Set("WWW-Authenticate", challenge)
	fail(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required", nil)
}

// exchange returns a token for the public image to anyone. For any other repository it
// returns an error, whether it is private or doesn't exist; and for this one, once it is
// private.
func (g *registry) exchange(w http.ResponseWriter, r *http.Request) {
	for _, scope := range r.URL.Query()["scope"] {
		if !strings.HasPrefix(scope, "repository:"+Image+":") || slices.ContainsFunc(g.state.Releases(false), func(r state.Release) bool { return r.Image.Hidden }) {
			fail(w, http.StatusForbidden, "DENIED", "requested access to the resource is denied", nil)
			return
		}
	}
	token := server.Secret()
	g.tokens[token] = g.state.Now().Add(tokenLasts)
	server.Reply(w, http.StatusOK, "application/json", server.Object{"token": token})
}

func (g *registry) blob(w http.ResponseWriter, digest string) {
	switch data, err := g.readBlob(digest); {
	case err != nil:
		fail(w, http.StatusInternalServerError, "UNKNOWN", err.Error(), nil)
	case data == nil:
		fail(w, http.StatusNotFound, "BLOB_UNKNOWN", "blob unknown to registry", digest)
	default:
		w.Header().Set("Docker-Content-Digest", digest)
		serve(w, "application/octet-stream", data)
	}
}

func (g *registry) manifest(w http.ResponseWriter, r *http.Request) {
	reference := path.Base(r.URL.Path)
	img, ok := g.images[reference]
	if !ok {
		fail(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "manifest unknown", "unknown tag="+reference)
		return
	}
	kind := types.OCIManifestSchema1
	digest, manifest, err := readManifest(img)
	if index, ok := g.indexes[reference]; ok {
		kind = types.OCIImageIndex
		digest, manifest, err = readManifest(index)
	}
	switch etag := `"` + digest + `"`; {
	case err != nil:
		fail(w, http.StatusInternalServerError, "UNKNOWN", err.Error(), nil)
	case r.Header.Get("If-None-Match") == etag:
		w.WriteHeader(http.StatusNotModified)
	case kind == types.OCIManifestSchema1 && !accepts(r.Header, string(kind)):
		// Measured on distribution, and ghcr.io does the same.
		fail(w, http.StatusNotFound, "MANIFEST_UNKNOWN", "OCI manifest found, but accept header does not support OCI manifests", nil)
	default:
		w.Header().Set("ETag", etag)
		w.Header().Set("Docker-Content-Digest", digest)
		serve(w, string(kind), manifest)
	}
}

// accepts reports whether the Accept headers name the type. Like real registries, it
// doesn't support ranges of types.
func accepts(h http.Header, kind string) bool {
	for _, line := range h.Values("Accept") {
		for one := range strings.SplitSeq(line, ",") {
			if got, _, err := mime.ParseMediaType(one); err == nil && got == kind {
				return true
			}
		}
	}
	return false
}

// tags lists up to "n" tags after "last", in order.
func (g *registry) tags(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	tags := []string{}
	for reference := range g.images {
		if !strings.Contains(reference, ":") && reference > q.Get("last") {
			tags = append(tags, reference)
		}
	}
	slices.Sort(tags)
	if most, err := strconv.Atoi(q.Get("n")); err == nil && most > 0 && most < len(tags) {
		tags = tags[:most]
		next := url.Values{"n": {q.Get("n")}, "last": {tags[most-1]}}
		w.Header().Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, r.URL.Path, next.Encode()))
	}
	server.Reply(w, http.StatusOK, "application/json", server.Object{"name": Image, "tags": tags})
}

func serve(w http.ResponseWriter, kind string, data []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data) // an error means that the client is gone
}

func fail(w http.ResponseWriter, status int, code, message string, detail any) {
	problem := server.Object{"code": code, "message": message}
	if detail != nil {
		problem["detail"] = detail
	}
	server.Reply(w, status, "application/json", server.Object{"errors": []server.Object{problem}})
}
