package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/steps/kinds"
)

// The README describes every setting that there is, and none that there is not.
func TestReadmeNamesEverySetting(t *testing.T) {
	section := readmeSection(t, "\n## Settings\n", "\n### ")
	keys := 0
	for _, name := range settings.Names() {
		table, key, ok := strings.Cut(name, ".")
		if !ok || strings.Contains(key, ".") {
			continue // what an entry of a list holds is described with the list
		}
		keys++
		if !strings.Contains(section, "\n| `["+table+"] "+key+"` |") {
			t.Errorf("the README does not describe [%s] %s", table, key)
		}
	}
	if described := strings.Count(section, "\n| `["); described != keys {
		t.Errorf("the README describes %d settings, there are %d", described, keys)
	}
}

// The keys are those of the key map, written as on the help screen. The map is
// the checklist's own, so it is read from its source.
func TestReadmeNamesEveryKey(t *testing.T) {
	source, err := os.ReadFile("../../tui/keys.go")
	if err != nil {
		t.Fatal(err)
	}
	bindings := regexp.MustCompile(`\bb\("([^"]+)", "[^"]+",`).FindAllStringSubmatch(string(source), -1)
	if len(bindings) == 0 {
		t.Fatal("no key is found in the key map's source")
	}
	section := readmeSection(t, "\n### Keys\n", "\n## ")
	for _, b := range bindings {
		if row := "\n| `" + b[1] + "` | "; !strings.Contains(section, row) {
			t.Errorf("the README's keys do not have the row %q", row)
		}
	}
	distinct := map[string]bool{} // in the output, some keys mean something else
	for _, b := range bindings {
		distinct[b[1]] = true
	}
	if rows := strings.Count(section, "\n| `"); rows != len(distinct) {
		t.Errorf("the README has %d keys, the key map %d", rows, len(distinct))
	}
}

func TestReadmeNamesEveryKind(t *testing.T) {
	section := readmeSection(t, "\n## The document\n", "\n### ")
	for _, k := range kinds.All() {
		if !strings.Contains(section, "\n| `"+k.Name+"`") {
			t.Errorf("the README does not describe the kind %s", k.Name)
		}
	}
	if rows := strings.Count(section, "\n| `"); rows != len(kinds.All()) {
		t.Errorf("the README describes %d kinds, there are %d", rows, len(kinds.All()))
	}
}

// readmeSection returns what stands in the README from one text to another.
func readmeSection(t *testing.T, from, to string) string {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), from)
	if !found {
		t.Fatalf("the README has no %q", from)
	}
	section, _, _ := strings.Cut(rest, to)
	return section
}
