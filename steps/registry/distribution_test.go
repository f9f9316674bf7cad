package registry

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// distributionVariable names the real registry: the program of the module
// github.com/distribution/distribution/v3/cmd/registry.
const distributionVariable = "CATALOG_RUNBOOK_TEST_REGISTRY"

// distribution is a real registry on loopback, as a process of its own, with its
// token service under the same address: the library asks no token service on
// another address of this machine.
type distribution struct {
	t      *testing.T
	tokens *tokens
	data   string // where it stores
	user   string // who pushes
	front  *httptest.Server
}

// The ways to sign in at a distribution.
const (
	byToken    = "token"
	byPassword = "htpasswd"
	byNothing  = ""
)

func startDistribution(t *testing.T, auth string) *distribution {
	t.Helper()
	program := os.Getenv(distributionVariable)
	if program == "" {
		t.Skipf("SKIPPED: set %s to the path of the real registry (distribution 3.1) to run this", distributionVariable)
	}
	d := &distribution{t: t, tokens: newTokens(t), data: t.TempDir(), user: pusher}
	registry, err := url.Parse("http://" + d.run(program, auth))
	if err != nil {
		t.Fatal(err)
	}
	direct := &http.Transport{DisableKeepAlives: true}
	proxy := &httputil.ReverseProxy{Transport: direct, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(registry)
		r.Out.Host = r.In.Host
		r.Out.Header.Set("X-Forwarded-Proto", "http")
		if was := r.In.Header.Get("X-Forwarded-Proto"); was != "" {
			r.Out.Header.Set("X-Forwarded-Proto", was)
		}
	}}
	d.front = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			d.tokens.ServeHTTP(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(d.front.Close)
	return d
}

// bcrypted is robotPassword by bcrypt, at its lowest cost.
const bcrypted = "$2a$04$Gsuzte.5sUv9Io9fwGC8f.VRNrzDSXl3f1gTLEcSfmWLWbv73y2R6"

var listeningOn = regexp.MustCompile(`listening on (127\.0\.0\.1:\d+)`)

// run starts the registry and returns its address.
func (d *distribution) run(program, auth string) string {
	d.t.Helper()
	folder := d.t.TempDir()
	settings := map[string]any{
		"version": "0.1",
		"log":     map[string]any{"level": "info", "accesslog": map[string]any{"disabled": true}},
		"storage": map[string]any{
			"filesystem":  map[string]any{"rootdirectory": d.data},
			"maintenance": map[string]any{"uploadpurging": map[string]any{"enabled": false}},
		},
		"http": map[string]any{"addr": "127.0.0.1:0", "secret": "of the tests"},
	}
	switch auth {
	case byToken:
		// The realm is made of the address that was asked, so that one registry
		// can be asked under several.
		settings["auth"] = map[string]any{"token": map[string]any{
			"realm": "http://unused.test/token", "autoredirect": true, "autoredirectpath": "/token",
			"service": service, "issuer": issuer, "rootcertbundle": d.tokens.bundle(),
		}}
	case byPassword:
		users := filepath.Join(folder, "users")
		if err := os.WriteFile(users, []byte(robot+":"+bcrypted+"\n"), 0o600); err != nil {
			d.t.Fatal(err)
		}
		settings["auth"] = map[string]any{"htpasswd": map[string]any{"realm": "registry", "path": users}}
	}
	data, err := json.Marshal(settings) // which is YAML too
	if err != nil {
		d.t.Fatal(err)
	}
	file := filepath.Join(folder, "registry.yml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		d.t.Fatal(err)
	}
	cmd := exec.Command(program, "serve", file)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "OTEL_TRACES_EXPORTER=none"}
	log, err := cmd.StderrPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	address := make(chan string, 1)
	read := make(chan struct{})
	var said strings.Builder
	go func() {
		defer close(read)
		defer close(address)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			said.WriteString(lines.Text() + "\n")
			if m := listeningOn.FindStringSubmatch(lines.Text()); m != nil {
				address <- m[1]
			}
		}
	}()
	d.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait() // it was killed, and says so
		if d.t.Failed() {
			d.t.Logf("the registry said\n%s", said.String())
		}
	})
	at, ok := <-address
	if !ok {
		d.t.Fatalf("the registry did not start:\n%s", said.String())
	}
	return at
}

// image is the reference of a repository on it, without a tag.
func (d *distribution) image(repository string) string {
	return strings.TrimPrefix(d.front.URL, "http://") + "/" + repository
}

func (d *distribution) options() []remote.Option {
	return []remote.Option{
		remote.WithAuth(authn.FromConfig(authn.AuthConfig{Username: d.user, Password: robotPassword})),
		remote.WithTransport(&http.Transport{DisableKeepAlives: true}),
	}
}

func (d *distribution) ref(repository, tag string) name.Reference {
	d.t.Helper()
	ref, err := name.NewTag(d.image(repository)+":"+tag, name.Insecure)
	if err != nil {
		d.t.Fatal(err)
	}
	return ref
}

// push stores an image under tags, and returns its digest.
func (d *distribution) push(repository string, img v1.Image, tags ...string) string {
	d.t.Helper()
	for _, tag := range tags {
		if err := remote.Write(d.ref(repository, tag), img, d.options()...); err != nil {
			d.t.Fatal(err)
		}
	}
	digest, err := img.Digest()
	if err != nil {
		d.t.Fatal(err)
	}
	return digest.String()
}

// pushIndex is push for an index.
func (d *distribution) pushIndex(repository string, index v1.ImageIndex, tags ...string) string {
	d.t.Helper()
	for _, tag := range tags {
		if err := remote.WriteIndex(d.ref(repository, tag), index, d.options()...); err != nil {
			d.t.Fatal(err)
		}
	}
	digest, err := index.Digest()
	if err != nil {
		d.t.Fatal(err)
	}
	return digest.String()
}
