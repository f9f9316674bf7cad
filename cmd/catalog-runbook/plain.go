package main

import (
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

// size returns what asks the terminal that out is for its columns and rows, which are 0 if it
// doesn't know, or nil if out isn't a terminal.
func (s streams) size() func() (columns, rows int) {
	out, ok := s.out.(*os.File)
	if !ok || !term.IsTerminal(int(out.Fd())) {
		return nil
	}
	return func() (int, int) {
		columns, rows, _ := term.GetSize(int(out.Fd()))
		return columns, rows
	}
}

// width returns what asks for the columns alone, or nil.
func (s streams) width() func() int {
	size := s.size()
	if size == nil {
		return nil
	}
	return func() int {
		columns, _ := size()
		return columns
	}
}

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
	return errors.New("the checklist needs a terminal; hint: --plain walks line by line without one, and `catalog-runbook check` checks the steps once")
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
	c := plain.Config{
		Engine: w.engine, World: w.world, In: s.in, Out: s.out, Typed: s.typed(), Notice: w.notice, Width: s.width(),
		Plan: func(r *steps.PlanReading, all bool) ([]string, error) { return plan.LayOut(r, r.Lines).Spoken(all) },
		Hide: func(hide bool) { _ = restore.Echo(int(s.in.Fd()), !hide) },
	}
	if c.Typed {
		c.Interrupts = interrupts(ctx)
	}
	if w.observe != nil {
		c.Observe = func() (bool, error) {
			err := w.observe()
			_, open, _ := w.holder()
			return open, err
		}
		if open, err := c.Observe(); err != nil {
			return err
		} else if !open {
			c.Observe = nil // nothing more will come
		}
	} else if w.run != nil {
		told := w.alerts(s, bell(s))
		defer told.Close()
		c.Tell = told.Tell
	}
	if size := s.size(); size != nil {
		_, rows := size()
		c.Page = cmp.Or(max(rows-3, 0), 20)
	}
	if err := plain.Run(ctx, c); err != nil {
		return errors.Join(fmt.Errorf("printing the walk: %w", err), w.leave(s.err))
	}
	return w.leave(s.err)
}

// bell returns what writes a notification to the terminal, which is between two lines then. What
// isn't a terminal gets none.
func bell(s streams) func(string) error {
	return func(sequence string) error {
		if !s.terminal {
			return nil
		}
		_, err := io.WriteString(s.out, sequence)
		return err
	}
}
