package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/terraform"
)

// verdictOn runs the program in this process with a plan on its standard input.
func verdictOn(t *testing.T, plan string, args ...string) (code int, out string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "plan")
	if err := os.WriteFile(file, []byte(plan), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	t.Chdir(t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", "")
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"catalog-runbook", "verdict", "-"}, args...), streams{
		in: in, out: &stdout, err: &stderr,
		environ: func() []string { return nil }, getenv: func(string) string { return "" },
	})
	if code == exitUsage {
		t.Fatalf("the program says %s", stderr.String())
	}
	return code, stdout.String()
}

func planFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(plans, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const verdictJSON = `{
  "verdict": "failed",
  "counts": {
    "create": 0,
    "update": 1,
    "delete": 0,
    "replace": 1,
    "forget": 0,
    "import": 0,
    "read": 0,
    "no-op": 2,
    "unknown": 0
  },
  "findings": [
    {
      "rule": "version",
      "address": "aws_instance.catalog_airflow",
      "actions": [
        "delete",
        "create"
      ],
      "blocks": true,
      "text": "aws_instance.catalog_airflow sets v1.5.3, not v1.5.4"
    },
    {
      "rule": "service-instance",
      "address": "aws_instance.catalog_airflow",
      "actions": [
        "delete",
        "create"
      ],
      "blocks": false,
      "text": "aws_instance.catalog_airflow would be replaced (forced by user_data)"
    },
    {
      "rule": "changed-with-it",
      "address": "aws_route53_record.record",
      "actions": [
        "update"
      ],
      "blocks": false,
      "text": "aws_route53_record.record would be updated"
    }
  ]
}
`

// The shape is part of the command line. It is documented in the README.
func TestVerdictJSON(t *testing.T) {
	deploy, idle := planFile(t, "cloud-deploy.json"), planFile(t, "no-changes.json")
	code, out := verdictOn(t, deploy, "--json", "--release", "v1.5.4")
	if code != exitFailed || out != verdictJSON {
		t.Errorf("exit code %d\n%s", code, out)
	}
	// What is about the whole plan has neither an address nor actions.
	code, out = verdictOn(t, idle, "--json")
	if code != exitFailed || !strings.Contains(out, `"address": "",`) || !strings.Contains(out, `"actions": [],`) {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

func TestVerdictCountsEveryResourceOnce(t *testing.T) {
	var p terraform.Plan
	p.Unchanged = 7
	for _, action := range append([]string{"unknown"}, terraform.Actions...) {
		p.Changes = append(p.Changes, terraform.Change{Action: terraform.Action(action), Imported: action == "update"})
	}
	got := verdictOf(p, terraform.Judgement{}).Counts
	if want := (verdictCounts{1, 1, 1, 1, 1, 1, 1, 8, 1, 0}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if want := "resources: 1 not understood, 1 destroyed, 1 forgotten, 1 replaced, 1 updated, 1 created, 1 imported, 1 read, 8 left as they are"; countLine(got) != want {
		t.Errorf("got %s", countLine(got))
	}
	if countLine(verdictCounts{}) != "resources: none are changed" {
		t.Errorf("got %s", countLine(verdictCounts{}))
	}
}

// hostile is a plan whose keys hold a secret and what a terminal would obey.
func hostile(t *testing.T) string {
	t.Helper()
	var p map[string]any
	if err := json.Unmarshal([]byte(planFile(t, "cloud-deploy.json")), &p); err != nil {
		t.Fatal(err)
	}
	p["resource_changes"] = append(p["resource_changes"].([]any), map[string]any{
		"address": "aws_route53_record.a[\"correct-horse-\x1b[2J\"]", "mode": "managed", "type": "aws_route53_record", "name": "a",
		"index": "correct-horse-\x1b[2J",
		"change": map[string]any{
			"actions": []string{"update"}, "before": map[string]any{"password": "correct-horse-"}, "after": map[string]any{"password": "b"},
			"before_sensitive": map[string]any{"password": true}, "after_sensitive": map[string]any{}, "after_unknown": map[string]any{},
		},
	})
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestVerdictKeepsSecretsAndCleans(t *testing.T) {
	plan := hostile(t)
	for _, args := range [][]string{{"--json"}, nil} {
		_, out := verdictOn(t, plan, args...)
		if strings.Contains(out, "correct-horse") || strings.ContainsRune(out, 0x1b) {
			t.Errorf("%q: a secret or an escape is in the output:\n%q", args, out)
		}
		if !strings.Contains(out, `aws_route53_record.a[`) {
			t.Errorf("%q: the record is not in the output:\n%s", args, out)
		}
	}
}

// Nothing may ever come on standard input.
func TestVerdictCanBeInterrupted(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := (verdictCommand{Plan: "-"}).read(ctx, streams{in: in}, terraform.Policy{}); err != context.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
}
