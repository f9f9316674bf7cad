package github_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// kept is the part of GitHub's description that the tests use.
const kept = "testdata/openapi.json"

// whole names GitHub's whole description, of which the kept part is then made
// again: go test ./steps/github -run TestKeptPart -args -whole FILE
var whole = flag.String("whole", "", "make testdata/openapi.json again from this description")

// operations are the GETs that the client sends or the practice world answers.
var operations = []string{
	"/user",
	"/repos/{owner}/{repo}",
	"/repos/{owner}/{repo}/releases",
	"/repos/{owner}/{repo}/releases/latest",
	"/repos/{owner}/{repo}/releases/tags/{tag}",
	"/repos/{owner}/{repo}/releases/{release_id}",
	"/repos/{owner}/{repo}/commits",
	"/repos/{owner}/{repo}/commits/{ref}",
	"/repos/{owner}/{repo}/compare/{basehead}",
	"/repos/{owner}/{repo}/contents/{path}",
	"/repos/{owner}/{repo}/git/matching-refs/{ref}",
	"/repos/{owner}/{repo}/git/ref/{ref}",
	"/repos/{owner}/{repo}/git/tags/{tag_sha}",
	"/repos/{owner}/{repo}/pulls",
	"/repos/{owner}/{repo}/pulls/{pull_number}",
	"/repos/{owner}/{repo}/pulls/{pull_number}/files",
	"/repos/{owner}/{repo}/actions/runs",
	"/repos/{owner}/{repo}/actions/runs/{run_id}",
	"/repos/{owner}/{repo}/actions/runs/{run_id}/jobs",
	"/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
}

// TestKeptPart holds the kept part to be what cutting makes: nothing is in it
// that no operation needs, and nobody has changed it by hand in a way that
// cutting would not.
func TestKeptPart(t *testing.T) {
	from := kept
	if *whole != "" {
		from = *whole
	}
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	part, err := cut(data)
	if err != nil {
		t.Fatal(err)
	}
	if *whole != "" {
		if err := os.WriteFile(kept, part, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(part, data) {
		t.Error("openapi.json is not what cutting makes of it: make it again as its README says")
	}
}

// cut returns the part of a description that the operations need, without what
// is for people: one line for each path and each component.
func cut(data []byte) ([]byte, error) {
	var d struct {
		OpenAPI    string                               `json:"openapi"`
		Info       map[string]any                       `json:"info"`
		Servers    any                                  `json:"servers"`
		Paths      map[string]map[string]any            `json:"paths"`
		Components map[string]map[string]map[string]any `json:"components"`
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, err
	}
	c := cutter{all: d.Components, used: map[string]map[string]any{}}
	paths := map[string]any{}
	for _, path := range operations {
		get, ok := d.Paths[path]["get"]
		if !ok {
			return nil, fmt.Errorf("the description has no GET %s", path)
		}
		paths[path] = map[string]any{"get": c.trim(get)}
	}
	// Errors that no operation lists have this form.
	c.trim(map[string]any{"$ref": "#/components/schemas/basic-error"})
	if c.err != nil {
		return nil, c.err
	}
	var out bytes.Buffer
	info := map[string]any{"title": d.Info["title"], "version": d.Info["version"], "license": d.Info["license"]}
	fmt.Fprintf(&out, "{\n\"openapi\": %s,\n\"info\": %s,\n\"servers\": %s,\n\"paths\": ", line(d.OpenAPI), line(info), line(d.Servers))
	lines(&out, paths)
	out.WriteString(",\n\"components\": {")
	for i, kind := range slices.Sorted(maps.Keys(c.used)) {
		fmt.Fprintf(&out, "%s\n%s: ", comma(i), line(kind))
		lines(&out, c.used[kind])
	}
	out.WriteString("\n}\n}\n")
	return out.Bytes(), nil
}

type cutter struct {
	all  map[string]map[string]map[string]any
	used map[string]map[string]any
	err  error
}

// forPeople are the keys that no validation needs.
var forPeople = []string{"description", "title", "summary", "tags", "externalDocs", "deprecated", "example", "examples", "headers", "x-github", "x-github-breaking-changes", "x-octokit"}

// trim returns a copy of a part without what is for people, and notes the
// components that it refers to.
func (c *cutter) trim(part any) any {
	switch part := part.(type) {
	case []any:
		out := make([]any, len(part))
		for i, p := range part {
			out[i] = c.trim(p)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for key, value := range part {
			names, isNames := value.(map[string]any)
			switch {
			case key == "properties" && isNames: // the keys below are names, whatever they are called
				trimmed := map[string]any{}
				for name, p := range names {
					trimmed[name] = c.trim(p)
				}
				out[key] = trimmed
			case key == "responses" && isNames:
				for status, p := range names {
					names[status] = described(p)
				}
				out[key] = c.trim(names)
			case key == "description" && value == "":
				out[key] = "" // of a response, which must have one
			case !slices.Contains(forPeople, key):
				out[key] = c.trim(value)
			}
		}
		if ref, ok := part["$ref"].(string); ok {
			c.need(ref)
		}
		return out
	default:
		return part
	}
}

// described gives a response the empty description that trim leaves in.
func described(response any) any {
	r, ok := response.(map[string]any)
	if !ok || r["$ref"] != nil {
		return response
	}
	r = maps.Clone(r)
	r["description"] = ""
	return r
}

func (c *cutter) need(ref string) {
	kind, name, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
	if _, done := c.used[kind][name]; done {
		return
	}
	part, ok := c.all[kind][name]
	if !ok {
		c.err = fmt.Errorf("the description has no %s", ref)
		return
	}
	if c.used[kind] == nil {
		c.used[kind] = map[string]any{}
	}
	c.used[kind][name] = nil // so that what refers to itself ends
	if kind == "responses" {
		part = described(part).(map[string]any)
	}
	c.used[kind][name] = c.trim(part)
}

func lines(out *bytes.Buffer, parts map[string]any) {
	out.WriteString("{")
	for i, name := range slices.Sorted(maps.Keys(parts)) {
		fmt.Fprintf(out, "%s\n%s: %s", comma(i), line(name), line(parts[name]))
	}
	out.WriteString("\n}")
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// line writes a part of a description on one line.
func line(part any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(part); err != nil {
		panic(err) // it was JSON before
	}
	return strings.TrimSpace(out.String())
}
