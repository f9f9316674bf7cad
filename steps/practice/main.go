package practice

import (
	"io"

	"catalog-runbook/steps/practice/just"
)

// PaceVariable names the environment variable that stretches the pauses in the
// output of the practice `just`: 1 is the usual pace, 0 prints everything at once.
const PaceVariable = just.PaceVariable

// Main acts as the `just` or the `terraform` of a practice world if the program was
// started under that name and with the world's environment, and returns the exit code
// and true. Else it does nothing and returns false. Call it first in main and in a
// TestMain, with os.Args.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int, ran bool) {
	return just.Main(args, stdin, stdout, stderr)
}
