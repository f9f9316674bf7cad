package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"catalog-runbook/steps"
	"catalog-runbook/tui/plain"
	"catalog-runbook/tui/plan"
	"catalog-runbook/tui/terminal/restore"
)

// typed reports whether a person types the input on a terminal.
func (s streams) typed() bool { return s.in != nil && term.IsTerminal(int(s.in.Fd())) }

// plain reports whether to walk line by line: if that is asked for, or the terminal can't do
// anything else.
func (m manner) plain(s streams) bool {
	if m.Plain {
		return true
	}
	switch strings.ToLower(s.getenv("ACCESSIBLE")) {
	case "", "0", "false":
	default:
		return true
	}
	kind := s.getenv("TERM")
	return s.typed() && (!s.terminal || kind == "" || kind == "dumb")
}

// needTerminal returns an error if there is no terminal to draw on, and a walk line by line
// wasn't asked for.
func (m manner) needTerminal(s streams) error {
	if s.terminal || m.plain(s) {
		return nil
	}
	return errors.New("the checklist needs a terminal; hint: --plain walks line by line without one, and `catalog-runbook check` verifies every step once")
}

// showPlain walks line by line until the person leaves, the input ends or ctx does. A running
// command continues under its supervisor.
func showPlain(ctx context.Context, s streams, w walk) error {
	if w.collect != nil {
		w.collect()
	}
	if w.run != nil {
		go w.run.runs.forgetOldPlans() // the walk doesn't wait for the disk
	}
	if w.observe != nil {
		if err := w.observe(); err != nil {
			return err
		}
	}
	c := plain.Config{
		Engine: w.engine, World: w.world, In: s.in, Out: s.out, Typed: s.typed(), Notice: w.notice,
		Plan: func(r *steps.PlanReading, all bool) ([]string, error) { return plan.LayOut(r, r.Lines).Spoken(all) },
		Hide: func(hide bool) { _ = restore.Echo(int(s.in.Fd()), !hide) },
	}
	if c.Typed {
		c.Interrupts = interrupts(ctx)
	}
	if out, ok := s.out.(*os.File); ok {
		if _, rows, err := term.GetSize(int(out.Fd())); err == nil {
			c.Page = cmp.Or(max(rows-3, 0), 20)
		}
	}
	if err := plain.Run(ctx, c); err != nil {
		return errors.Join(fmt.Errorf("printing the walk: %w", err), w.leave(s.err))
	}
	var end bytes.Buffer
	if err := summarise(&end, w.engine); err != nil {
		return err
	}
	for line := range strings.Lines(end.String()) {
		if _, err := io.WriteString(s.out, plain.Spoken(strings.TrimRight(line, "\n"))+"\n"); err != nil {
			return err
		}
	}
	return w.leave(s.err)
}
