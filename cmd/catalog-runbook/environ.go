package main

import (
	"os"
	"os/user"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
)

// commandEnvironment returns the environment of commands: that of the person
// without the variables in own, and with NO_COLOR. It registers the values of
// variables that are secrets by their names, because a command may print them.
func commandEnvironment(s streams, own []string) []string {
	var env []string
	for _, entry := range s.environ() {
		name, value, _ := strings.Cut(entry, "=")
		if clean.SecretName(name) {
			clean.Secret(value)
		}
		if !slices.Contains(own, name) {
			env = append(env, entry)
		}
	}
	return append(env, "NO_COLOR=1")
}

// knownSecrets returns the values that the guard of the terminal masks: the
// credentials in asked, and those that commandEnvironment registers.
func knownSecrets(asked, environ []string) []string {
	secrets := slices.Clone(asked)
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); clean.SecretName(name) {
			secrets = append(secrets, value)
		}
	}
	return secrets
}

// ownVariables returns the variables that commands don't get, because only this
// program needs them.
func ownVariables(s steps.Settings) []string {
	own := []string{"AIRFLOW_PASSWORD", "AIRFLOW_TOKEN"}
	for _, value := range s.Airflow.Headers {
		if variable, ok := strings.CutPrefix(value, "env:"); ok {
			own = append(own, variable)
		}
	}
	return own
}

// actor returns the name under which the journal records what a person does.
func actor(s streams) string {
	name := s.getenv("USER")
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}
