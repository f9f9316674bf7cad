package terraform_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	. "catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/exact"
)

func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func gzipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// replacing is a plan that replaces a resource of the service.
func replacing(t *testing.T, kind string, before, after map[string]any, more string) Plan {
	t.Helper()
	was, _ := json.Marshal(before)
	is, _ := json.Marshal(after)
	plan := fmt.Sprintf(`{"format_version":"1.2","errored":false,"complete":true,"resource_changes":[{"address":"%s.catalog_airflow","mode":"managed","type":%q,
"change":{"actions":["delete","create"],"before":%s,"after":%s%s}}]}`, kind, kind, was, is, more)
	p, err := exact.Read(strings.NewReader(plan), exact.Options{Edits: func(Change) bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestJudgePayload(t *testing.T) {
	const old, now, sha1, other = "#!/bin/sh\nA=1\nTAG=v1.5.3\n", "#!/bin/sh\nA=1\nTAG=v1.5.4\n", "b53eecbc1b5d8fc1cfdabe2516147a528440b786", "c3546a7dce621ec98b3681ea82ac092f12972da2"
	type values = map[string]any
	for name, test := range map[string]struct {
		kind          string
		before, after values
		more          string
		want          Verdict
		says          string
	}{
		"changed":    {"aws_instance", values{"user_data": old}, values{"user_data": now}, "", Passed, "sets v1.5.4"},
		"to another": {"aws_instance", values{"user_data": now}, values{"user_data": old}, "", Failed, "sets v1.5.3, not v1.5.4"},
		"for another reason": {"aws_instance", values{"user_data": old, "ami": "a"}, values{"user_data": old, "ami": "b"}, "", Failed,
			"user_data of aws_instance.catalog_airflow still names v1.5.3, not v1.5.4"},
		"another line of it": {"aws_instance", values{"user_data": old}, values{"user_data": strings.Replace(old, "A=1", "A=2", 1)}, "", Failed, "still names v1.5.3"},
		"the same release":   {"aws_instance", values{"user_data": now, "ami": "a"}, values{"user_data": now, "ami": "b"}, "", Passed, "names v1.5.4 already"},
		"no version in it":   {"aws_instance", values{"user_data": "x", "ami": "a"}, values{"user_data": "x", "ami": "b"}, "", Failed, "stays the same, and does not name v1.5.4"},
		"the version in a tag": {"aws_instance", values{"user_data": "x", "tags": values{"v": "v1.5.3"}}, values{"user_data": "x", "tags": values{"v": "v1.5.4"}}, "", Passed,
			"sets v1.5.4"},
		"the version in a tag alone": {"aws_instance", values{"user_data": old, "tags": values{"v": "v1.5.3"}}, values{"user_data": old, "tags": values{"v": "v1.5.4"}}, "", Failed,
			"still names v1.5.3"},
		"a tag, and a hash that stays": {"aws_instance", values{"user_data": sha1, "tags": values{"v": "v1.5.3"}}, values{"user_data": sha1, "tags": values{"v": "v1.5.4"}}, "", Failed,
			"is a hash, and stays the same"},
		"a hash":       {"aws_instance", values{"user_data": sha1}, values{"user_data": other}, "", Passed, "changes, and is a hash"},
		"unknown":      {"aws_instance", values{"user_data": old}, values{}, `,"after_unknown":{"user_data":true}`, Passed, "does not show which version"},
		"no user data": {"aws_instance", values{"ami": "a"}, values{"ami": "b", "user_data": nil}, "", Passed, "does not show which version"},
		"base64": {"aws_instance", values{"user_data_base64": base64Of(old)}, values{"user_data_base64": base64Of(now)}, "",
			Passed, "sets v1.5.4"},
		"base64, another": {"aws_instance", values{"user_data_base64": base64Of(now)}, values{"user_data_base64": base64Of(old)}, "",
			Failed, "sets v1.5.3, not v1.5.4"},
		"gzip":          {"aws_instance", values{"user_data_base64": gzipped(old)}, values{"user_data_base64": gzipped(now)}, "", Passed, "sets v1.5.4"},
		"gzip, another": {"aws_instance", values{"user_data_base64": gzipped(now)}, values{"user_data_base64": gzipped(old)}, "", Failed, "sets v1.5.3"},
		"sensitive":     {"aws_instance", values{"user_data": old}, values{"user_data": now}, `,"after_sensitive":{"user_data":true}`, Passed, "sets v1.5.4"},
		"sensitive, another": {"aws_instance", values{"user_data": now + "KEY=v1.5.9-hunter22\n"}, values{"user_data": old + "KEY=v1.5.8-hunter23\n"},
			`,"before_sensitive":{"user_data":true},"after_sensitive":{"user_data":true}`, Failed, "sets v1.5.3, v1.5.8, not v1.5.4"},
		"sensitive, and a word": {"aws_instance", values{"user_data": "TAG=v1.5.3"}, values{"user_data": "TAG=correcthorse"},
			`,"before_sensitive":{"user_data":true},"after_sensitive":{"user_data":true}`, Failed, "sets another version, not v1.5.4"},
		"a triggers of numbers": {"null_resource", values{"triggers": values{"n": 1, "v": "v1.5.3"}}, values{"triggers": values{"n": 2, "v": "v1.5.3"}}, "", Failed, "still names v1.5.3"},
	} {
		t.Run(name, func(t *testing.T) {
			j := Judge(replacing(t, test.kind, test.before, test.after, test.more),
				Policy{Service: "catalog-airflow", Instance: []string{"*"}, Release: "v1.5.4"})
			text := ""
			for _, f := range j.Findings {
				text += f.Text.String() + "\n"
			}
			if j.Verdict != test.want || !strings.Contains(text, test.says) {
				t.Errorf("got %s, %s", j.Verdict, text)
			}
			for _, secret := range []string{"hunter", "correct"} {
				if strings.Contains(text, secret) {
					t.Errorf("it shows what is sensitive: %s", text)
				}
			}
		})
	}
}

// A text hides what stays the same, so it is never judged more leniently.
func TestJudgePayloadOfText(t *testing.T) {
	for body, want := range map[string]Verdict{
		`      ~ user_data = "TAG=v1.5.3" -> "TAG=v1.5.4" # forces replacement`:                                               Passed,
		`      ~ user_data = "TAG=v1.5.4" -> "TAG=v1.5.3" # forces replacement`:                                               Failed,
		`      ~ user_data_base64 = "` + base64Of("TAG=v1.5.3") + `" -> "` + base64Of("TAG=v1.5.4") + `"`:                     Passed,
		`      ~ user_data_base64 = "` + base64Of("TAG=v1.5.4") + `" -> "` + base64Of("TAG=v1.5.3") + `"`:                     Failed,
		`      ~ user_data = (sensitive value) # forces replacement`:                                                          Unknown,
		`      ~ user_data = "TAG=v1.5.3" -> (known after apply) # forces replacement`:                                        Passed,
		`      ~ user_data = "b53eecbc1b5d8fc1cfdabe2516147a528440b786" -> "c3546a7dce621ec98b3681ea82ac092f12972da2"`:        Passed,
		`      ~ ami = "a" -> "b" # forces replacement`:                                                                       Unknown,
		"      ~ tags = {\n          ~ \"v\" = \"v1.5.3\" -> \"v1.5.4\"\n        }":                                           Unknown,
		"      ~ user_data = <<-EOT\n          - A=1\n          + A=2\n            TAG=v1.5.3\n        EOT":                   Failed,
		"      ~ user_data = <<-EOT\n          - TAG=v1.5.3\n          + TAG=v1.5.4\n            A=1\n        EOT":            Passed,
		"      ~ user_data = <<-EOT\n          - A=1\n          + A=2\n            # (4 unchanged lines hidden)\n        EOT": Unknown,
		"      ~ user_data = <<-EOT\n            TAG=v1.5.3\n        EOT -> (known after apply)":                              Passed,
	} {
		p := read(t, "Terraform will perform the following actions:\n\n  # aws_instance.catalog_airflow must be replaced\n"+
			"-/+ resource \"aws_instance\" \"catalog_airflow\" {\n"+body+"\n    }\n\nPlan: 1 to add, 0 to change, 1 to destroy.\n")
		if j := Judge(p, Policy{Service: "catalog-airflow", Release: "v1.5.4"}); j.Verdict != want {
			t.Errorf("%s\ngot %s, %s", body, j.Verdict, j.Summary)
		}
	}
}

// TestTextOfAListShowsTheVersion reads a value of which a text shows what changes.
func TestTextOfAListShowsTheVersion(t *testing.T) {
	text := func(lines string) string {
		return "Terraform will perform the following actions:\n\n  # terraform_data.catalog_airflow must be replaced\n" +
			"-/+ resource \"terraform_data\" \"catalog_airflow\" {\n      ~ id               = \"0\" -> (known after apply)\n" + lines +
			"    }\n\nPlan: 1 to add, 0 to change, 1 to destroy.\n"
	}
	policy := Policy{Service: "catalog-airflow", Instance: []string{"terraform_data.catalog_airflow"}, Release: "v1.5.3"}
	for name, test := range map[string]struct {
		lines   string
		verdict Verdict
	}{
		"the release":           {"      ~ triggers_replace = [\n          ~ \"v1.5.2\" -> \"v1.5.3\",\n        ]\n", Passed},
		"another":               {"      ~ triggers_replace = [\n          ~ \"v1.5.2\" -> \"v1.5.1\",\n        ]\n", Failed},
		"something else":        {"      ~ triggers_replace = [\n          ~ \"a\" -> \"b\",\n            # (1 unchanged element hidden)\n        ]\n", Unknown},
		"the release elsewhere": {"      ~ triggers_replace = [\n          ~ \"a\" -> \"b\",\n            # (1 unchanged element hidden)\n        ]\n      ~ input            = \"v1.5.2\" -> \"v1.5.3\"\n", Unknown},
	} {
		if j := Judge(read(t, text(test.lines)), policy); j.Verdict != test.verdict {
			t.Errorf("%s: got %s, %s, want %s", name, j.Verdict, j.Summary, test.verdict)
		}
	}
}
