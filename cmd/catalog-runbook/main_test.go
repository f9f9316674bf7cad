package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"catalog-runbook/steps/command"
	"catalog-runbook/steps/practice"
)

// TestMain makes the test binary what the tests start: the practice `just`, our
// own program, and a program that does nothing but links the same packages.
func TestMain(m *testing.M) {
	if code, ran := command.Supervise(os.Args, os.Stdin); ran {
		os.Exit(code)
	}
	if code, ran := practice.Main(os.Args, os.Stdin, os.Stdout, os.Stderr); ran {
		os.Exit(code)
	}
	testscript.Main(m, map[string]func(){
		"catalog-runbook": main,
		"empty-program":   func() {},
		"headless-walk":   headlessWalk,
	})
}
