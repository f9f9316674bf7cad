package github

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"catalog-runbook/steps/transport"
)

// documented are the errors of GitHub's documentation ("Rate limits for the REST
// API", "Troubleshooting the REST API", "Getting started with the REST API") in
// their words and with their headers.
var documented = []struct {
	name   string
	status int
	header map[string]string
	body   string
	cause  transport.Cause
	says   []string
}{
	{"bad credentials", 401, nil, `{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest","status":"401"}`,
		transport.Credentials, []string{"rejected the token (401)", "gh auth login"}},
	{"primary limit", 403, map[string]string{"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Used": "5000", "X-RateLimit-Reset": "4102444800", "X-RateLimit-Resource": "core"},
		`{"message":"API rate limit exceeded for user ID 1001.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api","status":"403"}`,
		transport.RateLimited, []string{"try again at 2"}},
	{"primary limit, by the other status", 429, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"},
		`{"message":"API rate limit exceeded for user ID 1001.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api","status":"429"}`,
		transport.RateLimited, []string{"try again at 2"}},
	{"secondary limit", 403, map[string]string{"Retry-After": "60", "X-RateLimit-Remaining": "4980", "X-RateLimit-Reset": "4102444800"},
		`{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`,
		transport.RateLimited, []string{"try again at "}},
	{"secondary limit, by the other status", 429, map[string]string{"Retry-After": "60"},
		`{"message":"You have exceeded a secondary rate limit.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`,
		transport.RateLimited, []string{"try again at "}},
	// As seen in public (KnpLabs/php-github-api#1072): no Retry-After, and the
	// reset of the primary limit, of which something is left.
	{"secondary limit that does not say how long", 403, map[string]string{"X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "14", "X-RateLimit-Reset": "4102444800"},
		`{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"https://docs.github.com/rest/overview/resources-in-the-rest-api#secondary-rate-limits"}`,
		transport.RateLimited, []string{"try again after "}},
	{"the same by the other status", 429, map[string]string{"X-RateLimit-Remaining": "14", "X-RateLimit-Reset": "4102444800"},
		`{"message":"You have exceeded a secondary rate limit.","documentation_url":"https://docs.github.com/rest"}`,
		transport.RateLimited, []string{"try again after "}},
	{"both limits", 429, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"},
		`{"message":"You have exceeded a secondary rate limit.","documentation_url":"https://docs.github.com/rest"}`,
		transport.RateLimited, []string{"try again at 2"}},
	{"forbidden", 403, map[string]string{"X-RateLimit-Remaining": "4980"},
		`{"message":"Resource not accessible by personal access token","documentation_url":"https://docs.github.com/rest","status":"403"}`,
		transport.Credentials, []string{"returned 403 (Forbidden)"}},
	{"single sign-on", 403, map[string]string{"X-GitHub-SSO": "required; url=https://github.com/orgs/wordpress/sso?authorization_request=x"},
		`{"message":"Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.","documentation_url":"https://docs.github.com/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/"}`,
		transport.Credentials, []string{"single sign-on"}},
	{"withheld by law", 451, nil, `{"message":"Repository access blocked","block":{"reason":"dmca","created_at":"2020-10-23T18:36:29Z","html_url":"https://github.com/github/dmca"}}`,
		transport.Refused, []string{"legal reasons (451)", "repository's page"}},
}

// What GitHub documents for every operation is no answer to any, and each says
// what a person can do.
func TestDocumentedErrors(t *testing.T) {
	for _, c := range append(calls, compareCall, pullCall, pullsCall, filesCall, queueCall, historyCall, contentCall) {
		for _, d := range documented {
			t.Run(c.name+"/"+d.name, func(t *testing.T) {
				fits(t, c.uri, d.status, "application/json; charset=utf-8", json.RawMessage(d.body))
				err := c.do(t.Context(), serve(t, exchange{uri: c.uri, accept: c.accept, status: d.status, header: d.header, body: d.body}).client())
				wantCause(t, err, d.cause)
				for _, part := range d.says {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not say %q", err, part)
					}
				}
			})
		}
	}
}

// What is missing is absent in a repository that is visible, and unknown in one
// that is not: GitHub says 404 for both.
func TestDocumentedAbsence(t *testing.T) {
	const (
		notFound = `{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}`
		noSuch   = `{"message":"No commit found for SHA: tags/v1","documentation_url":"https://docs.github.com/rest/commits/commits#get-a-commit","status":"422"}`
		empty    = `{"message":"Git Repository is empty.","documentation_url":"https://docs.github.com/rest/commits/commits#get-a-commit","status":"409"}`
	)
	for name, m := range map[string]struct {
		call
		status int
		body   string
	}{
		"no release":          {calls[1], 404, notFound},
		"no commit":           {calls[2], 422, noSuch},
		"an empty repository": {calls[2], 409, empty},
		"no ref to compare":   {compareCall, 404, notFound},
	} {
		t.Run(name, func(t *testing.T) {
			fits(t, m.uri, m.status, "application/json; charset=utf-8", json.RawMessage(m.body))
			gone := exchange{uri: m.uri, accept: m.accept, status: m.status, body: m.body}
			if err := m.do(t.Context(), serve(t, gone, visible).client()); !errors.Is(err, ErrAbsent) {
				t.Errorf("error is %v, want ErrAbsent", err)
			}
			err := m.do(t.Context(), serve(t, gone, hidden).client())
			wantCause(t, err, transport.NotFound)
			for _, d := range documented {
				probe := exchange{uri: root, status: d.status, header: d.header, body: d.body}
				wantCause(t, m.do(t.Context(), serve(t, gone, probe).client()), d.cause)
			}
		})
	}
}

// A list of a repository that is not visible is unknown, never empty.
func TestDocumentedInvisibleLists(t *testing.T) {
	for _, c := range []call{calls[0], calls[3], calls[4]} {
		err := c.do(t.Context(), serve(t, exchange{uri: c.uri, accept: c.accept, status: 404, body: `{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}`}).client())
		wantCause(t, err, transport.NotFound)
		if errors.Is(err, ErrAbsent) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
