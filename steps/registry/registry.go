// Package registry asks an OCI registry about one tag of an image: whether it is
// there, what it holds, and which commit it was built from. It only reads, and
// knows nothing of steps.
package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// ErrAbsent means that the registry shows the repository and does not have the
// tag in it. It is an answer, unlike a *transport.Problem.
var ErrAbsent = errors.New("no such tag")

// Options describe a Client.
type Options struct {
	// Keychain has the credentials for registries that do not answer
	// anonymously. Nil takes the Docker configuration.
	Keychain authn.Keychain
	// GitHubToken is used for ghcr.io, where the keychain has nothing.
	GitHubToken string
	// Insecure uses plain HTTP, for a registry on this machine only.
	Insecure bool
	// ReadOnly refuses every method but GET and HEAD.
	ReadOnly bool
	// Base sends the requests. Nil takes the hardened transport.
	Base http.RoundTripper
}

// Client inspects images. It remembers, for each repository, how one signs in
// there and the token that was given, so that asking again costs less. It may
// be used concurrently.
type Client struct {
	o     Options
	now   func() time.Time
	limit func(context.Context) (context.Context, context.CancelFunc) // of one request

	mu       sync.Mutex
	sessions map[string]session
	looking  map[string]*search // in the keychain, by repository
}

// New returns a client. The GitHub token is known as a secret from then on.
func New(o Options) *Client {
	if o.Keychain == nil {
		o.Keychain = authn.DefaultKeychain
	}
	clean.Secret(o.GitHubToken)
	return &Client{o: o, now: time.Now, limit: limited, sessions: map[string]session{}, looking: map[string]*search{}}
}

func limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, transport.AskingLimit)
}

// tagShape is the distribution specification's rule for tags ("Pulling manifests").
var tagShape = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$`) })

// Inspect looks at one tag of a repository ("ghcr.io/owner/name") and compares
// what it was built from with commit, a full commit id; an empty commit is
// compared with nothing.
//
// It returns ErrAbsent for a tag that is not in a repository that is visible,
// and a *transport.Problem where no usable answer could be had; the Image then
// holds what was seen before.
//
// It sends at most four requests to the registry and its token service. There are
// three cases in which that could never be enough, and a client that lives for one
// look would never learn the answer:
//   - The registry wants a token and is not ghcr.io: that it has to be asked how one
//     signs in is one request more. It is two more at ghcr.io, should one no longer
//     sign in there as is known.
//   - It shows the image only to credentials: at most four are sent with them, after
//     those that did not help. At ghcr.io that is the request for everybody's token,
//     which is refused; elsewhere also how one signs in; and where everybody is given
//     a token that may do nothing, also what was asked with that.
//   - The tag leads to an index of an image without a revision label: the tag of the
//     commit is one request more.
//
// Where a token ended in the middle that may still not be enough. What was not
// asked is then told in ProvenanceText, and asking again will ask it.
func (c *Client) Inspect(ctx context.Context, repository, tag, commit string) (Image, error) {
	repo, err := name.NewRepository(repository, name.StrictValidation)
	if err != nil {
		return Image{}, fmt.Errorf("reading the image %q: want registry/owner/name", repository)
	}
	if !tagShape().MatchString(tag) {
		return Image{}, fmt.Errorf("reading the tag %q: not a tag that a registry can hold", tag)
	}
	i := c.inspection(ctx, repo)
	img := Image{Reference: repo.Name() + ":" + tag}
	err = i.inspect(&img, tag, strings.ToLower(commit))
	img.Requests = i.wire.sent()
	return img, err
}

// inspection is one call of Inspect.
type inspection struct {
	c       *Client
	ctx     context.Context
	repo    name.Repository
	wire    *wire
	session session
	good    bool // the session was accepted before
	redone  bool // the session was renewed once already
	refuted bool // what was known of the registry's challenge no longer fits
	keys    *search
}

func (c *Client) inspection(ctx context.Context, repo name.Repository) *inspection {
	host := repo.RegistryStr()
	origin := &url.URL{Scheme: "https", Host: host}
	if c.o.Insecure && transport.Loopback(origin) {
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
