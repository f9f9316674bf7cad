package registry

import (
	"net/http"
	"strings"
	"testing"

	"catalog-runbook/steps/transport"
)

// challenge makes the world's registry ask to sign in by other words.
func (w *world) challenge(words string, signedIn func(*http.Request) bool) {
	w.open = true
	w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/v2/") || signedIn(r) {
			return false
		}
		rw.Header().Set("WWW-Authenticate", words)
		say(rw, 401, "UNAUTHORIZED")
		return true
	}
}

func TestBasicSignIn(t *testing.T) {
	w := newWorld(t)
	w.push(w.image("amd64", commit, built), "v1")
	w.challenge(`Basic realm="registry"`, func(r *http.Request) bool {
		user, password, _ := r.BasicAuth()
		return user == "robot" && password == "docker-password-01"
	})
	robot := keys{"registry.example": {Username: "robot", Password: "docker-password-01"}}
	img, err := w.client(Options{Keychain: robot}).Inspect(t.Context(), elsewhere, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, "GET registry.example/v2/", "GET registry.example/manifests/v1 Basic", "GET registry.example/blobs/DIGEST Basic")

	img, err = w.client(Options{}).Inspect(t.Context(), elsewhere, "v1", commit)
	wantCause(t, err, transport.Credentials)
	w.asked(img, "GET registry.example/v2/")
}

// A registry that names GitHub's token service as its own gets no GitHub token.
func TestGitHubTokenIsForItsOwnRegistryOnly(t *testing.T) {
	w := newWorld(t)
	w.private, w.user = true, "x-access-token:"+secret
	w.challenge(`Bearer realm="https://ghcr.io/token",service="ghcr.io"`, func(*http.Request) bool { return false })
	img, err := w.client(Options{GitHubToken: secret}).Inspect(t.Context(), elsewhere, "v1", commit)
	wantCause(t, err, transport.Credentials)
	w.asked(img, "GET registry.example/v2/", "GET ghcr.io/token")
}

func TestTokenServiceWithoutTLSIsRefused(t *testing.T) {
	w := newWorld(t)
	w.challenge(`Bearer realm="http://registry.example/token"`, func(*http.Request) bool { return false })
	img, err := w.client(Options{}).Inspect(t.Context(), elsewhere, "v1", commit)
	wantCause(t, err, transport.Broken)
	w.asked(img, "GET registry.example/v2/")
}
