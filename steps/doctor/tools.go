package doctor

import (
	"context"
	"errors"
	"os"
	"strings"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/infra"
)

// tool is a program, or one of several that do the same.
type tool struct {
	id    string
	names []string
	args  []string // that make it say its version
	what  string   // what it does, where the steps alone do not say it
}

// toolsFor returns what is needed to run commands: git, which looks at what they
// changed; the programs that they begin with; and what `just` begins in turn.
func toolsFor(commands []string) []tool {
	all := []tool{{id: "git", names: []string{"git"}, args: []string{"--version"}, what: "reading the infrastructure checkout"}}
	for _, name := range commands {
		all = append(all, tool{id: name, names: []string{name}, args: []string{"--version"}})
		if name == "just" {
			all = append(all, tool{id: "terraform", names: []string{"terraform", "tofu"}, args: []string{"version"}, what: "what `just plan` and `just apply` start"})
		}
	}
	return all
}

// homes are where tools come from. A command of a document can be any other.
var homes = map[string]string{
	"git": "https://git-scm.com", "just": "https://just.systems", "terraform": "https://developer.hashicorp.com/terraform or https://opentofu.org",
	"gh": "https://cli.github.com",
}

// install says how to come by a tool.
func install(t tool) string {
	from := ""
	if home := homes[t.id]; home != "" {
		from = " (" + home + ")"
	}
	return "install " + strings.Join(t.names, " or ") + from + ", or put it on the PATH"
}

// quiet keeps tools from asking the network whether there is a newer one, and from
// telling anybody that they were used.
var quiet = []string{"NO_COLOR=1", "LC_ALL=C", "CHECKPOINT_DISABLE=1", "GH_NO_UPDATE_NOTIFIER=1", "GH_PROMPT_DISABLED=1", "DO_NOT_TRACK=1"}

// toolEnvironment is that of commands without what is a secret by its name: no tool
// needs one to say which version it is.
func (p Patient) toolEnvironment() []string {
	var env []string
	for _, entry := range p.World.Environ {
		if name, _, _ := strings.Cut(entry, "="); !clean.SecretName(name) {
			env = append(env, entry)
		}
	}
	return append(env, quiet...)
}

// tool looks whether a program is there, as a command would find it.
func (p Patient) tool(t tool, by clean.Text) Question {
	about := Finding{ID: "tool." + t.id, Name: clean.Line(strings.Join(t.names, " or ")), Needed: true, For: by}
	if t.what != "" {
		about.For = clean.Linef("%s: %s", t.what, by)
	}
	return Question{About: []Finding{about}, Ask: func(ctx context.Context) []Finding {
		var there []string
		var broken Finding
		for _, name := range t.names {
			found, err := infra.FindTool(ctx, p.toolEnvironment(), p.toolFolder(), name, t.args...)
			switch {
			case found.Path == "":
			case err != nil && broken.Found.Empty():
				broken = about.is(Wrong, "run `"+steps.CommandLine(append([]string{name}, t.args...)).String()+"` and see what it says", "%s is there and does not work: %s", found.Path, clean.Line(err.Error()))
				if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
					broken.State = NotKnown
				}
			case err == nil:
				there = append(there, name+" "+found.Version+", "+found.Path)
			}
		}
		switch {
		case len(there) > 0:
			return []Finding{about.ok("%s", strings.Join(there, "; "))}
		case !broken.Found.Empty():
			return []Finding{broken}
		}
		return []Finding{about.is(Missing, install(t), "it is not on the PATH")}
	}}
}

// toolFolder is where commands run: a version manager may choose by the folder. It
// is "" where there is no such folder.
func (p Patient) toolFolder() string {
	if info, err := os.Stat(p.World.Checkout.Dir); err != nil || !info.IsDir() {
		return ""
	}
	return p.World.Checkout.Dir
}

// gh is asked for a token where no variable has one, and for nothing else.
func (p Patient) gh() Question {
	t := tool{id: "gh", names: []string{"gh"}, args: []string{"--version"}}
	q := p.tool(t, clean.Line("`gh auth token`, where neither GH_TOKEN nor GITHUB_TOKEN is set"))
	ask := q.Ask
	q.About[0] = q.About[0].optional()
	q.Ask = func(ctx context.Context) []Finding {
		all := ask(ctx)
		for i := range all {
			all[i] = all[i].optional()
			if all[i].State == Missing && strings.HasSuffix(p.GitHub.From, "_TOKEN") {
				all[i] = all[i].ok("it is not there, and not needed: %s is set", p.GitHub.From)
			}
		}
		return all
	}
	return q
}

// quoted writes one word of a command line.
func quoted(word string) string { return steps.CommandLine([]string{word}).String() }
