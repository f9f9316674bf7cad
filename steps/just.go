package steps

import "catalog-runbook/runbook/document"

// justCommand looks for `just RECIPE ENVIRONMENT SERVICE` among a step's
// commands. It returns nil where there is none.
func justCommand(s *document.Step, recipe string) []string {
	for i := range s.Commands {
		if argv := s.Commands[i].Argv; len(argv) == 4 && argv[1] == recipe && argv[0] == "just" {
			return argv
		}
	}
	return nil
}

// read returns what the match says of the step.
func (m *Match) read() Params {
	if m.just != nil {
		return Params{"environment": m.just[2], "service": m.just[3]}
	}
	return m.Params
}

// just writes the argument list of a recipe of the infrastructure repository.
func just(recipe string, p Params) []string {
	return []string{"just", recipe, p["environment"], p["service"]}
}

// infrastructureParams are what both infrastructure kinds need.
var infrastructureParams = []Param{
	{Name: "environment", Doc: "the environment", Required: true, Setting: "[infrastructure] environment", Accepts: justArgument},
	{Name: "service", Doc: "the service", Required: true, Setting: "[infrastructure] service", Accepts: justArgument},
}

// justArgument reports whether just cannot take a name for an option or for a
// variable: it is letters, digits, ".", "_" and "-", and begins with one of the
// first two.
func justArgument(name string) bool {
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
