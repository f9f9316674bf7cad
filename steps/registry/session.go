package registry

import (
	"cmp"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	oci "github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

const ghcr = "ghcr.io"

// renewBefore is how long before its end a token is no longer used.
const renewBefore = 10 * time.Second

// tokenLasts is how long a token is used whose end is not told. The token
// specification of distribution says that it lasts a minute then. To ask with
// one that has ended costs a request more than to renew it.
const tokenLasts = time.Minute

// session is how one signs in to a repository, and the proof of having done so.
type session struct {
	challenge *oci.Challenge
	assumed   bool                // the challenge was not asked for
	who       authn.Authenticator // whom the token was given to
	bearer    authn.Authenticator // what is sent with requests
	expires   time.Time           // zero: it does not end
}

func (s session) usable(now time.Time) bool {
	return s.bearer != nil && (s.expires.IsZero() || now.Before(s.expires.Add(-renewBefore)))
}

// open takes the remembered session or signs in, anonymously the first time.
func (i *inspection) open() error {
	i.c.mu.Lock()
	i.session = i.c.sessions[i.repo.Name()]
	i.c.mu.Unlock()
	if i.session.usable(i.c.now()) {
		i.good = true
		return nil
	}
	return i.signIn(cmp.Or[authn.Authenticator](i.session.who, authn.Anonymous))
}

func (i *inspection) remember() {
	i.c.mu.Lock()
	defer i.c.mu.Unlock()
	i.c.sessions[i.repo.Name()] = i.session
}

// signIn gets what the registry's challenge asks for. Anonymously is tried
// before credentials, because most images are public and a credential that is
// refused hides them.
func (i *inspection) signIn(who authn.Authenticator) error {
	if i.session.challenge == nil {
		if err := i.learn(); err != nil {
			return err
		}
	}
	// What was learned stays known, and a token that was refused does not, also
	// where what follows fails.
	i.session.bearer, i.good = nil, false
	i.remember()
	switch scheme := strings.ToLower(i.session.challenge.Scheme); {
	case scheme == "":
		i.session.who, i.session.bearer = authn.Anonymous, authn.Anonymous
	case scheme == "basic":
		if who == authn.Anonymous {
			with, err := i.credentials()
			if err != nil {
				return err
			}
			if with == nil {
				return i.denied(http.StatusUnauthorized, who)
			}
			who = with
		}
		i.session.who, i.session.bearer = who, who
	case scheme == "bearer":
		if err := i.exchange(who); err != nil {
			return err
		}
	default:
		return i.problem("signing in", &transport.Problem{Cause: transport.Credentials,
			Text: clean.Linef("%s asks to sign in by %q, which is not understood", i.host(), i.session.challenge.Scheme).String()})
	}
	i.remember()
	return nil
}

// learn finds out how one signs in. For ghcr.io that is known
// (docs.github.com, "Working with the Container registry"; the challenge is
// the same for every package), which saves a request.
func (i *inspection) learn() error {
	if i.host() == ghcr && !i.refuted {
		i.session.assumed = true
		i.session.challenge = &oci.Challenge{Scheme: "Bearer",
			Parameters: map[string]string{"realm": "https://ghcr.io/token", "service": ghcr}}
		return i.admitRealm()
	}
	i.wire.set(func() { i.wire.pinging = true })
	challenge, err := oci.Ping(i.ctx, i.repo.Registry, i.wire)
	i.wire.set(func() { i.wire.pinging = false })
	if errors.Is(err, errBudget) {
		return err
	}
	if err != nil {
		return i.problem("asking how to sign in", err)
	}
	if _, header := i.wire.last(); challenge.Scheme == "" && isPage(header) {
		return loginPage(i.host(), http.StatusOK)
	}
	challenge.Insecure = i.wire.origin.Scheme == "http"
	if strings.EqualFold(challenge.Scheme, "bearer") {
		i.wire.more()
	}
	i.session.challenge, i.session.assumed = challenge, false
	return i.admitRealm()
}

// admitRealm lets requests to the token service pass the wire.
func (i *inspection) admitRealm() error {
	if !strings.EqualFold(i.session.challenge.Scheme, "bearer") {
		return nil
	}
	realm, err := transport.Origin(i.session.challenge.Parameters["realm"])
	if err != nil || (realm.Scheme != "https" && i.wire.origin.Scheme == "https") {
		i.session.challenge = nil
		return &transport.Problem{Cause: transport.Broken,
			Text: i.host() + " names no usable address for signing in",
			Hint: "check the image's address in the settings"}
	}
	i.wire.set(func() { i.wire.realm = realm })
	return nil
}

// exchange gets a token from the token service.
func (i *inspection) exchange(who authn.Authenticator) error {
	if err := i.admitRealm(); err != nil {
		return err
	}
	config, err := authn.Authorization(i.ctx, who)
	if err != nil {
		return i.keychainFailed()
	}
	if config.RegistryToken != "" {
		i.session.who, i.session.bearer, i.session.expires = who, who, time.Time{}
		return nil
	}
	scope := i.repo.Scope(oci.PullScope)
	token, err := oci.Exchange(i.ctx, i.repo.Registry, who, i.wire, []string{scope}, i.session.challenge)
	if status := i.refused(err); status != 0 {
		return i.next(status, who)
	}
	if err != nil && i.session.assumed && i.misfit(err) {
		i.session.challenge, i.refuted = nil, true
		i.wire.anew()
		return i.signIn(who)
	}
	if errors.Is(err, errBudget) {
		return err
	}
	if err != nil {
		return i.problem("signing in", err)
	}
	value := cmp.Or(token.AccessToken, token.Token)
	clean.Secret(value)
	i.session.who = who
	i.session.bearer = authn.FromConfig(authn.AuthConfig{RegistryToken: value})
	lasts := tokenLasts
	if token.ExpiresIn > 0 {
		lasts = time.Duration(token.ExpiresIn) * time.Second
	}
	i.session.expires = i.c.now().Add(lasts)
	return nil
}

// next signs in with credentials where asking anonymously was refused.
func (i *inspection) next(status int, who authn.Authenticator) error {
	if who != authn.Anonymous {
		i.forget()
		return i.denied(status, who)
	}
	with, err := i.credentials()
	if err != nil {
		return err
	}
	if with == nil || i.session.challenge.Scheme == "" {
		return i.denied(status, who)
	}
	i.wire.anew()
	return i.signIn(with)
}

// anonymous reports whether what is asked is asked as everybody may.
func (i *inspection) anonymous() bool {
	return i.session.who == nil || i.session.who == authn.Anonymous
}

// forget makes the next inspection start anonymously again.
func (i *inspection) forget() {
	i.session = session{challenge: i.session.challenge, assumed: i.session.assumed}
	i.remember()
}

// credentials returns the keychain's for this registry, else the GitHub token
// for ghcr.io, else nil.
func (i *inspection) credentials() (authn.Authenticator, error) {
	with, err := i.keychain()
	if with != nil || err != nil {
		return with, err
	}
	home := &url.URL{Scheme: "https", Host: ghcr}
	if i.c.o.GitHubToken == "" || !transport.SameOrigin(i.wire.origin, home) || i.wire.realm == nil || !transport.SameOrigin(i.wire.realm, home) {
		return nil, nil
	}
	const user = "x-access-token"
	clean.Secret(base64.StdEncoding.EncodeToString([]byte(user + ":" + i.c.o.GitHubToken)))
	return authn.FromConfig(authn.AuthConfig{Username: user, Password: i.c.o.GitHubToken}), nil
}
