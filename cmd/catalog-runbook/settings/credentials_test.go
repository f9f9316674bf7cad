package settings

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

func TestGitHubToken(t *testing.T) {
	for name, tc := range map[string]struct {
		env  map[string]string
		gh   string // the fake's script; "" where there is no gh
		want string
	}{
		"GH_TOKEN comes first":   {map[string]string{"GH_TOKEN": "first-0123456789", "GITHUB_TOKEN": "second-0123456789"}, "echo third-0123456789", "first-0123456789"},
		"then GITHUB_TOKEN":      {map[string]string{"GITHUB_TOKEN": "second-0123456789"}, "echo third-0123456789", "second-0123456789"},
		"then gh":                {nil, `[ "$*" = "auth token" ] && echo third-0123456789`, "third-0123456789"},
		"gh is not signed in":    {nil, "echo no oauth token >&2; exit 1", ""},
		"gh prints half, fails":  {nil, "echo half; exit 1", ""},
		"there is no gh":         {nil, "", ""},
		"an empty one is no one": {map[string]string{"GH_TOKEN": ""}, "echo third-0123456789", "third-0123456789"},
	} {
		t.Run(name, func(t *testing.T) {
			fakeProgram(t, "gh", tc.gh)
			c, err := gather(t, steps.Settings{}, lookup(tc.env))
			if err != nil {
				t.Fatal(err)
			}
			if known := c.GitHubToken.Known(); known != "" && tc.env == nil {
				t.Errorf("the token %q was looked for before anyone asked for it", known)
			}
			if got, err := c.GitHubToken.Value(t.Context()); got != tc.want || err != nil {
				t.Errorf("the token is %q, %v, want %q", got, err, tc.want)
			}
			hidden(t, tc.want)
		})
	}
}

func TestAirflowCredentials(t *testing.T) {
	withUser := func(s *steps.Settings) { s.Airflow.Username = "viewer" }
	withCommand := func(s *steps.Settings) { s.Airflow.TokenCommand = []string{"token-tool", "airflow"} }
	for name, tc := range map[string]struct {
		settings              func(*steps.Settings)
		env                   map[string]string
		tool                  string
		user, password, token string
		problem               string
	}{
		"nothing at all":           {},
		"a password":               {settings: withUser, env: map[string]string{"AIRFLOW_PASSWORD": "pass-0123456789"}, user: "viewer", password: "pass-0123456789"},
		"a user and no password":   {settings: withUser, problem: "AIRFLOW_PASSWORD"},
		"a token wins":             {settings: withUser, env: map[string]string{"AIRFLOW_TOKEN": "token-0123456789"}, token: "token-0123456789"},
		"a token from a command":   {settings: withCommand, tool: `[ "$1" = airflow ] && echo made-0123456789`, token: "made-0123456789"},
		"the variable comes first": {settings: withCommand, env: map[string]string{"AIRFLOW_TOKEN": "token-0123456789"}, tool: "exit 1", token: "token-0123456789"},
		"the command fails":        {settings: withCommand, tool: "echo half; exit 3", problem: "token_command: exit status 3"},
		"there is no command":      {settings: withCommand, problem: "token_command"},
		"the command is silent":    {settings: withCommand, tool: "echo", problem: "token_command: it printed nothing; hint: run that command yourself"},
	} {
		t.Run(name, func(t *testing.T) {
			fakeProgram(t, "token-tool", tc.tool)
			var s steps.Settings
			if tc.settings != nil {
				tc.settings(&s)
			}
			c, err := gather(t, s, lookup(tc.env))
			if tc.problem != "" {
				if err == nil || !strings.Contains(err.Error(), tc.problem) {
					t.Fatalf("the error is %v, want one about %s", err, tc.problem)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if c.AirflowUsername != tc.user || c.AirflowPassword != tc.password || c.AirflowToken != tc.token {
				t.Errorf("got user %q, password %q, token %q", c.AirflowUsername, c.AirflowPassword, c.AirflowToken)
			}
			hidden(t, tc.password)
			hidden(t, tc.token)
		})
	}
}

func TestAirflowHeaders(t *testing.T) {
	fakeProgram(t, "", "")
	var s steps.Settings
	s.Airflow.Headers = map[string]string{"CF-Access-Client-Id": "id-0123456789", "CF-Access-Client-Secret": "env:PROXY_SECRET"}
	c, err := gather(t, s, lookup(map[string]string{"PROXY_SECRET": "proxy-0123456789"}))
	if err != nil {
		t.Fatal(err)
	}
	if c.AirflowHeaders["CF-Access-Client-Id"] != "id-0123456789" || c.AirflowHeaders["CF-Access-Client-Secret"] != "proxy-0123456789" {
		t.Errorf("the headers are %v", c.AirflowHeaders)
	}
	hidden(t, "proxy-0123456789")
	if _, err := gather(t, s, lookup(nil)); err == nil || !strings.Contains(err.Error(), "PROXY_SECRET") {
		t.Errorf("the error is %v, want one about the variable that is not set", err)
	}
}

// All missing credentials are reported, and the others are returned.
func TestAllCredentialProblems(t *testing.T) {
	fakeProgram(t, "token-tool", "exit 3")
	for name, tc := range map[string]struct {
		command []string
		want    string
	}{
		"a password":      {nil, "reading [airflow] headers: A needs the variable ONE, which is unset; hint: set the variable ONE\nreading [airflow] headers: B needs the variable TWO, which is unset; hint: set the variable TWO\nreading Airflow's credentials: no password for the user \"mar\"; hint: set the variable AIRFLOW_PASSWORD or AIRFLOW_TOKEN"},
		"a token command": {[]string{"token-tool"}, "running [airflow] token_command: exit status 3; hint: run that command yourself and see what it prints\nreading [airflow] headers: A needs the variable ONE, which is unset; hint: set the variable ONE\nreading [airflow] headers: B needs the variable TWO, which is unset; hint: set the variable TWO"},
	} {
		t.Run(name, func(t *testing.T) {
			var s steps.Settings
			s.Airflow.Username, s.Airflow.TokenCommand = "mar", tc.command
			s.Airflow.Headers = map[string]string{"B": "env:TWO", "A": "env:ONE", "C": "given-0123456789"}
			env := lookup(map[string]string{"GH_TOKEN": "hub-0123456789"})
			c := Credentials(t.Context(), s, env)
			if got := errors.Join(c.AirflowMissing...).Error(); got != tc.want {
				t.Errorf("the problems are\n%s\nwant\n%s", got, tc.want)
			}
			if c.GitHubToken.Known() != "hub-0123456789" || len(c.AirflowHeaders) != 1 {
				t.Errorf("got %d headers, and the token %q", len(c.AirflowHeaders), c.GitHubToken.Known())
			}
			hidden(t, "given-0123456789")
			if _, err := gather(t, s, env); err == nil || err.Error() != c.AirflowMissing[0].Error() {
				t.Errorf("the error is %v, want the first problem", err)
			}
		})
	}
}

// A command that prints a token but doesn't exit is killed, and the error says so.
func TestTokenCommandIsStopped(t *testing.T) {
	fakeProgram(t, "token-tool", "echo half-0123456789; while :; do :; done")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errors.New("it took too long"))
	defer cancel()
	if token, err := printed(ctx, []string{"token-tool"}); token != "" || err == nil || err.Error() != "it took too long" {
		t.Errorf("it printed %q, and the error is %v", token, err)
	}
}

// gather returns the first problem as an error.
func gather(t *testing.T, s steps.Settings, getenv func(string) string) (steps.Credentials, error) {
	c := Credentials(t.Context(), s, getenv)
	if len(c.AirflowMissing) > 0 {
		return c, c.AirflowMissing[0]
	}
	return c, nil
}

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// hidden fails unless the secret is masked in every text that may be shown.
func hidden(t *testing.T, secret string) {
	t.Helper()
	if secret != "" && strings.Contains(clean.Line("it is "+secret+" indeed").String(), secret) {
		t.Errorf("%q is not masked", secret)
	}
}

// fakeProgram makes a PATH on which this shell script is the only program
// besides the shell's own; an empty script leaves the PATH empty.
func fakeProgram(t *testing.T, name, script string) {
	t.Helper()
	dir := t.TempDir()
	if script != "" {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}
