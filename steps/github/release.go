package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// Release is a release of a repository, published or draft.
type Release struct {
	id         int64
	Tag        string
	Draft      bool
	Prerelease bool
	// Author is the login of who published it; empty where GitHub doesn't say.
	Author string
	// PublishedAt is zero for a draft.
	PublishedAt time.Time
	// CreatedAt is the date of the commit, not of the release, once the tag exists.
	createdAt time.Time
	URL       string
	// MovedTo is the repository's name where that is not the one that was asked
	// for, because it was renamed or transferred; else it is zero.
	MovedTo Repository
}

type releaseBody struct {
	ID          *int64     `json:"id"`
	Tag         *string    `json:"tag_name"`
	Draft       *bool      `json:"draft"`
	Prerelease  *bool      `json:"prerelease"`
	PublishedAt *time.Time `json:"published_at"`
	CreatedAt   time.Time  `json:"created_at"`
	URL         string     `json:"html_url"`
	Author      struct {
		Login string `json:"login"`
	} `json:"author"`
}

func (b releaseBody) release(asked Repository) (Release, error) {
	switch {
	case b.ID == nil, b.Tag == nil, b.Draft == nil, b.Prerelease == nil:
		return Release{}, broken("a release lacks its id, tag_name, draft or prerelease")
	case !*b.Draft && (b.PublishedAt == nil || *b.Tag == ""):
		return Release{}, broken("a published release lacks its tag_name or published_at")
	}
	r := Release{id: *b.ID, Tag: *b.Tag, Draft: *b.Draft, Prerelease: *b.Prerelease, Author: b.Author.Login,
		createdAt: b.CreatedAt, URL: b.URL, MovedTo: movedTo(asked, b.URL)}
	if b.PublishedAt != nil && !r.Draft {
		r.PublishedAt = *b.PublishedAt
	}
	return r, nil
}

// newestFirst orders by publication; a draft counts by its creation.
func newestFirst(a, b Release) int {
	when := func(r Release) time.Time {
		if r.PublishedAt.IsZero() {
			return r.createdAt
		}
		return r.PublishedAt
	}
	return cmp.Or(when(b).Compare(when(a)), cmp.Compare(b.id, a.id))
}

// Releases returns the releases that GitHub lists first, at most limit (1
// to 100), with one request, and whether there are more of them. They are sorted
// by publication, newest first, but GitHub does not promise in which order it
// lists: where there are more, a newer one may be among those. Drafts are listed
// only if the token may push to the repository, so a missing draft proves
// nothing.
func (c *Client) Releases(ctx context.Context, repo Repository, limit int) (_ []Release, more bool, err error) {
	if limit < 1 || limit > pageSize {
		return nil, false, fmt.Errorf("listing releases: %d asked for, want 1 to %d", limit, pageSize)
	}
	query := url.Values{"per_page": {strconv.Itoa(limit)}}
	resp, err := c.get(ctx, repo.path()+"/releases", mediaJSON, query)
	var bodies []releaseBody
	if err := c.read("the list of releases", resp, err, &bodies); err != nil {
		return nil, false, err
	}
	if bodies == nil {
		return nil, false, broken("the list of releases is null")
	}
	releases := make([]Release, 0, len(bodies))
	for _, b := range bodies {
		r, err := b.release(repo)
		if err != nil {
			return nil, false, err
		}
		releases = append(releases, r)
	}
	slices.SortFunc(releases, newestFirst)
	more = hasNext(resp.Header()) || len(releases) > limit
	return releases[:min(limit, len(releases))], more, nil
}

// hasNext reports whether an answer says that there is another page (GitHub's
// documentation, "Using pagination in the REST API").
func hasNext(h http.Header) bool {
	for _, link := range strings.Split(strings.Join(h.Values("Link"), ","), ",") {
		_, params, _ := strings.Cut(link, ">")
		if strings.Contains(params, `rel="next"`) {
			return true
		}
	}
	return false
}

// Latest returns the release that GitHub names as the latest: by the date of its commit,
// or by its maintainers' choice, and neither a draft nor a pre-release (REST API, "Get the
// latest release"). It returns false if GitHub says 404, which it also does for a
// repository that isn't visible. It costs one request, and may be seconds behind.
func (c *Client) Latest(ctx context.Context, repo Repository) (Release, bool, error) {
	var body releaseBody
	err := c.ask(ctx, "the latest release", repo.path()+"/releases/latest", nil, &body)
	if transport.StatusOf(err) == http.StatusNotFound {
		return Release{}, false, nil
	}
	if err != nil {
		return Release{}, false, err
	}
	r, err := body.release(repo)
	if err == nil && (r.Draft || r.Prerelease) {
		err = broken("the latest release, %s, is a draft or a pre-release", clean.Line(r.Tag))
	}
	return r, err == nil, err
}

// ReleaseByTag returns the published release of a tag. It returns ErrAbsent if
// there is none in a repository that is visible; a draft is no published
// release. It costs one request, and one more where GitHub says 404.
func (c *Client) ReleaseByTag(ctx context.Context, repo Repository, tag string) (Release, error) {
	if err := checkRef(tag); err != nil {
		return Release{}, err
	}
	var body releaseBody
	err := c.ask(ctx, "the release", repo.path()+"/releases/tags/"+url.PathEscape(tag), nil, &body)
	if transport.StatusOf(err) == http.StatusNotFound {
		return Release{}, c.absent(ctx, repo, "a release of "+tag)
	}
	if err != nil {
		return Release{}, err
	}
	r, err := body.release(repo)
	if err != nil {
		return Release{}, err
	}
	if r.Tag != tag {
		return Release{}, broken("asked for the release of %s, got that of %s", clean.Line(tag), clean.Line(r.Tag))
	}
	return r, nil
}
