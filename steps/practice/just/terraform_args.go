package just

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// terraformCall is a call of `terraform plan` or `terraform apply`, with the
// arguments that the environment adds to it.
type terraformCall struct {
	dir         string // where Terraform works
	out         string // where a plan is saved; "" for nowhere
	saved       string // the saved plan that is applied; "" for none
	autoApprove bool
}

// terraform reads the call in a recipe's body, as it would be made in dir. A recipe
// that does not call Terraform itself has no arguments of its own.
func (c call) terraform(dir string) (terraformCall, error) {
	command := c.recipe.name
	var own []string
	for i := range c.recipe.body {
		words := strings.Fields(c.line(i))
		if len(words) == 0 || words[0] != "terraform" {
			continue
		}
		for _, word := range words[1:] {
			if below, ok := strings.CutPrefix(word, "-chdir="); ok {
				dir = filepath.Join(dir, filepath.FromSlash(below))
			}
		}
		if at := slices.Index(words, command); at >= 0 {
			own = words[at+1:]
		}
	}
	var words []string
	for _, name := range []string{"TF_CLI_ARGS_" + command, "TF_CLI_ARGS"} { // the general one stands first
		more, err := shellWords(os.Getenv(name))
		if err != nil {
			return terraformCall{}, &exitError{code: 1, text: fmt.Sprintf("Error parsing extra CLI args from %s: %s", name, err)}
		}
		words = append(more, words...)
	}
	return parseTerraform(command, dir, append(words, own...))
}

// path is where a file of the call is.
func (c terraformCall) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(c.dir, file)
}

// everywhere are flags that Terraform takes out of its arguments wherever they
// stand. All others have to stand before what is no flag.
var everywhere = []string{"-no-color", "-compact-warnings"}

// ignored are flags that make no difference in the practice; valued are those whose
// value may be the next word.
var (
	ignored = []string{"-input", "-lock", "-lock-timeout", "-parallelism", "-refresh"}
	valued  = []string{"-out", "-lock-timeout", "-parallelism"}
)

func parseTerraform(command, dir string, words []string) (terraformCall, error) {
	c := terraformCall{dir: dir}
	words = slices.DeleteFunc(words, func(w string) bool { return slices.Contains(everywhere, w) })
	for len(words) > 0 && strings.HasPrefix(words[0], "-") {
		flag, value, joined := strings.Cut(words[0], "=")
		words = words[1:]
		if !joined && slices.Contains(valued, flag) && len(words) > 0 {
			value, words = words[0], words[1:]
		}
		switch {
		case flag == "-out" && command == "plan":
			c.out = value
		case flag == "-auto-approve" && command == "apply":
			c.autoApprove = value != "false"
		case !slices.Contains(ignored, flag):
			return c, usageError(command, "Failed to parse command-line flags", "flag provided but not defined: "+flag)
		}
	}
	switch {
	case command == "plan" && len(words) > 0:
		return c, usageError(command, "Too many command line arguments", "To specify a working directory for the plan, use the global -chdir flag.")
	case len(words) > 1:
		return c, usageError(command, "Too many command line arguments", "Expected at most one positional argument.")
	case len(words) == 1:
		c.saved = words[0]
	}
	return c, nil
}

func usageError(command, title, text string) error {
	return &exitError{code: 1, text: terraformError(title, text).Error() + "\n\nFor more help on using this command, run:\n  terraform " + command + " -help"}
}
