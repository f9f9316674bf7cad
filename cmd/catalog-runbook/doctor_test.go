package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/doctor"
	"catalog-runbook/steps/practice"
)

var updateDoctor = flag.Bool("update-doctor", false, "write what doctor says now into testdata")

// wantDoctorShape is a promise to whoever reads the JSON.
const wantDoctorShape = `{title: string, document: string, settings: string, findings: [{id: string, name: string, state: string, needed: boolean, found: string, needed_for: string, next: string}], exit: number}`

// machine is a place to run doctor in: its PATH has git and these scripts only.
type machine struct {
	settings string
	env      map[string]string
	home     string
}

func newMachine(t *testing.T, set string, scripts map[string]string) machine {
	t.Helper()
	bin := t.TempDir()
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("SKIPPED: git is not on the PATH")
	}
	if err := os.Symlink(git, filepath.Join(bin, "git")); err != nil {
		t.Fatal(err)
	}
	for name, script := range scripts {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	m := machine{settings: writeFile(t, settings.FileName, set), home: t.TempDir()}
	m.env = map[string]string{"PATH": bin, "HOME": m.home, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
	t.Chdir(t.TempDir())
	t.Setenv("PATH", bin)
	t.Setenv("HOME", m.home)
	return m
}

func (m machine) streams(out, talk *bytes.Buffer) streams {
	return streams{
		in: os.Stdin, out: out, err: talk,
		environ: func() (all []string) {
			for name, value := range m.env {
				all = append(all, name+"="+value)
			}
			return all
		},
		getenv: func(name string) string { return m.env[name] },
	}
}

// run returns the exit code and everything that was written.
func (m machine) run(args ...string) (code int, out, talk string) {
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"catalog-runbook", "doctor", "--settings", m.settings}, args...), m.streams(&stdout, &stderr))
	return code, stdout.String(), stderr.String()
}

var usualTools = map[string]string{"just": "echo just 1.57.0", "terraform": "echo Terraform v1.11.4", "gh": `[ "$1" = --version ] && echo gh version 2.40.0`}

func inPractice(t *testing.T, w *practice.World, more string, scripts map[string]string) machine {
	t.Helper()
	m := newMachine(t, strings.Replace(worldSettings(w), "[airflow]\n", "[airflow]\n"+more, 1), scripts)
	m.env["GH_TOKEN"], m.env["AIRFLOW_PASSWORD"] = w.GitHubToken(), w.AirflowPassword()
	return m
}

func TestDoctorJSON(t *testing.T) {
	m := inPractice(t, startPractice(t, "calm"), "expected_dags = 2\n", usualTools)
	code, out, talk := m.run("--json")
	if got := shape(t, json.NewDecoder(strings.NewReader(out))); got != wantDoctorShape {
		t.Errorf("the shape is\n%s\nwant\n%s", got, wantDoctorShape)
	}
	var answer struct {
		Settings string
		Findings []struct{ ID, State string }
		Exit     int
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	if code != 0 || answer.Exit != code || answer.Settings != m.settings {
		t.Errorf("exit code %d, settings %s\n%s%s", code, answer.Settings, out, talk)
	}
	states := map[string]string{}
	for _, f := range answer.Findings {
		states[f.ID] = f.State
	}
	for id, want := range map[string]string{
		"document": "ok", "github": "ok", "github.token": "ok", "github.quota": "ok", "github.repository": "ok",
		"registry": "ok", "registry.account": "ok", "registry.image": "ok",
		"airflow": "wrong", "airflow.health": "ok", "airflow.account": "ok", "airflow.dags": "ok", "airflow.imports": "ok", "airflow.paused": "ok",
		"checkout": "ok", "checkout.remote": "missing", "checkout.branch": "ok", "checkout.changes": "ok",
		"tool.git": "ok", "tool.just": "ok", "tool.terraform": "ok", "tool.gh": "ok",
		"database": "missing", "runs": "ok", "runs.unsettled": "ok", "terminal": "not known",
	} {
		if states[id] != want {
			t.Errorf("%s is %q, want %q", id, states[id], want)
		}
		delete(states, id)
	}
	if len(states) > 0 {
		t.Errorf("besides, there are %v", states)
	}
}

// changing are the parts of what was found that are others each time.
var changing = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:8080"},
	{regexp.MustCompile(`/\S*/openverse-infrastructure\b`), "/srv/openverse-infrastructure"},
	{regexp.MustCompile(`at [0-9a-f]{12}$`), "at 0123456789ab"},
	{regexp.MustCompile(`/\S*/\.local/state`), "/home/mar/.local/state"},
	{regexp.MustCompile(`(^| )/\S*/(git|just|terraform|tofu|gh)\b`), "$1/usr/bin/$2"},
	{regexp.MustCompile(`git \d[0-9.]*`), "git 2.39.5"},
	{regexp.MustCompile(`/\S*/catalog-runbook\.toml`), "/home/mar/catalog-runbook.toml"},
	{regexp.MustCompile(`[0-9.]+ [GM]iB free`), "40 GiB free"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?`), "2026-05-04$1"},
	{regexp.MustCompile(`2026-05-04 \d\d:\d\d UTC`), "2026-05-04 12:00 UTC"},
}

func settled(text clean.Text) clean.Text {
	s := text.String()
	for _, c := range changing {
		s = c.pattern.ReplaceAllString(s, c.with)
	}
	return clean.Line(s)
}

// What doctor says, as text: of a machine that is fit, of one where much is missing,
// and of one that reaches nothing.
func TestDoctorText(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T) machine{
		"fit": func(t *testing.T) machine {
			return inPractice(t, startPractice(t, "calm"), "expected_dags = 2\n", usualTools)
		},
		"new": func(t *testing.T) machine { return newMachine(t, nowhere(t), nil) },
		"half": func(t *testing.T) machine {
			m := inPractice(t, startPractice(t, "calm"), "", map[string]string{"just": "exit 1", "tofu": "echo OpenTofu v1.10.6"})
			m.env["AIRFLOW_PASSWORD"], m.env["GH_TOKEN"] = "", ""
			return m
		},
	} {
		t.Run(name, func(t *testing.T) {
			golden, err := filepath.Abs(filepath.Join("testdata", "doctor", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			m := prepare(t)
			var stdout, stderr bytes.Buffer
			l, err := source{Settings: m.settings}.load()
			if err != nil {
				t.Fatal(err)
			}
			found, err := examine(t.Context(), m.streams(&stdout, &stderr), l)
			if err != nil {
				t.Fatal(err)
			}
			for i := range found {
				found[i].Found, found[i].Next = settled(found[i].Found), settled(found[i].Next)
			}
			if err := writeDoctor(&stdout, doctorOutput{Title: l.bound.Document.Title, Document: clean.Line(l.bound.Document.Name), Findings: found}, 80, false); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(stdout.String()) {
				words := unbroken(strings.TrimPrefix(strings.TrimSpace(line), "next: "))
				if len(words) > 1 && ansi.StringWidth(strings.TrimSuffix(line, "\n")) > 80 {
					t.Errorf("wider than 80 cells: %s", line)
				}
			}
			if *updateDoctor {
				if err := os.WriteFile(golden, stdout.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(stdout.Bytes(), want) {
				t.Errorf("%s is not what it was; look at what differs, then run the test with -args -update-doctor\n%s", golden, stdout.Bytes())
			}
		})
	}
}

// nowhere are settings for services that nobody listens at.
func nowhere(t *testing.T) string {
	t.Helper()
	return "[github]\napi_url = \"http://127.0.0.1:1\"\n[image]\nreference = \"127.0.0.1:1/owner/name\"\n[airflow]\nurl = \"http://127.0.0.1:1\"\n"
}

// Wherever a secret can be, it is in nothing that is written. Every machine has
// secrets of its own, since one that is known from elsewhere would be masked.
func TestDoctorKeepsSecrets(t *testing.T) {
	w := startPractice(t, "calm")
	host, _, _ := strings.Cut(w.Image(), "/")
	trusted := fmt.Sprintf("url = %q\n", w.AirflowURL())
	for name, settings := range map[string]func(c *canaries) (api, image, airflow string){
		"a token command": func(*canaries) (string, string, string) {
			return w.GitHubURL(), host + "/other/image", trusted + `token_command = ["token-tool"]`
		},
		"a token command that fails": func(*canaries) (string, string, string) {
			return w.GitHubURL(), host + "/other/image", trusted + `token_command = ["loud-tool"]`
		},
		"a password": func(c *canaries) (string, string, string) {
			return w.GitHubURL(), "mar:" + c.new() + "@" + host + "/other/image", trusted + `username = "mar"`
		},
		"no password": func(c *canaries) (string, string, string) {
			c.short = true // nobody can mask a value of a few letters: it must not be repeated at all
			return "http://mar:" + c.new() + "@" + strings.TrimPrefix(w.GitHubURL(), "http://"), c.new() + "@ghcr.io/a/b", trusted + `username = "mar"`
		},
		"addresses where nobody responds": func(c *canaries) (string, string, string) {
			return "http://mar:" + url.PathEscape(c.new()) + "@127.0.0.1:1", w.Image(), fmt.Sprintf("url = %q", "http://"+c.new()+"@127.0.0.1:1/x?key="+c.new())
		},
		"an address that cannot be read": func(c *canaries) (string, string, string) {
			return "http://mar:" + c.new() + "@127.0.0.1:1", w.Image(), trusted
		},
		"addresses that are none": func(c *canaries) (string, string, string) {
			return w.GitHubURL() + "?key=" + c.new(), c.new() + "@:x", fmt.Sprintf("url = %q", "https://mar:%zz"+c.new()+"@[host")
		},
	} {
		for _, token := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, %v", name, token), func(t *testing.T) {
				c := &canaries{t: t, name: fmt.Sprintf("%x", name)[:20]}
				api, image, airflow := settings(c)
				m := c.machine(w, api, image, airflow)
				if token {
					m.env["GITHUB_TOKEN"] = c.new()
				}
				if name == "no password" {
					delete(m.env, "AIRFLOW_PASSWORD")
				}
				for _, args := range [][]string{nil, {"--json"}} {
					code, out, talk := m.run(args...)
					if code != exitFailed && code != exitCredentials || out == "" {
						t.Errorf("exit code %d\n%s%s", code, out, talk)
					}
					c.notIn(out + talk)
				}
			})
		}
	}
}

// canaries are secrets that are looked for.
type canaries struct {
	t     *testing.T
	name  string
	short bool // of the next ones
	all   []string
}

func (c *canaries) new() string {
	one := fmt.Sprintf("Zq%d%s/Qw7+", len(c.all), c.name)
	if c.short {
		one = fmt.Sprintf("Zq%dx", len(c.all))
	}
	c.all = append(c.all, one)
	return one
}

func (c *canaries) notIn(text string) {
	c.t.Helper()
	for i, one := range c.all {
		whole := base64.StdEncoding.EncodeToString([]byte("mar:" + one))
		for _, form := range []string{one, url.QueryEscape(one), url.PathEscape(one), base64.StdEncoding.EncodeToString([]byte(one)), whole} {
			if strings.Contains(text, form) {
				c.t.Errorf("canary %d is written as %s\n%s", i, form, text)
			}
		}
	}
	if i := strings.Index(text, c.name); i >= 0 {
		c.t.Errorf("a part of a canary is written: …%s\n%s", text[max(0, i-20):i+20], text)
	}
}

// machine has a canary in every place where a secret can be.
func (c *canaries) machine(w *practice.World, api, image, airflow string) machine {
	t := c.t
	t.Helper()
	short := c.short
	c.short = false
	defer func() { c.short = short }()
	checkout := filepath.Join(t.TempDir(), "checkout")
	for _, args := range [][]string{
		{"init", "--quiet", checkout},
		{"-C", checkout, "remote", "add", "origin", "https://mar:" + url.PathEscape(c.new()) + "@github.com/owner/infrastructure.git"},
	} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	host, _, _ := strings.Cut(w.Image(), "/")
	docker := t.TempDir()
	auth := base64.StdEncoding.EncodeToString([]byte("mar:" + c.new()))
	if err := os.WriteFile(filepath.Join(docker, "config.json"), fmt.Appendf(nil, `{"auths":{%q:{"auth":%q}}}`, host, auth), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DOCKER_CONFIG", docker)
	printed := c.new()
	loud := "echo '" + printed + " 1.0.0'; echo '" + printed + "' >&2; exit 1"
	m := newMachine(t, fmt.Sprintf("[github]\napi_url = %q\nrepository = %q\ninfrastructure_repository = %q\n[image]\nreference = %q\nplain_http = %t\n[airflow]\n%s\nheaders = { X-One = %q, X-Two = \"env:PROXY_SECRET\" }\n[infrastructure]\ndirectory = %q\n",
		api, w.Repository(), "https://mar:"+c.new()+"@github.com/owner/infrastructure", image, strings.HasPrefix(image, host+"/"), airflow, c.new(), checkout),
		map[string]string{
			"token-tool": "echo '" + c.new() + "'; echo '" + printed + "' >&2", "loud-tool": loud, "just": loud, "terraform": loud, "tofu": loud,
			"gh": "[ \"$1\" = auth ] && echo '" + c.new() + "' && exit; " + loud,
		})
	for _, name := range []string{"PROXY_SECRET", "AIRFLOW_PASSWORD", "SOME_PASSWORD"} {
		m.env[name] = c.new()
	}
	return m
}

func TestDoctorExit(t *testing.T) {
	f := func(s doctor.State, denied bool) []doctor.Finding {
		return []doctor.Finding{{State: s, Needed: true, Denied: denied}}
	}
	for want, found := range map[int][]doctor.Finding{
		0: f(doctor.OK, false), exitFailed: f(doctor.Missing, false), exitUnknown: f(doctor.NotKnown, false), exitCredentials: f(doctor.Wrong, true),
	} {
		if got := doctorExits[doctor.Of(found)]; got != want {
			t.Errorf("%+v ends with %d, want %d", found, got, want)
		}
	}
}

// No word and nothing between backticks is divided.
func TestUnbroken(t *testing.T) {
	for text, want := range map[string]string{
		"a  b c":                       "a|b|c",
		"run `git -C '/a  b' x`; or y": "run|`git -C '/a  b' x`;|or|y",
		"`a b`":                        "`a b`",
		"`a b` and `c d`":              "`a b`|and|`c d`",
		"a ` b c":                      "a|`|b|c",
		"`a` b ` c d":                  "`a`|b|`|c|d",
		"":                             "",
	} {
		if got := strings.Join(unbroken(text), "|"); got != want {
			t.Errorf("%q is divided into %s, want %s", text, got, want)
		}
	}
}

// The last sentence names what to look at, each once.
func TestDoctorSum(t *testing.T) {
	f := func(name string, s doctor.State, needed bool) doctor.Finding {
		return doctor.Finding{Name: clean.Line(name), State: s, Needed: needed}
	}
	waits := f("DAGs", doctor.NotKnown, true)
	waits.Waits = true
	ok, nice := f("git", doctor.OK, true), f("gh", doctor.Missing, false)
	account, just, hub := f("Airflow account", doctor.Missing, true), f("just", doctor.Wrong, true), f("GitHub", doctor.NotKnown, true)
	for want, found := range map[string][]doctor.Finding{
		"Everything this runbook needs is in place.":         {ok, nice},
		"Blocking: Airflow account, just.":                   {account, account, just, waits, nice},
		"Blocking: just. Couldn't check: GitHub.":            {just, hub},
		"Nothing known is blocking. Couldn't check: GitHub.": {hub, waits, ok},
	} {
		if got := doctorSum(found); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}

// No word is divided and no line is too wide, at any width; what has two cells
// counts as two.
func TestWrapped(t *testing.T) {
	const text = "a 大小 lock 🔒 and `just plan prod` for-a-word-that-is-longer-than-the-line"
	for width := 1; width < 100; width++ {
		var b strings.Builder
		wrapped(&b, "next: ", text, width)
		if got := strings.Join(strings.Fields(b.String()), " "); got != "next: "+text {
			t.Fatalf("at %d: %q", width, got)
		}
		for line := range strings.Lines(b.String()) {
			if line = strings.TrimSuffix(line, "\n"); ansi.StringWidth(line) > width && len(unbroken(strings.TrimSpace(strings.TrimPrefix(line, "next: ")))) > 1 {
				t.Errorf("at %d, a line is too wide: %q", width, line)
			}
		}
	}
}

// On a terminal its size is told, and the lock is drawn for a person to look at.
func TestDoctorOnATerminal(t *testing.T) {
	document := writeFile(t, "plants.md", "1. Water the plants.\n")
	term := onTerminal(t, 100, 40, nil, []string{"doctor", document}, nil)
	if code := term.end(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	screen := term.text()
	if !showsAll(screen, []string{"xterm-256color, 100x40", "256 colors", "🔒|", "ab|"}) {
		t.Errorf("the screen is\n%s", screen)
	}
	if asked := queries.FindAllString(term.bytes(), -1); len(asked) > 0 || strings.Contains(term.bytes(), "\x1b") {
		t.Errorf("the terminal was sent more than text: %q", term.bytes())
	}
	for name, tc := range map[string]struct {
		columns, rows int
		environ       []string
		says          string
	}{
		"small": {30, 10, nil, "enlarge the window"},
		"dumb":  {80, 40, []string{"TERM=dumb"}, "export TERM=xterm-256color"},
		"ASCII": {80, 40, []string{"LANG=C"}, "export LANG=C.UTF-8"},
		"plain": {80, 40, []string{"NO_COLOR=1"}, "no colors because of NO_COLOR"},
	} {
		t.Run(name, func(t *testing.T) {
			term := onTerminal(t, tc.columns, tc.rows, tc.environ, []string{"doctor", document}, nil)
			if code := term.end(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if text := strings.Join(strings.Fields(term.bytes()), " "); !strings.Contains(text, tc.says) {
				t.Errorf("it does not say %q:\n%s", tc.says, text)
			}
		})
	}
}
