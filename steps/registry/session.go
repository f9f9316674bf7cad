package registry

import (
	"cmp"
	"encoding/base64"
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

// ghcrChallenge is how to sign in to ghcr.io, the same for every package
// (docs.github.com, "Working with the Container registry"). Knowing it saves a request.
var ghcrChallenge = &oci.Challenge{Scheme: "Bearer", Parameters: map[string]string{"realm": "https://ghcr.io/token", "service": ghcr}}

// renewBefore is how long before its end a token is renewed.
const renewBefore = 10 * time.Second

// tokenLasts is how long a token lasts that doesn't say so, by distribution's token
// specification. Using one that has ended costs one request more than renewing it.
const tokenLasts = time.Minute

// session is how to sign in to a repository, and the result of having done so.
type session struct {
	challenge *oci.Challenge
	who       authn.Authenticator // whom the token was given to; nil is anonymous
	bearer    authn.Authenticator // what is sent with requests
	expires   time.Time           // zero: never
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
	return i.signIn(i.who())
}

func (i *inspection) remember() {
	i.c.mu.Lock()
	defer i.c.mu.Unlock()
	i.c.sessions[i.repo.Name()] = i.session
}

// signIn gets what the registry's challenge asks for. Anonymous access is tried
// before credentials, because most images are public and a refused credential
// hides them.
func (i *inspection) signIn(who authn.Authenticator) error {
	if i.session.challenge == nil && i.host() == ghcr {
		i.session.challenge = ghcrChallenge
	}
	if i.session.challenge == nil {
		if err := i.ping(); err != nil {
			return err
		}
	}
	// The challenge stays known and a refused token doesn't, even if what follows fails.
	i.session.bearer, i.good = nil, false
	i.remember()
	switch strings.ToLower(i.session.challenge.Scheme) {
	case "":
		i.session.who, i.session.bearer = authn.Anonymous, authn.Anonymous
	case "basic":
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
	case "bearer":
		if err := i.exchange(who); err != nil {
			return err
		}
	default:
		return &transport.Problem{Cause: transport.Credentials,
			Text: clean.Linef("%s asks to sign in by %q, which isn't supported", i.host(), i.session.challenge.Scheme).String()}
	}
	i.remember()
	return nil
}

// ping asks the registry how to sign in.
func (i *inspection) ping() error {
	challenge, err := oci.Ping(i.ctx, i.repo.Registry, &single{wire: i.wire})
	if err != nil {
		return i.orProblem("asking how to sign in", err)
	}
	if challenge.Scheme == "" && isPage(i.wire.header) {
		return loginPage(i.host(), http.StatusOK)
	}
	challenge.Insecure = i.wire.origin.Scheme == "http"
	if strings.EqualFold(challenge.Scheme, "bearer") {
		i.wire.most++
	}
	i.session.challenge = challenge
	return nil
}

// admitRealm lets requests to the token service pass the wire.
func (i *inspection) admitRealm() error {
	realm, err := transport.Origin(i.session.challenge.Parameters["realm"])
	if err != nil || (realm.Scheme != "https" && i.wire.origin.Scheme == "https") {
		i.session.challenge = nil
		i.remember()
		return &transport.Problem{Cause: transport.Broken,
			Text: i.host() + " returned no usable address for signing in",
			Hint: "check the image's address in the settings"}
	}
	i.wire.realm = realm
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
	token, err := oci.Exchange(i.ctx, i.repo.Registry, who, i.wire, []string{i.repo.Scope(oci.PullScope)}, i.session.challenge)
	switch status := i.refused(err); {
	case status != 0:
		return i.next(status, who)
	case err != nil && i.session.challenge == ghcrChallenge && i.misfit(err):
		i.wire.renew()
		if err := i.ping(); err != nil {
			return err
		}
		return i.signIn(who)
	case err != nil:
		return i.orProblem("signing in", err)
	}
	value := cmp.Or(token.AccessToken, token.Token)
	clean.Secret(value)
	lasts := tokenLasts
	if token.ExpiresIn > 0 {
		lasts = time.Duration(token.ExpiresIn) * time.Second
	}
	i.session.who, i.session.expires = who, i.c.now().Add(lasts)
	i.session.bearer = authn.FromConfig(authn.AuthConfig{RegistryToken: value})
	return nil
}

// next signs in with credentials after the anonymous request was refused.
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
	i.wire.renew()
	return i.signIn(with)
}

// who returns whom the registry is asked as.
func (i *inspection) who() authn.Authenticator {
	return cmp.Or[authn.Authenticator](i.session.who, authn.Anonymous)
}

// forget makes the next inspection start anonymously again.
func (i *inspection) forget() {
	i.session = session{challenge: i.session.challenge}
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
	if !transport.SameOrigin(i.wire.origin, home) || i.wire.realm == nil || !transport.SameOrigin(i.wire.realm, home) {
		return nil, nil
	}
	token, err := i.c.o.GitHubToken.Value(i.ctx)
	if err != nil || token == "" {
		return nil, err
	}
	const user = "x-access-token"
	clean.Secret(base64.StdEncoding.EncodeToString([]byte(user + ":" + token)))
	return authn.FromConfig(authn.AuthConfig{Username: user, Password: token}), nil
}
