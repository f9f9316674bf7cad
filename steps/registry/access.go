package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	oci "github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"golang.org/x/mod/semver"

	"catalog-runbook/steps/transport"
)

// From says where the credentials for a registry come from.
type From int

// The sources of credentials.
const (
	Nobody       From = iota // none: anonymous
	DockerConfig             // the Docker configuration, or a helper that it names
	GitHubToken              // the GitHub token, on ghcr.io
)

// Access is how an image's repository can be read.
type Access struct {
	From From
	User string // of the Docker configuration's credentials; may be empty
	Tags int    // number of tags listed
	More bool   // there are more
	// Newest is the highest version among the tags listed, "" if none of them is a
	// version. Some is any of them, "" if there is none.
	Newest, Some string
}

// The most tags that are listed on a page, and the most pages.
const (
	mostTags  = 1000
	mostPages = 10
)

// Access finds out whose credentials can read a repository ("ghcr.io/owner/name"), and
// lists its tags. It sends at most four requests, as many more as Inspect to sign
// in, and one for each further 1000 tags, up to 10,000. It returns a *transport.Problem if there is no usable answer; From and User then
// say which credentials there are.
func (c *Client) Access(ctx context.Context, repository string) (Access, error) {
	repo, err := name.NewRepository(repository, name.StrictValidation)
	if err != nil {
		return Access{}, fmt.Errorf("reading the image %q: want registry/owner/name", repository)
	}
	i := c.inspection(ctx, repo)
	if err := i.open(); err != nil {
		return i.held(), i.problem("signing in", err)
	}
	a, err := i.tags(mostTags, mostPages, "listing the tags")
	if err != nil {
		return i.held(), err
	}
	return i.asked(a, i.session.who), nil
}

// held says which credentials there are, after a request that failed: the session may
// be forgotten by then.
func (i *inspection) held() Access {
	with, err := i.credentials()
	if err != nil {
		return Access{From: DockerConfig}
	}
	return i.asked(Access{}, with)
}

// asked adds where the credentials come from, and whose they are.
func (i *inspection) asked(a Access, who authn.Authenticator) Access {
	if who == nil || who == authn.Anonymous {
		return a
	}
	a.From = DockerConfig
	config, err := authn.Authorization(i.ctx, who)
	switch {
	case err != nil:
	case config.Password != "" && config.Password == i.c.o.GitHubToken.Known() && i.host() == ghcr && config.Username == "x-access-token":
		a.From = GitHubToken
	default:
		a.User = config.Username
	}
	return a
}

// tags lists at most so many tags of the repository on each of so many pages. doing is
// what for, in errors. Registries list tags by their bytes or by their age, so that the
// newest can be on any page.
func (i *inspection) tags(most, pages int, doing string) (a Access, err error) {
	next := &url.URL{Scheme: i.wire.origin.Scheme, Host: i.wire.origin.Host,
		Path: "/v2/" + i.repo.RepositoryStr() + "/tags/list", RawQuery: fmt.Sprintf("n=%d", most)}
	for page := 0; next != nil && page < pages; page++ {
		at := *next
		if page > 0 {
			i.wire.most++
		}
		err = i.do(func(rt http.RoundTripper) (err error) {
			next, err = i.list(&at, rt, &a)
			return err
		})
		if status(err) == http.StatusNotFound {
			return Access{}, i.denied(http.StatusNotFound, i.who())
		}
		if err != nil {
			return Access{}, i.problem(doing, err)
		}
	}
	return a, nil
}

// list adds the tags of one page, and returns the address of the next page, nil if there
// is none.
func (i *inspection) list(at *url.URL, rt http.RoundTripper, a *Access) (next *url.URL, err error) {
	req, err := http.NewRequestWithContext(i.ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if err := oci.CheckError(resp, http.StatusOK); err != nil {
		return nil, err
	}
	var list struct {
		Name *string  `json:"name"`
		Tags []string `json:"tags"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		return nil, err
	}
	if list.Name == nil {
		return nil, i.broken("%s returned a tag list without a repository name", i.host())
	}
	a.Tags += len(list.Tags)
	for _, tag := range list.Tags {
		if !tagShape().MatchString(tag) {
			continue
		}
		i.listed = append(i.listed, tag)
		if a.Some = tag; semver.IsValid(inSemver(tag)) && (a.Newest == "" || semver.Compare(inSemver(tag), inSemver(a.Newest)) > 0) {
			a.Newest = tag
		}
	}
	next, a.More = following(at, resp.Header.Get("Link"))
	return next, nil
}

// following returns the next page that a Link names ("Listing Tags" in the distribution
// specification), and whether it names any. It must be another page of the same list: a
// registry behind a proxy can name an address that it doesn't have there.
func following(at *url.URL, link string) (next *url.URL, more bool) {
	if !strings.Contains(link, `rel="next"`) {
		return nil, false
	}
	target, _, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	next, err := at.Parse(target)
	if err != nil || !transport.SameOrigin(next, at) || next.Path != at.Path || next.RawQuery == at.RawQuery {
		return nil, true
	}
	return next, true
}

// inSemver writes "1.5.3" as "v1.5.3". A number without a dot may be the beginning of
// a commit id, and is no version.
func inSemver(tag string) string {
	if strings.HasPrefix(tag, "v") || !strings.Contains(tag, ".") {
		return tag
	}
	return "v" + tag
}
