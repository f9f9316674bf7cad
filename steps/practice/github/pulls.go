package github

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"catalog-runbook/steps/practice/server"
	"catalog-runbook/steps/practice/state"
)

const branch = "main"

// pullOf returns the pull request that a request names, and whether there is one.
func (g *hub) pullOf(r *http.Request) (state.Pull, bool) {
	p := g.state.Facts().Pull
	return p, p.Number > 0 && r.PathValue("number") == strconv.Itoa(p.Number)
}

func (g *hub) pull(w http.ResponseWriter, r *http.Request) {
	p, ok := g.pullOf(r)
	if !ok {
		g.notFound(w, r)
		return
	}
	body := g.pullBody(p)
	body["merged"], body["changed_files"] = !p.Merged.IsZero(), len(p.Files)
	answer(w, http.StatusOK, body)
}

// pullBody is a pull request in a list.
func (g *hub) pullBody(p state.Pull) server.Object {
	body := server.Object{
		"number": p.Number, "title": p.Title, "html_url": g.web("/pull/" + strconv.Itoa(p.Number)), "state": "open", "draft": false, "auto_merge": nil,
		"merged_at": nil, "merge_commit_sha": state.SHA("a test merge"), "user": server.Object{"login": "a-colleague"},
		"head": server.Object{"ref": "dags", "user": server.Object{"login": "a-colleague"}},
		"base": server.Object{"ref": branch, "sha": state.PullBase, "repo": server.Object{"default_branch": branch}},
	}
	if !p.Merged.IsZero() {
		body["state"], body["merged_at"], body["merge_commit_sha"] = "closed", stamp(p.Merged), state.PullMerge
	}
	return body
}

// pulls lists the pull request of the world, if there is one.
func (g *hub) pulls(w http.ResponseWriter, r *http.Request) {
	q, all := r.URL.Query(), []server.Object{}
	if p := g.state.Facts().Pull; p.Number != 0 && q.Get("head") == "" && (q.Get("base") == "" || q.Get("base") == branch) {
		all = append(all, g.pullBody(p))
	}
	answer(w, http.StatusOK, paginate(w, r, g, all))
}

func (g *hub) pullFiles(w http.ResponseWriter, r *http.Request) {
	p, ok := g.pullOf(r)
	if !ok {
		g.notFound(w, r)
		return
	}
	rows := []server.Object{}
	for _, f := range paginate(w, r, g, p.Files) {
		status := "modified"
		if f.New {
			status = "added"
		}
		rows = append(rows, server.Object{"filename": f.Path(), "status": status})
	}
	answer(w, http.StatusOK, rows)
}

// noRefs lists no branch: this world has no merge queue.
func (g *hub) noRefs(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, []server.Object{})
}

// commit of the branch.
type pushed struct {
	id string
	at time.Time
}

// history lists the commits of the branch, the oldest first.
func (g *hub) history() []pushed {
	p := g.state.Facts().Pull
	if p.Number == 0 {
		return nil
	}
	start := g.state.Facts().Releases[0].Created
	all := []pushed{{state.PullBase, start}}
	for _, c := range []pushed{{state.PullOther, p.Merged.Add(-time.Minute)}, {state.PullMerge, p.Merged}, {state.PullFix, p.Fixed}} {
		if !p.Merged.IsZero() && !c.at.IsZero() {
			all = append(all, c)
		}
	}
	return all
}

// position is where a commit or the branch is in the history, -1 for any other.
func position(all []pushed, ref string) int {
	if ref == branch {
		return len(all) - 1
	}
	return slices.IndexFunc(all, func(c pushed) bool { return c.id == ref })
}

// compare compares two commits of the branch, or a commit with the branch.
func (g *hub) compare(w http.ResponseWriter, r *http.Request) {
	base, head, _ := strings.Cut(r.PathValue("range"), "...")
	if _, ok := g.published(base); ok {
		g.sinceRelease(w, r, base, head)
		return
	}
	all := g.history()
	from, to := position(all, base), position(all, head)
	if from < 0 || to < 0 {
		g.notFound(w, r)
		return
	}
	files := []server.Object{}
	for _, f := range g.state.Facts().Pull.Files {
		if from < to && (f.Broken != "" && all[to].id == state.PullFix || from < position(all, state.PullMerge) && all[to].id != state.PullOther) {
			files = append(files, server.Object{"filename": f.Path(), "status": "modified"})
		}
	}
	status, mergeBase := "ahead", all[min(from, to)].id
	switch {
	case from == to:
		status = "identical"
	case from > to:
		status = "behind"
	}
	answer(w, http.StatusOK, server.Object{
		"status": status, "ahead_by": max(0, to-from), "behind_by": max(0, from-to), "total_commits": max(0, to-from), "html_url": g.web("/compare/" + r.PathValue("range")),
		"merge_base_commit": server.Object{"sha": mergeBase}, "files": files, "commits": []server.Object{},
	})
}

// sinceRelease compares a release with what came after it: the pull request of a world that
// has one, else what a service deployment is needed for.
func (g *hub) sinceRelease(w http.ResponseWriter, r *http.Request, base, head string) {
	if _, ok := g.published(head); !ok && head != "HEAD" && head != branch {
		g.notFound(w, r)
		return
	}
	paths := []string{"catalog/Dockerfile", "catalog/requirements_prod.txt", state.DAGPath("flickr_workflow"), "DEPLOYMENT.md"}
	if p := g.state.Facts().Pull; p.Number != 0 {
		paths = nil
		for _, f := range p.Files {
			if !p.Merged.IsZero() {
				paths = append(paths, f.Path())
			}
		}
	}
	status, files := "ahead", []server.Object{}
	for _, path := range paths {
		if head != base {
			files = append(files, server.Object{"filename": path, "status": "modified"})
		}
	}
	if len(files) == 0 {
		status = "identical"
	}
	answer(w, http.StatusOK, server.Object{
		"status": status, "ahead_by": len(files), "behind_by": 0, "total_commits": len(files), "html_url": g.web("/compare/" + r.PathValue("range")),
		"merge_base_commit": server.Object{"sha": state.PullBase}, "files": files, "commits": []server.Object{},
	})
}

// commits lists the commits that changed a file, the newest first.
func (g *hub) commits(w http.ResponseWriter, r *http.Request) {
	all, q := g.history(), r.URL.Query()
	rows := []server.Object{}
	for i := position(all, q.Get("sha")); i >= 0; i-- {
		if _, ok := g.textOf(q.Get("path"), all[i].id); !ok || all[i].id == state.PullOther {
			continue
		}
		if f, ok := g.fileOf(q.Get("path")); all[i].id == state.PullFix && !(ok && f.Broken != "") {
			continue
		}
		rows = append(rows, server.Object{"sha": all[i].id, "commit": server.Object{"committer": server.Object{"date": stamp(all[i].at)}}})
	}
	answer(w, http.StatusOK, rows)
}

// fileOf returns the file of the pull request with a path.
func (g *hub) fileOf(path string) (state.PullFile, bool) {
	for _, f := range g.state.Facts().Pull.Files {
		if f.Path() == path {
			return f, true
		}
	}
	return state.PullFile{}, false
}

// textOf returns the text of a DAG's file at a commit, and whether it is there.
func (g *hub) textOf(path, commit string) (string, bool) {
	f, ok := g.fileOf(path)
	early := commit == state.PullBase || commit == state.PullOther
	switch {
	case !ok || position(g.history(), commit) < 0 || f.New && early:
		return "", false
	case commit == state.PullOther:
		commit = state.PullBase
	case commit == state.PullFix && f.Broken == "":
		commit = state.PullMerge
	}
	return state.DAGText(f.DAG, commit), true
}

// dagFile serves a file of the pull request at a commit, and reports whether it has.
func (g *hub) dagFile(w http.ResponseWriter, path, ref string) bool {
	text, ok := g.textOf(path, ref)
	if ok {
		g.file(w, path, ref, []byte(text))
	}
	return ok
}
