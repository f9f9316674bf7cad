package github

import (
	"fmt"
	"net/http"
	"strings"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

func (g *hub) releases(w http.ResponseWriter, r *http.Request) {
	rows := []server.Object{}
	for _, rel := range paginate(w, r, g, g.state.Releases(g.signedIn(r))) {
		rows = append(rows, g.releaseBody(rel))
	}
	answer(w, http.StatusOK, rows)
}

// releaseByTag serves a published release. A draft has no tag yet.
func (g *hub) releaseByTag(w http.ResponseWriter, r *http.Request) {
	if rel, ok := g.published(r.PathValue("tag")); ok {
		answer(w, http.StatusOK, g.releaseBody(rel))
		return
	}
	g.notFound(w, r)
}

func (g *hub) published(tag string) (state.Release, bool) {
	for _, rel := range g.state.Releases(false) {
		if rel.Tag == tag {
			return rel, true
		}
	}
	return state.Release{}, false
}

// commit serves the ID of a tag's commit as plain text, the only format that our client
// requests.
func (g *hub) commit(w http.ResponseWriter, r *http.Request) {
	tag := r.PathValue("tag")
	rel, ok := g.published(tag)
	if !ok {
		fail(w, http.StatusUnprocessableEntity, "No commit found for SHA: tags/"+tag)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.github.sha; charset=utf-8")
	fmt.Fprint(w, rel.Commit)
}

// latest serves the newest published release that is no pre-release.
func (g *hub) latest(w http.ResponseWriter, r *http.Request) {
	for _, rel := range g.state.Releases(false) {
		if !rel.Prerelease {
			answer(w, http.StatusOK, g.releaseBody(rel))
			return
		}
	}
	g.notFound(w, r)
}

// commitByID serves the ID of a commit that a release was made of.
func (g *hub) commitByID(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	for _, rel := range g.state.Releases(true) {
		if len(id) >= 7 && strings.HasPrefix(rel.Commit, id) {
			w.Header().Set("Content-Type", "application/vnd.github.sha; charset=utf-8")
			fmt.Fprint(w, rel.Commit)
			return
		}
	}
	fail(w, http.StatusUnprocessableEntity, "No commit found for SHA: "+id)
}

func (g *hub) releaseBody(r state.Release) server.Object {
	address := "/releases/tag/" + r.Tag
	if r.Draft() {
		address = "/releases/tag/untagged-" + state.SHA("draft " + r.Tag)[:20]
	}
	body := server.Object{
		"id": r.ID, "tag_name": r.Tag, "name": r.Tag, "target_commitish": "main", "draft": r.Draft(), "prerelease": r.Prerelease,
		"created_at": stamp(r.Created), "published_at": stamp(r.Published), "html_url": g.web(address),
	}
	if r.Author != "" {
		body["author"] = server.Object{"login": r.Author}
	}
	return body
}
