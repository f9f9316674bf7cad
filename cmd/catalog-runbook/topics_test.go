package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"mvdan.cc/sh/v3/syntax"

	"catalog-runbook/cmd/catalog-runbook/help"
	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/steps/kinds"
)

// The topic describes every setting that there is, and none that there is not.
func TestTopicNamesEverySetting(t *testing.T) {
	text := topic(t, "settings")
	keys := 0
	for _, name := range settings.Names() {
		table, key, ok := strings.Cut(name, ".")
		if !ok || strings.Contains(key, ".") {
			continue // what an entry of a list holds is described with the list
		}
		keys++
		heading := "\n## [" + table + "]\n"
		if table == "triage" {
			heading = "\n## [[triage]]\n"
		}
		_, below, _ := strings.Cut(text, heading)
		below, _, _ = strings.Cut(below, "\n## ")
		if !strings.Contains(below, "\n- `"+key+"`: ") {
			t.Errorf("the topic settings does not describe %s under [%s]", key, table)
		}
	}
	tables, _, _ := strings.Cut(text, "\n## Rules for plans\n")
	if described := strings.Count(tables, "\n- `"); described != keys {
		t.Errorf("the topic describes %d settings, there are %d", described, keys)
	}
}

// The keys are those of the key map, written as on the help screen. The map is
// the checklist's own, so it is read from its source.
func TestTopicNamesEveryKey(t *testing.T) {
	source, err := os.ReadFile("../../tui/keys.go")
	if err != nil {
		t.Fatal(err)
	}
	bindings := regexp.MustCompile(`\bb\("([^"]+)", "[^"]+",`).FindAllStringSubmatch(string(source), -1)
	if len(bindings) == 0 {
		t.Fatal("no key is found in the key map's source")
	}
	distinct := map[string]bool{} // in the output, some keys mean something else
	text := topic(t, "keys")
	for _, b := range bindings {
		distinct[b[1]] = true
		if item := "\n- `" + b[1] + "`: "; !strings.Contains(text, item) {
			t.Errorf("the topic keys does not have the item %q", item)
		}
	}
	if items := strings.Count(text, "\n- `"); items != len(distinct) {
		t.Errorf("the topic has %d keys, the key map %d", items, len(distinct))
	}
}

// The commands of a walk line by line are read from their source too.
func TestTopicNamesEveryPlainCommand(t *testing.T) {
	source, err := os.ReadFile("../../tui/plain/commands.go")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`\{name: "([a-z]+)"`).FindAllStringSubmatch(string(source), -1)
	list, _, _ := strings.Cut(topic(t, "plain"), "\n## While")
	for _, n := range names {
		if !strings.Contains(list, "\n- `"+n[1]) {
			t.Errorf("the topic plain does not describe %s", n[1])
		}
	}
	if items := strings.Count(list, "\n- `"); items != len(names) || items == 0 {
		t.Errorf("the topic describes %d commands, there are %d", items, len(names))
	}
}

func TestTopicNamesEveryKind(t *testing.T) {
	text := topic(t, "kinds")
	for _, k := range kinds.All() {
		if !strings.Contains(text, "\n### `"+k.Name+"`") {
			t.Errorf("the topic kinds does not describe the kind %s", k.Name)
		}
	}
	if described := strings.Count(text, "\n### `"); described != len(kinds.All()) {
		t.Errorf("the topic describes %d kinds, there are %d", described, len(kinds.All()))
	}
}

// The exit codes are read from their constants, and 129 and on are those of signals.
func TestTopicNamesEveryExitCode(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "exit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	codes := []string{"0", "129", "143"}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 && strings.HasPrefix(spec.Names[0].Name, "exit") {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok {
				codes = append(codes, value.Value)
			}
		}
		return true
	})
	var described []string
	text, _, _ := strings.Cut(topic(t, "exit-codes"), "\n## ")
	for _, item := range regexp.MustCompile("(?m)^- `([0-9, ]+)`: ").FindAllStringSubmatch(text, -1) {
		described = append(described, strings.Split(item[1], ", ")...)
	}
	slices.Sort(codes)
	slices.Sort(described)
	if !slices.Equal(codes, described) {
		t.Errorf("the topic has the exit codes %q, the program %q", described, codes)
	}
	for _, n := range commands(t) {
		for _, item := range regexp.MustCompile("(?m)^- `([0-9]+)`: ").FindAllStringSubmatch(help.Command(n.Name), -1) {
			if !slices.Contains(codes, item[1]) {
				t.Errorf("%s: there is no exit code %s", n.Name, item[1])
			}
		}
	}
}

// decided are the flags that no variable sets: what is decided in every deployment, and
// what a script asks for each time.
var decided = []string{"help", "version", "json", "short", "list", "watch", "release", "pull-request", "fill", "step", "dir", "schema", "force", "run", "undo", "reason", "by", "live", "mode"}

// Every other flag has a variable, which the topic describes.
func TestTopicNamesEveryVariable(t *testing.T) {
	text := topic(t, "environment")
	used := map[string]bool{}
	for _, n := range commands(t) {
		values := slices.Clone(n.Positional)
		for _, f := range n.Flags {
			values = append(values, f.Value)
			if len(f.Envs) == 0 && !f.Hidden && !slices.Contains(decided, f.Name) {
				t.Errorf("%s --%s has no environment variable", n.Name, f.Name)
			}
		}
		for _, v := range values {
			for _, env := range v.Tag.Envs {
				used[env] = true
				if !strings.HasPrefix(env, "CATALOG_RUNBOOK_") || !strings.Contains(text, "\n- `"+env+"`: ") {
					t.Errorf("the topic environment does not describe %s, of %s %s", env, n.Name, v.Name)
				}
			}
		}
	}
	if described := strings.Count(text, "\n- `CATALOG_RUNBOOK_"); described != len(used) || len(used) == 0 {
		t.Errorf("the topic describes %d variables, the flags have %d", described, len(used))
	}
}

// An empty variable is none, as a person expects who has emptied it.
func TestEmptyVariable(t *testing.T) {
	t.Setenv("CATALOG_RUNBOOK_THEME", "")
	t.Setenv("CATALOG_RUNBOOK_DRY_RUN", "")
	if _, err := newTestParser(t).Parse(nil); err != nil {
		t.Error(err)
	}
	t.Setenv("CATALOG_RUNBOOK_DRY_RUN", "perhaps")
	if _, err := newTestParser(t).Parse(nil); err == nil || !strings.Contains(err.Error(), "CATALOG_RUNBOOK_DRY_RUN") {
		t.Errorf("the error does not name the variable: %v", err)
	}
}

// Every command has examples, which the command line accepts, and exit codes. Their lines
// fit into 80 columns, since they aren't wrapped.
func TestEveryCommandHasExamples(t *testing.T) {
	for _, n := range commands(t) {
		if help.Example(n.Name) == "" || !strings.Contains(help.Command(n.Name), "\n## Exit codes\n\n- `0`: ") {
			t.Errorf("help/commands/%s.md needs the sections Examples and Exit codes", n.Name)
			continue
		}
		for line := range strings.Lines(n.Detail) {
			if len(strings.TrimSpace(line)) > 76 {
				t.Errorf("%s: the line is too wide: %q", n.Name, line)
			}
		}
		f, err := syntax.NewParser().Parse(strings.NewReader(n.Detail[strings.Index(n.Detail, "\t"):strings.Index(n.Detail, "\nExit codes:")]), n.Name)
		if err != nil {
			t.Errorf("%s: %v", n.Name, err)
			continue
		}
		tried := 0
		syntax.Walk(f, func(node syntax.Node) bool {
			call, ok := node.(*syntax.CallExpr)
			if ok && len(call.Args) > 0 && call.Args[0].Lit() == "catalog-runbook" {
				tried++
				var argv []string
				for _, word := range call.Args[1:] {
					argv = append(argv, word.Lit())
				}
				if _, err := newTestParser(t).Parse(argv); err != nil {
					t.Errorf("%s: the example %q: %v", n.Name, argv, err)
				}
			}
			return true
		})
		if tried == 0 {
			t.Errorf("%s: no example is one of this program", n.Name)
		}
	}
}

// A topic's name leads to nothing else, and tables, which neither a narrow terminal nor a
// man page shows well, stand in none of them.
func TestTopics(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, topic := range help.Topics() {
		for _, n := range commands(t) {
			if n.Name == topic.Name {
				t.Errorf("%s is a command and a topic", n.Name)
			}
		}
		if !strings.HasPrefix(topic.Text, "# "+topic.Title+"\n\n") || strings.Contains(topic.Text, "\n|") || strings.Contains(topic.Text, "](#") {
			t.Errorf("the topic %s has no title, a table, or a link into itself", topic.Name)
		}
		if !strings.Contains(string(readme), "help/topics/"+topic.Name+".md") {
			t.Errorf("the README does not name the topic %s", topic.Name)
		}
	}
	for _, n := range commands(t) {
		if n.Name != "walk" && !strings.Contains(string(readme), "catalog-runbook "+n.Name) {
			t.Errorf("the README does not name the command %s", n.Name)
		}
	}
	for _, reference := range regexp.MustCompile("catalog-runbook help ([a-z-]+)").FindAllStringSubmatch(string(readme), -1) {
		if _, ok := help.Find(reference[1]); !ok {
			t.Errorf("the README refers to the topic %s", reference[1])
		}
	}
}

// What man makes of the pages has no warning, and the pages are all of them.
func TestManPages(t *testing.T) {
	dir := t.TempDir()
	s := streams{out: io.Discard, err: io.Discard, environ: os.Environ, getenv: func(string) string { return "" }}
	if err := (manCommand{Dir: dir}).Run(s, newTestParser(t)); err != nil {
		t.Fatal(err)
	}
	for section, want := range map[string]int{"man1": 1 + len(commands(t)), "man7": len(help.Topics())} {
		entries, err := os.ReadDir(dir + "/" + section)
		if err != nil || len(entries) != want {
			t.Fatalf("%s has %d pages, want %d: %v", section, len(entries), want, err)
		}
		if _, err := exec.LookPath("groff"); err != nil {
			t.Log("SKIPPED: groff is not here")
			continue
		}
		for _, e := range entries {
			out, err := exec.Command("groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z", dir+"/"+section+"/"+e.Name()).CombinedOutput()
			if err != nil || len(out) > 0 {
				t.Errorf("%s: %v\n%s", e.Name(), err, out)
			}
		}
	}
}

func topic(t *testing.T, name string) string {
	t.Helper()
	found, ok := help.Find(name)
	if !ok {
		t.Fatalf("there is no topic %s", name)
	}
	return found.Text
}

func newTestParser(t *testing.T) *kong.Kong {
	t.Helper()
	s := streams{out: io.Discard, err: io.Discard, environ: func() []string { return nil }}
	parser, err := newParser(&cli{}, s, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// commands returns the commands that a person sees.
func commands(t *testing.T) []*kong.Node {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(newTestParser(t).Model.Children), func(n *kong.Node) bool { return n.Hidden })
}
