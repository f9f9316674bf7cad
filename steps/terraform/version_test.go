package terraform_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	. "catalog-runbook/steps/terraform"
)

// block is a change of the service's instance, as a text shows it. The type has no
// attribute that says what it runs; see TestJudgePayload.
func block(t *testing.T, lines ...string) Change {
	t.Helper()
	return read(t, "Terraform will perform the following actions:\n\n"+
		"  # google_compute_instance.catalog_airflow must be replaced\n-/+ resource \"google_compute_instance\" \"catalog_airflow\" {\n"+
		strings.Join(lines, "\n")+"\n    }\n\nPlan: 1 to add, 0 to change, 1 to destroy.\n").Changes[0]
}

// raw is the same, as a JSON plan has it.
func raw(t *testing.T, object string) Change {
	t.Helper()
	c := change(Replace, "aws_instance.catalog_airflow")
	c.Edits = readJSON(t, `{"address":"aws_instance.catalog_airflow","change":`+object+`}`).Changes[0].Edits
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
		"in a value":              {block(t, `      ~ user_data = "TAG=v1.5.3" -> "TAG=v1.5.4" # forces replacement`), sets},
		"another in a value":      {block(t, `      ~ user_data = "TAG=v1.5.2" -> "TAG=v1.5.3" # forces replacement`), other("v1.5.3")},
		"the old one again":       {block(t, `      ~ user_data = "TAG=v1.5.4" -> "TAG=v1.5.3" # forces replacement`), other("v1.5.3")},
		"a hash":                  {block(t, `      ~ user_data = "2c26b46b68ffc68ff99b453c1d304134" -> "fcde2b2edba56bf408601fb721fe9b5c" # forces replacement`), silent},
		"unknown":                 {block(t, `      ~ user_data = "TAG=v1.5.3" -> (known after apply) # forces replacement`), silent},
		"sensitive":               {block(t, `      ~ user_data = (sensitive value) # forces replacement`), silent},
		"another image":           {block(t, `      ~ ami = "ami-0f1b7de91bd9ac25e" -> "ami-1f1b7de91bd9ac25e"`), silent},
		"latest":                  {block(t, `      ~ user_data = "TAG=v1.5.3" -> "TAG=latest"`), other("latest")},
		"latest, in a tag":        {block(t, `      ~ tags = {`, `          ~ "Version" = "v1.5.3" -> "latest"`, `        }`), other("latest")},
		"a candidate":             {block(t, `      ~ user_data = "TAG=v1.5.3" -> "TAG=v1.5.4-rc1"`), other("v1.5.4-rc1")},
		"behind a name":           {block(t, `      ~ user_data = "image:catalog-v1.5.3" -> "image:catalog-v1.5.4"`), sets},
		"in a value with arrows":  {block(t, `      ~ note = "a -> v1.5.3" -> "a -> v1.5.4"`), sets},
		"one of several":          {block(t, `      ~ a = "v2.0.0" -> "v2.1.0"`, `      ~ b = "v1.5.3" -> "v1.5.4"`), sets},
		"a version goes":          {block(t, `      ~ a = "v1.5.3" -> null`, `      ~ name = "a" -> "b"`), silent},
		"a version, and a name":   {block(t, `      ~ a = "v1.5.3" -> (known after apply)`, `      ~ name = "old" -> "new"`), silent},
		"numbers of another kind": {block(t, `      ~ private_ip = "10.0.12.34" -> "10.0.12.35"`, `      ~ engine = "13.10" -> "13.11"`), silent},
		"in a list": {block(t, `      ~ images = [`, `          - "catalog:v1.5.3",`, `          + "catalog:v1.5.4",`,
			`        ]`), sets},
		"in lines": {block(t,
			`      ~ user_data = <<-EOT # forces replacement`,
			`            PORT=9090`,
			`          - TAG=v1.5.3`,
			`          + TAG=v1.5.4`,
			`        EOT`,
			`      ~ name = "a" -> "b"`), sets},
		"another in lines": {block(t,
			`      ~ user_data = <<-EOT # forces replacement`,
			`          - TAG=v1.5.2`,
			`          + TAG=v1.5.3`,
			`            # v1.5.4 was withdrawn`,
			`        EOT`), other("v1.5.3")},
		"lines that look marked": {block(t,
			`      ~ user_data = <<-EOT # forces replacement`,
			`          - PORT=9090`,
			`          + PORT=9091`,
			`            - v1.5.3`,
			`            + v1.5.2`,
			`        EOT`), silent},
		"new lines": {block(t,
			`      + user_data = <<-EOT`,
			`            TAG=v1.5.3`,
			`        EOT`), other("v1.5.3")},
		"moved lines": {block(t,
			`      ~ user_data = <<-EOT`,
			`          - TAG=v1.5.3`,
			`            PORT=9090`,
			`          + TAG=v1.5.3`,
			`        EOT`), silent},

		"JSON":                {raw(t, `{"before":{"user_data":"PORT=1\nTAG=v1.5.3\n"},"after":{"user_data":"PORT=1\nTAG=v1.5.4\n"}}`), sets},
		"JSON: another":       {raw(t, `{"before":{"user_data":"TAG=v1.5.2"},"after":{"user_data":"TAG=v1.5.3"}}`), other("v1.5.3")},
		"JSON: latest":        {raw(t, `{"before":{"user_data":"A=1\nTAG=v1.5.2"},"after":{"user_data":"A=2\nTAG=latest"}}`), other("latest")},
		"JSON: deep":          {raw(t, `{"before":{"a":[{"b":["v1.5.2"]}]},"after":{"a":[{"b":["v1.5.3"]}]}}`), other("v1.5.3")},
		"JSON: the same":      {raw(t, `{"before":{"user_data":"TAG=v1.5.3","n":1},"after":{"user_data":"TAG=v1.5.3","n":2}}`), silent},
		"JSON: the same line": {raw(t, `{"before":{"user_data":"TAG=v1.5.3\nA=1"},"after":{"user_data":"A=2\nTAG=v1.5.3"}}`), silent},
		"JSON: unknown":       {raw(t, `{"before":{"user_data":"TAG=v1.5.3","name":"a"},"after":{"name":"b"},"after_unknown":{"user_data":true}}`), silent},
		"JSON: sensitive":     {raw(t, `{"before":{"user_data":"TAG=v1.5.2"},"after":{"user_data":"TAG=v1.5.3"},"before_sensitive":{},"after_sensitive":{"user_data":true}}`), silent},
		"JSON: all sensitive": {raw(t, `{"before":{"a":["v1.5.2"]},"after":{"a":["v1.5.3"]},"before_sensitive":{"a":[true]},"after_sensitive":{}}`), silent},
		"JSON: another one":   {raw(t, `{"before":{"a":["v1.5.3"]},"after":{"a":["b"]}}`), silent},
		"JSON: created":       {raw(t, `{"before":null,"after":{"user_data":"TAG=v1.5.4"}}`), sets},
	} {
		t.Run(name, func(t *testing.T) {
			policy := Policy{Service: "catalog-airflow", Release: "v1.5.4"}
			j := Judge(Plan{JSON: true, Complete: true, Changes: []Change{test.change}}, policy)
			blocks := strings.Contains(test.want, ", not ")
			var got []string
			for _, f := range j.Findings {
				if f.Rule == "version" {
					got = append(got, strings.Replace(f.Text.String(), "google_compute_instance", "aws_instance", 1))
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
	p := Plan{JSON: true, Complete: true, Changes: []Change{template, raw(t, `{"before":{"tag":"v1.5.3"},"after":{"tag":"v1.5.4"}}`)}}
	j := Judge(p, Policy{Service: "catalog-airflow", Release: "v1.5.4"})
	n := 0
	for _, f := range j.Findings {
		if f.Rule == "version" {
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
	object := func(n int, last string) Plan {
		var lines strings.Builder
		for i := range n {
			fmt.Fprintf(&lines, "v%d.%d.1\\n", i, i)
		}
		return Plan{JSON: true, Complete: true, Changes: []Change{raw(t, `{"before":{"u":""},"after":{"u":"`+lines.String()+last+`"}}`)}}
	}
	released := Policy{Service: "catalog-airflow", Release: "v1.5.3"}
	judge := func(p Plan) (j Judgement, took time.Duration) {
		took = time.Hour
		for range 3 { // the quickest says most on a busy machine
			began := time.Now()
			j = Judge(p, released)
			took = min(took, time.Since(began))
		}
		return j, took
	}
	few, many := object(1_000, ""), object(20_000, "")
	_, short := judge(few)
	j, long := judge(many)
	if long > 100*short { // 20 times as many, which took 400 times as long where each was compared with each
		t.Errorf("it took %s, and %s for a twentieth", long, short)
	}
	if want := "sets v0.0.1, v1.1.1, v2.2.1 and 97 more, not v1.5.3"; j.Verdict != Failed || !strings.Contains(j.Summary.String(), want) {
		t.Errorf("got %s, %s", j.Verdict, j.Summary)
	}
	if j := Judge(object(20_000, "v1.5.3"), released); j.Verdict != Passed {
		t.Errorf("with the release on its last line: got %s, %s", j.Verdict, j.Summary)
	}
}
