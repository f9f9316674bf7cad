package tui

import (
	"flag"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"catalog-runbook/steps/practice/just"
)

var update = flag.Bool("update", false, "write the golden files again")

// long makes the tests that try many cases try all that .ci/run tries.
var long = flag.Bool("long", false, "try as many cases as .ci/run does")

// TestMain lets the test binary be the practice `just`, as the program is, and
// takes away what the surroundings say about the terminal and the time.
func TestMain(m *testing.M) {
	if code, ran := just.Main(os.Args, os.Stdin, os.Stdout, os.Stderr); ran {
		os.Exit(code)
	}
	for _, name := range []string{"RUNEWIDTH_EASTASIAN", "COLORFGBG", "CI"} {
		os.Unsetenv(name)
	}
	os.Setenv("TZ", "UTC")
	os.Setenv("LC_ALL", "C.UTF-8")
	time.Local = time.UTC
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/dlclark/regexp2.runClock")) // ends by itself, some time after the last use
}
