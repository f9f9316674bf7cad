package registry

import (
	"net/http"
	"net/http/httptest"
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
	img, err := w.client(Options{GitHubToken: transport.NewToken(secret)}).Inspect(t.Context(), elsewhere, "v1", commit)
	wantCause(t, err, transport.Credentials)
	w.asked(img, "GET registry.example/v2/", "GET ghcr.io/token")
}

// ... and where ghcr.io itself, or what answers in its place, names another token
// service, that one gets none either.
func TestGitHubTokenIsForItsOwnTokenServiceOnly(t *testing.T) {
	for name, realm := range map[string]string{"another host": "https://tokens.example/token", "another port": "https://ghcr.io:8443/token"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.private, w.user = true, "x-access-token:"+secret
			away := strings.TrimSuffix(strings.TrimPrefix(realm, "https://"), "/token")
			w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
				switch {
				case strings.HasPrefix(r.URL.Path, "/v2/"):
					rw.Header().Set("WWW-Authenticate", `Bearer realm="`+realm+`",service="ghcr.io"`)
					say(rw, 401, "UNAUTHORIZED")
				case len(w.notes) == 1:
					http.NotFound(rw, r) // of the token service that is known
				default:
					return false
				}
				return true
			}
			img, err := w.client(Options{GitHubToken: transport.NewToken(secret)}).Inspect(t.Context(), onGHCR, "v1", commit)
			wantCause(t, err, transport.Credentials)
			w.asked(img, "GET ghcr.io/token", "GET ghcr.io/v2/", "GET "+away+"/token")
		})
	}
}

func TestTokenServiceWithoutTLSIsRefused(t *testing.T) {
	w := newWorld(t)
	w.challenge(`Bearer realm="http://registry.example/token"`, func(*http.Request) bool { return false })
	img, err := w.client(Options{}).Inspect(t.Context(), elsewhere, "v1", commit)
	wantCause(t, err, transport.Broken)
	w.asked(img, "GET registry.example/v2/")
}

// An image that becomes private between two looks: that its tags can be listed
// with credentials says nothing of a tag that was asked for without them.
func TestTagsShownToCredentialsOnly(t *testing.T) {
	w := newWorld(t)
	w.push(w.image("amd64", commit, built), "v1")
	robot := keys{"ghcr.io": {Username: "robot", Password: "docker-password-01"}}
	w.user = "robot:docker-password-01"
	c := w.client(Options{Keychain: robot})
	if _, err := c.Inspect(t.Context(), onGHCR, "v1", commit); err != nil {
		t.Fatal(err)
	}
	w.notes = nil
	public := w.tokens
	w.tokens = map[string]bool{}
	w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
		_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		switch {
		case !public[token]:
			return false
		case strings.Contains(r.URL.Path, "/manifests/"):
			say(rw, 404, "MANIFEST_UNKNOWN")
		default:
			say(rw, 404, "NAME_UNKNOWN")
		}
		return true
	}
	img, err := c.Inspect(t.Context(), onGHCR, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/tags/list Bearer",
		"GET ghcr.io/token Basic", "GET ghcr.io/tags/list Bearer", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer")
}

// A token service that breaks off is still where it was taken to be.
func TestTokenServiceThatBreaksOff(t *testing.T) {
	for _, how := range []harm{reset, hangup, stall} {
		w := newWorld(t)
		w.open = true
		w.push(w.image("amd64", commit, built), "v1")
		w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/token" {
				rw.Header().Set("Content-Type", "application/json")
				_, _ = rw.Write([]byte(`{"token":"registry-token-000001"}`))
			}
			return r.URL.Path == "/token"
		}
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serve(rw, r, "ghcr.io") }))
		l := &line{t: t, server: strings.TrimPrefix(server.URL, "http://")}
		c := l.client(Options{})
		l.hurt(c, 1, how, inBody)
		img, err := c.Inspect(t.Context(), onGHCR, "v1", commit)
		wantCause(t, err, transport.Unreachable)
		l.asked(img, "GET ghcr.io/token")
		l.mend(c)
		img, err = c.Inspect(t.Context(), onGHCR, "v1", commit)
		wantProvenance(t, img, err, FromCommit, "names the commit")
		l.asked(img, "GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer")
		server.Close()
	}
}
