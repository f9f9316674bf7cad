package github

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

// named finds the release that was made of what a ref names: tags/TAG, a
// commit's SHA, a bare tag, or the branch main. It returns its place among all
// releases, of which every one has a commit of its own, newest first.
func (g *hub) named(ref string) (all []state.Release, at int, ok bool) {
	tag := strings.TrimPrefix(ref, "tags/")
	all = g.state.ReleaseList(true)
	for i, rel := range all {
		onMain := i == 0 && (ref == "main" || ref == "heads/main")
		if (!rel.Draft() && rel.Tag == tag) || rel.Commit == ref || onMain {
			return all, i, true
		}
	}
	return all, 0, false
}

func (g *hub) commit(w http.ResponseWriter, r *http.Request) {
	ref := r.PathValue("ref")
	all, i, ok := g.named(ref)
	if !ok {
		githubError(w, http.StatusUnprocessableEntity, "No commit found for SHA: "+ref)
		return
	}
	rel := all[i]
	if accept := r.Header.Get("Accept"); strings.Contains(accept, "application/vnd.github.sha") || strings.Contains(accept, "application/vnd.github.v3.sha") {
		w.Header().Set("X-GitHub-Media-Type", "github.v3; param=sha")
		w.Header().Set("Content-Type", "application/vnd.github.sha; charset=utf-8")
		fmt.Fprint(w, rel.Commit)
		return
	}
	body := g.commitBody(rel)
	file := g.fileBody(rel)
	body["files"], body["stats"] = []server.Object{file}, server.Object{"total": 2, "additions": 1, "deletions": 1}
	githubJSON(w, http.StatusOK, body)
}

// compare answers for BASE...HEAD. The history is a straight line, so one of the
// two always comes before the other, and what changed is one file a commit.
func (g *hub) compare(w http.ResponseWriter, r *http.Request) {
	base, head, _ := strings.Cut(r.PathValue("basehead"), "...")
	all, b, ok := g.named(base)
	_, h, found := g.named(head)
	if !ok || !found {
		g.notFound(w, r)
		return
	}
	commits, files := []server.Object{}, []server.Object{}
	for i := b - 1; i >= h; i-- {
		commits = append(commits, g.commitBody(all[i]))
		files = append(files, g.fileBody(all[i]))
	}
	status := "identical"
	switch {
	case h < b:
		status = "ahead"
	case h > b:
		status = "behind"
	}
	names := url.PathEscape(base) + "..." + url.PathEscape(head)
	githubJSON(w, http.StatusOK, server.Object{
		"url": g.api("/compare/" + names), "html_url": g.web("/compare/" + names), "permalink_url": g.web("/compare/" + names),
		"diff_url": g.web("/compare/" + names + ".diff"), "patch_url": g.web("/compare/" + names + ".patch"),
		"base_commit": g.commitBody(all[b]), "merge_base_commit": g.commitBody(all[max(b, h)]),
		"status": status, "ahead_by": max(0, b-h), "behind_by": max(0, h-b), "total_commits": len(commits),
		"commits": paginate(w, r, g, commits), "files": files,
	})
}

// fileBody is the file that a release's commit changed.
func (g *hub) fileBody(rel state.Release) server.Object {
	name := "openverse_catalog/dags/providers/provider_workflows.py"
	return server.Object{
		"filename": name, "status": "modified", "additions": 1, "deletions": 1, "changes": 2, "sha": state.SHA("blob " + rel.Commit),
		"blob_url": g.web("/blob/" + rel.Commit + "/" + name), "raw_url": g.web("/raw/" + rel.Commit + "/" + name),
		"contents_url": g.api("/contents/" + name + "?ref=" + rel.Commit), "patch": "@@ -1 +1 @@\n-# before " + rel.Tag + "\n+# " + rel.Tag,
	}
}

func (g *hub) ref(w http.ResponseWriter, r *http.Request) {
	rel, ok := g.published(r.PathValue("tag"))
	if !ok {
		g.notFound(w, r)
		return
	}
	target := server.Object{"type": "commit", "sha": rel.Commit, "url": g.api("/git/commits/" + rel.Commit)}
	if rel.Annotated != "" {
		target = server.Object{"type": "tag", "sha": rel.Annotated, "url": g.api("/git/tags/" + rel.Annotated)}
	}
	githubJSON(w, http.StatusOK, server.Object{
		"ref": "refs/tags/" + rel.Tag, "node_id": nodeID("REF", rel.ID), "url": g.api("/git/refs/tags/" + rel.Tag), "object": target,
	})
}

// tagObject answers for annotated tags only, as GitHub does.
func (g *hub) tagObject(w http.ResponseWriter, r *http.Request) {
	for _, rel := range g.state.ReleaseList(false) {
		if rel.Annotated == r.PathValue("sha") && rel.Annotated != "" {
			githubJSON(w, http.StatusOK, server.Object{
				"tag": rel.Tag, "sha": rel.Annotated, "node_id": nodeID("TA", rel.ID), "url": g.api("/git/tags/" + rel.Annotated), "message": rel.Tag,
				"tagger":       server.Object{"name": "A Person", "email": "person@example.org", "date": githubTime(rel.Published)},
				"object":       server.Object{"type": "commit", "sha": rel.Commit, "url": g.api("/git/commits/" + rel.Commit)},
				"verification": server.Object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil},
			})
			return
		}
	}
	g.notFound(w, r)
}
