package doctor

import (
	"context"
	"net/http"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/transport"
)

const (
	// fewRequests is how many requests left are few: a walk sends more in some minutes.
	fewRequests = 30
	// expiresSoon is how long before its end a token is worth a word.
	expiresSoon = 7 * 24 * time.Hour
)

// github asks about GitHub and one repository there, with two requests.
func (s Setup) github(use use) Question {
	return question(About(use.by, "github", "github.token", "github.quota", "github.repository"), func(ctx context.Context, f []*Finding) string {
		address, token, quota, repository := f[0], f[1], f[2], f[3]
		s.tokenNotAsked(token)
		repo, err := github.ParseRepository(use.value)
		if err != nil {
			repository.Is(Wrong, s.set("github", `repository = "OWNER/NAME"`), "%s", err)
		}
		if s.APIProblem != nil {
			text, _ := hinted(s.APIProblem)
			address.Is(Wrong, s.set("github", "api_url = "+quotedTOML(github.APIURL))+", or the address of your own", "%s", text)
			return "its address"
		}
		if err != nil {
			return "the repository's name"
		}
		access, err := s.World.GitHub.Access(ctx, repo)
		api := shown(s.Settings.GitHub.APIURL)
		address.ok("%s responds", api)
		switch cause, _ := transport.CauseOf(err); {
		case err == nil:
			s.rights(repository, repo, access)
		case transport.StatusOf(err) == http.StatusUnauthorized:
			s.tokenRefused(token)
			return "the token"
		case cause == transport.RateLimited:
			quota.Fail(err)
			return "the limit"
		case cause == transport.Credentials, cause == transport.NotFound, cause == transport.Refused:
			repository.Fail(err)
			if cause == transport.NotFound && s.GitHub.From == "" {
				repository.Next = clean.Line(s.set("github", `repository = "OWNER/NAME"`) + "; or, if it is private, " + s.getToken("repo"))
			}
		default:
			source := s.source("github", "api_url", s.Settings.GitHub.APIURL, s.Settings.GitHub.APIURL)
			if s.Settings.GitHub.APIURL == github.APIURL {
				source = "HTTPS_PROXY, if you use a proxy"
			}
			address.unreached(err, api, source)
			address.Found = clean.Linef("%s: %s", api, address.Found)
			return "GitHub"
		}
		s.owner(ctx, token)
		s.left(quota, access.Quota)
		return ""
	})
}

// gh reports whether the GitHub CLI is installed, which keeps a token.
func (s Setup) gh() bool { return command.Installed(s.World.Environ, ghTool.id) }

// getToken says how to give the program a token, in a way that works here. Scope is what a
// classic token needs on the repository, "" for nothing.
func (s Setup) getToken(scope string) string {
	if s.gh() {
		return "`gh auth login`, or set GITHUB_TOKEN"
	}
	return "set GITHUB_TOKEN to " + s.newToken(scope)
}

// newToken says where tokens are made, and which scopes a classic one needs: GitHub lists
// drafts for who can push, and its registry knows no other kind of token.
func (s Setup) newToken(scope string) string {
	from := " from https://github.com/settings/tokens"
	if s.Settings.GitHub.APIURL != github.APIURL {
		from = " from your account's settings on that GitHub"
	}
	switch scope {
	case "":
		return "a token" + from + ", which needs no scope"
	case "repo":
		return "a classic token" + from + " with the scopes repo and read:packages"
	}
	return "a classic token" + from + "; with the scope " + scope + " it shows drafts, with read:packages private images"
}

// tokenNotAsked says where the token comes from, where GitHub can't be asked whose
// it is. A missing token doesn't block by itself: what everybody may see can be seen
// without one.
func (s Setup) tokenNotAsked(token *Finding) {
	token.optional()
	if s.GitHub.From == "" {
		unset := "no GitHub token: GH_TOKEN and GITHUB_TOKEN are unset"
		if s.gh() {
			unset += ", and `gh auth token` returned nothing"
		}
		token.Is(Missing, s.getToken("public_repo"), "%s", unset)
		return
	}
	token.Is(NotKnown, "", "%s; its owner wasn't checked", s.GitHub)
}

// tokenRefused blocks every request, unlike a missing token.
func (s Setup) tokenRefused(token *Finding) {
	token.Denied, token.Needed = true, true
	switch {
	case s.GitHub.From == "":
		token.Is(Missing, s.getToken("public_repo"), "GitHub requires a token (401)")
	case s.GitHub.variable() && !s.gh():
		token.Is(Wrong, "set "+s.GitHub.From+" to "+s.newToken("public_repo"), "GitHub rejected %s (401)", s.GitHub)
	case s.GitHub.variable():
		token.Is(Wrong, "renew "+s.GitHub.From+", or `unset "+s.GitHub.From+"; gh auth login`", "GitHub rejected %s (401)", s.GitHub)
	default:
		token.Is(Wrong, "`gh auth login`", "GitHub rejected %s (401)", s.GitHub)
	}
}

// owner asks whom the token belongs to. GitHub may leave that open and still answer
// everything else.
func (s Setup) owner(ctx context.Context, token *Finding) {
	if s.GitHub.From == "" {
		return
	}
	account, err := s.World.GitHub.Account(ctx)
	if err != nil {
		var problem Finding
		problem.Fail(err)
		token.Is(NotKnown, "", "%s; can't tell whose it is: %s", s.GitHub, problem.Found)
		return
	}
	token.Needed = true
	if account.Login == "" {
		token.ok("%s, which belongs to no account", s.GitHub)
		return
	}
	found := s.GitHub.String() + ", as " + account.Login
	switch {
	case len(account.Scopes) > 0:
		found += ", with the scopes " + strings.Join(account.Scopes, ", ")
	case account.ScopesTold:
		found += ", with no scopes"
	}
	if !account.Expires.IsZero() {
		found += ", until " + stamp(account.Expires)
		if account.Expires.Before(s.World.Now().Add(expiresSoon)) {
			token.Is(Wrong, "renew it before that", "%s", found).optional()
			return
		}
	}
	token.ok("%s", found)
}

// left says how many requests GitHub still allows.
func (s Setup) left(quota *Finding, q github.Quota) {
	if q.Limit == 0 {
		quota.ok("not reported")
		return
	}
	until := ""
	if !q.Until.IsZero() {
		until = " until " + stamp(q.Until)
	}
	if q.Left >= fewRequests {
		quota.ok("%d of %d requests left%s", q.Left, q.Limit, until)
		return
	}
	next := "wait until then"
	if s.GitHub.From == "" {
		next = "wait until then, or " + s.getToken("") + ": a token raises the limit"
	}
	quota.Is(Wrong, next, "only %d of %d requests left%s", q.Left, q.Limit, until).optional()
}

// rights says what one may do with the repository.
func (s Setup) rights(f *Finding, repo github.Repository, a github.Access) {
	kind := "public"
	if a.Private {
		kind = "private"
	}
	rights := "published releases are public"
	switch {
	case a.PushTold && a.Push:
		rights = "you can push and see drafts"
	case a.PushTold:
		rights = "you can read; only people who can push see drafts"
	}
	switch {
	case !strings.EqualFold(a.FullName, repo.String()):
		f.Is(Wrong, s.set("github", "repository = "+quotedTOML(a.FullName)), "%s was renamed to %s; %s", repo, a.FullName, rights).optional()
	case a.Archived:
		f.Is(Wrong, "ask its owners where it publishes releases now", "%s is archived: no releases can be published there", repo)
	default:
		f.ok("%s, %s; %s", repo, kind, rights)
	}
}

// stamp writes a time in UTC, so that two people read the same.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
