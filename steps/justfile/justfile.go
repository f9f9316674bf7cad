// Package justfile reads a justfile as just itself understands it, and finds what would
// keep an environment variable from reaching the commands of a recipe. It runs no
// recipe.
package justfile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"catalog-runbook/runbook/say"
	"catalog-runbook/steps/command"
)

// File is a justfile with everything that it imports, as `just --dump` prints it,
// or a module of one. It may be used concurrently.
type File struct {
	dir         string // in which just was called
	Source      string `json:"source"` // the file, "" if just is too old to say
	Assignments map[string]struct {
		Export bool            `json:"export"`
		Value  json.RawMessage `json:"value"`
	} `json:"assignments"`
	Aliases map[string]struct {
		Target string `json:"target"`
	} `json:"aliases"`
	Recipes   map[string]recipe `json:"recipes"`
	Modules   map[string]*File  `json:"modules"`
	Settings  settings          `json:"settings"`
	Unexports []string          `json:"unexports"`

	mu     sync.Mutex
	values map[string]string // of the assignments whose text was asked for
}

type settings struct {
	DotenvCommand  []any `json:"dotenv_command"`
	DotenvFilename any   `json:"dotenv_filename"`
	DotenvLoad     bool  `json:"dotenv_load"`
	DotenvOverride bool  `json:"dotenv_override"`
	DotenvPath     any   `json:"dotenv_path"`
	DotenvRequired bool  `json:"dotenv_required"`
	Export         bool  `json:"export"`
	Shell          *struct {
		Command   string   `json:"command"`
		Arguments []string `json:"arguments"`
	} `json:"shell"`
}

type recipe struct {
	Name         string              `json:"name"`
	Attributes   []json.RawMessage   `json:"attributes"`
	Body         [][]json.RawMessage `json:"body"`
	Dependencies []struct {
		Recipe string `json:"recipe"`
	} `json:"dependencies"`
	Parameters []struct {
		Name   string `json:"name"`
		Export bool   `json:"export"`
	} `json:"parameters"`
	Shebang bool `json:"shebang"`
}

// maxDump is how many bytes of a justfile are read.
const maxDump = 4 << 20

// Read returns the justfile that just uses in a folder. It runs nothing of it: a dump
// evaluates no variable. It returns an error if just can't print a justfile as JSON,
// which it can since 0.10.
func Read(ctx context.Context, dir string, environ []string) (*File, error) {
	var out bytes.Buffer
	err := command.Ask(ctx, command.Command{Argv: []string{"just", "--dump", "--dump-format", "json"}, Dir: dir, Env: environ}, command.Limit(&out, maxDump))
	if err != nil {
		return nil, err
	}
	j := &File{dir: dir}
	if err := json.Unmarshal(out.Bytes(), j); err != nil {
		return nil, say.Hint(fmt.Errorf("reading the output of `just --dump`: %w", err), "install a newer just")
	}
	return j, nil
}

// recipe returns a recipe by its name, its path in modules or an alias, and the module
// that it is in.
func (j *File) recipe(name string) (*File, recipe, bool) {
	if module, rest, ok := strings.Cut(name, "::"); ok {
		if in := j.Modules[module]; in != nil {
			return in.recipe(rest)
		}
		return nil, recipe{}, false
	}
	if alias, ok := j.Aliases[name]; ok {
		if _, again := j.Aliases[alias.Target]; !again {
			return j.recipe(alias.Target)
		}
	}
	r, ok := j.Recipes[name]
	return j, r, ok
}

// folder is where the recipes of the justfile run, as far as that is known.
func (j *File) folder() string {
	if j.Source != "" {
		return filepath.Dir(j.Source)
	}
	return j.dir
}

// Command returns the beginning of a command that runs another one in the environment of
// the recipes: with the variables that the justfile exports and those of .env. It is nil
// if there are none, because then the caller's environment is the same. Unlike Read, such
// a command evaluates the justfile's variables.
func (j *File) Command() []string {
	exports := j.Settings.Export && len(j.Assignments) > 0 || len(j.Unexports) > 0
	for _, a := range j.Assignments {
		exports = exports || a.Export
	}
	if j.Source == "" || !exports && !j.Settings.loadsDotenv() {
		return nil
	}
	return []string{"just", "--justfile", j.Source, "--working-directory", j.folder(), "--command"}
}

// unknown stands in a text for what is known only when a recipe runs.
const unknown = "\uE000"

// mostNested is how deep expressions, recipes and scripts may be nested. What is
// deeper isn't looked at.
const mostNested = 8

// text returns the value of an expression, with unknown in place of what just finds
// out when it runs a recipe. Of an expression with alternatives it has all, one after
// another, because any of them may be the value.
func (j *File) text(expression json.RawMessage, depth int) string {
	var literal string
	if json.Unmarshal(expression, &literal) == nil {
		return literal
	}
	var parts []json.RawMessage
	if depth > mostNested || json.Unmarshal(expression, &parts) != nil || len(parts) == 0 {
		return unknown
	}
	var kind string
	_ = json.Unmarshal(parts[0], &kind)
	if kind == "variable" {
		var name string
		_ = json.Unmarshal(parts[len(parts)-1], &name)
		return j.variable(name, depth)
	}
	var all []string
	for _, p := range parts[1:] {
		all = append(all, j.text(p, depth+1))
	}
	switch kind {
	case "concatenate", "format":
		return strings.Join(all, "")
	case "join":
		return strings.Join(all, "/")
	}
	return unknown + " " + strings.Join(all, " ")
}

// variable returns the text of an assignment, which is found out once.
func (j *File) variable(name string, depth int) string {
	j.mu.Lock()
	text, known := j.values[name]
	j.mu.Unlock()
	if known {
		return text
	}
	a, ok := j.Assignments[name]
	if !ok {
		return unknown
	}
	if text = j.text(a.Value, depth+1); len(text) > maxText {
		text = unknown
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.values == nil {
		j.values = map[string]string{}
	}
	j.values[name] = text
	return text
}

// maxText is the length of the longest variable that is looked at.
const maxText = 64 << 10

// lines returns the body of a recipe as text.
func (j *File) lines(r recipe) []string {
	var all []string
	for _, fragments := range r.Body {
		var line strings.Builder
		for _, f := range fragments {
			var interpolation []json.RawMessage
			if json.Unmarshal(f, &interpolation) != nil {
				interpolation = []json.RawMessage{f} // literal text
			}
			for _, expression := range interpolation {
				line.WriteString(j.text(expression, 0))
			}
		}
		all = append(all, line.String())
	}
	return all
}
