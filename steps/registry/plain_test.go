package registry

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"catalog-runbook/steps/transport"
)

// A registry on this machine is asked over TLS like any other, unless it is the one that
// is said to have none. Nothing is asked of it before that is known.
func TestThisMachineIsAskedOverTLS(t *testing.T) {
	w := newWorld(t)
	digest := w.push(w.image("amd64", commit, built), "v1")
	var asked atomic.Int32
	counted := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.registry.ServeHTTP(rw, r)
	})
	plain := httptest.NewServer(counted)
	t.Cleanup(plain.Close)
	secured := httptest.NewTLSServer(counted)
	t.Cleanup(secured.Close)
	base := secured.Client().Transport.(*http.Transport).Clone()
	base.TLSClientConfig.ServerName = "example.com"
	at := func(s *httptest.Server, host string) string {
		return strings.Replace(s.Listener.Addr().String(), "127.0.0.1", host, 1) + "/" + path
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		other := "127.0.0.1:1"
		for name, o := range map[string]Options{
			"not told":                {},
			"told of another":         {PlainHTTP: other},
			"credentials to be given": {Keychain: keys{strings.TrimSuffix(at(plain, host), "/"+path): {Username: "robot", Password: "docker-password-01"}}},
		} {
			if o.Keychain == nil {
				o.Keychain = keys{}
			}
			o.Base, o.ReadOnly = base, true
			asked.Store(0)
			_, err := New(o).Inspect(t.Context(), at(plain, host), "v1", commit)
			if p := wantCause(t, err, transport.Unreachable); !strings.Contains(p.Hint, "`plain_http = true` under [image]") {
				t.Errorf("%s, %s: %v", host, name, p)
			}
			if asked.Load() != 0 {
				t.Errorf("%s, %s: it was asked without TLS", host, name)
			}
			img, err := New(o).Inspect(t.Context(), at(secured, host), "v1", commit)
			if err != nil || img.Digest != digest || asked.Load() != 3 {
				t.Errorf("%s, %s, with TLS: %+v, %v after %d requests", host, name, img, err, asked.Load())
			}
		}
		img, err := New(Options{Keychain: keys{}, PlainHTTP: strings.TrimSuffix(at(plain, host), "/"+path), ReadOnly: true, Base: base}).Inspect(t.Context(), at(plain, host), "v1", commit)
		if err != nil || img.Digest != digest {
			t.Errorf("%s, told: %+v, %v", host, img, err)
		}
	}
	// Where TLS is spoken, plain HTTP isn't tried because something was said of another port.
	o := Options{Keychain: keys{}, ReadOnly: true, Base: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}}
	_, err := New(o).Inspect(t.Context(), at(secured, "127.0.0.1"), "v1", commit)
	if p := wantCause(t, err, transport.Unreachable); !strings.Contains(p.Text, "TLS certificate") || strings.Contains(p.Hint, "plain_http") {
		t.Errorf("a certificate that %v", p)
	}
}
