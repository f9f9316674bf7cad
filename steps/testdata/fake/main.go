package fake

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// Main runs the tests of a package and exits. It keeps git and the registry's client
// away from the configuration of the person who runs them, and fails if a goroutine
// is left.
func Main(m *testing.M) {
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
