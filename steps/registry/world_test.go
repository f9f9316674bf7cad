package registry

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	fake "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	path   = "wordpress/openverse-catalog"
	commit = "0123456789abcdef0123456789abcdef01234567"
	other  = "89abcdef0123456789abcdef0123456789abcdef"
	secret = "github-test-token-0123456789"
)

// world is a registry (the library's own handler) behind a token service of
// ours. It is reached under any name through its Base, and notes each request.
type world struct {
	t        *testing.T
	registry http.Handler
	server   *httptest.Server // the registry without sign-in, for pushing

	mu      sync.Mutex
	notes   []string
	tokens  map[string]bool // valid ones
	serial  int
	private bool   // the token service refuses whoever is not user
	weak    bool   // ... and else gives tokens that may do nothing
	open    bool   // no sign-in
	user    string // Basic user:password that may read
	realm   string // where the token service is
	storage bool   // blobs are redirected to https://storage.example
	answer  func(http.ResponseWriter, *http.Request) bool
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, registry: fake.New(fake.Logger(log.New(io.Discard, "", 0))), tokens: map[string]bool{}, realm: "/token"}
	w.server = httptest.NewServer(w.registry)
	t.Cleanup(w.server.Close)
	return w
}

// RoundTrip answers in the place of every host, through a server of its own so
// that bodies, cuts and canceled contexts are real.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" {
		w.t.Errorf("asked without TLS: %s", req.URL)
	}
	real := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serve(rw, r, req.URL.Host) }))
	to := req.Clone(req.Context())
	u, _ := url.Parse(real.URL)
	to.URL.Scheme, to.URL.Host = "http", u.Host
	resp, err := http.DefaultTransport.RoundTrip(to)
	if err != nil {
		w.t.Cleanup(real.Close)
		return nil, err
	}
	w.t.Cleanup(real.Close)
	resp.Request = req
	return resp, nil
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request, host string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	auth := r.Header.Get("Authorization")
	kind, value, _ := strings.Cut(auth, " ")
	w.notes = append(w.notes, strings.TrimSpace(r.Method+" "+host+short(r.URL.Path)+" "+kind))
	if w.answer != nil && w.answer(rw, r) {
		return
	}
	switch {
	case host == "storage.example":
		if auth != "" {
			w.t.Errorf("the storage host was sent %q", auth)
		}
		w.registry.ServeHTTP(rw, r)
	case r.URL.Path == w.realm:
		w.token(rw, r)
	case !w.open && !w.tokens[value]:
		challenge := fmt.Sprintf(`Bearer realm="https://%s%s",service="%s"`, host, w.realm, host)
		if r.URL.Path != "/v2/" {
			challenge += `,scope="repository:` + path + `:pull",error="insufficient_scope"`
		}
		rw.Header().Set("WWW-Authenticate", challenge)
		say(rw, 401, "UNAUTHORIZED")
	case w.storage && strings.Contains(r.URL.Path, "/blobs/"):
		http.Redirect(rw, r, "https://storage.example"+r.URL.Path, http.StatusTemporaryRedirect)
	default:
		w.registry.ServeHTTP(rw, r)
	}
}

func (w *world) token(rw http.ResponseWriter, r *http.Request) {
	if got := r.URL.Query().Get("scope"); got != "repository:"+path+":pull" {
		w.t.Errorf("scope is %q", got)
	}
	user, password, _ := r.BasicAuth()
	known := w.user != "" && user+":"+password == w.user
	if user != "" && !known || w.private && !known {
		say(rw, 403, "DENIED")
		return
	}
	w.serial++
	token := fmt.Sprintf("registry-token-%06d", w.serial)
	w.tokens[token] = !w.weak || known
	rw.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(rw, `{"token":%q}`, token)
}

// expire makes every token that was given invalid.
func (w *world) expire() { w.tokens = map[string]bool{} }

func say(rw http.ResponseWriter, status int, code string) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	fmt.Fprintf(rw, `{"errors":[{"code":%q,"message":"no"}]}`, code)
}

// short leaves out the repository and the digests, which tests do not spell.
func short(p string) string {
	p = strings.Replace(p, "/v2/"+path, "", 1)
	if at, _, ok := strings.Cut(p, "sha256:"); ok {
		p = at + "DIGEST"
	}
	return p
}

// asked demands exactly these requests since the last call.
func (w *world) asked(img Image, want ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.notes, want) {
		w.t.Errorf("asked\n\t%s\nwant\n\t%s", strings.Join(w.notes, "\n\t"), strings.Join(want, "\n\t"))
	}
	counted := 0
	for _, n := range w.notes {
		if !strings.Contains(n, "storage.example") {
			counted++
		}
	}
	if most := allowed(w.notes); img.Requests != counted || counted > most {
		w.t.Errorf("Requests is %d, %d were sent, %d are allowed", img.Requests, counted, most)
	}
	w.notes = nil
}

// allowed is how many requests an inspection may send that sent these, by the words
// of Inspect: four, and more only to sign in, for the commit's tag of an index, for the
// short form of that tag, for another spelling of a version, or for more entries of an
// index.
func allowed(notes []string) int {
	most, index := 4, 0
	for i, n := range notes {
		switch {
		case strings.HasSuffix(n, "/token Basic") && i > 0:
			most = i + 4 // everybody was refused
		case strings.HasSuffix(n, "/v2/") && slices.ContainsFunc(notes[i:], func(n string) bool { return strings.HasSuffix(n, "/token") }):
			most = i + 4 + 1 // it was asked how one signs in
		case strings.Contains(n, "/manifests/DIGEST "):
			if index++; index > 1 {
				most += 2 // another entry for the platform
			}
		case strings.HasPrefix(n, "HEAD ") && strings.Contains(n[strings.LastIndex(n, "/"):], "."):
			most++ // another spelling of the tag
		case strings.HasPrefix(n, "HEAD ") && (index > 0 || strings.Contains(n, "/manifests/sha-")):
			most++
		}
	}
	return most
}

func (w *world) client(o Options) *Client {
	o.Base, o.ReadOnly = w, true
	if o.Keychain == nil {
		o.Keychain = keys{}
	}
	return New(o)
}

// keys is a keychain with one user for each host.
type keys map[string]authn.AuthConfig

func (k keys) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if c, ok := k[r.RegistryStr()]; ok {
		return authn.FromConfig(c), nil
	}
	return authn.Anonymous, nil
}

func (w *world) ref(tag string) name.Reference {
	r, err := name.ParseReference(strings.TrimPrefix(w.server.URL, "http://") + "/" + path + ":" + tag)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

var built = time.Date(2024, 3, 2, 10, 0, 0, 0, time.UTC)

func (w *world) image(arch, revision string, created time.Time) v1.Image {
	return makeImage(w.t, arch, revision, created)
}

// makeImage makes an OCI image; an empty revision is no label.
func makeImage(t *testing.T, arch, revision string, created time.Time) v1.Image {
	t.Helper()
	img, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	f, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	f = f.DeepCopy()
	f.OS, f.Architecture, f.Created = "linux", arch, v1.Time{Time: created}
	if revision != "" {
		f.Config.Labels = map[string]string{revisionLabel: revision}
	}
	if img, err = mutate.ConfigFile(img, f); err != nil {
		t.Fatal(err)
	}
	return mutate.ConfigMediaType(mutate.MediaType(img, types.OCIManifestSchema1), types.OCIConfigJSON)
}

// push stores an image under tags.
func (w *world) push(img v1.Image, tags ...string) string {
	w.t.Helper()
	for _, tag := range tags {
		if err := remote.Write(w.ref(tag), img); err != nil {
			w.t.Fatal(err)
		}
	}
	d, _ := img.Digest()
	return d.String()
}

// pushIndex stores an index under tags.
func (w *world) pushIndex(revision string, tags ...string) string {
	w.t.Helper()
	index := makeIndex(w.t, revision)
	for _, tag := range tags {
		if err := remote.WriteIndex(w.ref(tag), index); err != nil {
			w.t.Fatal(err)
		}
	}
	d, _ := index.Digest()
	return d.String()
}

// makeIndex makes an index of arm64 and amd64 with two attestations, as buildx
// does. The revision is that of amd64.
func makeIndex(t *testing.T, revision string) v1.ImageIndex {
	t.Helper()
	note := makeImage(t, "note", "", built)
	add := func(img v1.Image, os, arch string, annotations map[string]string) mutate.IndexAddendum {
		return mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: os, Architecture: arch}, Annotations: annotations}}
	}
	return mutate.IndexMediaType(mutate.AppendManifests(empty.Index,
		add(note, "unknown", "unknown", nil),
		add(makeImage(t, "arm64", other, built), "linux", "arm64", nil),
		add(makeImage(t, "amd64", revision, built), "linux", "amd64", nil),
		add(note, "linux", "amd64", map[string]string{referenceType: "attestation-manifest"})), types.OCIImageIndex)
}
