package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/cmd/catalog-runbook/complete"
)

// completions are lines that end where tab is pressed, and some of the words that must be
// offered then; what begins with ! must not be.
var completions = map[string][]string{
	"":                      {"check", "practice", "help", "!--theme"},
	"che":                   {"check", "!practice"},
	"--th":                  {"--theme"}, // of the command that is meant where none is named
	"--theme ":              {"auto", "dark", "light", "!check"},
	"--theme=da":            {"--theme=dark", "!--theme=light"},
	"check --st":            {"--step", "!--settings"},
	"check --step ":         {"3", "image-tag", "airflow/service-deployments/deployment-workflow#3"},
	"check --step image":    {"image-tag", "!3"},
	"check --json --step=i": {"--step=image-tag", "--step=idle-dags"},
	"check --procedure ":    {"all", "airflow/dag-deployments"},
	"check -- --":           {"!--step"},
	"practice bu":           {"busy-dags", "!calm"},
	"practice busy-dags ":   {"!calm"},
	"help ":                 {"settings", "keys", "check"},
	"man ex":                {"exit-codes"},
	"report 2026":           {"20261123-0912-k3x9", "!20250101-0000-aaaa"},
	"resume --watch ":       {"20261123-0912-k3x9"},
	"verdict --format ":     {"json", "markdown"},
	"completion ":           {"bash", "zsh", "fish"},
	"runs --mode ":          {"live", "practice"},
	"lint --settings ":      {":files", "!check"},
	"lint ":                 {":files", "!check"},
	"verdict --release ":    {"!:files", "!check"},
	"frobnicate ":           {"!check"},
}

// placeWithRuns makes a folder in which two runs are, and no other file but one.
func placeWithRuns(t *testing.T) (folder string, environ []string) {
	t.Helper()
	folder = t.TempDir()
	for _, run := range []string{"20261123-0912-k3x9", "20250101-0000-aaaa"} {
		if err := os.MkdirAll(filepath.Join(folder, "state/catalog-runbook/runs", run), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "my plan.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return folder, append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(folder, "state"), "HOME="+folder, "XDG_CONFIG_HOME="+folder)
}

func TestCompletion(t *testing.T) {
	folder, environ := placeWithRuns(t)
	t.Chdir(folder)
	lookup := func(name string) (value string) {
		for _, entry := range environ {
			if v, ok := strings.CutPrefix(entry, name+"="); ok {
				value = v
			}
		}
		return value
	}
	for line, want := range completions {
		var out bytes.Buffer
		s := streams{out: &out, err: io.Discard, environ: func() []string { return environ }, getenv: lookup}
		argv := append([]string{"catalog-runbook", "completion", "bash", "--words", "--"}, strings.Split(line, " ")...)
		if code := run(argv, s); code != 0 {
			t.Errorf("%q: exit code %d", line, code)
		}
		offers(t, line, strings.Split(out.String(), "\n"), want)
	}
}

// offers fails unless the offered words are those that are wanted.
func offers(t *testing.T, line string, offered, want []string) {
	t.Helper()
	for _, word := range want {
		not, unwanted := strings.CutPrefix(word, "!")
		if unwanted && slices.Contains(offered, not) || !unwanted && !slices.Contains(offered, word) {
			t.Errorf("%q: %s was expected among %q", line, word, offered)
		}
	}
}

// The shells that are here are asked what they offer. What they do with files is their own.
func TestShellsComplete(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	folder, environ := placeWithRuns(t)
	program := program(t)
	environ = append(environ, "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"))
	shells := map[string]func(script, line string) []string{
		"bash": func(script, line string) []string {
			// What readline would do: it takes "=" for a word of its own.
			words := `COMP_LINE=$1 COMP_POINT=${#1}; IFS=' ' read -r -a COMP_WORDS <<<"${1//=/ = }"; [[ $1 == *' ' ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]}-1))`
			return []string{"bash", "--norc", "-c", "source " + script + "; " + words + `; _catalog_runbook; printf '%s\n' "${COMPREPLY[@]}"`, "bash", "catalog-runbook " + line}
		},
		"zsh": func(script, line string) []string {
			says := `compdef() { :; }; _describe() { print -rl -- ${described%%:*}; }; _files() { print -r -- :files; }; `
			return []string{"zsh", "-f", "-c", says + "source " + script + `; words=(${(s: :)1}); [[ $1 == *' ' ]] && words+=(""); CURRENT=${#words}; _catalog_runbook`, "zsh", "catalog-runbook " + line}
		},
		"fish": func(script, line string) []string {
			return []string{"fish", "--no-config", "-c", "source " + script + "; complete -C $argv[1] | string split -f 1 \\t; true", "catalog-runbook " + line}
		},
	}
	for shell, argv := range shells {
		t.Run(shell, func(t *testing.T) {
			if _, err := exec.LookPath(shell); err != nil {
				t.Skipf("%s is not here", shell)
			}
			script, err := complete.Script(shell)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "script")
			if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
				t.Fatal(err)
			}
			for line, want := range completions {
				if slices.ContainsFunc(want, func(word string) bool { return strings.HasSuffix(word, ":files") }) {
					want = []string{"!check"}
					if strings.HasSuffix(line, "lint ") && shell != "zsh" {
						want = append(want, "my plan.json")
					}
				}
				if shell == "bash" && strings.Contains(line, "=") { // the part behind it
					for i, word := range want {
						not := strings.Repeat("!", strings.Count(word, "!"))
						want = slices.Clone(want)
						want[i] = not + word[strings.Index(word, "=")+1:]
					}
				}
				args := argv(file, line)
				cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
				cmd.Dir, cmd.Env = folder, environ
				out, err := cmd.CombinedOutput()
				if err != nil && len(out) > 0 {
					t.Errorf("%q: %v\n%s", line, err, out)
				}
				offers(t, line, strings.Split(string(out), "\n"), want)
			}
		})
	}
}
