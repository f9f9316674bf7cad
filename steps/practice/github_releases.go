package practice

import (
	"fmt"
	"net/http"
	"strconv"
)

func (g *githubServer) releases(w http.ResponseWriter, r *http.Request) {
	rows := []object{}
	for _, rel := range paginate(w, r, g, g.state.releaseList(g.signedIn(r))) {
		rows = append(rows, g.releaseBody(rel))
	}
	githubJSON(w, http.StatusOK, rows)
}

func (g *githubServer) latestRelease(w http.ResponseWriter, r *http.Request) {
	published := g.state.releaseList(false)
	if len(published) == 0 {
		g.notFound(w, r)
		return
	}
	githubJSON(w, http.StatusOK, g.releaseBody(published[0]))
}

func (g *githubServer) releaseByID(w http.ResponseWriter, r *http.Request) {
	for _, rel := range g.state.releaseList(g.signedIn(r)) {
		if strconv.FormatInt(rel.ID, 10) == r.PathValue("id") {
			githubJSON(w, http.StatusOK, g.releaseBody(rel))
			return
		}
	}
	g.notFound(w, r)
}

// releaseByTag knows published releases only: a draft has no tag yet.
func (g *githubServer) releaseByTag(w http.ResponseWriter, r *http.Request) {
	if rel, ok := g.published(r.PathValue("tag")); ok {
		githubJSON(w, http.StatusOK, g.releaseBody(rel))
		return
	}
	g.notFound(w, r)
}

func (g *githubServer) published(tag string) (release, bool) {
	for _, rel := range g.state.releaseList(false) {
		if rel.Tag == tag {
			return rel, true
		}
	}
	return release{}, false
}

func (g *githubServer) releaseBody(r release) object {
	address := "/releases/tag/" + r.Tag
	if r.draft() {
		address = "/releases/tag/untagged-" + sha("draft " + r.Tag)[:20]
	}
	archive := func(kind string) any {
		if r.draft() {
			return nil
		}
		return g.api("/" + kind + "/" + r.Tag)
	}
	id := fmt.Sprintf("/releases/%d", r.ID)
	return object{
		"id": r.ID, "node_id": nodeID("RE", r.ID), "tag_name": r.Tag, "name": r.Tag, "target_commitish": "main",
		"draft": r.draft(), "prerelease": false, "immutable": false,
		"created_at": githubTime(r.Created), "published_at": githubTime(r.Published), "updated_at": githubTime(r.Created),
		"url": g.api(id), "html_url": g.web(address), "assets_url": g.api(id + "/assets"), "assets": []object{},
		"upload_url": g.api(id + "/assets{?name,label}"), "tarball_url": archive("tarball"), "zipball_url": archive("zipball"),
		"author": g.userBody("github-actions[bot]", 41898282, "Bot"),
		"body":   "## Changes\n\n- Practice makes perfect",
	}
}
