package airflow

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/transport"
)

// ask is get with what the version needs: Airflow 3 wants a token that a
// password is exchanged for. A token that has expired is renewed once.
func (c *Client) ask(ctx context.Context, version int, path string, query url.Values, out any) error {
	exchange := version == 3 && c.o.Token == "" && c.o.Username != ""
	if exchange && c.token() == "" {
		if err := c.signIn(ctx); err != nil {
			return err
		}
	}
	err := c.get(ctx, api(version)+path, query, out)
	var p *transport.Problem
	if exchange && errors.As(err, &p) && p.Status == http.StatusUnauthorized {
		if err := c.signIn(ctx); err != nil {
			return err
		}
		err = c.get(ctx, api(version)+path, query, out)
	}
	return err
}

// signIn exchanges the password for a token: POST /auth/token, which stands at
// the server's root and answers 201. Airflow's documentation names the token
// jwt_token, its code access_token; either is taken.
func (c *Client) signIn(ctx context.Context) error {
	resp, err := c.http.R().SetContext(ctx).
		SetHeader("Content-Type", "application/json").
		SetBody(map[string]string{"username": c.o.Username, "password": c.o.Password}).
		Post("/auth/token")
	if err := transport.ReadJSON(service+"'s sign-in", resp, err, http.StatusCreated); err != nil {
		var p *transport.Problem
		if errors.As(err, &p) && p.Cause == transport.ReadOnly {
			p.Hint = "give an Airflow token instead of a password"
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
		return broken("signed in but gave no token")
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
