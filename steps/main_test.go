package steps_test

import (
	"os"
	"testing"

	"catalog-runbook/steps/practice/just"
	"catalog-runbook/steps/testdata/fake"
)

// TestMain lets the test binary be the practice `just`, as the program is.
func TestMain(m *testing.M) {
	if code, ran := just.Main(os.Args, os.Stdin, os.Stdout, os.Stderr); ran {
		os.Exit(code)
	}
	fake.Main(m)
}
