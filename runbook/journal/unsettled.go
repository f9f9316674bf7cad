package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/say"
)

// An UnsettledError says that a command of another run may still be changing
// what a checkout describes, or that this cannot be ruled out.
type UnsettledError struct{ err error }

func (e *UnsettledError) Error() string { return e.err.Error() }
func (e *UnsettledError) Unwrap() error { return e.err }

// Unsettled returns an *UnsettledError if a command of a live run other than own
// is running or in doubt in the checkout dir, because a second one there would
// change the same things. A run that cannot be read may hide such a command. Of
// the runs that did start something there it reads the newest 20: each of them
// was asked the same before.
func (s Store) Unsettled(dir, own string) error {
	const newest = 20
	ids, err := s.List()
	if err != nil {
		return err
	}
	for seen := 0; len(ids) > 0 && seen < newest; ids = ids[1:] {
		if ids[0] == own {
			continue
		}
		started, err := s.unsettledIn(ids[0], dir)
		if err != nil {
			return err
		}
		if started {
			seen++
		}
	}
	return nil
}

// unsettledIn is Unsettled for one run. It reports whether the run has started
// any command in the checkout.
func (s Store) unsettledIn(id, dir string) (started bool, err error) {
	h, err := s.Read(id)
	folder := clean.Line(filepath.Join(s.Dir, id))
	switch {
	case errors.Is(err, errNoRun):
		return false, nil // removed just now
	case err != nil:
		return false, &UnsettledError{say.Hint(fmt.Errorf("can't tell whether the outcome of another run's command is unknown: %w", err), "make %s readable, or move it away", folder)}
	}
	events := Events(h.Records)
	if len(events) == 0 {
		return false, nil
	}
	if first, ok := events[0].(runbook.Started); !ok || first.Mode != runbook.Live {
		return false, nil
	}
	open, started := runbook.Unsettled(events, func(recorded string) bool { return samePlace(recorded, dir) })
	switch {
	case open == nil:
		return started, nil
	case h.Damage != nil:
		return true, &UnsettledError{say.Hint(fmt.Errorf("`%s` of the run %s was begun in the same checkout, and its journal is damaged (%w)",
			say.CommandLine(open.Argv), id, h.Damage), "find out how it ended, then move %s away", folder)}
	}
	return true, &UnsettledError{say.Hint(fmt.Errorf("`%s` of another run is running in the same checkout, or its outcome is unknown", say.CommandLine(open.Argv)), "catalog-runbook resume %s", id)}
}

// samePlace reports whether a recorded directory is dir, however it is written.
func samePlace(recorded, dir string) bool {
	if recorded == clean.Masked(dir) {
		return true
	}
	a, err := os.Stat(recorded)
	if err != nil {
		return false
	}
	b, err := os.Stat(dir)
	return err == nil && os.SameFile(a, b)
}
