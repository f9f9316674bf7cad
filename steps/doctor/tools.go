package doctor

import (
	"context"
	"errors"
	"os"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/command"
)

// tool is a program, or one of several that do the same.
type tool struct {
	id       string
	names    []string
	arg      string // that makes it print its version
	use      clean.Text
	optional bool
}

// ghTool is asked for a token where no variable has one, and for nothing else.
var ghTool = tool{id: "gh", names: []string{"gh"}, arg: "--version", optional: true,
	use: clean.Line("`gh auth token`, if GH_TOKEN and GITHUB_TOKEN are unset")}

// toolsFor returns what is needed to run commands: git, which reads what they changed;
// the programs that they begin with; and what `just` starts in turn.
func toolsFor(n needs) []tool {
	all := []tool{{id: "git", names: []string{"git"}, arg: "--version", use: clean.Linef("reading the infrastructure checkout: %s", n.by)}}
	for _, name := range n.commands {
		all = append(all, tool{id: name, names: []string{name}, arg: "--version", use: n.by})
		if name == "just" {
			all = append(all, tool{id: "terraform", names: []string{"terraform", "tofu"}, arg: "version",
				use: clean.Linef("what `just plan` and `just apply` start: %s", n.by)})
		}
	}
	return all
}

// homes are where tools come from. A document can use others.
var homes = map[string]string{
	"git": "https://git-scm.com", "just": "https://just.systems", "terraform": "https://developer.hashicorp.com/terraform or https://opentofu.org",
	"gh": "https://cli.github.com",
}

// install says how to get a tool.
func install(t tool) string {
	from := ""
	if home := homes[t.id]; home != "" {
		from = " (" + home + ")"
	}
	return "install " + strings.Join(t.names, " or ") + from + ", or put it on the PATH"
}

// quiet keeps tools from asking the network for a newer version, and from reporting
// that they were used.
var quiet = []string{"NO_COLOR=1", "LC_ALL=C", "CHECKPOINT_DISABLE=1", "GH_NO_UPDATE_NOTIFIER=1", "GH_PROMPT_DISABLED=1", "DO_NOT_TRACK=1"}

// toolEnvironment is that of commands without the variables that hold a secret by
// their names: no tool needs one to print its version.
func (s Setup) toolEnvironment() []string {
	var env []string
	for _, entry := range s.World.Environ {
		if name, _, _ := strings.Cut(entry, "="); !clean.SecretName(name) {
			env = append(env, entry)
		}
	}
	return append(env, quiet...)
}

// tool checks that a program is there, as a command would find it.
func (s Setup) tool(t tool) Question {
	about := Finding{ID: "tool." + t.id, Name: clean.Line(strings.Join(t.names, " or ")), Needed: !t.optional, For: t.use}
	return question([]Finding{about}, func(ctx context.Context, f []*Finding) string {
		var there []string
		var launched bool // just is the launcher from npm, which starts the real one
		var starts string // its path, if that is known
		for _, name := range t.names {
			found, err := command.FindTool(ctx, s.toolEnvironment(), s.toolFolder(), name, t.arg)
			switch {
			case found.Path == "":
			case err == nil:
				there = append(there, name+" "+found.Version+", "+found.Path)
				if name == "just" && isNodeScript(found.Path) {
					launched, starts = true, realJust(found.Path)
				}
			case f[0].State == "":
				f[0].Is(Wrong, "run `"+quoted(name)+" "+t.arg+"` and see what it prints", "%s is installed but doesn't work: %s", found.Path, clean.Line(err.Error()))
				if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
					f[0].State = NotKnown
				}
			}
		}
		switch {
		case launched:
			f[0].launcher(there[0], starts)
		case len(there) > 0:
			f[0].ok("%s", strings.Join(there, "; "))
		case f[0].State != "":
		case t.optional && s.GitHub.variable():
			f[0].ok("not installed, and not needed: %s is set", s.GitHub.From)
		case t.optional:
			f[0].Is(Missing, "nothing, if you set GITHUB_TOKEN; else "+install(t), "not on the PATH")
		default:
			f[0].Is(Missing, install(t), "not on the PATH")
		}
		return ""
	})
}

// toolFolder is where commands run, since a version manager may choose by the folder;
// "" if there is no such folder.
func (s Setup) toolFolder() string {
	if info, err := os.Stat(s.World.Checkout.Dir); err != nil || !info.IsDir() {
		return ""
	}
	return s.World.Checkout.Dir
}

// quoted writes one word of a command line.
func quoted(word string) string { return say.CommandLine([]string{word}).String() }
