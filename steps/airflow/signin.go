package airflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// ask is get below the API of a version, with the credentials of that version: Airflow
// 3 exchanges a password for a token. A token that has expired is renewed once.
func (c *Client) ask(ctx context.Context, version int, path string, query url.Values, out any) error {
	return c.request(ctx, version, http.MethodGet, path, query, nil, out)
}

// request is ask for any method. A server that refuses a token hasn't begun to do
// anything, so every method can be retried.
func (c *Client) request(ctx context.Context, version int, method, path string, query url.Values, body, out any) error {
	exchange := version == 3 && c.o.Token == "" && c.o.Username != ""
	if exchange && c.token() == "" {
		if err := c.signIn(ctx); err != nil {
			return err
		}
	}
	err := c.send(ctx, method, api(version)+path, query, body, out)
	var p *transport.Problem
	switch {
	case !errors.As(err, &p):
	case exchange && (p.Status == http.StatusUnauthorized || errors.As(err, new(tokenRefused))):
		if err := c.renew(ctx); err != nil {
			return err
		}
		return c.send(ctx, method, api(version)+path, query, body, out)
	case version == 2 && c.o.Username != "" && (p.Status == http.StatusForbidden || p.Status == http.StatusUnauthorized) && p.Cause == transport.Credentials:
		p.Hint = passwordHint
	}
	return err
}

// passwordHint names what Airflow 2 answers in the same way: 2.11 with 403, older ones
// with 401. Its API accepts passwords only if auth_backends says so, which it doesn't by
// default.
const passwordHint = "check the password and the account's permissions; if both are right, add basic_auth to auth_backends under [api] in airflow.cfg: without it, the API of Airflow 2 accepts no password"

// renewal is the one time that a token is renewed for several requests.
type renewal struct {
	once sync.Once
	err  error
}

type renewalKey struct{}

// renewedOnce returns a context whose requests, also concurrent ones, renew the token once
// at most.
func renewedOnce(ctx context.Context) context.Context {
	return context.WithValue(ctx, renewalKey{}, &renewal{})
}

// renew signs in again, because the token was refused.
func (c *Client) renew(ctx context.Context) error {
	r, shared := ctx.Value(renewalKey{}).(*renewal)
	if !shared {
		return c.signIn(ctx)
	}
	r.once.Do(func() { r.err = c.signIn(ctx) })
	return r.err
}

// tokenRefused is the Problem of a token that has expired, or that Airflow 3 can't read,
// such as one from before its secret changed in a restart. It answers that with 403, as
// for a missing permission; only its message differs.
type tokenRefused struct{ *transport.Problem }

func (t tokenRefused) Unwrap() error { return t.Problem }

// refusedToken distinguishes a refused token from a missing permission.
func refusedToken(err error, body []byte) error {
	var p *transport.Problem
	if !errors.As(err, &p) || p.Status != http.StatusForbidden && p.Status != http.StatusUnauthorized {
		return err
	}
	switch tokenDetail(body) {
	case "Invalid JWT token":
		p.Text = fmt.Sprintf("%s rejected the token (%d)", service, p.Status)
	case "Token Expired":
		p.Text = fmt.Sprintf("the token for %s has expired (%d)", service, p.Status)
	default:
		return err
	}
	p.Hint = "get a new one: set AIRFLOW_TOKEN, or have token_command under [airflow] print it"
	return tokenRefused{p}
}

// tokenDetail returns what the body of a 401 or a 403 says. Airflow 3 (as of 3.3.2)
// tells what is wrong with a token only in the sentence of detail: the status is also
// that of a missing permission, and there is no error code.
func tokenDetail(body []byte) string {
	var answer struct {
		Detail any `json:"detail"` // a list for other errors
	}
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	detail, _ := answer.Detail.(string)
	return detail
}

// signIn exchanges the password for a token: POST /auth/token at the server's root,
// which answers 201. Airflow's documentation calls the token jwt_token, its code
// access_token; either is accepted.
func (c *Client) signIn(ctx context.Context) error {
	resp, err := c.http.R().SetContext(ctx).
		SetHeader("Content-Type", "application/json").
		SetBody(map[string]string{"username": c.o.Username, "password": c.o.Password}).
		Post("/auth/token")
	if err := transport.ReadJSON(service+"'s sign-in", resp, err, http.StatusCreated); err != nil {
		var p *transport.Problem
		if errors.As(err, &p) && p.Cause == transport.ReadOnly {
			p.Hint = "use an Airflow token instead of a password"
		}
		return err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		JWTToken    string `json:"jwt_token"`
	}
	if err := decode(resp.Body(), &answer); err != nil {
		return err
	}
	token := answer.AccessToken
	if token == "" {
		token = answer.JWTToken
	}
	if token == "" {
		return broken("signed in but returned no token")
	}
	clean.Secret(token)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bearer = token
	return nil
}

func (c *Client) token() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bearer
}
