package kinds_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

// landed is a world whose checkout was cloned from a bare remote, and what happened since.
func landed(happens ...func(t *testing.T, dir string)) func(*testing.T, *steps.World) {
	return func(t *testing.T, w *steps.World) {
		w.Checkout.Dir = fake.Repository(t)
		remote := filepath.Join(t.TempDir(), "infra.git")
		fake.Git(t, w.Checkout.Dir, "init", "--quiet", "--bare", "--template=", remote)
		fake.Git(t, w.Checkout.Dir, "remote", "add", "origin", remote)
		fake.Git(t, w.Checkout.Dir, "push", "--quiet", "--set-upstream", "origin", "main")
		for _, do := range happens {
			do(t, w.Checkout.Dir)
		}
	}
}

func gitDoes(args ...string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		fake.Git(t, dir, append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
	}
}

func bumps(to string) func(*testing.T, string) {
	return func(t *testing.T, dir string) { fake.Bumped(t, dir, to) }
}

// others push a version from another checkout.
func others(to string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		other := t.TempDir()
		fake.Git(t, dir, "clone", "--quiet", filepath.Join(dir, ".git"), other)
		bumps(to)(t, other)
		gitDoes("commit", "--quiet", "--all", "--message=theirs")(t, other)
		fake.Git(t, other, "push", "--quiet", remoteOf(t, dir), "HEAD:main")
	}
}

func remoteOf(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command("git", "-C", dir, "remote", "get-url", "origin").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// onBranch is a version that is pushed on the branch topic.
func onBranch() func(*testing.T, *steps.World) {
	return landed(bumps(fake.Tag), gitDoes("switch", "--quiet", "--create", "topic"), gitDoes("commit", "--quiet", "--all", "--message=x"), gitDoes("push", "--quiet", "origin", "topic"))
}

// inRequest is the same in the repository o/infra.
func inRequest(t *testing.T, w *steps.World) {
	onBranch()(t, w)
	w.InfrastructureRepository = "o/infra"
}

// requests lists pull requests of the branch topic, each the usual one but for a change.
func requests(changes ...fake.Object) []fake.Exchange {
	rows := []fake.Object{}
	for _, change := range changes {
		row := fake.Object{"number": 7, "title": "Run it", "html_url": "https://github.com/o/infra/pull/7", "state": "open", "draft": false, "user": fake.Object{"login": "ana"}, "merged_at": nil, "auto_merge": nil,
			"merge_commit_sha": fake.Commit, "head": fake.Object{"ref": "topic", "user": fake.Object{"login": "o"}}, "base": fake.Object{"ref": "main", "sha": fake.Other, "repo": fake.Object{"default_branch": "main"}}}
		for name, value := range change {
			row[name] = value
		}
		rows = append(rows, row)
	}
	return []fake.Exchange{{URL: requestsOfTopic, Body: rows}}
}

const requestsOfTopic = fake.GitHubAPI + "/repos/o/infra/pulls?head=o%3Atopic&per_page=30&state=all"

var bumpLandedFixture = fixture{
	params: steps.Params{"environment": "prod", "service": "catalog-airflow"},
	facts:  runbook.Facts{runbook.ReleaseTag: fake.Tag, "bump.previous": "v1.5.3"},
	hang:   hangingGit,
	hung:   deployed(0, nil),
	cases: []kindCase{
		{name: "before the deployment", world: landed(), verdict: runbook.Unknown, says: []string{"Nothing has been deployed in this run yet."}},
		{name: "no checkout", follows: deployed(0, nil), verdict: runbook.Unknown, says: []string{"set directory under [infrastructure]"}},
		{
			name: "only in the working tree", follows: deployed(0, nil), world: landed(bumps(fake.Tag)),
			verdict: runbook.Failed, says: []string{"only in this working tree"},
			sees: []string{
				"run: git switch --create catalog-airflow-prod-v1.5.4\n",
				"run: git commit --message 'Run catalog-airflow v1.5.4 in prod' --only -- environments/prod/catalog-airflow.tf\n",
				"run: git push --set-upstream origin catalog-airflow-prod-v1.5.4\n",
				"run: gh pr create --base main --head catalog-airflow-prod-v1.5.4 --title 'Run catalog-airflow v1.5.4 in prod' --body 'v1.5.4 of catalog-airflow is deployed to prod, before that v1.5.3 (mar@desk, ",
			},
			leaves: runbook.Facts{"bump-landed.found": "The version is only in this working tree: commit it, push it, and have it merged."},
		},
		{
			name: "in the working tree beside something else", follows: deployed(0, nil),
			world:   landed(bumps(fake.Tag), func(t *testing.T, dir string) { fake.Write(t, dir, "notes.txt", "x") }),
			verdict: runbook.Failed, says: []string{"only in this working tree"}, sees: []string{"--only -- environments/prod/catalog-airflow.tf\n"},
		},
		{
			name: "committed on a branch", follows: deployed(0, nil), world: landed(bumps(fake.Tag), gitDoes("switch", "--quiet", "--create", "topic"), gitDoes("commit", "--quiet", "--all", "--message=x")),
			verdict: runbook.Failed, says: []string{"committed on the branch topic, which isn't pushed"}, sees: []string{"run: git push --set-upstream origin topic\n"},
		},
		{
			name: "committed on a branch that isn't checked out", follows: deployed(0, nil),
			world:   landed(bumps(fake.Tag), gitDoes("switch", "--quiet", "--create", "topic"), gitDoes("commit", "--quiet", "--all", "--message=x"), gitDoes("switch", "--quiet", "main")),
			verdict: runbook.Failed, says: []string{"committed on the branch topic, which isn't pushed"},
		},
		{
			name: "committed on main", follows: deployed(0, nil), world: landed(bumps(fake.Tag), gitDoes("commit", "--quiet", "--all", "--message=x")),
			verdict: runbook.Failed, says: []string{"committed on main and isn't pushed"},
		},
		{
			name: "pushed on a branch", follows: deployed(0, nil), world: onBranch(),
			verdict: runbook.Failed, says: []string{"pushed on the branch topic: open a pull request"}, sees: []string{"run: gh pr create --base main --head topic "},
		},
		{
			name: "in an open pull request", follows: deployed(0, nil), world: inRequest, asks: requests(nil),
			verdict: runbook.Failed, says: []string{"The version is in #7, opened by ana, waiting for review and merge: have it merged, then run `git fetch`."},
			sees: []string{"pull request: #7, opened by ana, waiting for review and merge: https://github.com/o/infra/pull/7\n"},
		},
		{
			name: "in one that is open, and in a newer one that was closed", follows: deployed(0, nil), world: inRequest,
			asks:    requests(fake.Object{"number": 8, "state": "closed"}, fake.Object{"user": nil}),
			verdict: runbook.Failed, says: []string{"The version is in #7, waiting for review and merge"},
		},
		{name: "in a draft", follows: deployed(0, nil), world: inRequest, asks: requests(fake.Object{"draft": true}), verdict: runbook.Failed, says: []string{"#7, opened by ana, which is a draft: mark it as ready"}},
		{
			name: "in a pull request towards another branch", follows: deployed(0, nil), world: inRequest, asks: requests(fake.Object{"base": fake.Object{"ref": "next"}}),
			verdict: runbook.Failed, says: []string{"to be merged into next: change its base branch to main"},
		},
		{
			name: "in a pull request that was closed", follows: deployed(0, nil), world: inRequest, asks: requests(fake.Object{"state": "closed"}),
			verdict: runbook.Failed, says: []string{"#7 with the version was closed without being merged"}, sees: []string{"run: gh pr create --base main --head topic "},
		},
		{
			name: "merged, and taken back", follows: deployed(0, nil), world: inRequest, asks: requests(fake.Object{"state": "closed", "merged_at": fake.Stamp(fake.Moment)}),
			verdict: runbook.Failed, says: []string{"#7 with the version was merged into main, and origin/main doesn't name it"},
		},
		{
			name: "in no pull request", follows: deployed(0, nil), world: inRequest, asks: requests(),
			verdict: runbook.Failed, says: []string{"pushed on the branch topic, which has no pull request: open one"}, sees: []string{"pull request: none\n", "run: gh pr create --base main --head topic "},
		},
		{
			name: "GitHub can't be asked for its pull request", follows: deployed(0, nil), world: inRequest, asks: []fake.Exchange{{URL: requestsOfTopic, Status: 404, Body: fake.Missing}},
			verdict: runbook.Failed, says: []string{"open a pull request if it has none"}, sees: []string{"pull request: can't be asked: ", "run: gh pr create"},
		},
		{
			name: "in the pull request that the recipe has opened", follows: deployed(0, nil), world: landed(),
			facts:   runbook.Facts{runbook.ReleaseTag: fake.Tag, "bump.previous": "v1.5.3", "bump.request": "https://github.com/o/i/pull/7"},
			verdict: runbook.Failed, says: []string{"in the pull request https://github.com/o/i/pull/7"},
		},
		{
			name: "on the main branch", follows: deployed(0, nil), world: landed(bumps(fake.Tag), gitDoes("commit", "--quiet", "--all", "--message=x"), gitDoes("push", "--quiet", "origin", "main")),
			verdict: runbook.Passed, says: []string{"origin/main names v1.5.4, so others deploy it too."}, sees: []string{"version on origin/main: v1.5.4, in environments/prod/catalog-airflow.tf"},
		},
		{
			name: "merged, and not fetched", follows: deployed(0, nil), world: landed(others(fake.Tag)),
			verdict: runbook.Unknown, says: []string{"origin/main has moved since it was fetched: run `git fetch`"},
		},
		{
			name: "somebody else's version", follows: deployed(0, nil), world: landed(others("v1.5.5"), gitDoes("fetch", "--quiet", "origin")),
			verdict: runbook.Failed, says: []string{"origin/main names v1.5.5, which is neither v1.5.4 nor v1.5.3"},
		},
		{
			name: "nowhere", follows: deployed(0, nil), world: landed(),
			verdict: runbook.Failed, says: []string{"neither on origin/main nor in this checkout"},
		},
		{
			name: "origin can't be asked", follows: deployed(0, nil), world: landed(gitDoes("remote", "set-url", "origin", "/nowhere/at/all.git")),
			verdict: runbook.Unknown, says: []string{"asking origin for its branch main"},
		},
		{
			name: "origin would run a program", follows: deployed(0, nil), world: landed(gitDoes("remote", "set-url", "origin", "ext::sh -c touch% pwned")),
			verdict: runbook.Unknown, says: []string{"asking origin for its branch main"},
		},
		{
			name: "no origin", follows: deployed(0, nil), world: landed(gitDoes("remote", "remove", "origin")),
			verdict: runbook.Unknown, says: []string{"has no origin"},
		},
	},
}
