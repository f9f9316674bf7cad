package kinds_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
	"catalog-runbook/steps/testdata/fake"
)

// infra is an infrastructure checkout with an upstream, and what a run knows of it.
type infra struct {
	t      *testing.T
	world  *steps.World
	facts  runbook.Facts
	before runbook.Facts // when `just bump` was begun
}

func newInfra(t *testing.T) *infra {
	w := fake.Connect(t, fake.NewScript(t))
	w.Checkout.Dir = fake.Repository(t)
	i := &infra{t: t, world: w, facts: runbook.Facts{runbook.ReleaseTag: fake.Tag}}
	origin := filepath.Join(t.TempDir(), "origin")
	i.git("clone", "--quiet", "--bare", ".", origin)
	i.git("remote", "add", "origin", origin)
	i.git("fetch", "--quiet")
	i.git("branch", "--quiet", "--set-upstream-to=origin/main")
	i.git("config", "user.name", "a")
	i.git("config", "user.email", "a@example.org")
	return i
}

func (i *infra) git(args ...string) { fake.Git(i.t, i.world.Checkout.Dir, args...) }

// begin says that the command was begun, with what is known now.
func (i *infra) begin() { i.before = maps.Clone(i.facts) }

func (i *infra) commit(file, text string) {
	fake.Write(i.t, i.world.Checkout.Dir, file, text)
	i.git("add", "--all")
	i.git("commit", "--quiet", "--message=change "+file)
}

func (i *infra) commitBump() {
	fake.Bumped(i.t, i.world.Checkout.Dir, fake.Tag)
	i.git("commit", "--quiet", "--all", "--message=bump")
}

// expect verifies the step.
func (i *infra) expect(v runbook.Verdict, says ...string) {
	i.t.Helper()
	in := steps.Input{Params: bumpFixture.params, Facts: i.facts, Before: i.before, World: i.world}
	res := kind(i.t, "bump").Check.Ask(i.t.Context(), in)
	if res.Verdict != v {
		i.t.Errorf("it is %s, want %s: %s", res.Verdict, v, res.Summary)
	}
	fake.Contains(i.t, res.Summary.String(), says...)
	i.facts = runbook.Facts{runbook.ReleaseTag: fake.Tag}
	maps.Copy(i.facts, res.Facts)
}

func TestARecipeThatCommits(t *testing.T) {
	i := newInfra(t)
	i.expect(runbook.Failed, "Not bumped")
	i.begin()
	i.commitBump()
	i.expect(runbook.Passed, "from v1.5.3 to "+fake.Tag+" in the commit ", "origin/main doesn't have it yet: push it")
	i.git("push", "--quiet")
	i.expect(runbook.Passed, "in the commit ", "nothing else is changed.")
	i.facts = runbook.Facts{runbook.ReleaseTag: fake.Tag} // another process goes on with the run
	i.expect(runbook.Passed, "in the commit ")
	i.before = nil // and nobody knows where it began
	i.facts = runbook.Facts{runbook.ReleaseTag: fake.Tag}
	i.expect(runbook.Unknown, "names "+fake.Tag+" already")
}

func TestARecipeThatCommitsWithoutAnUpstream(t *testing.T) {
	i := newInfra(t)
	i.git("branch", "--unset-upstream")
	i.expect(runbook.Failed, "Not bumped")
	i.begin()
	i.commitBump()
	i.expect(runbook.Passed, "in the commit ")
	fake.Write(t, i.world.Checkout.Dir, "more.tf", "x = 1\n")
	i.expect(runbook.Unknown, "more has changed since", "more.tf is untracked")
}

func TestARecipeThatCommitsMore(t *testing.T) {
	i := newInfra(t)
	i.expect(runbook.Failed, "Not bumped")
	i.begin()
	i.commitBump()
	i.commit("more.tf", "x = 1\n")
	i.expect(runbook.Failed, "has 2 commits that origin/main doesn't have, and they are not the bump to "+fake.Tag+" alone", "more.tf is new")
	i.git("push", "--quiet")
	i.expect(runbook.Unknown, "in 2 commits up to", "more has changed since", "more.tf is new")
}

func TestARecipeThatOpensAPullRequest(t *testing.T) {
	for name, merge := range map[string][]string{"merge": {"merge", "--quiet", "--no-ff", "--no-edit", "topic"}, "squash": {"merge", "--quiet", "--squash", "topic"}} {
		t.Run(name, func(t *testing.T) {
			i := newInfra(t)
			i.expect(runbook.Failed, "Not bumped")
			i.begin()
			i.git("checkout", "--quiet", "-b", "topic")
			i.commitBump()
			i.git("push", "--quiet", "--set-upstream", "origin", "topic")
			i.expect(runbook.Failed, `on the branch "topic", not on "main": have its pull request merged, then switch to "main" and pull`)
			i.git("checkout", "--quiet", "main")
			i.facts["bump.request"] = "https://example.org/o/r/pull/7"
			i.expect(runbook.Failed, `The bump is on the branch "`, `and "main" doesn't have it: have https://example.org/o/r/pull/7 merged, then pull`)
			if i.facts["bump.ready"] != "" {
				t.Error("the bump can be run again")
			}
			i.git(merge...)
			if name == "squash" {
				i.git("commit", "--quiet", "--message=bump (#7)")
			}
			i.git("push", "--quiet")
			i.expect(runbook.Passed, "from v1.5.3 to "+fake.Tag, "nothing else is changed.")
		})
	}
}

func TestPulledMeanwhile(t *testing.T) {
	i := newInfra(t)
	i.expect(runbook.Failed, "Not bumped")
	i.commit("others.tf", "x = 1\n")
	i.git("push", "--quiet")
	i.expect(runbook.Failed, "Not bumped")
	if i.facts["bump.ready"] == "" {
		t.Error("others' commits keep the bump from being run")
	}
	i.begin()
	i.commit("others.tf", "x = 2\n")
	i.git("push", "--quiet")
	i.expect(runbook.Failed, "Not bumped") // the command did nothing
	i.begin()
	i.commit("others.tf", "x = 3\n")
	i.commitBump()
	i.git("push", "--quiet")
	i.expect(runbook.Unknown, "main is bumped to "+fake.Tag, "but more has changed", "others.tf", "skip this step and say so")
}

func TestThePullRequestOfTheOutput(t *testing.T) {
	i := newInfra(t)
	in := steps.Input{Params: bumpFixture.params, Facts: i.facts, Before: i.facts, World: i.world}
	for output, want := range map[string]string{
		"remote: Create it\nhttps://github.com/o/r/pull/12\r\ndone": "https://github.com/o/r/pull/12",
		"see https://gitlab.example.org/g/p/-/merge_requests/3":     "https://gitlab.example.org/g/p/-/merge_requests/3",
		"https://github.com/o/r/pull/new/topic":                     "",
	} {
		res := kind(t, "bump").Effect("bump").Finish(t.Context(), in, 0, output)
		if got := res.Facts["bump.request"]; got != want {
			t.Errorf("%q: %q", output, got)
		}
	}
}

// TestBumpsToDigests compares what the version was changed to with the image.
func TestBumpsToDigests(t *testing.T) {
	hex := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	index, amd, arm := hex("a"), hex("b"), hex("c")
	const before = "airflow = \"ghcr.io/o/r:v1.5.3\"\nport = 1\n"
	for _, c := range []struct {
		name, after string
		digest      string
		manifests   string
		verdict     runbook.Verdict
		says        []string
	}{
		{"the image's", "@" + index, index, "", runbook.Passed, []string{"from v1.5.3 to " + fake.Tag}},
		{"a tag and the image's", ":" + fake.Tag + "@" + index, index, "", runbook.Passed, nil},
		{"another", "@" + amd, index, "", runbook.Failed, []string{"the digest sha256:bbbbbbbbbbbb, but " + fake.Tag + " is sha256:aaaaaaaaaaaa in the registry"}},
		{"a tag and another", ":" + fake.Tag + "@" + amd, index, "", runbook.Failed, nil},
		{"not known", "@" + index, "", "", runbook.Unknown, []string{"that of " + fake.Tag + " is unknown: verify the image first"}},
		{"the only platform's", "@" + amd, index, amd + " linux/amd64\n", runbook.Passed, nil},
		{"one platform's of two", "@" + arm, index, amd + " linux/amd64\n" + arm + " linux/arm64\n", runbook.Unknown, []string{"for linux/arm64 alone, one of its 2 platforms"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			i := newInfra(t)
			i.commit("prod/airflow.tf", before)
			i.git("push", "--quiet")
			fake.Write(t, i.world.Checkout.Dir, "prod/airflow.tf", strings.Replace(before, ":v1.5.3", c.after, 1))
			i.facts["image.digest"], i.facts["image.manifests"] = c.digest, c.manifests
			i.expect(c.verdict, c.says...)
		})
	}
	i := newInfra(t)
	i.commit("prod/airflow.tf", "tag = \"v1.5.3\"\ndigest = \""+amd+"\"\n")
	i.git("push", "--quiet")
	fake.Write(t, i.world.Checkout.Dir, "prod/airflow.tf", "tag = \""+fake.Tag+"\"\ndigest = \""+amd+"\"\n")
	i.facts["image.digest"] = index
	i.expect(runbook.Unknown, "a digest near it is not", "it wins over the tag")
	i.facts["image.digest"] = amd
	i.expect(runbook.Passed)
}

func TestIgnoredConfigurationIsShown(t *testing.T) {
	i := newInfra(t)
	i.commit(".gitignore", "*.auto.tfvars\n*_override.tf\n.terraform\nlocal/\n")
	i.git("push", "--quiet")
	for _, name := range []string{"prod/me.auto.tfvars", "prod/x_override.tf", "local/terraform.tfvars.json", ".terraform/modules/a/main.tf", "local/notes.txt"} {
		fake.Write(t, i.world.Checkout.Dir, name, "secret = \"CANARY\"\n")
	}
	in := steps.Input{Params: bumpFixture.params, Facts: i.facts, World: i.world}
	res := kind(t, "bump").Check.Ask(t.Context(), in)
	var seen []string
	for _, e := range res.Evidence {
		if e.Name.String() == "ignored, but read by Terraform" {
			seen = append(seen, e.Value.String())
		}
		if strings.Contains(e.Value.String(), "CANARY") {
			t.Errorf("what is in it is shown: %+v", e)
		}
	}
	if got := strings.Join(seen, " "); got != "local/terraform.tfvars.json prod/me.auto.tfvars prod/x_override.tf" {
		t.Errorf("seen: %s", got)
	}
}
