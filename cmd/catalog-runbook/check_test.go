package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/steps/practice"
)

// wantCheckShape is a promise to whoever reads the JSON: the names, their order
// and the types of the values.
const wantCheckShape = `{steps: [{id: string, kind: string, verdict: string, summary: string, evidence: [{name: string, value: string, source: string, observed_at: string}]}], exit: number}`

func TestCheckJSON(t *testing.T) {
	w := startPractice(t, "calm")
	code, out := runIn(t, w, "check", "--json", "--release", "v1.5.3")
	if code != exitUnknown {
		t.Errorf("exit code %d, want %d", code, exitUnknown)
	}
	d := json.NewDecoder(strings.NewReader(out))
	if got := shape(t, d); got != wantCheckShape {
		t.Errorf("the shape is\n%s\nwant\n%s", got, wantCheckShape)
	}
	var answer struct {
		Steps []struct {
			ID, Kind, Verdict string
			Evidence          []struct {
				At time.Time `json:"observed_at"`
			}
		}
		Exit int
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Exit != code {
		t.Errorf("exit is %d, but the program ended with %d", answer.Exit, code)
	}
	var verdicts []string
	for _, step := range answer.Steps {
		verdicts = append(verdicts, step.Kind+" "+step.Verdict)
		if step.Evidence == nil {
			t.Errorf("the evidence of %s is null, not an empty list", step.ID)
		}
		for _, e := range step.Evidence {
			if since := time.Since(e.At); since < 0 || since > time.Minute {
				t.Errorf("%s: evidence was observed at %v", step.ID, e.At)
			}
		}
	}
	want := []string{"release passed", "image-tag passed", "idle-dags passed", "bump unknown", "plan-and-apply manual"}
	if !slices.Equal(verdicts, want) {
		t.Errorf("the verdicts are %q, want %q", verdicts, want)
	}
}

// Evidence that there is none of is an empty list, not null.
func TestCheckJSONWithoutEvidence(t *testing.T) {
	w := startPractice(t, "calm")
	code, out := runIn(t, w, "check", "--json", writeFile(t, "plants.md", "1. Water the plants.\n"))
	want := `{
  "steps": [
    {
      "id": "#1",
      "kind": "manual",
      "verdict": "manual",
      "summary": "Water the plants.",
      "evidence": []
    }
  ],
  "exit": 0
}
`
	if code != 0 || out != want {
		t.Errorf("exit code %d and %s, want 0 and %s", code, out, want)
	}
}

func TestCheckNamesTheActiveRuns(t *testing.T) {
	w := startPractice(t, "busy-dags")
	code, out := runIn(t, w, "check", "--step", "airflow/service-deployments/deployment-workflow#3")
	if code != exitFailed || !strings.Contains(out, "2 DAG runs are active") || strings.Count(out, "/dags/") < 2 {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// No secret of the settings or the environment is ever printed.
func TestCheckKeepsSecrets(t *testing.T) {
	w := startPractice(t, "calm")
	_, out := runIn(t, w, "check", "--json")
	for _, secret := range []string{w.GitHubToken(), w.AirflowPassword()} {
		if strings.Contains(out, secret) {
			t.Errorf("a secret is in the output:\n%s", out)
		}
	}
}

func startPractice(t *testing.T, scenario string) *practice.World {
	t.Helper()
	w, err := practice.Start(scenario, practice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// runIn runs the program in this process, with settings that lead to the world,
// and returns the exit code and what it wrote for other programs.
func runIn(t *testing.T, w *practice.World, args ...string) (code int, out string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), settings.FileName)
	if err := os.WriteFile(file, []byte(worldSettings(w)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	env := map[string]string{"GH_TOKEN": w.GitHubToken(), "AIRFLOW_PASSWORD": w.AirflowPassword()}
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"catalog-runbook"}, append(args, "--settings", file)...), streams{
		in: os.Stdin, out: &stdout, err: &stderr,
		environ: func() []string { return nil }, getenv: func(name string) string { return env[name] },
	})
	if code == exitUsage {
		t.Fatalf("the program says %s", stderr.String())
	}
	return code, stdout.String()
}

// shape reads one value and returns its keys in order, and the types of the
// values. All elements of a list must have one shape; an empty list takes that
// of its siblings.
func shape(t *testing.T, d *json.Decoder) string {
	t.Helper()
	token, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	switch v := token.(type) {
	case json.Delim:
		var parts []string
		for d.More() {
			if v == '{' {
				key, err := d.Token()
				if err != nil {
					t.Fatal(err)
				}
				parts = append(parts, fmt.Sprintf("%s: %s", key, shape(t, d)))
			} else {
				parts = append(parts, shape(t, d))
			}
		}
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		if v == '{' {
			return "{" + strings.Join(parts, ", ") + "}"
		}
		return "[" + common(t, parts) + "]"
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	}
	return "null"
}

// common returns the one shape of a list's elements. A step without evidence is
// like one with.
func common(t *testing.T, parts []string) string {
	t.Helper()
	longest := ""
	for _, p := range parts {
		if len(p) > len(longest) {
			longest = p
		}
	}
	for _, p := range parts {
		if p != longest && !strings.HasPrefix(longest, strings.TrimSuffix(p, "]}")) {
			t.Errorf("elements of one list differ: %s and %s", p, longest)
		}
	}
	return longest
}
