package steps_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"catalog-runbook/steps/practice"
)

// TestMain lets the test binary be the practice `just`, as the program is, and
// keeps git and the registry's client away from the configuration of whoever
// runs the tests.
func TestMain(m *testing.M) {
	if code, ran := practice.Main(os.Args, os.Stdin, os.Stdout, os.Stderr); ran {
		os.Exit(code)
	}
	home, err := os.MkdirTemp("", "catalog-runbook-steps-")
	if err != nil {
		panic(err)
	}
	for key, value := range map[string]string{
		"HOME": home, "XDG_CONFIG_HOME": home, "DOCKER_CONFIG": home,
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
	} {
		if err := os.Setenv(key, value); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(home) // an empty folder at most
		os.Exit(code)
	}))
}
