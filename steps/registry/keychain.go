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
// wait for somebody to unlock it.
const keychainLimit = 15 * time.Second

// search is one look into the keychain, which cannot be stopped: the library's own
// keychain runs the helper that the Docker configuration names to its end, whatever
// the context. Whoever asks meanwhile waits for the same one.
type search struct {
	done chan struct{} // closed when the rest may be read
	with authn.Authenticator
	err  error
}

// look begins a search for a repository's credentials, or joins the one that has
// not ended.
func (c *Client) look(ctx context.Context, repo authn.Resource) *search {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := repo.String()
	if s, ok := c.looking[name]; ok {
		return s
	}
	s := &search{done: make(chan struct{})}
	c.looking[name] = s
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keychainLimit)
	go func() {
		defer cancel()
		s.with, s.err = resolve(ctx, c.o.Keychain, repo)
		c.mu.Lock()
		delete(c.looking, name)
		c.mu.Unlock()
		close(s.done)
	}()
	return s
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

// errNoKeys is the outcome of a search that was not waited for.
var errNoKeys = errors.New("the keychain did not answer")

// keychain returns what the keychain has for this registry, or nil. It looks once
// for an inspection, and waits no longer than keychainLimit.
func (i *inspection) keychain() (authn.Authenticator, error) {
	if i.keys == nil {
		found := i.c.look(i.ctx, i.repo)
		ctx, cancel := context.WithTimeout(i.ctx, keychainLimit)
		defer cancel()
		select {
		case <-found.done:
		case <-ctx.Done():
			found = &search{err: errNoKeys}
		}
		i.keys = found
	}
	switch {
	case i.keys.err == nil:
		return i.keys.with, nil
	case errors.Is(i.ctx.Err(), context.Canceled):
		return nil, transport.Failure(i.host(), i.ctx.Err())
	case errors.Is(i.keys.err, errNoKeys):
		return nil, &transport.Problem{Cause: transport.Credentials,
			Text: "the credential helper of " + i.host() + " did not answer",
			Hint: "see whether it waits to be unlocked, run `docker login " + i.host() + "`, and verify again"}
	}
	return nil, i.keychainFailed()
}

func (i *inspection) keychainFailed() error {
	return &transport.Problem{Cause: transport.Credentials,
		Text: "the Docker configuration's credentials for " + i.host() + " cannot be read",
		Hint: "run `docker login " + i.host() + "`, or repair the credential helper"}
}
