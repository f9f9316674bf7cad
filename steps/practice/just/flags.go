package just

import (
	"flag"
	"io"
	"os"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/shell"
)

// flags are the arguments of Terraform that matter in the practice.
type flags struct {
	out   string // where a plan is saved; "" for nowhere
	saved string // the saved plan that is applied; "" for none
}

// readFlags reads the arguments of `terraform plan` or `terraform apply`: those of
// TF_CLI_ARGS_name in the environment, and then the recipe's own, in the order in which
// Terraform reads them.
func readFlags(r recipe) (flags, error) {
	name := "TF_CLI_ARGS_" + r.name
	words, err := shell.Fields(os.Getenv(name), func(string) string { return "" })
	if err != nil {
		return flags{}, &exitError{code: 1, text: "Error parsing extra CLI args from " + name + ": invalid command line string"}
	}
	for _, line := range r.body {
		own := strings.Fields(line)
		if i := slices.Index(own, r.name); i > 0 && own[0] == "terraform" {
			words = append(words, own[i+1:]...)
		}
	}
	return parseFlags(r.name, words)
}

func parseFlags(command string, words []string) (f flags, err error) {
	// Terraform accepts this flag anywhere, and all others only before the first
	// argument that is not a flag.
	words = slices.DeleteFunc(words, func(w string) bool { return w == "-no-color" })
	set := flag.NewFlagSet(command, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for _, name := range []string{"input", "lock", "refresh"} {
		set.Bool(name, true, "")
	}
	set.Duration("lock-timeout", 0, "")
	set.Int("parallelism", 10, "")
	if command == "plan" {
		set.StringVar(&f.out, "out", "", "")
	}
	err = set.Parse(words)
	switch f.saved = set.Arg(0); {
	case err != nil:
		return f, usageError(command, "Failed to parse command-line flags", err.Error())
	case command == "plan" && set.NArg() > 0:
		return f, usageError(command, "Too many command line arguments", "To specify a working directory for the plan, use the global -chdir flag.")
	case set.NArg() > 1:
		return f, usageError(command, "Too many command line arguments", "Expected at most one positional argument.")
	}
	return f, nil
}

func usageError(command, title, text string) error {
	return &exitError{code: 1, text: terraformError(title, text).Error() + "\n\nFor more help on using this command, run:\n  terraform " + command + " -help"}
}
