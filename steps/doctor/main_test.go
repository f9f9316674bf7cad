package doctor

import (
	"os"
	"testing"

	"catalog-runbook/steps/practice/just"
)

// TestMain lets the test binary be the practice world's `just`.
func TestMain(m *testing.M) {
	if code, ran := just.Main(os.Args, os.Stdin, os.Stdout, os.Stderr); ran {
		os.Exit(code)
	}
	os.Exit(m.Run())
}
