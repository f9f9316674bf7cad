package main

import (
	"catalog-runbook/runbook"
)

// The exit codes. They are part of the command line and never change.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitUnknown     = 3
	exitCredentials = 4
	exitHeld        = 5 // the run is held by another process
	exitDoubt       = 6 // the outcome of a command is unknown
	exitDamaged     = 7 // the journal is damaged
	exitInterrupted = 130
)

// exitError ends the program with a code, after the error's text if there is one.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// exitCode sums up results: a failed one outweighs all else, then missing
// credentials, then anything else that is unknown.
func exitCode(results []runbook.Result) int {
	code := 0
	for _, r := range results {
		switch {
		case r.Verdict == runbook.Failed:
			return exitFailed
		case r.Verdict == runbook.Unknown && r.Denied:
			code = exitCredentials
		case r.Verdict != runbook.Passed && code == 0:
			code = exitUnknown
		}
	}
	return code
}

// asError returns an error with the exit code, nil for 0.
func asError(code int) error {
	if code == 0 {
		return nil
	}
	return exitError{code: code}
}
