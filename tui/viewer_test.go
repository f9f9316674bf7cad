package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui/plan"
	"catalog-runbook/tui/text"
)

// alone is a viewer of a plan, and what it has been told.
type alone struct {
	t    *testing.T
	v    *Viewer
	gone bool
}

func newAlone(t *testing.T, doc *plan.Doc, w, h int) *alone {
	t.Helper()
	a := &alone{t: t, v: NewViewer(ViewerConfig{Doc: doc, Name: clean.Line("tfplan.json"), About: clean.Line("catalog-airflow v1.5.4"), Theme: text.Plain})}
	t.Cleanup(a.v.Close)
	a.run(a.v.Init())
	a.resize(w, h)
	return a
}

func (a *alone) resize(w, h int) { a.send(tea.WindowSizeMsg{Width: w, Height: h}) }

func (a *alone) send(msg tea.Msg) {
	a.t.Helper()
	_, cmd := a.v.Update(msg)
	a.run(cmd)
	if v := a.v; v.w > 0 && !v.quit {
		checkFrame(a.t, v.View(), v.w, v.h, func() string { return fmt.Sprintf("after %T", msg) })
	}
}

func (a *alone) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			a.run(c)
		}
	case tea.QuitMsg:
		a.gone = true
	default:
		a.send(msg)
	}
}

// do presses keys, by the names that Bubble Tea gives them.
func (a *alone) do(keys ...string) {
	a.t.Helper()
	named := map[string]tea.KeyType{"enter": tea.KeyEnter, "esc": tea.KeyEsc, "pgdown": tea.KeyPgDown, "left": tea.KeyLeft, "right": tea.KeyRight, "ctrl+c": tea.KeyCtrlC}
	for _, k := range keys {
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(k)}
		if kind, ok := named[k]; ok {
			msg = tea.KeyMsg{Type: kind}
		}
		a.send(msg)
	}
}

func (a *alone) screen() string { return ansi.Strip(a.v.View()) + "\n" }

// TestViewer keeps the screens of a plan by itself.
func TestViewer(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}, {40, 12}} {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			r := exactReading(t, fixtureObject(t, "cloud-database-destroy"))
			r.Apart = true
			a := newAlone(t, plan.LayOut(r, r.Lines), size.w, size.h)
			compare(t, "01-first", a.screen())
			a.do("-", "G")
			compare(t, "02-closed", a.screen())
			a.do("?")
			compare(t, "03-help", a.screen())
			a.do("esc", "/")
			compare(t, "04-search", a.screen())
			a.do("running", "enter")
			compare(t, "05-found", a.screen())
		})
	}
}

// TestViewerLeaves: esc closes what is open, and then leaves.
func TestViewerLeaves(t *testing.T) {
	for _, keys := range [][]string{
		{"q"}, {"esc"}, {"ctrl+c"}, {"?", "ctrl+c"}, {"?", "esc", "esc"}, {"?", "q", "q"}, {"/", "value", "esc", "esc"},
		{"/", "value", "enter", "esc", "esc"}, {"/", "q", "ctrl+c", "q"}, {"jkq"},
	} {
		a := newAlone(t, fixture(t, "cloud-deploy"), 80, 24)
		for i, k := range keys {
			if a.gone {
				t.Errorf("%q leaves after %d keys", keys, i)
			}
			a.do(k)
		}
		if !a.gone {
			t.Errorf("%q does not leave", keys)
		}
	}
	a := newAlone(t, fixture(t, "cloud-deploy"), 80, 24)
	if a.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q"), Paste: true}); a.gone {
		t.Error("what is pasted is taken for keys")
	}
}

// TestViewerSearches goes from match to match, and says when there is none.
func TestViewerSearches(t *testing.T) {
	a := newAlone(t, fixture(t, "cloud-deploy"), 80, 24)
	a.do("N")
	if !strings.Contains(a.screen(), "/ asks for words") {
		t.Errorf("N without a search:\n%s", a.screen())
	}
	a.do("-", "/", "user_data", "enter", "n")
	if !strings.Contains(a.screen(), `"user_data" `) || !strings.Contains(a.screen(), "DOCKER_IMAGE_TAG") {
		t.Errorf("what is closed is not found:\n%s", a.screen())
	}
	a.do("/", "nowhere at all", "enter")
	if !strings.Contains(a.screen(), "no matches in the plan") && !strings.Contains(a.screen(), "No matches in the plan") {
		t.Errorf("it does not say that there is none:\n%s", a.screen())
	}
}

// TestViewerSizes draws it in windows of all sizes, with everything that opens.
func TestViewerSizes(t *testing.T) {
	a := newAlone(t, fixture(t, "cloud-database-destroy"), 80, 24)
	for _, h := range []int{1, 2, 3, 4, 5, 8, 24, 60} {
		for _, w := range []int{1, 2, 9, 20, 40, 80, 200} {
			a.resize(w, h)
			a.do("+", "pgdown", "?", "j", "esc", "/", "value", "enter", "N", "esc", "-", "g", "enter", "left", "right")
		}
	}
	if a.gone {
		t.Error("it has left")
	}
}

// TestViewerLost shows why a resource cannot be shown.
func TestViewerLost(t *testing.T) {
	p := terraform.Plan{JSON: true, Complete: true, Changes: []terraform.Change{{Address: "aws_sqs_queue.a", Type: "aws_sqs_queue", Action: terraform.Delete}}}
	j := terraform.Judge(p, terraform.Policy{Service: "catalog-airflow"})
	doc := plan.LayOut(&steps.PlanReading{Plan: p, Judgement: j, Groups: terraform.Order(p, j), Exact: true, Apart: true},
		func(int) ([]terraform.Line, clean.Text, error) {
			return nil, clean.Text{}, errors.New("the file has changed")
		})
	a := newAlone(t, doc, 80, 24)
	if !strings.Contains(a.screen(), "? the file has changed") {
		t.Errorf("got\n%s", a.screen())
	}
}

// noisy is a plan that deploys, and besides changes nothing that is known to matter.
const noisy = `{"format_version":"1.2","terraform_version":"1.11.4","errored":false,"complete":true,"resource_changes":[
{"address":"aws_instance.catalog_airflow","mode":"managed","type":"aws_instance","name":"catalog_airflow","change":{"actions":["delete","create"],
 "before":{"id":"i-1","user_data":"v1.5.3"},"after":{"user_data":"v1.5.4"},"after_unknown":{"id":true},"replace_paths":[["user_data"]]}},
{"address":"aws_iam_policy.catalog","mode":"managed","type":"aws_iam_policy","name":"catalog","change":{"actions":["update"],
 "before":{"policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}"},"after":{"policy":"{\"Statement\":[], \"Version\":\"2012-10-17\"}"}}},
{"address":"aws_sns_topic.alarms","mode":"managed","type":"aws_sns_topic","name":"alarms","change":{"actions":["update"],
 "before":{"arn":"a","policy":"{\"Action\":\"SNS:Publish\"}"},"after":{"arn":"a","policy":"{\"Action\":\"SNS:*\"}"}}},
{"address":"aws_lb.web","mode":"managed","type":"aws_lb","name":"web","change":{"actions":["update"],
 "before":{"subnets":["subnet-a","subnet-b","subnet-c"]},"after":{"subnets":["subnet-c","subnet-a","subnet-b"]}}},
{"address":"aws_s3_object.dags","mode":"managed","type":"aws_s3_object","name":"dags","change":{"actions":["update"],
 "before":{"etag":"x","key":"dags"},"after":{"key":"dags"},"after_unknown":{"etag":true}}}
],"prior_state":{"values":{"root_module":{"resources":[{"address":"aws_lb.web","mode":"managed"}]}}},"configuration":{"root_module":{"resources":[
{"address":"aws_s3_object.dags","mode":"managed","type":"aws_s3_object","name":"dags","expressions":{"key":{"constant_value":"dags"}}}]}}}`

// TestViewerFoldsNoise keeps apart what changes nothing that is known to matter, closed and
// with the reason.
func TestViewerFoldsNoise(t *testing.T) {
	a := newAlone(t, exactPlan(t, []byte(noisy)), 100, 40)
	compare(t, "01-closed", a.screen())
	a.do("+")
	compare(t, "02-open", a.screen())
}
