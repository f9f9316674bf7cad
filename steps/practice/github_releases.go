package practice

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func (g *githubServer) releases(w http.ResponseWriter, r *http.Request) {
	rows := []object{}
	for _, rel := range paginate(w, r, g, g.state.releaseList(g.signedIn(r))) {
		rows = append(rows, g.releaseBody(rel))
	}
	githubJSON(w, http.StatusOK, rows)
}

func (g *githubServer) latestRelease(w http.ResponseWriter, _ *http.Request) {
	githubJSON(w, http.StatusOK, g.releaseBody(g.state.releaseList(false)[0]))
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
	id := fmt.Sprintf("/releases/%d", r.ID)
	return object{
		"id": r.ID, "tag_name": r.Tag, "name": r.Tag, "target_commitish": "main",
		"draft": r.draft(), "prerelease": false, "immutable": false,
		"created_at": githubTime(r.Created), "published_at": githubTime(r.Published), "updated_at": githubTime(r.Created),
		"url": g.api(id), "html_url": g.web(address), "assets_url": g.api(id + "/assets"), "assets": []object{},
		"upload_url": g.api(id + "/assets{?name,label}"), "tarball_url": nil, "zipball_url": nil,
		"author": object{"login": "github-actions[bot]", "id": 41898282, "type": "Bot"},
		"body":   "## Changes\n\n- Practice makes perfect",
	}
}

// commit answers for tags/TAG, a commit's SHA, a bare tag, and the branch main.
func (g *githubServer) commit(w http.ResponseWriter, r *http.Request) {
	asked := r.PathValue("ref")
	name := strings.TrimPrefix(asked, "tags/")
	all := g.state.releaseList(true)
	for _, rel := range all {
		onMain := rel.ID == all[0].ID && (asked == "main" || asked == "heads/main")
		if (!rel.draft() && rel.Tag == name) || rel.Commit == asked || onMain {
			g.commitBody(w, r, rel)
			return
		}
	}
	githubError(w, http.StatusUnprocessableEntity, "No commit found for SHA: "+asked)
}

func (g *githubServer) commitBody(w http.ResponseWriter, r *http.Request, rel release) {
	if accept := r.Header.Get("Accept"); strings.Contains(accept, "application/vnd.github.sha") || strings.Contains(accept, "application/vnd.github.v3.sha") {
		w.Header().Set("X-GitHub-Media-Type", "github.v3; param=sha")
		w.Header().Set("Content-Type", "application/vnd.github.sha; charset=utf-8")
		fmt.Fprint(w, rel.Commit)
		return
	}
	person := object{"name": "A Person", "email": "person@example.org", "date": githubTime(rel.Created)}
	githubJSON(w, http.StatusOK, object{
		"sha": rel.Commit, "url": g.api("/commits/" + rel.Commit), "html_url": g.web("/commit/" + rel.Commit),
		"commit": object{
			"message": "Prepare " + rel.Tag, "author": person, "committer": person, "comment_count": 0,
			"tree": object{"sha": sha("tree " + rel.Tag), "url": g.api("/git/trees/" + sha("tree "+rel.Tag))},
		},
		"author": nil, "committer": nil, "parents": []object{}, "files": []object{},
		"stats": object{"total": 0, "additions": 0, "deletions": 0},
	})
}

func (g *githubServer) ref(w http.ResponseWriter, r *http.Request) {
	rel, ok := g.published(r.PathValue("tag"))
	if !ok {
		g.notFound(w, r)
		return
	}
	target := object{"type": "commit", "sha": rel.Commit, "url": g.api("/git/commits/" + rel.Commit)}
	if rel.Annotated != "" {
		target = object{"type": "tag", "sha": rel.Annotated, "url": g.api("/git/tags/" + rel.Annotated)}
	}
	githubJSON(w, http.StatusOK, object{
		"ref": "refs/tags/" + rel.Tag, "url": g.api("/git/refs/tags/" + rel.Tag), "object": target,
	})
}

// tagObject answers for annotated tags only, as GitHub does.
func (g *githubServer) tagObject(w http.ResponseWriter, r *http.Request) {
	for _, rel := range g.state.releaseList(false) {
		if rel.Annotated == r.PathValue("sha") && rel.Annotated != "" {
			githubJSON(w, http.StatusOK, object{
				"tag": rel.Tag, "sha": rel.Annotated, "url": g.api("/git/tags/" + rel.Annotated), "message": rel.Tag,
				"tagger":       object{"name": "A Person", "email": "person@example.org", "date": githubTime(rel.Published)},
				"object":       object{"type": "commit", "sha": rel.Commit, "url": g.api("/git/commits/" + rel.Commit)},
				"verification": object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil},
			})
			return
		}
	}
	g.notFound(w, r)
}
