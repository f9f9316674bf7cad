package settings

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps"
	"catalog-runbook/steps/transport"
)

// commandLimit is how long a command that prints a token may take.
const commandLimit = 10 * time.Second

// Credentials takes credentials from the environment, from `gh auth token`, and from
// the commands and variables that the settings name. There are no flags for them,
// because every process can see flags. Each is registered as a secret before
// anything else is done with it. AirflowMissing has all problems, each with what
// to do about it; the credentials that were had in spite of them are there too. A command that
// prints a token ends with ctx, or after 10 seconds. `gh auth token` is run when the
// token is first asked for: it takes longer than the program does to draw the checklist.
func Credentials(ctx context.Context, s steps.Settings, getenv func(string) string) steps.Credentials {
	c := steps.Credentials{
		AirflowUsername: s.Airflow.Username,
		AirflowPassword: getenv("AIRFLOW_PASSWORD"),
		AirflowToken:    getenv("AIRFLOW_TOKEN"),
		AirflowHeaders:  map[string]string{},
	}
	clean.Secret(c.AirflowPassword, c.AirflowToken)
	if token := cmp.Or(getenv("GH_TOKEN"), getenv("GITHUB_TOKEN")); token != "" {
		c.GitHubToken = transport.NewToken(token)
	} else {
		c.GitHubToken = transport.FindToken(func() string {
			token, _ := printed(ctx, []string{"gh", "auth", "token"}) // no gh, or not signed in: ask without a token
			return token
		})
	}
	byCommand := c.AirflowToken == "" && len(s.Airflow.TokenCommand) > 0
	if byCommand {
		token, err := printed(ctx, s.Airflow.TokenCommand)
		if err == nil && token == "" {
			err = errors.New("it printed nothing")
		}
		if err != nil {
			c.AirflowMissing = append(c.AirflowMissing, say.Hint(fmt.Errorf("running [airflow] token_command: %w", err), "run that command yourself and see what it prints"))
		}
		c.AirflowToken = token
		clean.Secret(token)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Airflow.Headers)) {
		value := s.Airflow.Headers[name]
		if variable, ok := strings.CutPrefix(value, "env:"); ok {
			if value = getenv(variable); value == "" {
				c.AirflowMissing = append(c.AirflowMissing, say.Hint(fmt.Errorf("reading [airflow] headers: %s needs the variable %s, which is unset", name, variable), "set the variable %s", variable))
				continue
			}
		}
		c.AirflowHeaders[name] = value
		clean.Secret(value)
	}
	switch {
	case c.AirflowToken != "":
		c.AirflowUsername, c.AirflowPassword = "", "" // the token identifies the account
	case c.AirflowUsername != "" && c.AirflowPassword == "" && !byCommand:
		c.AirflowMissing = append(c.AirflowMissing, say.Hint(fmt.Errorf("reading Airflow's credentials: no password for the user %q", c.AirflowUsername), "set the variable AIRFLOW_PASSWORD or AIRFLOW_TOKEN"))
	}
	return c
}

// printed returns what a command prints, without the line end.
func printed(ctx context.Context, argv []string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, commandLimit, fmt.Errorf("it didn't finish within %s", commandLimit))
	defer cancel()
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, path, argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that killing it kills its children
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	switch {
	case err != nil && ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", err // half of a token is no token
	}
	return strings.TrimSpace(string(out)), nil
}
