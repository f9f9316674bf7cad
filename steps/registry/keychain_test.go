package registry

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/steps/transport"
)

// locked is a keychain that answers nobody until it is unlocked.
type locked struct {
	mu     sync.Mutex
	looked int
	key    chan struct{}
}

func (l *locked) Resolve(authn.Resource) (authn.Authenticator, error) {
	l.mu.Lock()
	l.looked++
	l.mu.Unlock()
	<-l.key
	return authn.FromConfig(authn.AuthConfig{Username: "robot", Password: "docker-password-01"}), nil
}

// private is a token service that refuses everybody without a name.
type private struct{}

func (private) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := http.StatusForbidden, `{"errors":[{"code":"DENIED"}]}`
	if user, _, _ := r.BasicAuth(); user == "robot" {
		status, body = http.StatusBadGateway, "it was asked with credentials"
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r, Status: body}, nil
}

// A credential helper that hangs, as one that waits for someone to unlock it does,
// holds up no look for longer than its limit, and is not started again meanwhile.
func TestAKeychainThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keychain := &locked{key: make(chan struct{})}
		c := New(Options{Keychain: keychain, Base: private{}})
		var looks sync.WaitGroup
		for _, ask := range []func() error{
			func() error { _, err := c.Inspect(t.Context(), onGHCR, "v1", commit); return err },
			func() error { _, err := c.Access(t.Context(), onGHCR); return err },
		} {
			looks.Go(func() {
				begun := time.Now()
				p := wantCause(t, ask(), transport.Credentials)
				if took := time.Since(begun); took != keychainLimit {
					t.Errorf("it took %v", took)
				}
				if p.Text != "the credential helper of ghcr.io timed out" || !strings.Contains(p.Hint, "docker login ghcr.io") {
					t.Errorf("%q, %q", p.Text, p.Hint)
				}
			})
		}
		looks.Wait()
		keychain.mu.Lock()
		if keychain.looked != 1 {
			t.Errorf("it was started %d times", keychain.looked)
		}
		keychain.mu.Unlock()

		// Whoever gives up is not told of the helper, and whoever unlocks it goes on.
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := c.Inspect(ctx, onGHCR, "v1", commit)
		wantCause(t, err, transport.Cancelled)
		time.AfterFunc(time.Second, func() { close(keychain.key) })
		_, err = c.Inspect(t.Context(), onGHCR, "v1", commit)
		if p := wantCause(t, err, transport.Broken); p.Status != http.StatusBadGateway {
			t.Error(p)
		}
		// What it said is not kept: someone may sign in as someone else.
		_, _ = c.Inspect(t.Context(), onGHCR, "v1", commit)
		if keychain.looked != 2 {
			t.Errorf("it was started %d times", keychain.looked)
		}
	})
}
