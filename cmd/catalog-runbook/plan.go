package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/term"

	"catalog-runbook/runbook/clean"
	"catalog-runbook/steps"
	"catalog-runbook/steps/terraform"
	"catalog-runbook/tui"
	"catalog-runbook/tui/background"
	"catalog-runbook/tui/plan"
)

type planCommand struct {
	givenPlan
	appearance
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
	policy, err := c.policy()
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
	viewer := tui.NewViewer(tui.ViewerConfig{Doc: doc, Name: c.name(), About: about(policy), Dark: background.Dark(c.Theme, s.getenv("COLORFGBG"))})
	defer viewer.Close()
	if err := drawUntil(ctx, s, keys, viewer, given.Secrets, "", nil); err != nil {
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
		return nil, errors.New("a plan is shown on a terminal, and the output is none; hint: without one, `catalog-runbook verdict` judges it")
	}
	if typed := term.IsTerminal(int(s.in.Fd())); typed && c.Plan == "-" {
		return nil, errors.New("standard input is the terminal, and no plan; hint: terraform show -json FILE | catalog-runbook plan -")
	} else if typed {
		return s.in, nil
	}
	keys, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("no terminal to read keys from: %w; hint: without one, `catalog-runbook verdict` judges the plan", err)
	}
	return keys, nil
}
