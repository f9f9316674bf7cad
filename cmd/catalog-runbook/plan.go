package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"catalog-runbook/cmd/catalog-runbook/appearance"
	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui"
	"catalog-runbook/tui/plan"
)

type planCommand struct {
	givenPlan
	appearance.Flags
}

// Run shows one plan until the person leaves it. The exit code doesn't tell the verdict.
func (c planCommand) Run(ctx context.Context, s streams) error {
	keys, err := c.keyboard(s)
	if err != nil {
		return err
	}
	if keys != s.in {
		defer keys.Close()
	}
	set, _, err := settings.Load(c.Settings)
	if err != nil {
		return err
	}
	policy, err := c.policy(set)
	if err != nil {
		return err
	}
	if c.Plan == "-" {
		fmt.Fprintln(s.err, "Reading the plan from standard input…")
	}
	given, judgement, err := c.judge(ctx, s, policy, true)
	if err != nil {
		return err
	}
	defer given.Close()
	doc := plan.LayOut(&steps.PlanReading{
		Plan: given.Plan, Judgement: judgement, Groups: terraform.Order(given.Plan, judgement), Exact: given.JSON, Apart: true,
	}, given.Lines)
	out := screenOf(s, withoutMouse(c.Features(set, s.getenv)))
	viewer := tui.NewViewer(tui.ViewerConfig{Doc: doc, Name: c.name(), About: about(policy), Theme: c.Flags.Decide(set, s.getenv), Send: out.Send})
	defer viewer.Close()
	if err := drawUntil(ctx, s, out, keys, viewer, given.Secrets, "", nil); err != nil {
		return fmt.Errorf("drawing the plan: %w", err)
	}
	return nil
}

// name returns the plan's name for the screen.
func (c planCommand) name() clean.Text {
	if c.Plan == "-" {
		return clean.Line("standard input")
	}
	return clean.Line(filepath.Base(c.Plan))
}

// keyboard returns the terminal that keys come from: standard input, or, where that is the
// plan, the terminal that controls the process.
func (c planCommand) keyboard(s streams) (*os.File, error) {
	out, ok := s.out.(*os.File)
	if !ok || !term.IsTerminal(int(out.Fd())) {
		return nil, errors.New("standard output is not a terminal; hint: `catalog-runbook verdict` judges a plan without one")
	}
	if typed := term.IsTerminal(int(s.in.Fd())); typed && c.Plan == "-" {
		return nil, errors.New("standard input is a terminal, not a plan; hint: terraform show -json FILE | catalog-runbook plan -")
	} else if typed {
		return s.in, nil
	}
	keys, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("no terminal to read keys from: %w; hint: `catalog-runbook verdict` judges the plan without one", err)
	}
	return keys, nil
}
