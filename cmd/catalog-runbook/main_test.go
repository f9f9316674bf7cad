package main

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"catalog-runbook/steps/command"
	"catalog-runbook/steps/practice/just"
)

// long makes the tests that try many cases try all that .ci/run tries.
var long = flag.Bool("long", false, "try as many cases as .ci/run does")

// parallel is how many tests run at the same time; see speed_test.go.
var parallel = runtime.GOMAXPROCS(0)

// TestMain makes the test binary what the tests start: the practice `just`, our
// own program, and a program that does nothing but links the same packages.
func TestMain(m *testing.M) {
	if code, ran := command.Supervise(os.Args, os.Stdin); ran {
		os.Exit(code)
	}
	if code, ran := just.Main(os.Args, os.Stdin, os.Stdout, os.Stderr); ran {
		os.Exit(code)
	}
	if err := flag.Set("test.parallel", strconv.Itoa(parallel)); err != nil {
		panic(err)
	}
	testscript.Main(cleaning{m}, map[string]func(){
		"catalog-runbook": main,
		"empty-program":   func() {},
		"headless-walk":   headlessWalk,
	})
}

// cleaning removes what the tests share once all of them have run.
type cleaning struct{ *testing.M }

func (c cleaning) Run() int {
	code := c.M.Run()
	if built.program != "" {
		_ = os.RemoveAll(filepath.Dir(built.program)) // a folder of TMPDIR at worst
	}
	return code
}
