package justfile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Obstacles returns what keeps an environment variable of the caller from reaching the
// commands of a recipe, the recipes that it depends on or calls, and the scripts in the
// checkout that they run: each in a few words that follow "because". It is empty if
// nothing was found, which proves nothing: a program may do as it likes with its
// environment.
//
// A variable in the caller's environment beats one in .env, unless the justfile says
// otherwise; an exported assignment, the attribute env and an exported parameter beat
// it, and unexport removes it (just's manual, "Getting and Setting Environment
// Variables"; seen with just 1.57.0).
func (j *File) Obstacles(name, variable string) []string {
	s := &search{variable: variable, starts: strings.ToLower(variable[strings.LastIndexByte(variable, '_')+1:]), seen: map[string]bool{}}
	s.recipe(j, name)
	return s.found
}

// Approvals returns where a recipe makes Terraform apply without asking, with the same
// limits as Obstacles.
func (j *File) Approvals(name string) []string {
	s := &search{approval: true, seen: map[string]bool{}}
	s.recipe(j, name)
	return s.found
}

// autoApprove is the flag with which Terraform applies without asking.
const autoApprove = "auto-approve"

// search looks through recipes and scripts for one variable, or for autoApprove.
type search struct {
	variable string
	starts   string // the command of Terraform that the variable is for
	approval bool
	seen     map[string]bool // recipes and files
	found    []string
}

func (s *search) add(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(s.found, text) {
		s.found = append(s.found, text)
	}
}

// line adds what a line does, unless something was found in it already.
func (s *search) line(at, does string) {
	if !slices.ContainsFunc(s.found, func(f string) bool { return strings.HasPrefix(f, at) }) {
		s.found = append(s.found, at+" "+does)
	}
}

func (s *search) recipe(j *File, name string) {
	in, r, ok := j.recipe(name)
	if !ok {
		s.add("the recipe `%s` is not in the justfile", name)
		return
	}
	key := in.Source + "::" + r.Name
	if s.seen[key] {
		return
	}
	s.seen[key] = true
	s.exports(in)
	s.head(in, r)
	s.body(in, r)
	for _, d := range r.Dependencies {
		s.recipe(in, d.Recipe)
	}
}

// exports looks at what holds for all recipes of a justfile.
func (s *search) exports(j *File) {
	for name, a := range j.Assignments {
		switch {
		case !a.Export && !j.Settings.Export:
		case s.approval && strings.HasPrefix(name, "TF_CLI_ARGS") && s.mayApprove(j.text(a.Value, 0)):
			s.add("the justfile exports %s, which may contain -%s", name, autoApprove)
		case !s.approval && name == s.variable:
			s.add("the justfile exports %s", s.variable)
		}
	}
	if s.approval {
		return
	}
	if slices.Contains(j.Unexports, s.variable) {
		s.add("the justfile says `unexport %s`", s.variable)
	}
	if shell := j.Settings.Shell; shell != nil && s.clears(slices.Concat([]string{shell.Command}, shell.Arguments, []string{s.starts})) {
		s.add("the justfile's shell removes %s: `%s`", s.variable, strings.Join(append([]string{shell.Command}, shell.Arguments...), " "))
	}
}

// mayApprove reports whether the value of a variable holds autoApprove, or can't be
// known.
func (s *search) mayApprove(value string) bool {
	return strings.Contains(value, autoApprove) || strings.Contains(value, unknown)
}

// head looks at a recipe's attributes and parameters.
func (s *search) head(j *File, r recipe) {
	for _, attribute := range r.Attributes {
		var with struct {
			Env []json.RawMessage `json:"env"`
		}
		if json.Unmarshal(attribute, &with) != nil || len(with.Env) == 0 {
			continue // one without arguments is a string
		}
		name := j.text(with.Env[0], 0)
		switch {
		case s.approval && strings.HasPrefix(name, "TF_CLI_ARGS") && s.mayApprove(j.text(with.Env[len(with.Env)-1], 0)):
			s.add("the recipe `%s` sets %s, which may contain -%s", r.Name, name, autoApprove)
		case !s.approval && name == s.variable:
			s.add("the recipe `%s` sets %s: [env(%q, …)]", r.Name, name, name)
		}
	}
	for _, p := range r.Parameters {
		if p.Name == s.variable && (p.Export || j.Settings.Export) {
			s.add("the recipe `%s` has a parameter $%s", r.Name, p.Name)
		}
	}
}

// body looks at the lines of a recipe. Each is a script of its own, unless the whole
// is one.
func (s *search) body(j *File, r recipe) {
	lines := j.lines(r)
	at := func(line int) string { return fmt.Sprintf("line %d of the recipe `%s`", line, r.Name) }
	shell := ""
	if j.Settings.Shell != nil {
		shell = j.Settings.Shell.Command
	}
	scripts := scripts{search: s, justfile: j, at: at}
	if r.Shebang || r.isScript() {
		interpreter := ""
		if r.Shebang && len(lines) > 0 {
			interpreter = lines[0]
			if !s.approval && s.clears(append(strings.Fields(interpreter), s.starts)) {
				s.add("%s removes %s: `%s`", at(1), s.variable, interpreter)
			}
		}
		scripts.inspect(strings.Join(lines, "\n"), interpreter, 1)
		return
	}
	for i := 0; i < len(lines); i++ {
		first, line := i, strings.TrimLeft(lines[i], "@-?")
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + lines[i]
		}
		scripts.inspect(line, shell, first+1)
	}
}

// isScript reports whether a recipe has the attribute script.
func (r recipe) isScript() bool {
	return slices.ContainsFunc(r.Attributes, func(a json.RawMessage) bool { return strings.HasPrefix(strings.TrimLeft(string(a), `{" `), `script"`) })
}
