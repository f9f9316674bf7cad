package registry

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

const (
	onGHCR    = "ghcr.io/" + path
	elsewhere = "registry.example/" + path
)

func wantCause(t *testing.T, err error, want transport.Cause) *transport.Problem {
	t.Helper()
	var p *transport.Problem
	if !errors.As(err, &p) {
		t.Fatalf("error is %v, want a Problem with cause %d", err, want)
	}
	if p.Cause != want || errors.Is(err, ErrAbsent) {
		t.Errorf("cause is %d (%v), want %d", p.Cause, p, want)
	}
	return p
}

func wantProvenance(t *testing.T, img Image, err error, want Provenance, says string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if img.Provenance != want || !strings.Contains(img.ProvenanceText.String(), says) {
		t.Errorf("provenance is %v, %q; want %v, %q", img.Provenance, img.ProvenanceText, want, says)
	}
}

func TestSingleManifest(t *testing.T) {
	w := newWorld(t)
	digest := w.push(w.image("amd64", commit, built), "v1")
	img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "linux/amd64 names the commit")
	w.asked(img, "GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer")
	if img.Digest != digest || !img.Created.Equal(built) || !slices.Equal(img.Platforms, []string{"linux/amd64"}) || img.Revision != commit ||
		img.Reference != onGHCR+":v1" || img.mediaType != "application/vnd.oci.image.manifest.v1+json" {
		t.Errorf("image is %+v", img)
	}
}

func TestIndexWithAttestations(t *testing.T) {
	w := newWorld(t)
	w.storage = true
	digest := w.pushIndex(commit, "v1")
	c := w.client(Options{})
	img, err := c.Inspect(t.Context(), onGHCR, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "linux/amd64 names the commit; not read: linux/arm64")
	w.asked(img, "GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/manifests/DIGEST Bearer",
		"GET ghcr.io/blobs/DIGEST Bearer", "GET storage.example/blobs/DIGEST")
	if img.Digest != digest || img.attestations != 2 || !slices.Equal(img.Platforms, []string{"linux/arm64", "linux/amd64"}) {
		t.Errorf("image is %+v", img)
	}
	// The token is remembered.
	img, err = c.Inspect(t.Context(), onGHCR, "v1", other)
	wantProvenance(t, img, err, OtherCommit, "names another commit")
	w.asked(img, "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/manifests/DIGEST Bearer",
		"GET ghcr.io/blobs/DIGEST Bearer", "GET storage.example/blobs/DIGEST", "HEAD ghcr.io/manifests/"+other+" Bearer", "HEAD ghcr.io/manifests/sha-"+other[:7]+" Bearer")
	if img.OtherRevision != commit {
		t.Errorf("the label names %q", img.OtherRevision)
	}
}

func TestCommitTag(t *testing.T) {
	for name, c := range map[string]struct {
		label string
		push  func(*world)
		want  Provenance
		says  string
	}{
		"same digest":  {"", func(w *world) {}, FromCommit, "the tag of the commit has the same digest"},
		"short label":  {commit[:7], func(w *world) {}, FromCommit, "not a full commit id; the tag of the commit has the same digest"},
		"branch label": {"main", func(w *world) {}, FromCommit, "the tag of the commit has the same digest"},
		"other digest": {"", func(w *world) { w.push(w.image("amd64", "", built), commit) }, provenanceUnknown, "a different digest"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.push(w.image("amd64", c.label, built), "v1", commit)
			c.push(w)
			img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", strings.ToUpper(commit))
			wantProvenance(t, img, err, c.want, c.says)
			w.asked(img, "GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer", "HEAD ghcr.io/manifests/"+commit+" Bearer")
		})
	}
	t.Run("short tag", func(t *testing.T) {
		w := newWorld(t)
		w.push(w.image("amd64", other, built), "v1", "sha-"+commit[:7])
		img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
		wantProvenance(t, img, err, FromCommit, "names another commit, "+other+"; the tag of the commit has the same digest")
		if img.OtherRevision != "" {
			t.Errorf("the label counts: %s", img.OtherRevision)
		}
	})
	t.Run("absent", func(t *testing.T) {
		w := newWorld(t)
		w.push(w.image("amd64", "", built), "v1")
		img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
		wantProvenance(t, img, err, provenanceUnknown, "no tag is named after the commit")
	})
	t.Run("cannot be read", func(t *testing.T) {
		w := newWorld(t)
		w.push(w.image("amd64", "", built), "v1", commit)
		w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodHead {
				rw.WriteHeader(502)
			}
			return r.Method == http.MethodHead
		}
		img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
		wantProvenance(t, img, err, provenanceUnknown, "failed: ghcr.io failed (502")
	})
	t.Run("no commit to compare with", func(t *testing.T) {
		w := newWorld(t)
		w.push(w.image("amd64", commit, built), "v1")
		img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", "")
		wantProvenance(t, img, err, provenanceUnknown, "no full commit id")
	})
}

// A program that looks once and ends learns all there is to learn: an index costs
// more than four requests only where signing in takes more than one of them, or
// where there is no label.
func TestAnIndexAtTheFirstLook(t *testing.T) {
	const user = "x-access-token:" + secret
	docker := Options{Keychain: keys{"registry.example": {Username: "robot", Password: "docker-password-01"}}}
	found := func(host string) []string {
		return []string{"GET " + host + "/manifests/v1 Bearer", "GET " + host + "/manifests/DIGEST Bearer", "GET " + host + "/blobs/DIGEST Bearer"}
	}
	const gh, ex = "GET ghcr.io/", "GET registry.example/"
	refused, weak := []string{gh + "token", gh + "token Basic"}, []string{gh + "token", gh + "manifests/v1 Bearer", gh + "token Basic"}
	for name, c := range map[string]struct {
		o        Options
		image    string
		user     string // "": everybody may
		weak     bool
		moved    bool // the token service is not where it is known to be
		label    string
		requests int
		signIn   []string
	}{
		"for all":                           {image: onGHCR, label: commit, requests: 4, signIn: []string{gh + "token"}},
		"for all, without a label":          {image: onGHCR, requests: 5, signIn: []string{gh + "token"}},
		"private":                           {o: Options{GitHubToken: transport.NewToken(secret)}, image: onGHCR, user: user, label: commit, requests: 5, signIn: refused},
		"private, without a label":          {o: Options{GitHubToken: transport.NewToken(secret)}, image: onGHCR, user: user, requests: 6, signIn: refused},
		"a token that may do nothing":       {o: Options{GitHubToken: transport.NewToken(secret)}, image: onGHCR, user: user, weak: true, label: commit, requests: 6, signIn: weak},
		"elsewhere":                         {image: elsewhere, label: commit, requests: 5, signIn: []string{ex + "v2/", ex + "token"}},
		"elsewhere, private":                {o: docker, image: elsewhere, user: "robot:docker-password-01", label: commit, requests: 6, signIn: []string{ex + "v2/", ex + "token", ex + "token Basic"}},
		"elsewhere, token may do nothing":   {o: docker, image: elsewhere, user: "robot:docker-password-01", weak: true, label: commit, requests: 7, signIn: []string{ex + "v2/", ex + "token", ex + "manifests/v1 Bearer", ex + "token Basic"}},
		"another token service than before": {image: onGHCR, moved: true, label: commit, requests: 6, signIn: []string{gh + "token", gh + "v2/", gh + "auth/token"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.private, w.weak, w.user = c.user != "" && !c.weak, c.weak, c.user
			if c.moved {
				w.realm = "/auth/token"
				w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
					if r.URL.Path == "/token" {
						http.NotFound(rw, r)
					}
					return r.URL.Path == "/token"
				}
			}
			w.pushIndex(c.label, "v1", commit)
			img, err := w.client(c.o).Inspect(t.Context(), c.image, "v1", commit)
			wantProvenance(t, img, err, FromCommit, "")
			host, _, _ := strings.Cut(c.image, "/")
			asked := append(c.signIn, found(host)...)
			if c.label == "" {
				asked = append(asked, "HEAD "+host+"/manifests/"+commit+" Bearer")
			}
			w.asked(img, asked...)
			if img.Requests != c.requests {
				t.Errorf("%d requests, want %d", img.Requests, c.requests)
			}
		})
	}
}

func TestOtherRegistryIsPinged(t *testing.T) {
	w := newWorld(t)
	w.pushIndex(commit, "v1")
	c := w.client(Options{})
	img, err := c.Inspect(t.Context(), elsewhere, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, "GET registry.example/v2/", "GET registry.example/token", "GET registry.example/manifests/v1 Bearer", "GET registry.example/manifests/DIGEST Bearer", "GET registry.example/blobs/DIGEST Bearer")
	img, err = c.Inspect(t.Context(), elsewhere, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, "GET registry.example/manifests/v1 Bearer", "GET registry.example/manifests/DIGEST Bearer", "GET registry.example/blobs/DIGEST Bearer")
}

func TestRegistryWithoutSignIn(t *testing.T) {
	w := newWorld(t)
	w.open = true
	w.pushIndex(commit, "v1")
	img, err := w.client(Options{}).Inspect(t.Context(), elsewhere, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, "GET registry.example/v2/", "GET registry.example/manifests/v1", "GET registry.example/manifests/DIGEST", "GET registry.example/blobs/DIGEST")
}

func TestPlainHTTPOnThisMachineOnly(t *testing.T) {
	w := newWorld(t)
	digest := w.push(w.image("amd64", commit, built), "v1")
	host := strings.TrimPrefix(w.server.URL, "http://")
	img, err := New(Options{Keychain: keys{}, PlainHTTP: host, ReadOnly: true}).Inspect(t.Context(), host+"/"+path, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	if img.Digest != digest || img.Requests != 3 {
		t.Errorf("image is %+v", img)
	}
	// The library would use plain HTTP for these names; RoundTrip refuses it.
	for _, host := range []string{"10.0.0.1:5000", "192.168.1.1", "registry.example", "registry.local", "localhost.example"} {
		img, err := w.client(Options{PlainHTTP: host}).Inspect(t.Context(), host+"/"+path, "v1", commit)
		if err != nil || img.Digest != digest {
			t.Errorf("%s: got %+v, %v", host, img, err)
		}
	}
}

func TestAbsentTag(t *testing.T) {
	w := newWorld(t)
	w.push(w.image("amd64", commit, built), "v1")
	img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v2", commit)
	if _, is := transport.CauseOf(err); !errors.Is(err, ErrAbsent) || is {
		t.Errorf("error is %v, want ErrAbsent", err)
	}
	w.asked(img, "GET ghcr.io/token", "GET ghcr.io/manifests/v2 Bearer", "GET ghcr.io/tags/list Bearer")
}

func TestTenThousandTagsCostNoMore(t *testing.T) {
	w := newWorld(t)
	img := w.image("amd64", "", built)
	w.push(img, "v1", commit)
	raw, _ := img.RawManifest()
	for i := range 10_000 {
		req := mustRequest(t, http.MethodPut, "/v2/"+path+"/manifests/t"+time.Duration(i).String(), string(raw))
		req.Header.Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		w.registry.ServeHTTP(discard{}, req)
	}
	c := w.client(Options{})
	got, err := c.Inspect(t.Context(), onGHCR, "v1", commit)
	wantProvenance(t, got, err, FromCommit, "same digest")
	w.asked(got, "GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer", "HEAD ghcr.io/manifests/"+commit+" Bearer")
	got, err = c.Inspect(t.Context(), onGHCR, "none", commit)
	if !errors.Is(err, ErrAbsent) {
		t.Error(err)
	}
	w.asked(got, "GET ghcr.io/manifests/none Bearer", "GET ghcr.io/tags/list Bearer")
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

func mustRequest(t *testing.T, method, path, body string) *http.Request {
	req, err := http.NewRequest(method, "http://registry.example"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestMissingRepository(t *testing.T) {
	w := newWorld(t)
	img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
	p := wantCause(t, err, transport.NotFound)
	if !strings.Contains(p.Text, "it doesn't exist, or it is private") {
		t.Error(p)
	}
	w.asked(img, "GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer")
}

// distribution says MANIFEST_UNKNOWN also where there is no such repository.
func TestUnknownManifestOfAMissingRepositoryIsNotAbsent(t *testing.T) {
	w := newWorld(t)
	w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/manifests/") {
			say(rw, 404, "MANIFEST_UNKNOWN")
			return true
		}
		return false
	}
	img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
	wantCause(t, err, transport.NotFound)
	w.asked(img, "GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/tags/list Bearer")
}

func TestCredentials(t *testing.T) {
	docker := keys{"ghcr.io": {Username: "robot", Password: "docker-password-01"}, "registry.example": {Username: "robot", Password: "docker-password-01"}}
	for name, c := range map[string]struct {
		o     Options
		image string
		user  string
		weak  bool
		cause transport.Cause
		ok    bool
		asked []string
	}{
		"none":                 {Options{}, onGHCR, "", false, transport.Credentials, false, []string{"GET ghcr.io/token"}},
		"GitHub token":         {Options{GitHubToken: transport.NewToken(secret)}, onGHCR, "x-access-token:" + secret, false, 0, true, []string{"GET ghcr.io/token", "GET ghcr.io/token Basic", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer"}},
		"Docker before GitHub": {Options{GitHubToken: transport.NewToken(secret), Keychain: docker}, onGHCR, "robot:docker-password-01", false, 0, true, []string{"GET ghcr.io/token", "GET ghcr.io/token Basic", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer"}},
		"wrong":                {Options{GitHubToken: transport.NewToken(secret)}, onGHCR, "x-access-token:another", false, transport.Credentials, false, []string{"GET ghcr.io/token", "GET ghcr.io/token Basic"}},
		"GitHub token elsewhere": {Options{GitHubToken: transport.NewToken(secret)}, elsewhere, "x-access-token:" + secret, false, transport.Credentials, false,
			[]string{"GET registry.example/v2/", "GET registry.example/token"}},
		"insufficient scope": {Options{}, onGHCR, "", true, transport.Credentials, false, []string{"GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer"}},
		"insufficient scope, then credentials": {Options{GitHubToken: transport.NewToken(secret)}, onGHCR, "x-access-token:" + secret, true, 0, true,
			[]string{"GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/token Basic", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.private, w.weak, w.user = !c.weak, c.weak, c.user
			w.push(w.image("amd64", commit, built), "v1")
			img, err := w.client(c.o).Inspect(t.Context(), c.image, "v1", commit)
			w.asked(img, c.asked...)
			if c.ok {
				if err != nil || img.Digest == "" {
					t.Errorf("got %+v, %v", img, err)
				}
				return
			}
			if p := wantCause(t, err, c.cause); !strings.Contains(p.Text, "it doesn't exist, or it is private") || p.Hint == "" {
				t.Error(p)
			}
		})
	}
	for _, s := range []string{secret, "docker-password-01"} {
		if strings.Contains(clean.Line("it was "+s).String(), s) {
			t.Errorf("%s is not known as a secret", s)
		}
	}
}

func TestTokenThatEnds(t *testing.T) {
	w := newWorld(t)
	w.push(w.image("amd64", commit, built), "v1")
	c := w.client(Options{})
	if _, err := c.Inspect(t.Context(), onGHCR, "v1", commit); err != nil {
		t.Fatal(err)
	}
	w.notes = nil
	w.expire()
	img, err := c.Inspect(t.Context(), onGHCR, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer")

	// In the middle: the blob is refused, and the budget ends with the renewal.
	c = w.client(Options{})
	w.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/blobs/") && len(w.notes) == 3 {
			w.expire()
		}
		return false
	}
	img, err = c.Inspect(t.Context(), onGHCR, "v1", commit)
	wantProvenance(t, img, err, provenanceUnknown, "not checked: when and from what")
	w.asked(img, "GET ghcr.io/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer", "GET ghcr.io/token")

	// At the end: there is no request left to renew it. It is not tried once more.
	w.pushIndex(commit, "v2")
	c = w.client(Options{})
	w.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/blobs/") && len(w.notes) == 4 {
			w.expire()
		}
		return false
	}
	whole := []string{"GET ghcr.io/token", "GET ghcr.io/manifests/v2 Bearer", "GET ghcr.io/manifests/DIGEST Bearer", "GET ghcr.io/blobs/DIGEST Bearer"}
	img, err = c.Inspect(t.Context(), onGHCR, "v2", commit)
	wantProvenance(t, img, err, provenanceUnknown, "not checked: when and from what")
	w.asked(img, whole...)
	w.answer = nil
	img, err = c.Inspect(t.Context(), onGHCR, "v2", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, whole...)
}

func TestKnownChallengeThatNoLongerFits(t *testing.T) {
	w := newWorld(t)
	w.realm = "/auth/token"
	w.push(w.image("amd64", commit, built), "v1")
	w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/token" {
			http.NotFound(rw, r)
		}
		return r.URL.Path == "/token"
	}
	c := w.client(Options{})
	img, err := c.Inspect(t.Context(), onGHCR, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, "GET ghcr.io/token", "GET ghcr.io/v2/", "GET ghcr.io/auth/token", "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer")
	img, err = c.Inspect(t.Context(), onGHCR, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
	w.asked(img, "GET ghcr.io/manifests/v1 Bearer", "GET ghcr.io/blobs/DIGEST Bearer")
}

func TestAllFourTypesAreAccepted(t *testing.T) {
	w := newWorld(t)
	w.pushIndex(commit, "v1")
	w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/manifests/") {
			return false
		}
		for _, want := range []string{"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
			"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"} {
			if !strings.Contains(r.Header.Get("Accept"), want) {
				t.Errorf("%s: Accept lacks %s", r.URL.Path, want)
			}
		}
		return false
	}
	img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
	wantProvenance(t, img, err, FromCommit, "names the commit")
}

func TestUnbelievableDates(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 0), time.Date(1980, 1, 1, 0, 0, 1, 0, time.UTC)} {
		w := newWorld(t)
		w.push(w.image("amd64", commit, at), "v1")
		img, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
		if err != nil || !img.Created.IsZero() {
			t.Errorf("%v became %v, %v", at, img.Created, err)
		}
	}
}

func TestAnswersThatCannotBeUsed(t *testing.T) {
	page := func(rw http.ResponseWriter) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = rw.Write([]byte("<html>Sign in</html>"))
	}
	cut := func(rw http.ResponseWriter) {
		rw.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		rw.Header().Set("Content-Length", "500")
		_, _ = rw.Write([]byte(`{"schemaVersion":2`))
		rw.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	text := func(status int, kind, body string) func(http.ResponseWriter) {
		return func(rw http.ResponseWriter) {
			rw.Header().Set("Content-Type", kind)
			rw.WriteHeader(status)
			_, _ = rw.Write([]byte(body))
		}
	}
	const oci = "application/vnd.oci.image.manifest.v1+json"
	otherDigest := func(rw http.ResponseWriter) {
		rw.Header().Set("Docker-Content-Digest", "sha256:"+strings.Repeat("0", 64))
		text(200, oci, `{"schemaVersion":2,"mediaType":"`+oci+`"}`)(rw)
	}
	for name, c := range map[string]struct {
		at    string
		do    func(http.ResponseWriter)
		cause transport.Cause
		says  string
	}{
		"login page for a manifest":   {"/manifests/", page, transport.Credentials, ""},
		"login page for a token":      {"token", page, transport.Credentials, ""},
		"cut manifest":                {"/manifests/", cut, transport.Unreachable, ""},
		"cut blob":                    {"/blobs/", cut, transport.Unreachable, ""},
		"garbage manifest":            {"/manifests/", text(200, oci, "{"), transport.Broken, ""},
		"another type inside":         {"/manifests/", text(200, oci, `{"mediaType":"application/vnd.oci.image.index.v1+json"}`), transport.Broken, ""},
		"no config":                   {"/manifests/", text(200, oci, `{"schemaVersion":2}`), transport.Broken, ""},
		"a different digest":          {"/manifests/", otherDigest, transport.Broken, "returned a manifest whose digest differs from its header"},
		"empty index":                 {"/manifests/", text(200, "application/vnd.oci.image.index.v1+json", `{"schemaVersion":2,"manifests":[]}`), transport.Broken, ""},
		"other content":               {"/manifests/", text(200, "application/json", `{}`), transport.Broken, ""},
		"blob with another digest":    {"/blobs/", text(200, "application/octet-stream", `{}`), transport.Broken, ""},
		"server error":                {"/manifests/", text(503, "text/plain", "down"), transport.Broken, ""},
		"rate limit":                  {"/manifests/", text(429, "application/json", `{"errors":[{"code":"TOOMANYREQUESTS"}]}`), transport.RateLimited, ""},
		"token service too often":     {"token", text(429, "application/json", `{}`), transport.RateLimited, ""},
		"token service down":          {"token", text(502, "text/html", `down`), transport.Broken, ""},
		"denied":                      {"/manifests/", text(403, "application/json", `{"errors":[{"code":"DENIED"}]}`), transport.Credentials, ""},
		"accept header not supported": {"/manifests/", text(404, "application/json", `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"OCI index found, but Accept header does not support OCI indexes"}]}`), transport.Broken, ""},
		"endless manifest":            {"/manifests/", text(200, oci, strings.Repeat(" ", transport.BodyLimit+1)), transport.Broken, ""},
		"sent elsewhere": {"/manifests/", func(rw http.ResponseWriter) {
			rw.Header().Set("Location", "https://login.example/")
			rw.WriteHeader(302)
		}, transport.Credentials, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.push(w.image("amd64", commit, built), "v1")
			hit := false
			w.answer = func(rw http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.URL.Path, c.at) {
					hit = true
					c.do(rw)
					return true
				}
				return false
			}
			_, err := w.client(Options{}).Inspect(t.Context(), onGHCR, "v1", commit)
			if p := wantCause(t, err, c.cause); !strings.Contains(p.Text, c.says) {
				t.Errorf("%q does not say %q", p, c.says)
			}
			for _, n := range w.notes {
				if strings.Contains(n, "login.example") {
					t.Errorf("asked %s", n)
				}
			}
			if !hit {
				t.Error("the answer was never given")
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	for _, at := range []string{"/token", "/manifests/", "/blobs/"} {
		t.Run(at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			w := newWorld(t)
			w.push(w.image("amd64", commit, built), "v1")
			w.answer = func(_ http.ResponseWriter, r *http.Request) bool {
				if strings.Contains(r.URL.Path, at) {
					cancel()
					<-r.Context().Done()
					return true
				}
				return false
			}
			_, err := w.client(Options{}).Inspect(ctx, onGHCR, "v1", commit)
			wantCause(t, err, transport.Cancelled)
		})
	}
}

func TestNamesThatNoRegistryHolds(t *testing.T) {
	w := newWorld(t)
	c := w.client(Options{})
	for _, n := range [][2]string{{"", "v1"}, {"openverse", "v1"}, {"ghcr.io/A/b", "v1"}, {"ghcr.io/a/b:v1", "v1"}, {onGHCR, ""}, {onGHCR, ".."}, {onGHCR, "a/b"}, {onGHCR, strings.Repeat("a", 129)}} {
		if _, err := c.Inspect(t.Context(), n[0], n[1], commit); err == nil {
			t.Errorf("accepted %q", n)
		}
	}
	w.asked(Image{})
}
