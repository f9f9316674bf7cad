package progress

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps/terraform"
)

var start = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func TestParse(t *testing.T) {
	for line, want := range map[string]string{
		`aws_eip.a: Creating...`:                                      "aws_eip.a creating 0 -1ns",
		`aws_eip.a: Still creating... [10s elapsed]`:                  "aws_eip.a creating 1 10s",
		`aws_eip.a: Still creating... [01m10s elapsed]`:               "aws_eip.a creating 1 1m10s",
		`aws_eip.a: Still creating... [1h0m10s elapsed]`:              "aws_eip.a creating 1 1h0m10s",
		`aws_eip.a: Creation complete after 1m2s [id=eipalloc-1]`:     "aws_eip.a creating 2 1m2s",
		`module.a["b: c"].aws_eip.a[0]: Creation complete after 0s`:   `module.a["b: c"].aws_eip.a[0] creating 2 0s`,
		`aws_eip.a: Modifying... [id=eipalloc-1]`:                     "aws_eip.a updating 0 -1ns",
		`aws_eip.a: Still modifying... [id=eipalloc-1, 20s elapsed]`:  "aws_eip.a updating 1 20s",
		`aws_eip.a: Still modifying... [id=a], [b, 00m20s elapsed]`:   "aws_eip.a updating 1 20s",
		`aws_eip.a: Modifications complete after 3s [id=eipalloc-1]`:  "aws_eip.a updating 2 3s",
		`aws_eip.a: Destroying... [id=eipalloc-1]`:                    "aws_eip.a destroying 0 -1ns",
		`aws_eip.a (deposed object 0a1b2c3d): Destroying... [id=i-1]`: "aws_eip.a (deposed object 0a1b2c3d) destroying 0 -1ns",
		`aws_eip.a: Destruction complete after 0s`:                    "aws_eip.a destroying 2 0s",
		`data.aws_ami.a: Reading...`:                                  "data.aws_ami.a reading 0 -1ns",
		`data.aws_ami.a: Read complete after 1s [id=ami-1]`:           "data.aws_ami.a reading 2 1s",
		`aws_eip.a: Importing... [id=eipalloc-1]`:                     "aws_eip.a importing 0 -1ns",
		`aws_eip.a: Import complete [id=eipalloc-1]`:                  "aws_eip.a importing 2 -1ns",
		"": "",
		`Apply complete! Resources: 1 added, 0 changed, 1 destroyed.`:    "",
		`aws_eip.a: Refreshing state... [id=eipalloc-1]`:                 "",
		`aws_eip.a: Provisioning with 'local-exec'...`:                   "",
		`aws_eip.a (local-exec): aws_eip.b: Creating...`:                 "",
		`aws_eip.a: Creating... and more`:                                "",
		`aws_eip.a: Creation complete after an hour`:                     "",
		`aws_eip: Creating...`:                                           "",
		`: Creating...`:                                                  "",
		`Error: aws_eip.a: Creating...`:                                  "",
		strings.Repeat("a", 5000) + `.b: Creating...`:                    "",
		`action.aws_lambda_invoke.hook: Still creating... [10s elapsed]`: "",
	} {
		got := ""
		if e, ok := parse(line); ok {
			got = fmt.Sprintf("%s %s %d %s", e.resource, e.verb.doing(), e.phase, e.took)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", line, got, want)
		}
	}
}

func change(action terraform.Action, address string) terraform.Change {
	return terraform.Change{Address: address, Action: action, Type: "terraform_data"}
}

// realPlan is the plan of the applies in testdata, which real programs have made.
var realPlan = []terraform.Change{
	change(terraform.Replace, `terraform_data.a["x: y"]`), change(terraform.Replace, `terraform_data.a["z"]`), change(terraform.Update, "terraform_data.b"),
}

// statusText writes a status as the screen has it.
func statusText(s Status, now time.Time) string {
	all := []string{s.Words(now)}
	for _, r := range s.Rows {
		all = append(all, fmt.Sprintf("%d %s %s", r.State, r.Address, r.Words(now)))
	}
	return strings.Join(all, "\n")
}

// TestRealApplies reads what real programs have printed, and learns from it.
func TestRealApplies(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(name, func(t *testing.T) {
			printed, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			known := NewDurations()
			if err := known.Learn(strings.NewReader(string(printed))); err != nil {
				t.Fatal(err)
			}
			a := NewApply()
			a.Expect(realPlan, known)
			want := "0 of 3 done, about 12 s left\n0 terraform_data.a[\"x: y\"] waiting to be destroyed\n0 terraform_data.a[\"z\"] waiting to be destroyed\n0 terraform_data.b waiting to be updated"
			if got := statusText(a.Status(5), start); got != want {
				t.Errorf("before: got\n%s\nwant\n%s", got, want)
			}
			now, last := start, ""
			for line := range strings.SplitSeq(string(printed), "\n") {
				if a.Line(line, now) && strings.Contains(line, "Still creating... ") {
					last = statusText(a.Status(5), now)
				}
			}
			want = "1 of 3 done, about 2 s left\n"
			if !strings.HasPrefix(last, want) || strings.Count(last, "creating for 10 s, usually 12 s") != 2 || !strings.Contains(last, "2 terraform_data.b updated in 0 s") {
				t.Errorf("in the middle: got\n%s", last)
			}
			got := statusText(a.Status(5), now)
			if !strings.HasPrefix(got, "3 of 3 done\n") || strings.Count(got, "created in 12 s") != 2 {
				t.Errorf("at the end: got\n%s", got)
			}
		})
	}
}

// TestApply follows an apply line by line; the plan may come late, or never.
func TestApply(t *testing.T) {
	plan := []terraform.Change{
		change(terraform.Replace, "aws_instance.a"), change(terraform.Create, "aws_eip.b"), change(terraform.Read, "data.aws_ami.c"), change(terraform.Forget, "aws_eip.d"),
		{Address: "aws_instance.a", Action: terraform.Delete, Deposed: "0a1b2c3d"},
	}
	plan[0].CreateFirst = true
	known := NewDurations()
	for _, earlier := range []string{"aws_instance.a: Creation complete after 1m0s [id=i]\n", "aws_instance.a: Creation complete after 9s\naws_instance.a: Destruction complete after 30s\n"} {
		if err := known.Learn(strings.NewReader(earlier)); err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		after time.Duration
		line  string
		want  string
	}{
		{0, "data.aws_ami.c: Reading...", "0 of 3 done, at least 90 s left|1 data.aws_ami.c reading for 0 s"},
		{time.Second, "data.aws_ami.c: Read complete after 1s [id=x]", "0 of 3 done, at least 90 s left|2 data.aws_ami.c read in 1 s"},
		{0, "\x1b[0m\x1b[1maws_instance.a: Creating...\x1b[0m\x1b[0m", "0 of 3 done, at least 90 s left|1 aws_instance.a creating for 0 s, usually 1 min"},
		{12 * time.Second, "aws_instance.a: Still creating... [10s elapsed]", "0 of 3 done, at least 78 s left|1 aws_instance.a creating for 12 s, usually 60 s"},
		{50 * time.Second, "aws_instance.a: Creation complete after 1m2s [id=i]", "0 of 3 done, at least 30 s left|0 aws_instance.a created in 62 s, waiting to be destroyed"},
		{0, "aws_instance.a (deposed object 0a1b2c3d): Destroying... [id=i]", "0 of 3 done, at least 30 s left|1 aws_instance.a (deposed object 0a1b2c3d) destroying for 0 s"},
		{time.Second, "aws_instance.a (deposed object 0a1b2c3d): Destruction complete after 1s", "1 of 3 done, at least 30 s left|2 aws_instance.a (deposed object 0a1b2c3d) destroyed in 1 s"},
		{0, "aws_eip.b: Creating...", "1 of 3 done, at least 30 s left|1 aws_eip.b creating for 0 s"},
		{0, "aws_eip.b: Creation complete after 0s [id=e]", "2 of 3 done, about 30 s left|2 aws_eip.b created in 0 s"},
		{0, "aws_instance.a: Destroying... [id=i]", "2 of 3 done, about 30 s left|1 aws_instance.a destroying for 0 s, usually 30 s"},
		{40 * time.Second, "something else", "2 of 3 done|1 aws_instance.a destroying for 40 s, usually 30 s"},
		{0, "aws_instance.a: Destruction complete after 40s", "3 of 3 done|2 aws_instance.a destroyed in 40 s"},
	}
	for late := range len(steps) + 1 { // the plan comes before this line
		a, now := NewApply(), start
		for i, s := range steps {
			if i == late {
				a.Expect(plan, known)
			}
			now = now.Add(s.after)
			if got, want := a.Line(s.line, now), s.line != "something else"; got != want {
				t.Errorf("%q is taken: %v", s.line, got)
			}
			head, row, _ := strings.Cut(s.want, "|")
			status := a.Status(4)
			if got := status.Words(now); late <= i && normal(got) != normal(head) || late > i && got != "" {
				t.Errorf("late %d, %q: got %q, want %q", late, s.line, got, head)
			}
			if got := statusText(status, now); late <= i && !strings.Contains(normal(got), normal(row)) {
				t.Errorf("late %d, %q: got\n%s\nwant\n%s", late, s.line, got, row)
			}
		}
	}
}

// TestLeft: what an apply has taken away and not put back is named, and nothing else.
func TestLeft(t *testing.T) {
	changes := []terraform.Change{
		change(terraform.Replace, "aws_instance.airflow"), change(terraform.Delete, "aws_eip.old"),
		change(terraform.Replace, "aws_instance.second"), change(terraform.Create, "aws_eip.new"),
	}
	changes[2].CreateFirst = true
	destroying, destroyed := "aws_instance.airflow: Destroying... [id=i-1]\r\n", "aws_instance.airflow: Destruction complete after 31s\r\n"
	creating, created := "aws_instance.airflow: Creating...\r\n", "aws_instance.airflow: Creation complete after 12s [id=i-2]\r\n"
	for _, test := range []struct {
		output string
		want   []string
	}{
		{"", nil},
		{"aws_eip.new: Creating...\naws_instance.second: Creating...\n", nil},
		{destroying, []string{"aws_instance.airflow: the old one was being destroyed, the new one was not created"}},
		{destroying + destroyed, []string{"aws_instance.airflow: the old one is gone, the new one was not created"}},
		{destroying + destroyed + creating, []string{"aws_instance.airflow: the old one is gone, the new one was being created"}},
		{destroying + destroyed + creating + created, nil},
		{"aws_eip.old: Destroying... [id=e]\n", []string{"aws_eip.old: being destroyed when the apply ended"}},
		{"aws_eip.old: Destroying... [id=e]\naws_eip.old: Destruction complete after 1s\n" + destroying, []string{"aws_instance.airflow: the old one was being destroyed, the new one was not created", "aws_eip.old: destroyed, as planned"}},
	} {
		var got []string
		for _, u := range Left(changes, test.output) {
			got = append(got, u.Address+": "+u.Words())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("after %q: got %q, want %q", test.output, got, test.want)
		}
	}
}

// normal writes durations in one way: say.Duration decides about minutes.
func normal(s string) string {
	return strings.NewReplacer("1 min", "60 s").Replace(s)
}

// TestStatusIsLimited keeps a status small, however much goes on.
func TestStatusIsLimited(t *testing.T) {
	var plan []terraform.Change
	for i := range 50_000 {
		plan = append(plan, change(terraform.Create, fmt.Sprintf("aws_eip.a[%d]", i)))
	}
	a := NewApply()
	a.Expect(plan, Durations{})
	for i := range 30_000 {
		a.Line(fmt.Sprintf("aws_eip.a[%d]: Creating...", i), start)
		a.Line(fmt.Sprintf("aws_eip.a[%d]: Creation complete after 1s", i), start)
		if i%3000 == 0 {
			a.Status(8)
		}
	}
	for i := range 30 {
		a.Line(fmt.Sprintf("aws_eip.a[%d]: Creating...", 30_000+i), start)
	}
	if s := a.Status(8); len(s.Rows) != 8 || s.Words(start) != "30,000 of 50,000 done" || s.Rows[0].State != Running {
		t.Errorf("%d rows, %s", len(s.Rows), s.Words(start))
	}
	for i := range 3 * mostResources { // which aren't in the plan
		a.Line(fmt.Sprintf("aws_eip.b[%d]: Creating...", i), start)
	}
	if len(a.resources) > 50_000+2*mostResources {
		t.Errorf("%d resources are followed", len(a.resources))
	}
	if (Status{}).Words(start) != "" || a.Line(clean.Line("\x1b[2J").String(), start) {
		t.Error("nothing is something")
	}
}
