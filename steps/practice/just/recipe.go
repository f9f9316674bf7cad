package just

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// recipe is a recipe of the justfile, called for a service in an environment.
type recipe struct {
	name string
	line int      // of its name, counted from 1
	body []string // without the indentation, and with the arguments in their places
}

func readJustfile(checkout *os.Root) (lines []string, err error) {
	data, err := checkout.ReadFile("justfile")
	if err != nil {
		return nil, fmt.Errorf("failed to read justfile: %w", err)
	}
	return strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"), nil
}

func readRecipe(checkout *os.Root, name, env, service string) (recipe, error) {
	lines, err := readJustfile(checkout)
	if err != nil {
		return recipe{}, err
	}
	at := slices.Index(lines, name+" env service:")
	if at < 0 {
		return recipe{}, &exitError{code: 1, text: fmt.Sprintf("error: justfile does not contain recipe `%s`", name)}
	}
	r := recipe{name: name, line: at + 1}
	arguments := strings.NewReplacer("{{ env }}", env, "{{ service }}", service)
	for _, line := range lines[at+1:] {
		text, indented := strings.CutPrefix(line, "    ")
		if !indented {
			break
		}
		r.body = append(r.body, arguments.Replace(text))
	}
	return r, nil
}

func (r recipe) script() bool { return len(r.body) > 0 && strings.HasPrefix(r.body[0], "#!") }

// echo prints the first lines of the body, as just does before it runs each. A script
// is not echoed.
func (r recipe) echo(w io.Writer, lines int) {
	if r.script() {
		return
	}
	for _, line := range r.body[:min(lines, len(r.body))] {
		fmt.Fprintln(w, line)
	}
}

// failed returns just's error for a recipe whose line of the body failed with exit code 1.
func (r recipe) failed(bodyLine int) error {
	if r.script() {
		return fmt.Errorf("recipe `%s` failed with exit code 1", r.name)
	}
	return fmt.Errorf("recipe `%s` failed on line %d with exit code 1", r.name, r.line+1+bodyLine)
}
