package just

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// justfile is what the practice `just` reads of a justfile: recipes with plain
// parameters, their comments and their bodies.
type justfile struct {
	path    string
	recipes []recipe // in the order of the file
}

type recipe struct {
	name   string
	doc    string
	params []string
	body   []string // without the indentation
	line   int      // of the name, counted from 1
}

var recipeHead = regexp.MustCompile(`^([a-z][a-z0-9_-]*)((?: [a-z_]+)*):\s*$`)

// readJustfile reads the named file; with no name, the first one of the working
// directory and those above it, as just does.
func readJustfile(path string) (justfile, error) {
	if path == "" {
		dir, err := os.Getwd()
		if err != nil {
			return justfile{}, err
		}
		for path == "" {
			if at := filepath.Join(dir, "justfile"); isFile(at) {
				path = at
			} else if up := filepath.Dir(dir); up != dir {
				dir = up
			} else {
				return justfile{}, errors.New("no justfile found")
			}
		}
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return justfile{}, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return justfile{}, fmt.Errorf("failed to read justfile at `%s`: %w", path, err)
	}
	return justfile{path: path, recipes: parseRecipes(string(data))}, nil
}

func parseRecipes(text string) []recipe {
	var out []recipe
	doc := ""
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		head := recipeHead.FindStringSubmatch(line)
		switch {
		case head != nil:
			out = append(out, recipe{name: head[1], doc: doc, params: strings.Fields(head[2]), line: i + 1})
			doc = ""
		case strings.HasPrefix(line, "    ") && len(out) > 0:
			last := &out[len(out)-1]
			last.body = append(last.body, strings.TrimPrefix(line, "    "))
		case strings.HasPrefix(line, "#"):
			doc = strings.TrimSpace(strings.TrimPrefix(line, "#"))
		default:
			doc = ""
		}
	}
	return out
}

// signature is the recipe's name and parameters.
func (r recipe) signature() string { return strings.Join(append([]string{r.name}, r.params...), " ") }

func (r recipe) source() string {
	var b strings.Builder
	if r.doc != "" {
		b.WriteString("# " + r.doc + "\n")
	}
	b.WriteString(r.signature() + ":")
	for _, line := range r.body {
		b.WriteString("\n    " + line)
	}
	return b.String()
}

func (r recipe) script() bool { return len(r.body) > 0 && strings.HasPrefix(r.body[0], "#!") }

// failed is just's error for a recipe whose body line failed with exit code 1.
func (r recipe) failed(bodyLine int) error {
	if r.script() {
		return fmt.Errorf("recipe `%s` failed with exit code 1", r.name)
	}
	return fmt.Errorf("recipe `%s` failed on line %d with exit code 1", r.name, r.line+1+bodyLine)
}

func (f justfile) sorted() []recipe {
	return slices.SortedFunc(slices.Values(f.recipes), func(a, b recipe) int { return strings.Compare(a.name, b.name) })
}

func (f justfile) list(w io.Writer) {
	fmt.Fprintln(w, "Available recipes:")
	width := 0
	for _, r := range f.recipes {
		width = max(width, len(r.signature()))
	}
	for _, r := range f.sorted() {
		line := "    " + r.signature()
		if r.doc != "" {
			line = fmt.Sprintf("    %-*s # %s", width, r.signature(), r.doc)
		}
		fmt.Fprintln(w, line)
	}
}

func (f justfile) summary() string {
	var names []string
	for _, r := range f.sorted() {
		names = append(names, r.name)
	}
	return strings.Join(names, " ")
}

func (f justfile) find(name string) (recipe, error) {
	text := fmt.Sprintf("error: justfile does not contain recipe `%s`", name)
	nearest, best := "", 3 // just suggests what is at most two edits away
	for _, r := range f.recipes {
		if r.name == name {
			return r, nil
		}
		if d := levenshtein.ComputeDistance(r.name, name); d < best {
			nearest, best = r.name, d
		}
	}
	if nearest != "" {
		text += fmt.Sprintf("\nDid you mean `%s`?", nearest)
	}
	return recipe{}, &exitError{code: 1, text: text}
}

// call is a recipe with its arguments.
type call struct {
	recipe recipe
	args   []string
}

// calls takes a command line apart: every recipe takes as many words as it has
// parameters. No words at all mean the first recipe.
func (f justfile) calls(words []string) ([]call, error) {
	if len(words) == 0 && len(f.recipes) > 0 {
		words = []string{f.recipes[0].name}
	}
	var out []call
	for len(words) > 0 {
		r, err := f.find(words[0])
		if err != nil {
			return nil, err
		}
		words = words[1:]
		if len(words) < len(r.params) {
			noun := "arguments"
			if len(words) == 1 {
				noun = "argument"
			}
			return nil, fmt.Errorf("recipe `%s` got %d positional %s but takes %d\nusage:\n    just %s", r.name, len(words), noun, len(r.params), r.signature())
		}
		out = append(out, call{r, words[:len(r.params)]})
		words = words[len(r.params):]
	}
	return out, nil
}

// line gives a line of the body with the arguments in their places.
func (c call) line(i int) string {
	text := c.recipe.body[i]
	for p, name := range c.recipe.params {
		text = strings.ReplaceAll(text, "{{ "+name+" }}", c.args[p])
	}
	return text
}

// echo prints the first lines of the body as just does before it runs each: not
// those of a script, and none that begins with @.
func (c call) echo(w io.Writer, lines int) {
	if c.recipe.script() {
		return
	}
	for i := range lines {
		if text := c.line(i); !strings.HasPrefix(text, "@") {
			fmt.Fprintln(w, text)
		}
	}
}

// echoAll prints the whole body, as a dry run does.
func (c call) echoAll(w io.Writer) {
	for i := range c.recipe.body {
		fmt.Fprintln(w, strings.TrimPrefix(c.line(i), "@"))
	}
}

func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
