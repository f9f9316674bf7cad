//go:build !race

package tui

import (
	"fmt"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
)

// What reading a plan with a hundred thousand changes may cost.
const (
	manyChanges = 100_000
	planKey     = 4 * time.Millisecond   // a key that moves; generous, for a busy machine
	planJump    = 150 * time.Millisecond // a key that goes through all of the plan
)

// manyPlan is a checklist that shows a plan with so many changes, without the
// files behind it: a resource has twenty lines.
func manyPlan(t testing.TB, n int) *Model {
	t.Helper()
	plan := terraform.Plan{JSON: true, Complete: true}
	for i := range n {
		c := terraform.Change{Address: fmt.Sprintf("module.m[%d].aws_route53_record.r", i), Type: "aws_route53_record", Action: terraform.Update}
		if i%2 == 0 {
			c.Action = terraform.Delete
		}
		plan.Changes = append(plan.Changes, c)
	}
	judgement := terraform.Judge(plan, terraform.Policy{Service: "catalog-airflow"})
	lines := make([]terraform.Line, 20)
	for i := range lines {
		lines[i] = terraform.Line{Mark: terraform.Changed, Name: clean.Linef("name_%d", i), Before: clean.Line("1"), After: clean.Line("2")}
	}
	start := time.Now()
	doc := layOut(&steps.PlanReading{Plan: plan, Judgement: judgement, Groups: terraform.Order(plan, judgement), Exact: true}, func(int) ([]terraform.Line, clean.Text, error) {
		return lines, clean.Text{}, nil
	})
	t.Logf("a plan of %d changes is laid out in %s", n, time.Since(start).Round(time.Millisecond))
	m := longRunbook(t, 10)
	p := m.plan
	p.step, p.label, p.doc, p.shown = m.outline.Selected(), "just plan prod", doc, true
	m.setFocus(paneOutput)
	pressPlan(m, tea.WindowSizeMsg{Width: 80, Height: 24})
	return m
}

// pressPlan is a key with all that follows from it: resources are fetched.
func pressPlan(m *Model, msg tea.Msg) {
	press(m, msg)
	for {
		m.plan.fetching = false
		cmd := m.plan.notice()
		if cmd == nil {
			return
		}
		press(m, cmd())
	}
}

// TestManyChanges moves through a large plan.
func TestManyChanges(t *testing.T) {
	m := manyPlan(t, manyChanges)
	cost := func(most time.Duration, keys ...string) {
		t.Helper()
		for _, k := range keys {
			best := time.Hour
			for range 5 {
				start := time.Now()
				pressPlan(m, keyMsg(k))
				best = min(best, time.Since(start))
			}
			t.Logf("%s takes %s", k, best)
			if best > most {
				t.Errorf("%s takes %s", k, best)
			}
		}
	}
	cost(planKey, "j", "k", "pgdown", "pgup", "right", "left", "enter", "t")
	cost(planJump, "G", "g", "+", "-")
	cost(planKey, "j", "k", "pgdown", "pgup", "right", "left", "enter")
	start := time.Now()
	m.plan.StartSearch("m[99999]")
	if took := time.Since(start); took > planJump {
		t.Errorf("a search takes %s", took)
	}
	cost(planKey, "n", "N", "j")
	if m.plan.whole {
		t.Error("it is read")
	}
	for range 300 {
		pressPlan(m, keyMsg("pgdown"))
	}
	if m.plan.held > 2*bodyLinesKept {
		t.Errorf("%d lines are kept", m.plan.held)
	}
}

func BenchmarkPlanKey(b *testing.B) {
	for _, n := range []int{10, 1_000, manyChanges} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := manyPlan(b, n)
			down, up := keyMsg("j"), keyMsg("k")
			for i := 0; b.Loop(); i++ {
				if i/40%2 == 0 {
					pressPlan(m, down)
				} else {
					pressPlan(m, up)
				}
			}
		})
	}
}
