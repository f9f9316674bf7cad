// Package registry asks an OCI registry about one tag of an image: whether it
// exists, what it holds, and which commit it was built from. It only reads, and
// knows nothing of steps.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"golang.org/x/sync/singleflight"

	"catalog-runbook/runbook/pattern"
	"catalog-runbook/steps/transport"
)

// ErrAbsent means that the registry shows the repository, which doesn't have the
// tag. It is an answer, unlike a *transport.Problem.
var ErrAbsent = errors.New("no such tag")

// Options describe a Client.
type Options struct {
	// Keychain has the credentials for registries that don't answer
	// anonymously. Nil means the Docker configuration.
	Keychain authn.Keychain
	// GitHubToken is used for ghcr.io, where the keychain has nothing.
	GitHubToken *transport.Token
	// PlainHTTP is the host of a registry on this machine that is asked without TLS.
	// Any other is asked over TLS, wherever it is.
	PlainHTTP string
	// ReadOnly refuses every method but GET and HEAD.
	ReadOnly bool
	// Base sends the requests. Nil means the hardened transport.
	Base http.RoundTripper
}

// Client inspects images. It remembers how to sign in to each repository and the
// token it got there, so that the next inspection costs less. It may be used
// concurrently.
type Client struct {
	o     Options
	now   func() time.Time
	limit func(context.Context) (context.Context, context.CancelFunc) // of one request

	lookups   singleflight.Group // in the keychain, by repository
	mu        sync.Mutex
	sessions  map[string]session
	spellings map[string]spelled // by repository and tag
}

// New returns a client. It sends nothing.
func New(o Options) *Client {
	if o.Keychain == nil {
		o.Keychain = authn.DefaultKeychain
	}
	return &Client{o: o, now: time.Now, limit: limited, sessions: map[string]session{}, spellings: map[string]spelled{}}
}

func limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, transport.AskingLimit)
}

// tagShape is the distribution specification's rule for tags ("Pulling manifests").
var tagShape = pattern.Lazy(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`)

// Inspect reads one tag of a repository ("ghcr.io/owner/name") and compares the
// commit it was built from with commit, a full commit id; an empty commit isn't
// compared.
//
// The tag of a version may be written otherwise there, without its "v" or with it: that
// is found too, and Image.Tag says which it is. If the tag and another spelling of it lead
// to different images, Image.Other names that one.
//
// It returns an *Absent for a tag that a visible repository has in no spelling, a *NotImage
// for one that leads to no container image, and a *transport.Problem if there is no
// usable answer; the Image then holds what was seen before.
//
// It sends at most four requests to the registry and its token service, except in
// six cases in which four can never be enough, so that a client that inspects only
// once would never learn the answer:
//   - The registry wants a token and isn't ghcr.io: asking how to sign in takes one
//     request more. At ghcr.io it takes two more if signing in has changed there.
//   - It shows the image only to credentials: at most four requests are sent with
//     them, after those that didn't help. At ghcr.io that is the anonymous request for
//     a token, which is refused; elsewhere also the one about how to sign in; and if
//     anonymous tokens allow nothing, also the one that was sent with such a token.
//   - The tag leads to an index of an image without a revision label, or the label names
//     another commit: the tag of the commit takes one request more. If there is none, its
//     short form "sha-0123456" takes another.
//   - An index has attestations about the image: they take one request more, and the
//     provenance among them another.
//   - The tag is that of a version: each other spelling of it takes one request more, if the
//     image was built from the commit and they weren't asked within 15 minutes.
//   - An index has several entries for the platform: each takes two requests more.
//
// If a token ends in the middle, that may still not be enough. ProvenanceText then
// says what wasn't asked; the next inspection asks it.
func (c *Client) Inspect(ctx context.Context, repository, tag, commit string) (Image, error) {
	return c.InspectBuilt(ctx, repository, tag, func() string { return commit })
}

// InspectBuilt is Inspect where the commit is found out meanwhile. It calls commit,
// which may take its time, when it has asked all that it can ask without it.
func (c *Client) InspectBuilt(ctx context.Context, repository, tag string, commit func() string) (Image, error) {
	repo, err := name.NewRepository(repository, name.StrictValidation)
	if err != nil {
		return Image{}, fmt.Errorf("reading the image %q: want registry/owner/name", repository)
	}
	if !tagShape().MatchString(tag) {
		return Image{}, fmt.Errorf("reading the tag %q: not a valid tag", tag)
	}
	i := c.inspection(ctx, repo)
	img := Image{Reference: repo.Name() + ":" + tag}
	err = i.inspect(&img, tag, commit)
	img.Requests = i.wire.count
	return img, err
}

// inspection is one call of Inspect.
type inspection struct {
	c       *Client
	ctx     context.Context
	repo    name.Repository
	wire    *wire
	session session
	good    bool // the registry accepted the session before
	keys    *keychainAnswer
	listed  []string // the tags that were listed
}

func (c *Client) inspection(ctx context.Context, repo name.Repository) *inspection {
	host := repo.RegistryStr()
	origin := &url.URL{Scheme: "https", Host: host}
	if host == c.o.PlainHTTP && transport.Loopback(origin) {
		origin.Scheme = "http"
	}
	return &inspection{c: c, ctx: ctx, repo: repo, wire: &wire{
		origin: origin,
		most:   maxRequests,
		limit:  c.limit,
		inner:  transport.RoundTripper(origin, transport.Options{ReadOnly: c.o.ReadOnly, Base: c.o.Base}),
	}}
}

// host names the registry in sentences.
func (i *inspection) host() string { return i.repo.RegistryStr() }
