package steps

import (
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

// justCommand looks for `just RECIPE ENVIRONMENT SERVICE` among a step's
// commands.
func justCommand(s *runbook.Step, recipe string) (Params, bool) {
	for _, c := range s.Commands {
		if len(c.Argv) == 4 && c.Argv[0] == "just" && c.Argv[1] == recipe {
			return Params{"environment": c.Argv[2], "service": c.Argv[3]}, true
		}
	}
	return nil, false
}

// byCommand is the match of a step with such a command.
func byCommand(recipe string, p Params) Match {
	return Match{By: ByCommand, Why: clean.Linef("the command `just %s %s %s`", recipe, p["environment"], p["service"]), Params: p}
}

// just writes the argument list of a recipe of the infrastructure repository.
func just(recipe string, p Params) []string {
	return []string{"just", recipe, p["environment"], p["service"]}
}

// infrastructureParams are what both infrastructure kinds need.
func infrastructureParams() []Param {
	return []Param{
		{Name: "environment", Doc: "the environment", Required: true, Setting: "[infrastructure] environment"},
		{Name: "service", Doc: "the service", Required: true, Setting: "[infrastructure] service"},
	}
}
