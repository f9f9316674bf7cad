package just

import (
	"encoding/json"
	"io"
	"os"

	"strings"

	"catalog-runbook/runbook/pattern"
)

// dump prints what `just --dump --dump-format json` prints of the justfile's recipes, as
// far as the program reads it: a justfile of the practice has no more than recipes.
func dump(checkout *os.Root, to io.Writer) error {
	lines, err := readJustfile(checkout)
	if err != nil {
		return err
	}
	type recipe struct {
		Name    string  `json:"name"`
		Body    [][]any `json:"body"`
		Shebang bool    `json:"shebang"`
	}
	recipes := map[string]*recipe{}
	var last *recipe
	for _, line := range lines {
		text, indented := strings.CutPrefix(line, "    ")
		head, _, isHead := strings.Cut(line, ":")
		switch {
		case indented && last != nil:
			last.Shebang = last.Shebang || len(last.Body) == 0 && strings.HasPrefix(text, "#!")
			last.Body = append(last.Body, fragments(text))
		case isHead && !strings.HasPrefix(line, "#"):
			last = &recipe{Name: strings.Fields(head)[0], Body: [][]any{}}
			recipes[last.Name] = last
		default:
			last = nil
		}
	}
	return json.NewEncoder(to).Encode(map[string]any{"recipes": recipes, "assignments": struct{}{}, "aliases": struct{}{}, "modules": struct{}{}, "settings": struct{}{}, "unexports": []string{}})
}

var interpolation = pattern.Lazy(`\{\{ *([a-z_]+) *\}\}`)

// fragments splits a line into text and the arguments in it.
func fragments(line string) []any {
	all, at := []any{}, 0
	for _, m := range interpolation().FindAllStringSubmatchIndex(line, -1) {
		if m[0] > at {
			all = append(all, line[at:m[0]])
		}
		all, at = append(all, [][]string{{"variable", line[m[2]:m[3]]}}), m[1]
	}
	if at < len(line) {
		all = append(all, line[at:])
	}
	return all
}
