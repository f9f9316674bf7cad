package github

import (
	"encoding/base64"
	"fmt"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// The parts that many of GitHub's answers have in common, with every field that
// GitHub's description of its API requires.

// nodeID is the name of a thing in GitHub's other API, which looks like this.
func nodeID(kind string, id int64) string {
	return kind + "_" + base64.RawURLEncoding.EncodeToString(fmt.Append(nil, id))
}

// userBody is a person, a bot or an organisation.
func (g *hub) userBody(login string, id int64, kind string) server.Object {
	at := g.origin + "/users/" + login
	return server.Object{
		"login": login, "id": id, "node_id": nodeID("U", id), "type": kind, "site_admin": false, "user_view_type": "public",
		"avatar_url": g.origin + "/avatars/" + login, "gravatar_id": "", "html_url": g.origin + "/" + login, "url": at,
		"followers_url": at + "/followers", "following_url": at + "/following{/other_user}", "gists_url": at + "/gists{/gist_id}",
		"starred_url": at + "/starred{/owner}{/repo}", "subscriptions_url": at + "/subscriptions", "organizations_url": at + "/orgs",
		"repos_url": at + "/repos", "events_url": at + "/events{/privacy}", "received_events_url": at + "/received_events",
	}
}

// maintainer is the person who practises.
const (
	maintainer   = "a-maintainer"
	maintainerID = 1001
)

// accountBody is the maintainer, as the answer about who asks has it.
func (g *hub) accountBody() server.Object {
	body := g.userBody(maintainer, maintainerID, "User")
	for _, name := range []string{"name", "company", "blog", "location", "email", "hireable", "bio", "twitter_username", "notification_email"} {
		body[name] = nil
	}
	body["public_repos"], body["public_gists"], body["followers"], body["following"] = 3, 0, 8, 5
	body["created_at"], body["updated_at"] = "2015-01-01T00:00:00Z", "2022-09-30T08:00:00Z"
	return body
}

// repositoryLinks are the addresses below a repository, each with what GitHub
// appends to it.
var repositoryLinks = map[string]string{
	"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
	"branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}", "comments_url": "/comments{/number}",
	"commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}", "contents_url": "/contents/{+path}",
	"contributors_url": "/contributors", "deployments_url": "/deployments", "downloads_url": "/downloads", "events_url": "/events",
	"forks_url": "/forks", "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
	"hooks_url": "/hooks", "issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
	"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}", "languages_url": "/languages",
	"merges_url": "/merges", "milestones_url": "/milestones{/number}", "notifications_url": "/notifications{?since,all,participating}",
	"pulls_url": "/pulls{/number}", "releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
	"subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams", "trees_url": "/git/trees{/sha}",
}

// repositoryBody is the repository as other answers carry it.
func (g *hub) repositoryBody() server.Object {
	body := server.Object{
		"id": repositoryID, "node_id": nodeID("R", repositoryID), "name": "openverse-catalog", "full_name": Repository, "private": false, "fork": false,
		"owner":    g.userBody("WordPress", 276006, "Organization"),
		"html_url": g.web(""), "url": g.api(""), "description": "Identifies and collects data on cc-licensed content across web crawl data and public apis.",
	}
	for name, path := range repositoryLinks {
		body[name] = g.api(path)
	}
	return body
}

// repositoryDetails are what the repository's own answer has besides.
func (g *hub) repositoryDetails(push bool) server.Object {
	return server.Object{
		"archived": false, "disabled": false, "visibility": "public", "default_branch": "main", "topics": []string{"airflow"},
		"is_template": false, "allow_forking": true, "web_commit_signoff_required": false,
		"permissions": server.Object{"admin": false, "maintain": false, "push": push, "triage": push, "pull": true},
		"clone_url":   g.web(".git"), "svn_url": g.web(""), "git_url": "git://github.test/" + Repository + ".git", "ssh_url": "git@github.test:" + Repository + ".git",
		"mirror_url": nil, "homepage": nil, "language": "Python", "license": nil, "size": 6100,
		"created_at": "2021-07-19T10:12:00Z", "updated_at": "2022-09-30T08:00:00Z", "pushed_at": "2022-09-30T08:00:00Z",
		"has_issues": true, "has_projects": true, "has_wiki": false, "has_pages": false, "has_discussions": false, "has_downloads": true,
		"forks": 54, "forks_count": 54, "network_count": 54, "watchers": 58, "watchers_count": 58, "stargazers_count": 58, "subscribers_count": 17,
		"open_issues": 129, "open_issues_count": 129,
	}
}

// commitBody is a release's commit.
func (g *hub) commitBody(rel state.Release) server.Object {
	person := server.Object{"name": "A Person", "email": "person@example.org", "date": githubTime(rel.Created)}
	return server.Object{
		"sha": rel.Commit, "node_id": nodeID("C", rel.ID), "url": g.api("/commits/" + rel.Commit), "html_url": g.web("/commit/" + rel.Commit),
		"comments_url": g.api("/commits/" + rel.Commit + "/comments"),
		"commit": server.Object{
			"message": "Prepare " + rel.Tag, "author": person, "committer": person, "comment_count": 0, "url": g.api("/git/commits/" + rel.Commit),
			"tree":         server.Object{"sha": state.SHA("tree " + rel.Commit), "url": g.api("/git/trees/" + state.SHA("tree "+rel.Commit))},
			"verification": server.Object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil},
		},
		"author": nil, "committer": nil, "parents": []server.Object{},
	}
}
