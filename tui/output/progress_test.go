package output

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/steps/terraform/progress"
	"catalog-runbook/tui/frametest"
)

var update = flag.Bool("update", false, "write the golden files")

// applying is a plan that replaces an instance and what is tied to it.
var applying = []terraform.Change{
	{Address: "aws_instance.catalog_airflow", Action: terraform.Replace},
	{Address: "aws_route53_record.catalog", Action: terraform.Update},
	{Address: `aws_eip.web["a: b"]`, Action: terraform.Create},
	{Address: "aws_cloudwatch_metric_alarm.cpu", Action: terraform.Update},
}

const earlierApply = `aws_instance.catalog_airflow: Destruction complete after 31s
aws_instance.catalog_airflow: Creation complete after 1m14s [id=i-1]
aws_route53_record.catalog: Modifications complete after 33s [id=r]
aws_cloudwatch_metric_alarm.cpu: Modifications complete after 1s [id=c]
aws_eip.web["a: b"]: Creation complete after 2s [id=e]
`

// TestProgress draws how far an apply is, above what it prints, until it has ended.
func TestProgress(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 16}, {120, 30}, {40, 8}} {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			now := noon
			o, f := newTest(size.w, size.h, Command{Since: noon})
			o.cfg.Now = func() time.Time { return now }
			o.SetSpinner("|")
			f.Track(o.cfg.Now)
			known := progress.NewDurations()
			if err := known.Learn(strings.NewReader(earlierApply)); err != nil {
				t.Fatal(err)
			}
			look := func(name string) {
				t.Helper()
				view := o.View()
				if problem := frametest.Problem(strings.Join(view, "\n"), size.w, len(view)); problem != "" || len(view) > size.h {
					t.Fatalf("%s\n%s", problem, strings.Join(view, "\n"))
				}
				golden := filepath.Join("testdata", t.Name(), name+".golden")
				got := ansi.Strip(strings.Join(view, "\n")) + "\n"
				if *update {
					if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				if want, err := os.ReadFile(golden); err != nil || got != string(want) {
					t.Errorf("%s: %v; hint: go test ./tui/output -args -update\ngot\n%s\nwant\n%s", name, err, got, want)
				}
			}
			print(t, o, f, "aws_instance.catalog_airflow: Destroying... [id=i-1]")
			look("01-before-the-plan-is-read")
			f.Expect(applying, known)
			print(t, o, f, "aws_instance.catalog_airflow (remote-exec): Stopping")
			now = now.Add(12 * time.Second)
			print(t, o, f, "aws_instance.catalog_airflow: Still destroying... [id=i-1, 00m10s elapsed]", "aws_cloudwatch_metric_alarm.cpu: Modifying... [id=c]")
			look("02-destroying")
			now = now.Add(20 * time.Second)
			print(t, o, f, "aws_cloudwatch_metric_alarm.cpu: Modifications complete after 1s [id=c]", "aws_instance.catalog_airflow: Destruction complete after 32s", "aws_instance.catalog_airflow: Creating...")
			now = now.Add(10 * time.Second)
			print(t, o, f, "aws_instance.catalog_airflow: Still creating... [00m10s elapsed]")
			look("03-creating")
			print(t, o, f, "aws_instance.catalog_airflow: Creation complete after 1m0s [id=i-2]", "Apply complete! Resources: 1 added, 1 changed, 1 destroyed.")
			o.Finish(&runbook.EffectFinished{Head: runbook.Head{At: now}})
			o.SetSize(size.w, size.h)
			look("04-ended")
		})
	}
}

// TestProgressIsOfAnApply shows other output as it comes, and notes of the program too.
func TestProgressIsOfAnApply(t *testing.T) {
	for name, tc := range map[string]struct {
		track bool
		put   steps.Output
	}{
		"another command": {false, steps.Output{Lines: []clean.Text{clean.Line("aws_eip.a: Creating...")}}},
		"other output":    {true, steps.Output{Lines: []clean.Text{clean.Line("just: building")}}},
		"a note":          {true, steps.Output{Lines: []clean.Text{clean.Line("aws_eip.a: Creating...")}, Note: true}},
	} {
		o, f := newTest(80, 10, Command{Since: noon})
		if tc.track {
			f.Track(o.cfg.Now)
			f.Expect(applying, progress.NewDurations())
		}
		f.Put(tc.put)
		o.Update(f.Listen(t.Context())())
		if view := strings.Join(o.View(), "\n"); len(o.resources()) > 0 || strings.Contains(view, "done") {
			t.Errorf("%s:\n%s", name, view)
		}
	}
}

// TestProgressCost holds what a piece of output costs in an apply of a large plan.
func TestProgressCost(t *testing.T) {
	o, f := newTest(80, 24, Command{Since: noon})
	f.Track(o.cfg.Now)
	var plan []terraform.Change
	for i := range 100_000 {
		plan = append(plan, terraform.Change{Address: fmt.Sprintf("aws_eip.a[%d]", i), Action: terraform.Create})
	}
	f.Expect(plan, progress.NewDurations())
	print(t, o, f, "aws_eip.a[0]: Creating...")
	const most = 1 * time.Millisecond
	best := time.Hour
	for i := range 5 {
		start := time.Now()
		f.Put(steps.Output{Lines: []clean.Text{clean.Linef("aws_eip.a[%d]: Creating...", i+1)}})
		o.Update(f.take())
		o.View()
		best = min(best, time.Since(start))
	}
	if best > most {
		t.Errorf("a piece takes %s", best)
	}
}
