package github

import (
	"fmt"
	"net/http"
	"strconv"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

func (g *hub) releases(w http.ResponseWriter, r *http.Request) {
	rows := []server.Object{}
	for _, rel := range paginate(w, r, g, g.state.ReleaseList(g.signedIn(r))) {
		rows = append(rows, g.releaseBody(rel))
	}
	githubJSON(w, http.StatusOK, rows)
}

func (g *hub) latestRelease(w http.ResponseWriter, r *http.Request) {
	published := g.state.ReleaseList(false)
	if len(published) == 0 {
		g.notFound(w, r)
		return
	}
	githubJSON(w, http.StatusOK, g.releaseBody(published[0]))
}

func (g *hub) releaseByID(w http.ResponseWriter, r *http.Request) {
	for _, rel := range g.state.ReleaseList(g.signedIn(r)) {
		if strconv.FormatInt(rel.ID, 10) == r.PathValue("id") {
			githubJSON(w, http.StatusOK, g.releaseBody(rel))
			return
		}
	}
	g.notFound(w, r)
}

// releaseByTag knows published releases only: a draft has no tag yet.
func (g *hub) releaseByTag(w http.ResponseWriter, r *http.Request) {
	if rel, ok := g.published(r.PathValue("tag")); ok {
		githubJSON(w, http.StatusOK, g.releaseBody(rel))
		return
	}
	g.notFound(w, r)
}

func (g *hub) published(tag string) (state.Release, bool) {
	for _, rel := range g.state.ReleaseList(false) {
		if rel.Tag == tag {
			return rel, true
		}
	}
	return state.Release{}, false
}

func (g *hub) releaseBody(r state.Release) server.Object {
	address := "/releases/tag/" + r.Tag
	if r.Draft() {
		address = "/releases/tag/untagged-" + state.SHA("draft " + r.Tag)[:20]
	}
	archive := func(kind string) any {
		if r.Draft() {
			return nil
		}
		return g.api("/" + kind + "/" + r.Tag)
	}
	id := fmt.Sprintf("/releases/%d", r.ID)
	return server.Object{
		"id": r.ID, "node_id": nodeID("RE", r.ID), "tag_name": r.Tag, "name": r.Tag, "target_commitish": "main",
		"draft": r.Draft(), "prerelease": false, "immutable": false,
		"created_at": githubTime(r.Created), "published_at": githubTime(r.Published), "updated_at": githubTime(r.Created),
		"url": g.api(id), "html_url": g.web(address), "assets_url": g.api(id + "/assets"), "assets": []server.Object{},
		"upload_url": g.api(id + "/assets{?name,label}"), "tarball_url": archive("tarball"), "zipball_url": archive("zipball"),
		"author": g.userBody("github-actions[bot]", 41898282, "Bot"),
		"body":   "## Changes\n\n- Practice makes perfect",
	}
}
