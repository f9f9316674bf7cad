package doctor

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/github"
	"catalog-runbook/steps/kinds"
)

// sender sends requests, and fails the test for one that is not GET or HEAD.
type sender struct {
	t    *testing.T
	mu   sync.Mutex
	sent []string
	base *http.Transport
}

func (s *sender) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.sent = append(s.sent, req.Method+" "+req.URL.Path)
	s.mu.Unlock()
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		s.t.Errorf("%s %s was sent", req.Method, req.URL)
	}
	return s.base.RoundTrip(req)
}

// patient is one with this document and these settings. What is left empty in the
// settings stays so.
func patient(t *testing.T, text string, s steps.Settings, c steps.Credentials, environ ...string) (Setup, *sender) {
	t.Helper()
	doc, err := document.Parse("DEPLOYMENT.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if s.GitHub.APIURL == "" {
		s.GitHub.APIURL = "http://127.0.0.1:1"
	}
	if c.Docker == nil {
		c.Docker = authn.NewMultiKeychain()
	}
	to := &sender{t: t, base: &http.Transport{DisableKeepAlives: true}}
	w, err := steps.Connect(s, c, true, environ, to)
	if err != nil {
		t.Fatal(err)
	}
	return Setup{Bound: steps.Bind(doc, s, kinds.All()), Settings: s, World: w, SettingsFile: "catalog-runbook.toml", Lint: "catalog-runbook lint"}, to
}

// Documents of one step each.
const (
	releases = "1. [Publish](https://github.com/WordPress/openverse-catalog/releases).\n"
	images   = "1. Look for the [tag](https://github.com/wordpress/openverse-catalog/pkgs/container/openverse-catalog).\n"
	idle     = "1. See that [no DAG runs](https://airflow.example.org/dagrun/list/?_flt_3_state=running).\n"
	commands = "1. `just bump prod catalog-airflow`\n"
)

// look returns the findings by their ids.
func look(t *testing.T, p Setup) map[string]Finding {
	t.Helper()
	all := map[string]Finding{}
	for _, f := range Diagnose(t.Context(), p) {
		if f.ID == "" || f.Name.Empty() || f.Found.Empty() || f.For.Empty() || f.State == "" {
			t.Errorf("a finding is not complete: %+v", f)
		}
		if f.State == OK && !f.Next.Empty() {
			t.Errorf("%s: it is in order, and something is to be done: %+v", f.ID, f)
		}
		if f.State != OK && f.Needed && !f.Waits && f.Next.Empty() {
			t.Errorf("%s: there is nothing to do next: %+v", f.ID, f)
		}
		all[f.ID] = f
	}
	return all
}

// want is how a finding must be: its state, "!" where it is needed and "$" where it
// is about credentials, then a part of what was found, and of what is next behind
// "->": "wrong !$ refused -> gh auth login".
func want(t *testing.T, all map[string]Finding, id, is string) {
	t.Helper()
	f, there := all[id]
	if is == "" {
		if there {
			t.Errorf("%s is told: %+v", id, f)
		}
		return
	}
	head := string(f.State) + " "
	if f.Needed {
		head += "!"
	}
	if f.Denied {
		head += "$"
	}
	head = strings.TrimSpace(head)
	wanted, next, _ := strings.Cut(is, " -> ")
	found, ok := strings.CutPrefix(wanted, head)
	if !there || !ok || !strings.Contains(f.Found.String(), strings.TrimSpace(found)) || !strings.Contains(f.Next.String(), next) {
		t.Errorf("%s is\n\t%s %q -> %q, want\n\t%s", id, head, f.Found, f.Next, is)
	}
}

func TestOrderAndSum(t *testing.T) {
	f := func(id string, s State, needed, denied bool) Finding {
		return Finding{ID: id, State: s, Needed: needed, Denied: denied}
	}
	all := []Finding{
		f("fine", OK, true, false), f("nice", Missing, false, true), f("unknown", NotKnown, true, false),
		f("denied", Wrong, true, true), f("missing", Missing, true, false), f("fine too", OK, false, false),
	}
	for n, want := range map[int]Sum{1: Fit, 2: Fit, 3: Unknown, 4: Denied, 5: Impaired, 6: Impaired} {
		if got := Of(all[:n]); got != want {
			t.Errorf("the first %d come to %d, want %d", n, got, want)
		}
	}
	sortByRank(all)
	var order []string
	heading := ""
	for _, f := range all {
		if f.Heading() != heading {
			heading = f.Heading()
			order = append(order, heading+":")
		}
		order = append(order, f.ID)
	}
	if got, want := strings.Join(order, " "), "Blocking: denied missing Couldn't check: unknown Recommended: nice OK: fine fine too"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"https://airflow.example.org/a":             "https://airflow.example.org/a",
		"https://mar:pa/ss@airflow.example.org/a?b": "https://airflow.example.org/a",
		"https://token@host#x":                      "https://host",
		"mar:pass@ghcr.io/owner/name":               "ghcr.io/owner/name",
		"ghcr.io/owner/name":                        "ghcr.io/owner/name",
	} {
		if got := shown(address); got != want {
			t.Errorf("%s is shown as %s, want %s", address, got, want)
		}
	}
	if got := fmt.Sprint(Hidden("https://mar:pa%2Fss@host/a@b")); got != "[mar:pa%2Fss@host/a mar pa/ss]" {
		t.Errorf("hidden are %s", got)
	}
	if got := fmt.Sprint(Hidden("https://airflow.example.org/a?b=c%2Fd")); got != "[c/d]" {
		t.Errorf("hidden are %s", got)
	}
	if got := Hidden("https://airflow.example.org/a"); got != nil {
		t.Errorf("hidden are %s", got)
	}
}

// Questions that never end, and do not listen, hold nothing up.
func TestDiagnoseEnds(t *testing.T) {
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	deaf := Question{About: []Finding{{ID: "deaf", Name: clean.Line("deaf"), Needed: true}}, Ask: func(context.Context) []Finding { <-never; return nil }}
	quick := Question{Ask: func(context.Context) []Finding { return []Finding{{ID: "quick", State: OK}} }}
	p, _ := patient(t, "1. Water the plants.\n", steps.Settings{}, steps.Credentials{})
	p.limit = 50 * time.Millisecond
	check := func(ctx context.Context) {
		t.Helper()
		begin := time.Now()
		all := Diagnose(ctx, p, deaf, quick)
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
		states := map[string]State{}
		for _, f := range all {
			states[f.ID] = f.State
		}
		if states["deaf"] != NotKnown || states["quick"] != OK && ctx.Err() == nil || Of(all) != Unknown {
			t.Errorf("found %+v", all)
		}
	}
	check(t.Context())
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	check(gone)
}

// A document that needs nothing raises no question about services.
func TestNothingIsNeeded(t *testing.T) {
	p, to := patient(t, "1. Water the plants.\n", steps.Settings{}, steps.Credentials{})
	all := look(t, p)
	want(t, all, "document", "ok ! 1 step, settings from catalog-runbook.toml")
	for _, id := range []string{"github", "registry", "airflow", "checkout", "tool.just", "tool.git"} {
		want(t, all, id, "")
	}
	if len(to.sent) > 0 {
		t.Errorf("sent %q", to.sent)
	}
}

func TestWhatADocumentLacks(t *testing.T) {
	p, _ := patient(t, "1. See that no DAG is running in Airflow.\n", steps.Settings{}, steps.Credentials{})
	want(t, look(t, p), "document", "missing ! Airflow's address isn't configured: set url under [airflow] in catalog-runbook.toml -> `catalog-runbook lint` shows")
}

// repository makes a git work tree with one commit on main, and returns its folder.
func repository(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	dir := t.TempDir()
	git(t, dir, "init", "--quiet", "--initial-branch=main")
	git(t, dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "--message=x")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

func TestCheckout(t *testing.T) {
	const private = "remote-password-01"
	for name, tc := range map[string]struct {
		make                           func(t *testing.T) string
		repository                     string
		dir, remote, branch, unchanged string
	}{
		"not named":    {dir: "missing ! no infrastructure checkout configured -> clone the infrastructure repository, and write `directory = \"PATH\"` under [infrastructure] in catalog-runbook.toml"},
		"not there":    {make: func(t *testing.T) string { return filepath.Join(t.TempDir(), "gone") }, dir: "wrong ! no folder -> clone the infrastructure repository there; or correct directory under [infrastructure] in catalog-runbook.toml"},
		"no work tree": {make: func(t *testing.T) string { return t.TempDir() }, dir: "wrong ! not a git work tree -> clone the infrastructure repository to another folder; or correct directory"},
		"not there, and known": {
			make: func(*testing.T) string { return "/srv/is not/there" }, repository: "WordPress/openverse-infrastructure",
			dir: "wrong ! no folder -> `git clone https://github.com/WordPress/openverse-infrastructure.git '/srv/is not/there'`; or correct directory",
		},
		"not there, of an address with a password": {
			make: func(*testing.T) string { return "/srv/nowhere" }, repository: "https://mar:" + private + "@git.example.org/a/b",
			dir: "wrong ! no folder -> `git clone https://git.example.org/a/b /srv/nowhere`; or",
		},
		"no remote, of an address with a password": {
			make: repository, repository: "https://mar:" + private + "@git.example.org/a/b",
			dir: "ok !", remote: "wrong ! must come from https://git.example.org/a/b -> remote add origin https://git.example.org/a/b`", branch: "ok !", unchanged: "ok !",
		},
		"not named, and known elsewhere": {
			repository: "https://git.example.org/a/infrastructure", dir: "missing ! no infrastructure checkout configured -> `git clone https://git.example.org/a/infrastructure PATH`, and write",
		},
		"no commit": {
			make: func(t *testing.T) string {
				dir := t.TempDir()
				git(t, dir, "init", "--quiet")
				return dir
			},
			dir: "wrong ! has no commit yet -> clone the infrastructure repository to another folder",
		},
		"behind, and hidden from git": {
			make: func(t *testing.T) string {
				dir, origin := repository(t), filepath.Join(t.TempDir(), "origin")
				git(t, dir, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--allow-empty", "--message=later")
				git(t, dir, "clone", "--quiet", "--bare", ".", origin)
				git(t, dir, "remote", "add", "origin", origin)
				git(t, dir, "fetch", "--quiet")
				git(t, dir, "branch", "--quiet", "--set-upstream-to=origin/main")
				git(t, dir, "reset", "--quiet", "--hard", "HEAD~1")
				if err := os.WriteFile(filepath.Join(dir, "hidden.tf"), nil, 0o600); err != nil {
					t.Fatal(err)
				}
				git(t, dir, "add", "hidden.tf")
				git(t, dir, "update-index", "--assume-unchanged", "hidden.tf")
				return dir
			},
			dir: "ok !", remote: "missing", branch: "wrong ! main is 1 commit behind origin/main -> pull --ff-only", unchanged: "wrong ! ignore changes to 1 file -> update-index --no-skip-worktree --no-assume-unchanged",
		},
		"no main branch": {
			make: func(t *testing.T) string {
				dir := repository(t)
				git(t, dir, "branch", "--move", "trunk")
				return dir
			},
			dir: "ok !", remote: "missing", branch: "wrong ! neither main nor master exists -> remote set-head origin --auto`; or correct directory", unchanged: "ok !",
		},
		"no remote asked": {make: repository, dir: "ok !", remote: "missing no remote named origin -> infrastructure_repository", branch: "ok ! main", unchanged: "ok ! none"},
		"another remote": {
			make: func(t *testing.T) string {
				dir := repository(t)
				git(t, dir, "remote", "add", "origin", "https://mar:"+private+"@github.com/mar/fork.git")
				return dir
			},
			repository: "WordPress/openverse-infrastructure",
			dir:        "ok !", remote: "wrong ! https://github.com/mar/fork.git is not WordPress/openverse-infrastructure -> correct directory under [infrastructure], or infrastructure_repository under [github], in catalog-runbook.toml", branch: "ok !", unchanged: "ok !",
		},
		"no remote": {
			make: repository, repository: "WordPress/openverse-infrastructure",
			dir: "ok !", remote: "wrong ! no remote named origin -> remote add origin https://github.com/WordPress/openverse-infrastructure.git`", branch: "ok !", unchanged: "ok !",
		},
		"all right": {
			make: func(t *testing.T) string {
				dir := repository(t)
				git(t, dir, "remote", "add", "origin", "git@github.com:wordpress/openverse-infrastructure.git")
				return dir
			},
			repository: "WordPress/openverse-infrastructure",
			dir:        "ok !", remote: "ok ! as the settings say", branch: "ok ! main", unchanged: "ok ! none",
		},
		"elsewhere and changed": {
			make: func(t *testing.T) string {
				dir := repository(t)
				git(t, dir, "switch", "--quiet", "--create", "try-it")
				for i := range 5 {
					if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("\x1b[2J%d.tf", i)), nil, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				return dir
			},
			dir: "ok !", remote: "missing", branch: "wrong ! try-it is checked out; the main branch is main -> switch main", unchanged: "wrong 5 files are changed: ^[[2J0.tf, ^[[2J1.tf, ^[[2J2.tf, … -> status",
		},
		"no branch": {
			make: func(t *testing.T) string {
				dir := repository(t)
				git(t, dir, "switch", "--quiet", "--detach")
				return dir
			},
			dir: "ok !", remote: "missing", branch: "wrong ! no branch is checked out -> switch main", unchanged: "ok !",
		},
	} {
		t.Run(name, func(t *testing.T) {
			var s steps.Settings
			if tc.make != nil {
				s.Infrastructure.Directory = tc.make(t)
			}
			s.GitHub.InfrastructureRepository, s.GitHub.APIURL = tc.repository, github.APIURL
			p, _ := patient(t, commands, s, steps.Credentials{}, "PATH="+os.Getenv("PATH"))
			all := look(t, p)
			want(t, all, "checkout", tc.dir)
			want(t, all, "checkout.remote", tc.remote)
			want(t, all, "checkout.branch", tc.branch)
			want(t, all, "checkout.changes", tc.unchanged)
			if strings.Contains(fmt.Sprint(all), private) {
				t.Errorf("the remote's password is told: %v", all)
			}
		})
	}
}

// path makes a folder with these scripts, and returns it as a PATH.
func path(t *testing.T, scripts map[string]string) (dir, env string) {
	t.Helper()
	dir = t.TempDir()
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir, "PATH=" + dir
}

// The just from npm is a script of Node.js that starts the real one.
func TestLauncher(t *testing.T) {
	for _, known := range []bool{true, false} {
		dir, env := path(t, map[string]string{"git": "echo git version 2.39.5", "terraform": "echo Terraform v1.11.4", "node": "echo just 1.57.0"})
		modules := filepath.Join(t.TempDir(), "node_modules")
		files := map[string]string{"rust-just/lib/index.mjs": "#!" + dir + "/node\nrun()\n"}
		next := "install just (https://just.systems) and put it before the launcher"
		if known {
			files["rust-just-linux-x64/bin/just"] = ""
			next = "put the program that it starts first on your PATH: `export PATH=" + modules + "/rust-just-linux-x64/bin:$PATH`"
		}
		for name, text := range files {
			if err := os.MkdirAll(filepath.Dir(filepath.Join(modules, name)), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(modules, name), []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink(filepath.Join(modules, "rust-just", "lib", "index.mjs"), filepath.Join(dir, "just")); err != nil {
			t.Fatal(err)
		}
		p, _ := patient(t, commands, steps.Settings{}, steps.Credentials{}, env)
		want(t, look(t, p), "tool.just", "wrong just 1.57.0, "+dir+"/just, is the npm launcher -> "+next)
	}
}

func TestTools(t *testing.T) {
	all := map[string]string{"git": "echo git version 2.39.5", "just": "echo just 1.57.0", "terraform": "echo Terraform v1.11.4", "tofu": "echo OpenTofu v1.10.6", "gh": "echo gh version 2.40.0"}
	without := func(names ...string) map[string]string {
		left := map[string]string{}
		for name, script := range all {
			left[name] = script
		}
		for _, name := range names {
			delete(left, name)
		}
		return left
	}
	with := func(name, script string) map[string]string {
		left := without(name)
		left[name] = script
		return left
	}
	for name, tc := range map[string]struct {
		scripts map[string]string
		token   string
		wants   map[string]string
	}{
		"all":               {scripts: all, wants: map[string]string{"tool.git": "ok ! git 2.39.5, DIR/git", "tool.just": "ok ! just 1.57.0, DIR/just", "tool.terraform": "ok ! terraform 1.11.4, DIR/terraform; tofu 1.10.6", "tool.gh": "ok gh 2.40.0"}},
		"no git":            {scripts: without("git"), wants: map[string]string{"tool.git": "missing ! not on the PATH -> install git (https://git-scm.com), or put it"}},
		"no just":           {scripts: without("just"), wants: map[string]string{"tool.just": "missing ! not on the PATH -> install just (https://just.systems), or put it"}},
		"no terraform":      {scripts: without("terraform"), wants: map[string]string{"tool.terraform": "ok ! tofu 1.10.6"}},
		"neither of both":   {scripts: without("terraform", "tofu"), wants: map[string]string{"tool.terraform": "missing ! not on the PATH -> install terraform or tofu"}},
		"no gh":             {scripts: without("gh"), wants: map[string]string{"tool.gh": "missing not on the PATH -> install gh"}},
		"gh is not needed":  {scripts: without("gh"), token: "GH_TOKEN", wants: map[string]string{"tool.gh": "ok not needed: GH_TOKEN is set -> "}},
		"just fails":        {scripts: with("just", "echo token-in-the-output; exit 3"), wants: map[string]string{"tool.just": "wrong ! doesn't work: asking just for its version: exit status 3 -> just --version"}},
		"just hangs":        {scripts: with("just", "while :; do :; done"), wants: map[string]string{"tool.just": "not known ! deadline exceeded -> just --version"}},
		"just has a secret": {scripts: with("just", `echo "${GH_TOKEN-1.0.0}"`), wants: map[string]string{"tool.just": "ok ! just 1.0.0"}},
		"just is quiet":     {scripts: with("just", `echo "$CHECKPOINT_DISABLE.0"`), wants: map[string]string{"tool.just": "ok ! just 1.0"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, env := path(t, tc.scripts)
			p, _ := patient(t, commands, steps.Settings{}, steps.Credentials{}, env, "GH_TOKEN=9.9.9-canary")
			p.GitHub.From = tc.token
			if name == "just hangs" {
				p.limit = 300 * time.Millisecond
			}
			found := look(t, p)
			for id, is := range tc.wants {
				want(t, found, id, strings.ReplaceAll(is, "DIR", dir))
			}
			if text := fmt.Sprint(found); strings.Contains(text, "token-in-the-output") || strings.Contains(text, "canary") {
				t.Errorf("what a tool printed is told: %s", text)
			}
		})
	}
}
