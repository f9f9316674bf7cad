package just

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// terraformMain is the `terraform` of a practice world. It says what it is and
// shows saved plans; whatever changes something, only the recipes can do.
func terraformMain(args []string, stdout io.Writer) error {
	switch {
	case slices.Equal(args, []string{"version", "-json"}):
		_, err := fmt.Fprintf(stdout, "{\n  \"terraform_version\": %q,\n  \"platform\": \"%s_%s\",\n  \"provider_selections\": {},\n  \"terraform_outdated\": false\n}\n",
			terraformVersion, runtime.GOOS, runtime.GOARCH)
		return err
	case slices.Equal(args, []string{"version"}):
		_, err := fmt.Fprintf(stdout, "Terraform v%s\non %s_%s\n", terraformVersion, runtime.GOOS, runtime.GOARCH)
		return err
	case len(args) == 3 && args[0] == "show" && args[1] == "-json":
		p, err := openPlan(args[2])
		if err != nil {
			return terraformError("Failed to read the given file as a state or plan file", "Plan read error: "+err.Error())
		}
		return p.writeJSON(stdout)
	case len(args) == 0:
		return &exitError{code: 127, text: "Usage: terraform version [-json] | show -json FILE"}
	default:
		return &exitError{code: 1, text: fmt.Sprintf("Terraform has no command named %q in a practice world.\n\n"+
			"It knows `version` and `show -json FILE`; hint: use just for all else", strings.Join(args, " "))}
	}
}
