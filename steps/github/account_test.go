package github

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

func TestAccount(t *testing.T) {
	for name, tc := range map[string]struct {
		answer exchange
		want   Account
		cause  transport.Cause
		fails  bool
	}{
		"a classic token": {
			answer: exchange{body: `{"login":"mar"}`, header: map[string]string{"X-OAuth-Scopes": "repo, read:packages"}},
			want:   Account{Login: "mar", Scopes: []string{"repo", "read:packages"}, ScopesTold: true},
		},
		"a classic token without scopes": {
			answer: exchange{body: `{"login":"mar"}`, header: map[string]string{"X-OAuth-Scopes": ""}},
			want:   Account{Login: "mar", ScopesTold: true},
		},
		"one that ends": {
			answer: exchange{body: `{"login":"mar"}`, header: map[string]string{"GitHub-Authentication-Token-Expiration": "2026-12-01 10:00:00 UTC"}},
			want:   Account{Login: "mar", Expires: time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)},
		},
		"one of an app":   {answer: exchange{status: 403, body: `{"message":"Resource not accessible by integration"}`}},
		"refused":         {answer: exchange{status: 401, body: `{"message":"Bad credentials"}`}, fails: true, cause: transport.Credentials},
		"forbidden":       {answer: exchange{status: 403, body: `{"message":"Forbidden"}`}, fails: true, cause: transport.Credentials},
		"nobody":          {answer: exchange{body: `{}`}, fails: true, cause: transport.Broken},
		"not GitHub":      {answer: exchange{status: 404, body: `{"message":"Not Found"}`}, fails: true, cause: transport.NotFound},
		"asked too often": {answer: exchange{status: 403, header: map[string]string{"X-RateLimit-Remaining": "0"}, body: `{}`}, fails: true, cause: transport.RateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			tc.answer.uri = "/user"
			got, err := serve(t, tc.answer).client().Account(t.Context())
			cause, _ := transport.CauseOf(err)
			if (err != nil) != tc.fails || cause != tc.cause || !sameAccount(got, tc.want) {
				t.Errorf("got %+v and %v", got, err)
			}
		})
	}
}

func sameAccount(a, b Account) bool {
	same := a.Expires.Equal(b.Expires)
	a.Expires, b.Expires = time.Time{}, time.Time{}
	return same && reflect.DeepEqual(a, b)
}

func TestAccess(t *testing.T) {
	headers := map[string]string{"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4990", "X-RateLimit-Reset": "1800000000"}
	full := Quota{Limit: 5000, Left: 4990, Until: time.Unix(1800000000, 0)}
	for name, tc := range map[string]struct {
		answer exchange
		want   Access
		cause  transport.Cause
		fails  bool
	}{
		"may push": {
			answer: exchange{header: headers, body: `{"full_name":"wordpress/openverse-catalog","private":true,"permissions":{"push":true}}`},
			want:   Access{FullName: "wordpress/openverse-catalog", Private: true, Push: true, PushTold: true, Quota: full},
		},
		"may read, and the name is another now": {
			answer: exchange{header: headers, body: `{"full_name":"openverse/catalog","archived":true,"permissions":{"pull":true}}`},
			want:   Access{FullName: "openverse/catalog", Archived: true, PushTold: true, Quota: full},
		},
		"no permissions told, and a quota that makes no sense": {
			answer: exchange{header: map[string]string{"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "1"}, body: `{"full_name":"wordpress/openverse-catalog"}`},
			want:   Access{FullName: "wordpress/openverse-catalog"},
		},
		"not visible": {
			answer: exchange{header: headers, status: 404, body: `{"message":"Not Found"}`},
			want:   Access{Quota: full}, fails: true, cause: transport.NotFound,
		},
		"nothing left": {
			answer: exchange{header: map[string]string{"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1800000000"}, status: 403, body: `{}`},
			want:   Access{Quota: Quota{Limit: 60, Until: time.Unix(1800000000, 0)}}, fails: true, cause: transport.RateLimited,
		},
		"no name": {answer: exchange{body: `{}`}, fails: true, cause: transport.Broken},
	} {
		t.Run(name, func(t *testing.T) {
			tc.answer.uri = root
			got, err := serve(t, tc.answer).client().Access(t.Context(), repo)
			cause, _ := transport.CauseOf(err)
			if (err != nil) != tc.fails || cause != tc.cause || got != tc.want {
				t.Errorf("got %+v and %v", got, err)
			}
		})
	}
}

func TestTokenKind(t *testing.T) {
	for token, want := range map[string]string{
		"ghp_x": "classic", "github_pat_x": "fine-grained", "gho_x": "OAuth", "ghs_x": "app's installation", "0123456789abcdef": "unknown",
	} {
		if got := TokenKind(token); !strings.Contains(got, want) {
			t.Errorf("%s is %q", token, got)
		}
	}
}
