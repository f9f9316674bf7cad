package steps_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/testdata/fake"
	"catalog-runbook/steps/transport"
)

// otherHost is a real server that records its requests, and redirects each back to
// where it came from.
type otherHost struct {
	*httptest.Server
	mu   sync.Mutex
	seen []*http.Request
}

func newOtherHost(t *testing.T, ip string, status int, home func() string) *otherHost {
	o := &otherHost{}
	o.Server = serveAt(t, ip, func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.seen = append(o.seen, r)
		o.mu.Unlock()
		w.Header().Set("Set-Cookie", "session=1")
		http.Redirect(w, r, home()+r.URL.Path, status)
	})
	return o
}

func (o *otherHost) requests() []*http.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen
}

// serveAt opens a server at an address of this machine. Not every system has
// more than one; then it is another port of the same.
func serveAt(t *testing.T, ip string, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", ip+":0")
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// TestRedirectsTakeNoCredentials asks real servers through the world as the
// program makes it. Whatever the redirect, the second host is not asked by the
// clients of GitHub and Airflow, and the storage host of a registry is asked
// without a word about who asks. It would send everything back.
func TestRedirectsTakeNoCredentials(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			var home *httptest.Server
			back := func() string { return home.URL }
			away := newOtherHost(t, "127.0.0.2", status, back)
			// The registry's library never goes from one address of a machine to
			// another of it, so that the storage host is another port.
			storage := newOtherHost(t, "127.0.0.1", status, back)
			healthy := fake.NewSite(10)
			home = serveAt(t, "127.0.0.1", func(w http.ResponseWriter, r *http.Request) {
				user, _, _ := r.BasicAuth()
				w.Header().Set("Set-Cookie", "session=1")
				switch {
				case strings.HasPrefix(r.URL.Path, "/v2/") && user != "docker" && !strings.Contains(r.URL.Path, "/blobs/"):
					w.Header().Set("WWW-Authenticate", `Basic realm="here"`)
					http.Error(w, "{}", http.StatusUnauthorized)
				case strings.HasPrefix(r.URL.Path, "/v2/") && !strings.Contains(r.URL.Path, "/blobs/"):
					e := healthy.Answer(r, fake.RegistryAt+r.URL.Path)
					w.Header().Set("Content-Type", e.Kind)
					_, _ = w.Write(e.Text(t))
				case strings.HasPrefix(r.URL.Path, "/v2/"):
					http.Redirect(w, r, storage.URL+r.URL.Path, status)
				default:
					http.Redirect(w, r, away.URL+r.URL.Path, status)
				}
			})
			host := strings.TrimPrefix(home.URL, "http://")
			var s steps.Settings
			s.GitHub.APIURL, s.GitHub.Repository = home.URL, "o/r"
			s.Image.Reference, s.Image.PlainHTTP, s.Airflow.URL = host+"/o/catalog", true, home.URL
			w, err := steps.Connect(s, steps.Credentials{GitHubToken: transport.NewToken(gitHubSecret), AirflowUsername: "viewer", AirflowPassword: airflowSecret,
				AirflowHeaders: map[string]string{"X-Proxy-Secret": proxySecret}, Docker: dockerAt(host)}, false, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			w.Executor = fake.NoCommand{T: t}
			e, err := steps.New(steps.Bind(fake.Parse(t, string(runbook.Default())), s, kinds.All()), w, steps.Options{Mode: runbook.Live})
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Choose(fake.Tag); err != nil {
				t.Fatal(err)
			}
			for _, step := range []int{release, idleDAGs, imageTag} {
				res := check(t, e, step)
				if res.Verdict != runbook.Unknown || (step != imageTag && !strings.Contains(res.Summary.String(), "the redirect was not followed")) {
					t.Errorf("%s: %s", res.Verdict, res.Summary)
				}
			}
			for _, r := range away.requests() {
				t.Errorf("the other host was asked for %s, with %v", r.URL, r.Header)
			}
			if len(storage.requests()) == 0 {
				t.Error("the storage host was never asked")
			}
			for _, r := range storage.requests() {
				for name, values := range r.Header {
					if name != "User-Agent" && name != "Accept-Encoding" && name != "Referer" {
						t.Errorf("the storage host was told %s: %v", name, values)
					}
				}
			}
		})
	}
}

// dockerAt has credentials for one registry.
type dockerAt string

func (d dockerAt) Resolve(r authn.Resource) (authn.Authenticator, error) {
	if r.RegistryStr() != string(d) {
		return authn.Anonymous, nil
	}
	return authn.FromConfig(authn.AuthConfig{Username: "docker", Password: dockerSecret}), nil
}
