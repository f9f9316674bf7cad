package justfile

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Confirmations returns the questions of the attribute confirm that just asks before it
// runs a recipe and those that it depends on. What is only known when the recipe runs is
// an ellipsis.
func (j *File) Confirmations(name string) []string { return j.confirmations(name, map[string]bool{}) }

func (j *File) confirmations(name string, seen map[string]bool) (all []string) {
	in, r, ok := j.recipe(name)
	if !ok || seen[in.Source+"::"+r.Name] {
		return nil
	}
	seen[in.Source+"::"+r.Name] = true
	for _, attribute := range r.Attributes {
		var with map[string]json.RawMessage
		_ = json.Unmarshal(attribute, &with) // one without a value is a string
		question, ok := with["confirm"]
		switch {
		case !ok:
		case string(question) == "null":
			all = append(all, fmt.Sprintf("Run recipe `%s`?", r.Name))
		default:
			all = append(all, strings.ReplaceAll(in.text(question, 0), unknown, "…"))
		}
	}
	for _, d := range r.Dependencies {
		all = append(all, in.confirmations(d.Recipe, seen)...)
	}
	return all
}
