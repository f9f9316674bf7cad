package registry

import (
	"context"
	"errors"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// keychainLimit is how long the keychain may take. It can be a program, which can
// wait for a person to unlock it.
const keychainLimit = 15 * time.Second

// errNoKeys is the outcome of a lookup that took too long.
var errNoKeys = errors.New("the keychain timed out")

// keychainAnswer holds the credentials for a repository; nil if there are none.
type keychainAnswer struct {
	with authn.Authenticator
	err  error
}

// lookup asks the keychain, and waits no longer than keychainLimit. A lookup can't
// be stopped: the library's keychain runs the helper that the Docker configuration
// names to its end, whatever the context. Callers meanwhile join the same one.
func (c *Client) lookup(ctx context.Context, repo authn.Resource) *keychainAnswer {
	ctx, cancel := context.WithTimeout(ctx, keychainLimit)
	defer cancel()
	found := c.lookups.DoChan(repo.String(), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keychainLimit)
		defer cancel()
		with, err := resolve(ctx, c.o.Keychain, repo)
		return &keychainAnswer{with, err}, nil
	})
	select {
	case result := <-found:
		return result.Val.(*keychainAnswer)
	case <-ctx.Done():
		return &keychainAnswer{err: errNoKeys}
	}
}

func resolve(ctx context.Context, keychain authn.Keychain, repo authn.Resource) (authn.Authenticator, error) {
	with, err := authn.Resolve(ctx, keychain, repo)
	if err != nil || with == authn.Anonymous {
		return nil, err
	}
	config, err := authn.Authorization(ctx, with)
	if err != nil {
		return nil, err
	}
	clean.Secret(config.Password, config.Auth, config.IdentityToken, config.RegistryToken)
	return with, nil
}

// keychain returns what the keychain has for this registry, or nil. It looks it up
// once for an inspection.
func (i *inspection) keychain() (authn.Authenticator, error) {
	if i.keys == nil {
		i.keys = i.c.lookup(i.ctx, i.repo)
	}
	switch {
	case i.keys.err == nil:
		return i.keys.with, nil
	case errors.Is(i.ctx.Err(), context.Canceled):
		return nil, transport.Failure(i.host(), i.ctx.Err())
	case errors.Is(i.keys.err, errNoKeys):
		return nil, &transport.Problem{Cause: transport.Credentials,
			Text: "the credential helper of " + i.host() + " timed out",
			Hint: "check whether it is waiting to be unlocked, run `docker login " + i.host() + "`, and verify again"}
	}
	return nil, i.keychainFailed()
}

func (i *inspection) keychainFailed() error {
	return &transport.Problem{Cause: transport.Credentials,
		Text: "reading the Docker configuration's credentials for " + i.host() + " failed",
		Hint: "run `docker login " + i.host() + "`, or fix the credential helper"}
}
