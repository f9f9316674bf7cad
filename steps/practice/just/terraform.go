package just

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"catalog-runbook/steps/practice/state"
)

// terraformMain acts as the `terraform` of a practice world. It prints its version, saved
// plans and the state. Only the recipes can change anything.
func terraformMain(args []string, stdout io.Writer) error {
	switch {
	case slices.Equal(args, []string{"version", "-json"}):
		_, err := fmt.Fprintf(stdout, "{\n  \"terraform_version\": %q,\n  \"platform\": \"%s_%s\",\n  \"provider_selections\": {},\n  \"terraform_outdated\": false\n}\n",
			terraformVersion, runtime.GOOS, runtime.GOARCH)
		return err
	case slices.Equal(args, []string{"show", "-json"}):
		world, err := state.Open(state.Folder(os.Getenv(ControlVariable)), time.Now)
		if err != nil {
			return terraformError("Failed to load state", err.Error())
		}
		now := world.Deployment()
		return writeJSON("state", makePlan(now, now, time.Now()), stdout)
	case len(args) == 3 && args[0] == "show" && args[1] == "-json":
		p, err := openPlan(args[2])
		if err != nil {
			return terraformError("Failed to read the given file as a state or plan file", "Plan read error: "+err.Error())
		}
		return writeJSON("plan.json.tmpl", p, stdout)
	}
	return &exitError{code: 1, text: fmt.Sprintf("Terraform has no command named %q in a practice world.\n\n"+
		"It knows `version -json` and `show -json [FILE]`; hint: use just for all else", strings.Join(args, " "))}
}

// terraformError returns an error as Terraform prints it: a title, and text that is
// wrapped at 78 columns.
func terraformError(title, text string) error {
	out := "\nError: " + title + "\n"
	width := 0
	for _, word := range strings.Fields(text) {
		if width > 0 && width+1+len(word) <= 78 {
			out, width = out+" "+word, width+1+len(word)
		} else {
			out, width = out+"\n"+word, len(word)
		}
	}
	return &exitError{code: 1, text: out}
}
