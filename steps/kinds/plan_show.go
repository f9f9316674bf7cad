package kinds

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/command"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
)

// programs are those that may have made a plan.
var programs = []string{"terraform", "tofu"}

// mostTried is how many folders with the same configuration are tried. One of
// them is enough, if Terraform was initialised there.
const mostTried = 3

// shown says how a saved plan was read.
type shown struct{ program, version, dir string }

// show writes the exact form of a saved plan into a file beside it. It has to be
// asked for where the providers are: in the folder that the plan was made in,
// which is known by its configuration. A recipe may use either program; the wrong
// one refuses the file.
func show(ctx context.Context, in steps.Input) (shown, error) {
	saved, to := filepath.Join(in.Attempt, savedPlanFile), filepath.Join(in.Attempt, planJSONFile)
	made, err := terraform.ReadConfiguration(saved)
	if err != nil {
		return shown{}, err
	}
	root, err := filepath.EvalSymlinks(in.World.Checkout.Dir)
	if err != nil {
		return shown{}, err
	}
	dirs, err := made.Find(root)
	if err != nil {
		return shown{}, fmt.Errorf("looking for its configuration: %w", err)
	}
	if len(dirs) == 0 {
		return shown{}, fmt.Errorf("its configuration is not in %s", clean.Line(in.World.Checkout.Dir))
	}
	var first error
	for _, dir := range dirs[:min(len(dirs), mostTried)] {
		for _, program := range programs {
			err := writePrivate(to, func(f *os.File) error {
				return command.Ask(ctx, command.Command{Argv: []string{program, "show", "-json", saved}, Dir: dir, Env: asking(in.World.Environ)}, f)
			})
			version := ""
			if err == nil {
				version, err = toolVersion(ctx, in.World, program, dir)
			}
			if err == nil {
				below, err := filepath.Rel(root, dir)
				return shown{program, version, filepath.ToSlash(below)}, err
			}
			first = cmp.Or(first, err)
			if ctx.Err() != nil {
				break
			}
		}
	}
	_ = os.Remove(to) // half of it at the most
	return shown{}, first
}

// readExact reads the exact form of the saved plan. What the plan marks as sensitive
// is known as a secret from here on.
func readExact(ctx context.Context, in steps.Input, looked bool) (terraform.Plan, shown, error) {
	how, err := show(ctx, in)
	if err != nil {
		return terraform.Plan{}, shown{}, err
	}
	plan, err := readPlanFile(ctx, filepath.Join(in.Attempt, planJSONFile), policyOf(in), looked)
	return plan, how, err
}

// readPlanFile reads the JSON of a plan that ended well from a file. looked says
// that all that was printed beside it has been looked at.
func readPlanFile(ctx context.Context, name string, policy terraform.Policy, looked bool) (terraform.Plan, error) {
	f, err := os.Open(name)
	if err != nil {
		return terraform.Plan{}, err
	}
	defer f.Close()
	var secrets []string
	plan, err := exact.Read(bufio.NewReaderSize(reading{ctx, f}, 1<<20), exact.Options{
		Edits: policy.NeedsEdits, Secret: func(s string) { secrets = append(secrets, s) }, Ended: looked,
	})
	clean.Secret(secrets...)
	return plan, err
}

func toolVersion(ctx context.Context, w *steps.World, program, dir string) (string, error) {
	tool, err := command.FindTool(ctx, asking(w.Environ), dir, program, "version", "-json")
	return tool.Version, err
}

// asking is the environment of questions to Terraform: that of commands, without
// what would add arguments, logs or a look for a newer version to them.
func asking(environ []string) []string {
	env := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, "TF_CLI_ARGS") || strings.HasPrefix(entry, "TF_LOG")
	})
	return append(env, "CHECKPOINT_DISABLE=1")
}
