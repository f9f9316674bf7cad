package exact

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"catalog-runbook/steps/terraform"
)

// jsonSeeds are plans of the real tools, and some of our own.
func jsonSeeds(f *testing.F) (seeds [][]byte) {
	files, _ := filepath.Glob(filepath.Join("..", "testdata", "*.json"))
	if len(files) == 0 {
		f.Fatal("there are no plans")
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) < 8<<10 {
			seeds = append(seeds, data)
		}
	}
	for _, set := range []string{`"delete","create"`, `"create","forget"`, `"no-op"`, `"x","delete"`, ``} {
		seeds = append(seeds, []byte(jsonPlan(
			jsonChanges(
				jsonChange(`module.a["x"].aws_instance.a[0]`, `"actions":[`+set+`],"before":{"a":[1,{"b":null}]},"after":{"a":[2]},"after_unknown":{"c":true},"before_sensitive":{"a":[true]},"replace_paths":[["a",0]],"importing":{"id":"x"}`),
				jsonChange("aws_eip.a", `"actions":["update"]`)),
			`"resource_drift":[]`, `"output_changes":{"o":{"actions":["update"]}}`, `"deferred_changes":[]`, `"checks":[{"status":"fail"}]`,
			`"prior_state":{"values":{"root_module":{"resources":[{"mode":"managed"}]}}}`, `"variables":{"a":{"value":"x"}}`, `"configuration":{"root_module":{"variables":{"a":{"sensitive":true}}}}`,
			`"errored":false`, `"complete":true`, `"applyable":true`, `"timestamp":"2026-01-02T03:04:05Z"`)))
	}
	return seeds
}

// FuzzRead shows that a plan only counts as complete if encoding/json reads the same
// number of changes from it, all with known actions, and no error.
func FuzzRead(f *testing.F) {
	for _, seed := range jsonSeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read(strings.NewReader(string(data)), Options{Secret: func(string) {}, Edits: func(terraform.Change) bool { return true }})
		if err != nil {
			return
		}
		unclear := 0
		for _, c := range p.Changes {
			if c.At.Offset < 0 || c.At.Length <= 0 || c.At.Offset+c.At.Length > int64(len(data)) {
				t.Fatalf("%s stands at %+v of %d bytes", c.Address, c.At, len(data))
			}
			_, _ = Diff(data[c.At.Offset : c.At.Offset+c.At.Length])
			if c.Action == terraform.Unclear {
				unclear++
			}
		}
		if unclear > 0 && len(p.Problems) == 0 || p.Complete && (unclear > 0 || len(p.Problems) > 0 || p.Errored) || len(p.Problems) > 21 {
			t.Fatalf("complete %v with %d changes that are not understood, problems %q", p.Complete, unclear, p.Problems)
		}
		if !p.Complete {
			return
		}
		if err := agrees(p, data); err != nil {
			t.Fatal(err)
		}
	})
}

// agrees compares a complete plan with what encoding/json reads of it.
func agrees(p terraform.Plan, data []byte) error {
	var plan map[string]any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(data), byteOrderMark)), &plan); err != nil {
		return fmt.Errorf("it is not valid, but complete: %w", err)
	}
	if plan["errored"] == true || plan["complete"] == false {
		return fmt.Errorf("errored is %v, complete is %v", plan["errored"], plan["complete"])
	}
	changes, _ := plan["resource_changes"].([]any)
	if len(changes) != len(p.Changes)+p.Unchanged {
		return fmt.Errorf("%d changes and %d that are none, of %d", len(p.Changes), p.Unchanged, len(changes))
	}
	for _, c := range changes {
		object, _ := c.(map[string]any)
		change, _ := object["change"].(map[string]any)
		switch set := fmt.Sprint(change["actions"]); set {
		case "[create]", "[update]", "[delete]", "[read]", "[no-op]", "[forget]", "[create delete]", "[delete create]", "[create forget]", "[forget create]":
		default:
			return fmt.Errorf("the actions %s are in a complete plan", set)
		}
	}
	return nil
}

func FuzzDiff(f *testing.F) {
	for _, seed := range jsonSeeds(f) {
		p, err := Read(strings.NewReader(string(seed)), Options{})
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range p.Changes {
			f.Add(seed[c.At.Offset : c.At.Offset+c.At.Length])
		}
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		lines, err := Diff(object)
		if err != nil {
			return
		}
		if len(lines) > maxLines+1 {
			t.Fatalf("%d lines", len(lines))
		}
		for _, l := range lines {
			if l.Depth < 0 || l.Depth > maxDepth+1 || len(l.Before.String()) > 4*maxShown || len(l.After.String()) > 4*maxShown {
				t.Fatalf("a line is too deep or too long: %+v", l)
			}
			if strings.ContainsAny(l.Name.String()+l.Before.String()+l.After.String(), "\x1b\n\r\t\x00") {
				t.Fatalf("a line is not clean: %+v", l)
			}
		}
	})
}

// TestMarkedValuesAreNeverShown draws two values and their marks.
func TestMarkedValuesAreNeverShown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := 0
		var value func(levels int, marked bool) (v, mark any)
		value = func(levels int, marked bool) (v, mark any) {
			here := rapid.IntRange(0, 5).Draw(t, "marked") == 0
			if here {
				mark = true
			}
			switch kind := rapid.IntRange(0, 4).Draw(t, "kind"); {
			case kind == 0 && levels > 0:
				object, marks := map[string]any{}, map[string]any{}
				for _, name := range []string{"a", "b", "c"}[:rapid.IntRange(0, 3).Draw(t, "members")] {
					object[name], marks[name] = value(levels-1, marked || here)
				}
				if v = object; !here {
					mark = marks
				}
			case kind == 1 && levels > 0:
				list, marks := []any{}, []any{}
				for range rapid.IntRange(0, 3).Draw(t, "elements") {
					e, m := value(levels-1, marked || here)
					list, marks = append(list, e), append(marks, m)
				}
				if v = list; !here {
					mark = marks
				}
			case kind == 2:
				v = nil
			default:
				n++
				word := "open"
				if marked || here {
					word = "secret"
				}
				v = fmt.Sprintf("%s-%d%s", word, n, rapid.SampledFrom([]string{"", "\nmore", " \"quoted\""}).Draw(t, "end"))
			}
			return v, mark
		}
		before, beforeMark := value(3, false)
		after, afterMark := value(3, false)
		object, err := json.Marshal(map[string]any{"address": "a.b", "change": map[string]any{
			"actions": []string{"update"}, "before": map[string]any{"v": before}, "after": map[string]any{"v": after},
			"before_sensitive": map[string]any{"v": beforeMark}, "after_sensitive": map[string]any{"v": afterMark},
		}})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := Diff(object)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if strings.Contains(l.Before.String()+l.After.String()+l.Name.String(), "secret-") {
				t.Fatalf("%s\nshows\n%s", object, shownLines(lines))
			}
		}
	})
}
