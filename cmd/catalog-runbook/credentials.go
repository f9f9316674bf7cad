package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

// commandLimit is how long a command that prints a token may take.
const commandLimit = 10 * time.Second

// credentials gathers what the services are asked with: from the environment,
// from `gh auth token`, and from the commands and variables that the settings
// name. There are no flags for them, because flags are seen by every process.
// Every one becomes known as a secret before anything else is done with it.
func credentials(ctx context.Context, s steps.Settings, getenv func(string) string) (steps.Credentials, error) {
	c := steps.Credentials{
		AirflowUsername: s.Airflow.Username,
		AirflowPassword: getenv("AIRFLOW_PASSWORD"),
		AirflowToken:    getenv("AIRFLOW_TOKEN"),
		AirflowHeaders:  map[string]string{},
	}
	defer func() { clean.Secret(c.GitHubToken, c.AirflowPassword, c.AirflowToken) }() // however it ends
	for _, name := range []string{"GH_TOKEN", "GITHUB_TOKEN"} {
		if c.GitHubToken == "" {
			c.GitHubToken = getenv(name)
		}
	}
	if c.GitHubToken == "" {
		c.GitHubToken, _ = printed(ctx, []string{"gh", "auth", "token"}) // no gh, or not signed in: ask without a token
	}
	if c.AirflowToken == "" && len(s.Airflow.TokenCommand) > 0 {
		token, err := printed(ctx, s.Airflow.TokenCommand)
		if err != nil {
			return c, fmt.Errorf("running [airflow] token_command: %w", err)
		}
		c.AirflowToken = token
	}
	for name, value := range s.Airflow.Headers {
		if variable, ok := strings.CutPrefix(value, "env:"); ok {
			if value = getenv(variable); value == "" {
				return c, fmt.Errorf("reading [airflow] headers: %s wants the variable %s, which is not set", name, variable)
			}
		}
		c.AirflowHeaders[name] = value
		clean.Secret(value)
	}
	clean.Secret(c.AirflowPassword) // which is not asked with where there is a token
	switch {
	case c.AirflowToken != "":
		c.AirflowUsername, c.AirflowPassword = "", "" // the token says who asks
	case c.AirflowUsername != "" && c.AirflowPassword == "":
		return c, fmt.Errorf("reading Airflow's credentials: no password for the user %q; hint: set the variable AIRFLOW_PASSWORD or AIRFLOW_TOKEN", c.AirflowUsername)
	}
	return c, nil
}

// printed returns what a command prints, without the line end.
func printed(ctx context.Context, argv []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, path, argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // what it starts ends with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return "", err // what was printed until then is no token
	}
	return strings.TrimSpace(string(out)), nil
}
