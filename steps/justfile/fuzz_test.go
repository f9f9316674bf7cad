package justfile

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// Whatever a justfile holds, looking through it ends, and what it finds names something.
func FuzzObstacles(f *testing.F) {
	dump, err := os.ReadFile("testdata/dump.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(dump), "script")
	f.Add(`{"aliases":{"a":{"target":"b"},"b":{"target":"a"}},"recipes":{"r":{"name":"r","body":[[[["variable","v"]]," $(just r) '"]],"dependencies":[{"recipe":"r"}]}},"assignments":{"v":{"value":["variable","v"]}}}`, "r")
	f.Add(`{"recipes":{"r":{"name":"r","attributes":[{"env":[]},"script",null],"body":[[null,[]],["x \\"]]}},"settings":{"shell":{"command":"env","arguments":["-i"]}}}`, "r")
	f.Fuzz(func(t *testing.T, dump, recipe string) {
		j := &File{dir: t.TempDir()}
		if json.Unmarshal([]byte(dump), j) != nil {
			return
		}
		j.Source = "" // scripts are looked for in the empty folder
		for _, found := range append(j.Obstacles(recipe, apply), j.Approvals(recipe)...) {
			if strings.TrimSpace(found) == "" {
				t.Errorf("an obstacle without a name: %q", found)
			}
		}
		j.Command()
	})
}
