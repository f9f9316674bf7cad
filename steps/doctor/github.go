package doctor

import (
	"context"
	"net/http"
	"strings"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/transport"
)

// few is how many questions left are few: a walk asks more in some minutes.
const few = 30

// soon is how long before its end a token is worth a word.
const soon = 7 * 24 * time.Hour

// The findings about GitHub, in the order in which they are shown.
func aboutGitHub(by clean.Text) (address, token, quota, repository Finding) {
	address = Finding{ID: "github", Name: clean.Line("GitHub"), Needed: true, For: by}
	token = Finding{ID: "github.token", Name: clean.Line("GitHub token"), Needed: true,
		For: clean.Line("seeing drafts and private repositories, and asking more than 60 times an hour")}
	quota = Finding{ID: "github.quota", Name: clean.Line("GitHub's limit"), Needed: true, For: by}
	repository = Finding{ID: "github.repository", Name: clean.Line("Repository"), Needed: true, For: by}
	return
}

// github asks, with two requests, about GitHub and one repository there.
func (p Patient) github(use use) Question {
	address, token, quota, repository := aboutGitHub(use.by)
	return Question{About: []Finding{address, token, quota, repository}, Ask: func(ctx context.Context) []Finding {
		if p.GitHub.From != "" {
			token.Found = clean.Linef("%s from %s", p.GitHub.Kind, p.GitHub.From)
		}
		repo, err := github.ParseRepository(use.value)
		if err != nil {
			address, quota = address.waits("the repository's name"), quota.waits("the repository's name")
			repository = repository.is(Wrong, p.set("github", `repository = "OWNER/NAME"`), "%s", err)
		}
		if p.APIProblem != nil {
			text, _, _ := strings.Cut(p.APIProblem.Error(), "; hint: ")
			address.Waits, quota = false, quota.waits("its address")
			address = address.is(Wrong, p.set("github", "api_url = "+quotedTOML(github.APIURL))+", or the address of your own", "%s", text)
		}
		switch {
		case p.APIProblem != nil && err == nil:
			return []Finding{address, p.tokenUnasked(token), quota, repository.waits("its address")}
		case err != nil:
			return []Finding{address, p.tokenUnasked(token), quota, repository}
		}
		access, err := p.World.GitHub.Access(ctx, repo)
		api := shown(p.Settings.GitHub.APIURL)
		cause, asked := transport.CauseOf(err)
		switch {
		case err == nil:
			return []Finding{address.ok("%s answers", api), p.whose(ctx, token), p.left(quota, access.Quota), p.may(repository, repo, access)}
		case asked && cause == transport.Credentials && statusOf(err) == http.StatusUnauthorized:
			return []Finding{address.ok("%s answers", api), p.tokenRefused(token), quota.waits("the token"), repository.waits("the token")}
		case asked && cause == transport.RateLimited:
			return []Finding{address.ok("%s answers", api), p.tokenUnasked(token), quota.problem(err), repository.waits("the limit")}
		case asked && (cause == transport.Credentials || cause == transport.NotFound || cause == transport.Refused):
			repository = repository.problem(err)
			if cause == transport.NotFound && p.GitHub.From == "" {
				repository.Next = clean.Line(p.set("github", `repository = "OWNER/NAME"`) + "; or, if it is private, give a token: `gh auth login`")
			}
			return []Finding{address.ok("%s answers", api), p.whose(ctx, token), p.left(quota, access.Quota), repository}
		}
		stands := p.stands("github", "api_url", p.Settings.GitHub.APIURL, p.Settings.GitHub.APIURL)
		if p.Settings.GitHub.APIURL == github.APIURL {
			stands = "HTTPS_PROXY, if there is a proxy"
		}
		address = address.reached(err, api, stands)
		address.Found = clean.Linef("%s: %s", api, address.Found)
		return []Finding{address, p.tokenUnasked(token), quota.waits("GitHub"), repository.waits("GitHub")}
	}}
}

func statusOf(err error) int {
	if p, ok := err.(*transport.Problem); ok {
		return p.Status
	}
	return 0
}

// tokenUnasked says where the token comes from, where GitHub cannot be asked whose it is.
func (p Patient) tokenUnasked(token Finding) Finding {
	if p.GitHub.From == "" {
		return noToken(token)
	}
	return token.is(NotKnown, "", "%s; GitHub was not asked whose it is", token.Found).optional()
}

// noToken is no hindrance by itself: what everybody may see can be seen without one.
func noToken(token Finding) Finding {
	return token.is(Missing, "`gh auth login`, or put a token into GH_TOKEN", "neither GH_TOKEN nor GITHUB_TOKEN is set, and `gh auth token` gives none").optional()
}

// tokenRefused is what stands in the way of every question, unlike a missing token.
func (p Patient) tokenRefused(token Finding) Finding {
	token.Denied = true
	if p.GitHub.From == "" {
		return token.is(Missing, "`gh auth login`, or put a token into GH_TOKEN", "GitHub does not answer without one (401)")
	}
	next := "renew " + p.GitHub.From + ", or `unset " + p.GitHub.From + "; gh auth login`"
	if strings.HasPrefix(p.GitHub.From, "`") {
		next = "`gh auth login`"
	}
	return token.is(Wrong, next, "%s is refused (401)", token.Found)
}

// whose asks whom the token belongs to. GitHub may leave that open and still
// answer everything else.
func (p Patient) whose(ctx context.Context, token Finding) Finding {
	if p.GitHub.From == "" {
		return noToken(token)
	}
	account, err := p.World.GitHub.Account(ctx)
	switch {
	case err != nil:
		var problem Finding
		return token.is(NotKnown, "", "%s; whose it is was not told: %s", token.Found, problem.problem(err).Found).optional()
	case account.Login == "":
		return token.ok("%s, which is nobody's", token.Found)
	}
	found := token.Found.String() + ", as " + account.Login
	if account.ScopesTold {
		scopes := "no scopes"
		if len(account.Scopes) > 0 {
			scopes = "the scopes " + strings.Join(account.Scopes, ", ")
		}
		found += ", with " + scopes
	}
	if account.Expires.IsZero() {
		return token.ok("%s", found)
	}
	found += ", until " + stamp(account.Expires)
	if account.Expires.Before(p.World.Now().Add(soon)) {
		return token.is(Wrong, "renew it before that", "%s", found).optional()
	}
	return token.ok("%s", found)
}

// left says how often GitHub may still be asked.
func (p Patient) left(quota Finding, q github.Quota) Finding {
	if q.Limit == 0 {
		return quota.ok("none is told")
	}
	until := ""
	if !q.Until.IsZero() {
		until = " until " + stamp(q.Until)
	}
	if q.Left < few {
		next := "wait until then"
		if p.GitHub.From == "" {
			next = "wait until then, or, since more may be asked with a token, `gh auth login`"
		}
		return quota.is(Wrong, next, "only %d of %d questions are left%s", q.Left, q.Limit, until).optional()
	}
	return quota.ok("%d of %d questions are left%s", q.Left, q.Limit, until)
}

// may says what one may do with the repository.
func (p Patient) may(f Finding, repo github.Repository, a github.Access) Finding {
	kind := "public"
	if a.Private {
		kind = "private"
	}
	rights := "everybody may read its published releases"
	switch {
	case a.PushTold && a.Push:
		rights = "you may push, and see drafts"
	case a.PushTold:
		rights = "you may read; drafts are shown to those who may push"
	}
	switch {
	case !strings.EqualFold(a.FullName, repo.String()):
		return f.is(Wrong, p.set("github", "repository = "+quotedTOML(a.FullName)), "%s is called %s now; %s", repo, a.FullName, rights).optional()
	case a.Archived:
		return f.is(Wrong, "ask its owners where releases are published now", "%s is archived, so that nothing can be released in it", repo)
	}
	return f.ok("%s, %s; %s", repo, kind, rights)
}

// stamp writes a time in UTC, so that two people read the same.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
