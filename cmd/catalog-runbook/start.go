package main

import (
	"context"
	"fmt"
	"os"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/report"
	"catalog-runbook/tui/opening"
	"catalog-runbook/tui/plain"
	"catalog-runbook/tui/text"
)

// Limits of the unfinished runs that the start offers, and of those that are looked at.
const (
	unfinishedMost = 3
	unfinishedRead = 12
)

// undecided reports whether nobody has said what to do: no document is named, nor a release,
// a pull request or a mode.
func (c walkCommand) undecided() bool {
	return c.File == "" && c.Release == "" && c.PullRequest == "" && !c.DryRun && !c.Live
}

// start asks a person at a terminal what to do, and does it.
func (c walkCommand) start(ctx context.Context, s streams) error {
	var do []func() error
	var options []opening.Option
	offer := func(name, about string, f func() error) {
		options, do = append(options, opening.Option{Name: name, About: about}), append(do, f)
	}
	offer("Practice", "walk the deployment in a practice world on this machine; nothing real is touched", func() error {
		return practiceCommand{Scenario: "calm", manner: c.manner}.Run(ctx, s)
	})
	offer("Dry run", "check the real services and show every command; change nothing", func() error {
		c.DryRun = true
		return c.walk(ctx, s, false)
	})
	offer("Live", "deploy for real; each command waits for its gate and your confirmation", func() error { return c.walk(ctx, s, false) })
	for _, r := range unfinished(s) {
		about := fmt.Sprintf("%s, %s, %s", r.Mode, r.Title, r.Standing)
		if !r.Release.Empty() {
			about = fmt.Sprintf("%s, release %s, %s", r.Mode, r.Release, r.Standing)
		}
		offer("Resume "+r.Run, about, func() error { return resumeCommand{ID: r.Run, filling: c.filling, manner: c.manner}.Run(ctx, s) })
	}
	i, err := c.pick(ctx, s, options)
	if err != nil || i < 0 {
		return err
	}
	return do[i]()
}

// pick lets the person pick an option. It returns -1 if they leave.
func (c walkCommand) pick(ctx context.Context, s streams, options []opening.Option) (int, error) {
	title, question := "the built-in "+runbook.DefaultName, "What do you want to do?"
	if _, err := os.Stat(runbook.DefaultName); err == nil {
		title = "./" + runbook.DefaultName
	}
	if c.plain(s) {
		var lines []string
		for _, o := range options {
			lines = append(lines, o.Line())
		}
		return plain.Ask(ctx, s.in, s.out, s.width(), "Catalog-runbook, "+title+". Line-by-line mode. "+question, lines)
	}
	screen := opening.New("catalog-runbook  "+title, question, options, text.NewStyles(c.Flags.Decide(screenSettings(), s.getenv)))
	if err := drawUntil(ctx, s, screenOf(s, withoutMouse(c.Features(screenSettings(), s.getenv))), s.in, screen, nil, "", nil); err != nil {
		return -1, fmt.Errorf("drawing the start: %w", err)
	}
	return screen.Picked(), nil
}

// unfinished returns the newest runs with steps to do that nobody has open. What can't be
// read is left out.
func unfinished(s streams) []report.Summary {
	runs, err := openRuns(s)
	if err != nil {
		return nil // the walk says it
	}
	ids, _ := runs.store.List()
	var open []report.Summary
	for _, id := range ids[:min(len(ids), unfinishedRead)] {
		r := summaryOf(runs.store, id)
		switch r.State {
		case report.State(runbook.StillOpen), report.Running, report.Doubtful:
			if r.HeldBy == nil {
				open = append(open, r)
			}
		}
		if len(open) == unfinishedMost {
			break
		}
	}
	return open
}
