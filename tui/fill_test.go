package tui

import (
	"strings"
	"testing"
	"time"

	"catalog-runbook/runbook"
)

// TestFill leaves the environment of the document open, and fills it in where the bump asks
// for it.
func TestFill(t *testing.T) {
	document := strings.ReplaceAll(string(runbook.Default()), " prod catalog-airflow", " ENVIRONMENT catalog-airflow")
	onSizes(t, func(t *testing.T, w, h int) {
		d := practiseWith(t, "calm", runbook.Practice, w, h, setting{document: document})
		d.publish()
		d.pass(10 * time.Second)
		d.do("V")
		d.do("f")
		d.sees("This step has no placeholder to fill in.")
		d.goTo("4")
		d.sees("Press f to say what")
		d.golden("01-open")
		d.do("r")
		d.sees("What is ENVIRONMENT?")
		d.golden("02-asked")
		d.write("prod; reboot")
		d.sees("has a character")
		d.do("esc")
		d.do("f")
		d.write("prod")
		d.golden("03-filled-in")
		if got := d.status("4"); got != runbook.Ready {
			t.Errorf("step 4 is %s", got)
		}
		d.goTo("5")
		d.golden("04-shared")
		if b, _ := d.m.selected(); b.Gap() != "" || b.Params["environment"] != "prod" {
			t.Errorf("step 5 asks for %s again", b.Gap())
		}
		d.goTo("4")
		d.do("f")
		d.golden("05-changed")
		d.do("esc")
		d.confirm()
		if got := d.status("4"); got != runbook.Done {
			t.Errorf("step 4 is %s", got)
		}
		d.do("f")
		for range "prod" {
			d.do("backspace")
		}
		d.write("staging")
		d.sees("can't be changed")
	})
}

// TestFillInAPullRequest asks for the pull request where nothing names it, and offers those
// that GitHub lists.
func TestFillInAPullRequest(t *testing.T) {
	onSizes(t, func(t *testing.T, w, h int) {
		d := practiseWith(t, "dags-only", runbook.Practice, w, h, setting{nameless: true})
		d.golden("01-open")
		d.do("v")
		d.sees("Which pull request?")
		d.golden("02-offered")
		d.do("esc")
		d.do("f")
		d.pass(openGuard)
		d.do("down", "enter")
		d.write("latest")
		d.sees("is neither the number")
		d.do("esc")
		d.do("f")
		d.pass(openGuard)
		d.do("enter")
		b, _ := d.m.selected()
		if b.Gap() != "" || b.Params["pull-request"] == "" {
			t.Fatalf("the step still asks for %q", b.Gap())
		}
		d.golden("03-filled-in")
	})
}
