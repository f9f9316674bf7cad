package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/review"
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

// The shape is part of the command line. `help json` documents it.
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
	if want := "resources: 1 not understood, 1 destroyed, 1 forgotten, 1 replaced, 1 updated, 1 created, 1 imported, 1 read, 8 left as they are"; listCounts(got) != want {
		t.Errorf("got %s", listCounts(got))
	}
	if listCounts(verdictCounts{}) != "resources: no changes" {
		t.Errorf("got %s", listCounts(verdictCounts{}))
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
	if _, err := (givenPlan{Plan: "-"}).read(ctx, streams{in: in}, review.Options{}); err != context.DeadlineExceeded {
		t.Errorf("got %v", err)
	}
}

// TestTopicWorkflow runs what the workflow in the topic about plans runs, as GitHub does.
func TestTopicWorkflow(t *testing.T) {
	_, workflow, _ := strings.Cut(topic(t, "plans"), "\nname: Plan\n")
	workflow, _, _ = strings.Cut(workflow, "\n```")
	for _, use := range regexp.MustCompile(`uses: (.*)`).FindAllStringSubmatch(workflow, -1) {
		if !regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40} # v[0-9.]+$`).MatchString(use[1]) {
			t.Errorf("%s is not pinned", use[1])
		}
	}
	steps := regexp.MustCompile(`run: (.*verdict.*)`).FindAllStringSubmatch(workflow, -1)
	if len(steps) != 2 {
		t.Fatalf("%d steps give a verdict", len(steps))
	}
	for plan, fails := range map[string]bool{"cloud-deploy.json": false, "cloud-database-destroy.json": true} {
		folder := t.TempDir()
		path, err := filepath.Abs(filepath.Join(plans, plan))
		if err != nil {
			t.Fatal(err)
		}
		fake := "#!/bin/sh\nif [ \"$*\" = \"show -json $RUNNER_TEMP/plan\" ]; then exec cat '" + path + "'; fi\nexit 1\n"
		if err := os.WriteFile(filepath.Join(folder, "terraform"), []byte(fake), 0o755); err != nil {
			t.Fatal(err)
		}
		summary := filepath.Join(folder, "summary")
		var out []byte
		for i, step := range steps {
			cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step[1])
			cmd.Dir = folder
			cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "HOME="+folder, "RUNNER_TEMP="+folder, "GITHUB_STEP_SUMMARY="+summary)
			if out, err = cmd.Output(); (err != nil) != (fails && i == 1) {
				t.Errorf("%s: %s: %v\n%s", plan, step[1], err, out)
			}
		}
		text, err := os.ReadFile(summary)
		if err != nil {
			t.Fatal(err)
		}
		if verdict := map[bool]string{true: "Plan failed", false: "Plan passed"}[fails]; !strings.Contains(string(text), verdict) || !strings.Contains(string(out), "title="+verdict+"::") {
			t.Errorf("%s: the summary is\n%s\nand the log\n%s", plan, text, out)
		}
	}
}
