package github

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"catalog-runbook/steps/transport"
)

// Quota is the rate limit, from the headers of an answer (GitHub's REST documentation,
// "Rate limits for the REST API"). A Limit of 0 means that they don't say.
type Quota struct {
	Limit, Left int
	Until       time.Time // when it starts over; zero if not known
}

// Account is whom a token belongs to.
type Account struct {
	// Login is "" for the token of an app, such as a workflow's GITHUB_TOKEN.
	Login string
	// Scopes are those of a classic token. ScopesTold is false for all others,
	// whose rights GitHub doesn't list.
	Scopes     []string
	ScopesTold bool
	Expires    time.Time // zero if not known
}

// Access is what the client may do with a repository.
type Access struct {
	// FullName is the repository's current name: one that wasn't asked for means that
	// it was renamed.
	FullName          string
	Private, Archived bool
	// Push is whether the client may push, and so see draft releases. PushTold is
	// false for anonymous clients.
	Push, PushTold bool
	Quota          Quota
}

// Account asks whom the token belongs to, with one request.
func (c *Client) Account(ctx context.Context) (Account, error) {
	var body struct {
		Login *string `json:"login"`
	}
	resp, err := c.get(ctx, "/user", mediaJSON, nil)
	err = c.read("the account", resp, err, &body)
	if transport.StatusOf(err) == http.StatusForbidden && ofApp(resp.Body()) {
		return account(resp, ""), nil
	}
	if err != nil {
		return Account{}, err
	}
	if body.Login == nil || *body.Login == "" {
		return Account{}, broken("the account in the response has no login")
	}
	return account(resp, *body.Login), nil
}

// ofApp reports whether GitHub names no account because the token is an app's. Only
// the message says so: the status is that of any missing permission (REST
// documentation, version 2022-11-28, "Troubleshooting the REST API").
func ofApp(body []byte) bool { return messageHas(body, "not accessible by integration") }

func account(resp *resty.Response, login string) Account {
	a := Account{Login: login}
	if values, told := resp.Header()["X-Oauth-Scopes"]; told {
		a.ScopesTold = true
		for _, scope := range strings.Split(strings.Join(values, ","), ",") {
			if scope = strings.TrimSpace(scope); scope != "" {
				a.Scopes = append(a.Scopes, scope)
			}
		}
	}
	const header = "Github-Authentication-Token-Expiration"
	for _, layout := range []string{"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700"} {
		if at, err := time.Parse(layout, resp.Header().Get(header)); err == nil {
			a.Expires = at
			break
		}
	}
	return a
}

// Access asks what the client may do with a repository, with one request. A
// *transport.Problem that is NotFound means that it is absent or not visible. The
// quota is also returned with an error.
func (c *Client) Access(ctx context.Context, repo Repository) (Access, error) {
	var body struct {
		FullName    *string `json:"full_name"`
		Private     bool    `json:"private"`
		Archived    bool    `json:"archived"`
		Permissions *struct {
			Push bool `json:"push"`
		} `json:"permissions"`
	}
	resp, err := c.get(ctx, repo.path(), mediaJSON, nil)
	a := Access{Quota: quota(resp)}
	if err := c.read("the repository "+repo.String(), resp, err, &body); err != nil {
		if cause, _ := transport.CauseOf(err); cause == transport.NotFound {
			return a, notShown(repo)
		}
		return a, err
	}
	if body.FullName == nil || *body.FullName == "" {
		return a, broken("the response for the repository %s has no full_name", repo)
	}
	a.FullName, a.Private, a.Archived = *body.FullName, body.Private, body.Archived
	if body.Permissions != nil && !c.anonymous() {
		a.Push, a.PushTold = body.Permissions.Push, true
	}
	return a, nil
}

// Pause returns how long to wait before so many requests are sent again and again, so
// that what GitHub still allows lasts until it allows more: without a token those are 60
// requests an hour. It returns 0 if GitHub hasn't said so.
func (c *Client) Pause(requests int, now time.Time) time.Duration {
	q := c.quota.Load()
	if q == nil || !q.Until.After(now) {
		return 0
	}
	return q.Until.Sub(now) / time.Duration(max(1, q.Left/requests))
}

func quota(resp *resty.Response) Quota {
	if resp == nil {
		return Quota{}
	}
	h := resp.Header()
	limit, err := strconv.Atoi(h.Get("X-Ratelimit-Limit"))
	left, also := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
	if err != nil || also != nil || limit <= 0 || left < 0 {
		return Quota{}
	}
	q := Quota{Limit: limit, Left: left}
	if s, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64); err == nil && s > 0 {
		q.Until = time.Unix(s, 0)
	}
	return q
}

// TokenKind returns what kind of token it is, by its documented prefix (GitHub's
// documentation, "Token formats"). It returns "a token of an unknown kind" for others,
// such as very old ones.
func TokenKind(token string) string {
	for _, k := range []struct{ prefix, kind string }{
		{"ghp_", "a classic token"},
		{"github_pat_", "a fine-grained token"},
		{"gho_", "an OAuth token"},
		{"ghu_", "an app's user token"},
		{"ghs_", "an app's installation token"},
	} {
		if strings.HasPrefix(token, k.prefix) {
			return k.kind
		}
	}
	return "a token of an unknown kind"
}
