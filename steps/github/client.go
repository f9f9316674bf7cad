// Package github asks GitHub's REST API about a repository's releases, tags and
// workflow runs. It only reads, and knows nothing of steps.
//
// Every function returns a *transport.Problem if there is no usable answer, which
// never means "no". Fields of type string are as GitHub sent them, for comparing;
// clean them before showing them.
package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-resty/resty/v2"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/transport"
)

// APIURL is the API of github.com. An Enterprise server has its own, which ends
// in /api/v3.
const APIURL = "https://api.github.com"

const (
	service    = "GitHub"
	apiVersion = "2022-11-28"
	mediaJSON  = "application/vnd.github+json"
	mediaSHA   = "application/vnd.github.sha"
	pageSize   = 100 // the most that GitHub gives in one page
)

// Client asks one GitHub API. It may be used concurrently.
type Client struct {
	http  *resty.Client
	token *transport.Token
	quota atomic.Pointer[Quota] // of the newest answer that has one
	moved sync.Map              // from the path of a repository that was renamed to the one it has for good
	files sync.Map              // from a repository, a commit and a path to a readFile, or to a file's content
}

// New returns a client for the API at apiURL. Without a token it is anonymous. A token
// is sent to apiURL's origin only, which must then be https or this machine; for any
// other origin New waits until it is known whether there is a token, else the first
// request does. A nil base means the hardened transport. New sends nothing.
func New(apiURL string, token *transport.Token, readOnly bool, base http.RoundTripper) (*Client, error) {
	origin, err := transport.Origin(apiURL)
	if err != nil {
		return nil, err
	}
	if origin.Scheme != "https" && !transport.Loopback(origin) {
		if value, _ := token.Value(context.Background()); value != "" {
			return nil, say.Hint(fmt.Errorf("preparing to ask %s: the token would be sent unencrypted", origin.Host), "use an https:// address")
		}
	}
	c, err := transport.New(apiURL, transport.Options{ReadOnly: readOnly, Base: base, Sign: func(req *http.Request) {
		if value := token.Known(); value != "" {
			req.Header.Set("Authorization", "Bearer "+value)
		}
	}})
	if err != nil {
		return nil, err
	}
	c.SetHeader("X-GitHub-Api-Version", apiVersion)
	return &Client{http: c, token: token}, nil
}

// get sends one request and returns the answer whatever its status.
func (c *Client) get(ctx context.Context, path, accept string, query url.Values) (*resty.Response, error) {
	if _, err := c.token.Value(ctx); err != nil {
		return nil, err
	}
	resp, err := c.http.R().SetContext(ctx).
		SetHeader("Accept", accept).
		SetQueryParamsFromValues(query).
		Get(c.settled(path))
	if err == nil {
		c.learn(path, resp)
		if q := quota(resp); q.Limit > 0 {
			c.quota.Store(&q)
		}
	}
	return resp, err
}

// anonymous reports whether requests are sent without a token.
func (c *Client) anonymous() bool { return c.token.Known() == "" }

// ask reads the JSON at path into out. what names the thing in an error.
func (c *Client) ask(ctx context.Context, what, path string, query url.Values, out any) error {
	resp, err := c.get(ctx, path, mediaJSON, query)
	return c.read(what, resp, err, out)
}

func (c *Client) read(what string, resp *resty.Response, err error, out any) error {
	if err := transport.ReadJSON(service, resp, err); err != nil {
		return c.explain(err, resp)
	}
	if err := json.Unmarshal(resp.Body(), out); err != nil {
		return broken("%s: unexpected JSON: %v", what, clean.Line(err.Error()))
	}
	return nil
}

// explain adds to a Problem what only GitHub's own headers and messages say.
func (c *Client) explain(err error, resp *resty.Response) error {
	p, ok := err.(*transport.Problem)
	if !ok || resp == nil {
		return err
	}
	switch {
	case p.Status == http.StatusUnauthorized && !c.anonymous():
		p.Text = service + " rejected the token (401)"
		p.Hint = "renew the token in GH_TOKEN or GITHUB_TOKEN; if it is that of gh, run `gh auth login`"
	case p.Status == http.StatusForbidden && resp.Header().Get("X-GitHub-SSO") != "":
		p.Hint = "authorize the token for the organization's single sign-on"
	case p.Status == http.StatusUnavailableForLegalReasons:
		p.Text, p.Hint = service+" withholds this for legal reasons (451)", "see the repository's page on "+service+", which says why"
	case limits(p) && resp.Header().Get("Retry-After") == "" && resp.Header().Get("X-Ratelimit-Remaining") != "0" && secondary(resp.Body()):
		// GitHub's REST documentation: a secondary limit may come without a
		// Retry-After, and the client should then wait for at least a minute. The
		// reset beside a remainder is that of the primary limit, which isn't reached.
		p.Cause, p.Text = transport.RateLimited, service+"'s rate limit is exceeded"
		p.Hint = "try again after " + time.Now().Add(time.Minute).Local().Format("15:04:05")
	}
	if p.Cause == transport.RateLimited && c.anonymous() {
		p.Hint += ", or set GH_TOKEN: a token raises the limit"
	}
	return p
}

// limits reports whether a Problem has a status that GitHub's limits come with.
func limits(p *transport.Problem) bool {
	return p.Status == http.StatusTooManyRequests || p.Status == http.StatusForbidden && p.Cause == transport.Credentials
}

// secondary reports whether the body of an answer is about a secondary rate limit.
// Without a Retry-After, only the message distinguishes that from a missing permission
// (REST documentation, version 2022-11-28, "Rate limits for the REST API"); even the
// documentation_url beside it may be the general one.
func secondary(body []byte) bool { return messageHas(body, "secondary rate limit") }

// messageHas reports whether the message of an error body contains the words, in
// whatever case.
func messageHas(body []byte, words string) bool {
	var said struct{ Message string }
	return json.Unmarshal(body, &said) == nil && strings.Contains(strings.ToLower(said.Message), words)
}

func broken(format string, args ...any) *transport.Problem {
	return &transport.Problem{Cause: transport.Broken, Status: http.StatusOK, Text: service + ": " + fmt.Sprintf(format, args...)}
}
