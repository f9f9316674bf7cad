package kinds

import (
	"context"
	"strconv"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/steps"
	"catalog-runbook/steps/justfile"
)

// justCommand returns the command `just RECIPE ENVIRONMENT SERVICE` that a step tells to
// run, or nil if there is none.
func justCommand(s *document.Step, recipe string) []string {
	for i := range s.Commands {
		c := &s.Commands[i]
		if argv := c.Argv; len(argv) == 4 && argv[1] == recipe && argv[0] == "just" && c.Negated == "" {
			return argv
		}
	}
	return nil
}

// justMatch returns the match of a step with that command, or false if it is nil.
func justMatch(argv []string) (steps.Match, bool) {
	if argv == nil {
		return steps.Match{}, false
	}
	return steps.Match{By: steps.ByCommand, Command: argv, Params: steps.Params{"environment": argv[2], "service": argv[3]}}, true
}

// just returns the argument list of a recipe of the infrastructure repository.
func just(recipe string, p steps.Params) []string {
	return []string{"just", recipe, p["environment"], p["service"]}
}

// saysYes makes just answer the [confirm] of a recipe with yes: an effect runs only after
// a person has typed its confirmation. It adds that to the variables of prepare, which
// may be nil. just takes no other word than true or false (just 1.57, --yes).
func saysYes(prepare func(context.Context, steps.Input) ([]string, error)) func(context.Context, steps.Input) ([]string, error) {
	return func(ctx context.Context, in steps.Input) ([]string, error) {
		var env []string
		if prepare != nil {
			var err error
			if env, err = prepare(ctx, in); err != nil {
				return nil, err
			}
		}
		return append(env, "JUST_YES=true"), nil
	}
}

// confirmations returns a function that returns what the [confirm] of a recipe asks.
func confirmations(recipe string) func(context.Context, steps.Input) []clean.Text {
	return func(ctx context.Context, in steps.Input) (all []clean.Text) {
		file, err := justfile.Read(ctx, in.World.Checkout.Dir, in.World.Environ)
		if err != nil {
			return nil // just asks nothing, or Prepare has said so
		}
		for _, question := range file.Confirmations(recipe) {
			all = append(all, clean.Line(question))
		}
		return all
	}
}

// infrastructureParams are the parameters of the kinds that run just.
var infrastructureParams = []steps.Param{
	{Name: "environment", Doc: "the environment", Required: true, Setting: "[infrastructure] environment", Accepts: justArgument},
	{Name: "service", Doc: "the service", Required: true, Setting: "[infrastructure] service", Accepts: justArgument},
}

// justArgument reports whether just can't take a name for an option or a variable: the
// name has only letters, digits, ".", "_" and "-", and begins with a letter or a digit.
// Nor is it a number that the launcher from npm would write in another way, such as 1.10.
func justArgument(name string) bool {
	if name != "" && (name[0] <= '9' || name[0]|0x20 == 'i' || name[0]|0x20 == 'n') { // a digit, "inf" or "nan"
		if n, err := strconv.ParseFloat(name, 64); err == nil && strconv.FormatFloat(n, 'f', -1, 64) != name {
			return false
		}
		if n, err := strconv.ParseInt(name, 0, 64); err == nil && strconv.FormatInt(n, 10) != name {
			return false
		}
	}
	for i := range len(name) {
		switch c := name[i]; {
		case '0' <= c && c <= '9', 'a' <= c|0x20 && c|0x20 <= 'z':
		case i > 0 && (c == '.' || c == '_' || c == '-'):
		default:
			return false
		}
	}
	return name != ""
}
