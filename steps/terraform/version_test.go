package terraform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
)

// block is a change of the service's instance, as a text shows it.
func block(lines ...string) Change {
	c := change(Replace, "aws_instance.catalog_airflow")
	c.Body = clean.Block("  # aws_instance.catalog_airflow must be replaced\n-/+ resource \"aws_instance\" \"catalog_airflow\" {\n" +
		strings.Join(lines, "\n") + "\n    }")
	return c
}

// raw is the same, as a JSON plan has it.
func raw(object string) Change {
	c := change(Replace, "aws_instance.catalog_airflow")
	c.Raw = []byte(`{"address":"aws_instance.catalog_airflow","change":` + object + `}`)
	return c
}

func TestJudgeVersion(t *testing.T) {
	const (
		sets   = "aws_instance.catalog_airflow sets v1.5.4"
		silent = "the plan does not show which version aws_instance.catalog_airflow sets"
	)
	other := func(v string) string { return "aws_instance.catalog_airflow sets " + v + ", not v1.5.4" }
	for name, test := range map[string]struct {
		change Change
		want   string // the finding; a blocking one has "not" in it
	}{
		"in a value":              {block(`      ~ user_data = "TAG=v1.5.3" -> "TAG=v1.5.4" # forces replacement`), sets},
		"another in a value":      {block(`      ~ user_data = "TAG=v1.5.2" -> "TAG=v1.5.3" # forces replacement`), other("v1.5.3")},
		"the old one again":       {block(`      ~ user_data = "TAG=v1.5.4" -> "TAG=v1.5.3" # forces replacement`), other("v1.5.3")},
		"a hash":                  {block(`      ~ user_data = "2c26b46b68ffc68ff99b453c1d304134" -> "fcde2b2edba56bf408601fb721fe9b5c" # forces replacement`), silent},
		"unknown":                 {block(`      ~ user_data = "TAG=v1.5.3" -> (known after apply) # forces replacement`), silent},
		"sensitive":               {block(`      ~ user_data = (sensitive value) # forces replacement`), silent},
		"another image":           {block(`      ~ ami = "ami-0f1b7de91bd9ac25e" -> "ami-1f1b7de91bd9ac25e"`), silent},
		"latest":                  {block(`      ~ user_data = "TAG=v1.5.3" -> "TAG=latest"`), other("latest")},
		"latest, in a tag":        {block(`      ~ tags = {`, `          ~ "Version" = "v1.5.3" -> "latest"`, `        }`), other("latest")},
		"a candidate":             {block(`      ~ user_data = "TAG=v1.5.3" -> "TAG=v1.5.4-rc1"`), other("v1.5.4-rc1")},
		"behind a name":           {block(`      ~ user_data = "image:catalog-v1.5.3" -> "image:catalog-v1.5.4"`), sets},
		"in a value with arrows":  {block(`      ~ note = "a -> v1.5.3" -> "a -> v1.5.4"`), sets},
		"one of several":          {block(`      ~ a = "v2.0.0" -> "v2.1.0"`, `      ~ b = "v1.5.3" -> "v1.5.4"`), sets},
		"a version goes":          {block(`      ~ a = "v1.5.3" -> null`, `      ~ name = "a" -> "b"`), silent},
		"a version, and a name":   {block(`      ~ a = "v1.5.3" -> (known after apply)`, `      ~ name = "old" -> "new"`), silent},
		"numbers of another kind": {block(`      ~ private_ip = "10.0.12.34" -> "10.0.12.35"`, `      ~ engine = "13.10" -> "13.11"`), silent},
		"in a list": {block(`      ~ images = [`, `          - "catalog:v1.5.3",`, `          + "catalog:v1.5.4",`,
			`        ]`), sets},
		"in lines": {block(
			`      ~ user_data = <<-EOT # forces replacement`,
			`            PORT=9090`,
			`          - TAG=v1.5.3`,
			`          + TAG=v1.5.4`,
			`        EOT`,
			`      ~ name = "a" -> "b"`), sets},
		"another in lines": {block(
			`      ~ user_data = <<-EOT # forces replacement`,
			`          - TAG=v1.5.2`,
			`          + TAG=v1.5.3`,
			`            # v1.5.4 was withdrawn`,
			`        EOT`), other("v1.5.3")},
		"lines that look marked": {block(
			`      ~ user_data = <<-EOT # forces replacement`,
			`          - PORT=9090`,
			`          + PORT=9091`,
			`            - v1.5.3`,
			`            + v1.5.2`,
			`        EOT`), silent},
		"new lines": {block(
			`      + user_data = <<-EOT`,
			`            TAG=v1.5.3`,
			`        EOT`), other("v1.5.3")},
		"moved lines": {block(
			`      ~ user_data = <<-EOT`,
			`          - TAG=v1.5.3`,
			`            PORT=9090`,
			`          + TAG=v1.5.3`,
			`        EOT`), silent},

		"JSON":                {raw(`{"before":{"user_data":"PORT=1\nTAG=v1.5.3\n"},"after":{"user_data":"PORT=1\nTAG=v1.5.4\n"}}`), sets},
		"JSON: another":       {raw(`{"before":{"user_data":"TAG=v1.5.2"},"after":{"user_data":"TAG=v1.5.3"}}`), other("v1.5.3")},
		"JSON: latest":        {raw(`{"before":{"user_data":"A=1\nTAG=v1.5.2"},"after":{"user_data":"A=2\nTAG=latest"}}`), other("latest")},
		"JSON: deep":          {raw(`{"before":{"a":[{"b":["v1.5.2"]}]},"after":{"a":[{"b":["v1.5.3"]}]}}`), other("v1.5.3")},
		"JSON: the same":      {raw(`{"before":{"user_data":"TAG=v1.5.3","n":1},"after":{"user_data":"TAG=v1.5.3","n":2}}`), silent},
		"JSON: the same line": {raw(`{"before":{"user_data":"TAG=v1.5.3\nA=1"},"after":{"user_data":"A=2\nTAG=v1.5.3"}}`), silent},
		"JSON: unknown":       {raw(`{"before":{"user_data":"TAG=v1.5.3","name":"a"},"after":{"name":"b"},"after_unknown":{"user_data":true}}`), silent},
		"JSON: sensitive":     {raw(`{"before":{"user_data":"TAG=v1.5.2"},"after":{"user_data":"TAG=v1.5.3"},"before_sensitive":{},"after_sensitive":{"user_data":true}}`), silent},
		"JSON: all sensitive": {raw(`{"before":{"a":["v1.5.2"]},"after":{"a":["v1.5.3"]},"before_sensitive":{"a":[true]},"after_sensitive":{}}`), silent},
		"JSON: another one":   {raw(`{"before":{"a":["v1.5.3"]},"after":{"a":["b"]}}`), silent},
		"JSON: created":       {raw(`{"before":null,"after":{"user_data":"TAG=v1.5.4"}}`), sets},
		"JSON: garbled":       {raw(`{`), silent},
	} {
		t.Run(name, func(t *testing.T) {
			policy := Policy{Service: "catalog-airflow", Release: "v1.5.4"}
			j := Judge(Plan{JSON: true, Complete: true, Changes: []Change{test.change}}, policy)
			blocks := strings.Contains(test.want, ", not ")
			var got []string
			for _, f := range j.Findings {
				if f.Rule == RuleVersion {
					got = append(got, f.Text.String())
					if f.Blocks != blocks {
						t.Errorf("blocks: %v", f.Blocks)
					}
				}
			}
			if strings.Join(got, "|") != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if failed := j.Verdict == Failed; failed != blocks || j.Verdict == Unknown {
				t.Errorf("got %s, %s", j.Verdict, j.Summary)
			}
			policy.Release = ""
			if j := Judge(Plan{JSON: true, Complete: true, Changes: []Change{test.change}}, policy); j.Verdict != Passed {
				t.Errorf("without a release: got %s, %s", j.Verdict, j.Summary)
			}
		})
	}
}

func TestJudgeVersionIsShownByOneOfTwo(t *testing.T) {
	template := change(Update, "aws_launch_template.catalog_airflow")
	p := Plan{JSON: true, Complete: true, Changes: []Change{template, block(`      ~ tag = "v1.5.3" -> "v1.5.4"`)}}
	j := Judge(p, Policy{Service: "catalog-airflow", Release: "v1.5.4"})
	n := 0
	for _, f := range j.Findings {
		if f.Rule == RuleVersion {
			n++
		}
	}
	if j.Verdict != Passed || n != 1 {
		t.Errorf("got %s, %+v", j.Verdict, j.Findings)
	}
}

func TestJudgeVersionOfFixture(t *testing.T) {
	for release, want := range map[string]Verdict{"v1.5.3": Passed, "v1.5.4": Failed, "v1.5.2": Failed, "main": Passed, "": Passed} {
		j := Judge(read(t, fixture(t, "cloud-deploy")), Policy{Service: "catalog-airflow", Release: release})
		if j.Verdict != want {
			t.Errorf("%q: got %s, %s", release, j.Verdict, j.Summary)
		}
	}
}

// Some values have a version on each of very many lines.
func TestJudgeManyVersions(t *testing.T) {
	const n = 200_000
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "v%d.%d.1\\n", i, i)
	}
	object := func(after string) Plan {
		return Plan{JSON: true, Complete: true, Changes: []Change{raw(`{"before":{"u":""},"after":{"u":"` + after + `"}}`)}}
	}
	released := Policy{Service: "catalog-airflow", Release: "v1.5.3"}
	began := time.Now()
	j := Judge(object(lines.String()), released)
	if took := time.Since(began); took > 10*time.Second { // it was a minute where each was compared with each
		t.Errorf("it took %s", took)
	}
	if want := "sets v0.0.1, v1.1.1, v2.2.1 and 97 more, not v1.5.3"; j.Verdict != Failed || !strings.Contains(j.Summary.String(), want) {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
	if j := Judge(object(lines.String()+"v1.5.3"), released); j.Verdict != Passed {
		t.Errorf("with the release on its last line: got %s, %s", j.Verdict, j.Summary)
	}
}

func TestShapeOf(t *testing.T) {
	for _, test := range []struct {
		release string
		like    string
		unlike  string
	}{
		{"v1.5.4", "v1.5.3 v10.20.30 v1.5.3-rc1", "1.5.3 v1.5 v1.5.3.1 latest v1.5.x"},
		{"1.5.4", "1.5.3 2.0.0", "v1.5.3 10.0.12.34 13.10 5"},
		{"rel-2026.05.04", "rel-2026.05.03", "2026.05.03 v2026.05.03"},
		{"4f2a9c1d", "4f2a9c1d", "4f2a9c1e 2c26b46b"},
		{"42", "", "42 43"},
		{"main", "", "main latest"},
	} {
		s := shapeOf(test.release)
		for _, w := range strings.Fields(test.like) {
			if !s.is(w) {
				t.Errorf("%s is not like %s", w, test.release)
			}
		}
		for _, w := range strings.Fields(test.unlike) {
			if s.is(w) {
				t.Errorf("%s is like %s", w, test.release)
			}
		}
	}
}
