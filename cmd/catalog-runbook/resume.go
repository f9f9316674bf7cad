package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"catalog-runbook/cmd/catalog-runbook/settings"
	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
	"catalog-runbook/runbook/document"
	"catalog-runbook/runbook/journal"
	"catalog-runbook/steps"
	"catalog-runbook/steps/kinds"
	"catalog-runbook/steps/practice"
	"catalog-runbook/steps/practice/elsewhere"
)

type resumeCommand struct {
	ID    string `arg:"" name:"run" optional:"" help:"The run, or the beginning of its name (default: the newest)."`
	Watch bool   `help:"Watch read-only, even while another process holds the run."`
	filling
	manner
}

// Run resumes a run in the mode in which it was begun.
func (c resumeCommand) Run(ctx context.Context, s streams) error {
	runs, err := openRuns(s)
	if err != nil {
		return err
	}
	id, err := runs.find(c.ID)
	if err != nil {
		return err
	}
	if err := c.needTerminal(s); err != nil {
		return err
	}
	if c.Watch && len(c.Fill) > 0 {
		return errors.New("--watch and --fill exclude each other")
	}
	if c.Watch {
		return c.watch(ctx, s, runs, id)
	}
	k, history, err := runs.hold(id)
	if err != nil {
		return err
	}
	defer k.close()
	o := k.options(steps.Options{})
	if why := unwritable(history); why != "" {
		o.ReadOnly = why
	}
	w, done, err := c.open(ctx, s, id, journal.Events(history.Records), o)
	if err != nil {
		return err
	}
	defer done()
	if err := c.fill(w.engine); err != nil {
		return err
	}
	w.run, w.notice = k, clean.Line(history.Notice())
	if err := show(ctx, s, *w); err != nil {
		return err
	}
	if history.Damage != nil {
		return exitError{exitDamaged, fmt.Errorf("%s", o.ReadOnly)}
	}
	return nil
}

// unwritable says why nothing may be appended to a journal, "" if it may.
func unwritable(h *journal.History) string {
	switch {
	case h.Damage != nil:
		return fmt.Sprintf("its journal is damaged at line %d (%s), so the run can't continue; start a new run.", h.Damage.Line, h.Damage.Text)
	case h.Newer:
		return "its journal was written by a newer version of this program; resume it with that version."
	}
	return ""
}

// watch shows a run read-only, also while another process holds it.
func (c resumeCommand) watch(ctx context.Context, s streams, runs runStore, id string) error {
	reader, err := runs.store.Watch(id)
	if err != nil {
		return err
	}
	defer reader.Close()
	records, err := reader.Next()
	var damage *journal.Damage
	if err != nil && !errors.As(err, &damage) && !errors.Is(err, runbook.ErrNewer) {
		return err
	}
	unreadable := err
	why := "nobody has it open; resume it with `catalog-runbook resume`."
	if h, held, err := runs.store.Holder(id); err == nil && held {
		why = fmt.Sprintf("held by %s.", h)
	}
	if unreadable != nil {
		why = unreadable.Error() + "."
	}
	folder := filepath.Join(runs.store.Dir, id)
	w, done, err := c.open(ctx, s, id, journal.Events(records), steps.Options{Actor: runs.actor, Folder: folder, ReadOnly: why})
	if err != nil {
		return err
	}
	defer done()
	w.observe = func() error {
		records, err := reader.Next()
		return errors.Join(w.engine.Observe(journal.Events(records)), err)
	}
	w.holder = func() (journal.Holder, bool, error) { return runs.store.Holder(id) }
	if unreadable != nil {
		w.observe = nil // nothing more can be read
	}
	if err := show(ctx, s, *w); err != nil {
		return err
	}
	if damage != nil {
		return exitError{exitDamaged, unreadable}
	}
	return nil
}

// open connects to the world in which the run was begun and replays its events. The
// caller must call done when it is finished with the walk.
func (c resumeCommand) open(ctx context.Context, s streams, id string, past []runbook.Event, o steps.Options) (w *walk, done func(), err error) {
	if len(past) == 0 {
		return nil, nil, fmt.Errorf("resuming %s: its journal is empty", id)
	}
	started, ok := past[0].(runbook.Started)
	if !ok {
		return nil, nil, fmt.Errorf("resuming %s: its journal doesn't begin with the start of the run", id)
	}
	o.Mode = started.Mode
	w, done = &walk{}, func() {}
	var bound *steps.Bound
	var world *steps.World
	set := screenSettings()
	if started.Mode == runbook.Practice {
		bound, world, w.world, done, err = practiceAgain(started, o.Folder)
	} else {
		bound, world, set, err = realAgain(ctx, s, started, past)
	}
	if err != nil {
		return nil, nil, err
	}
	w.settings, w.Flags, w.plainly = set, c.Flags, c.plain(s)
	bound = bound.Filled(past)
	if was, now := runbook.EnvironmentOf(past), clean.Line(bound.Environment()); o.ReadOnly == "" && started.Mode != runbook.Practice && now != was {
		return nil, nil, fmt.Errorf("resuming %s: it was started for %q, but its document and settings now say %q; hint: restore them, or start a new run", id, was, now)
	}
	if o.ReadOnly != "" {
		w.engine, err = steps.Watch(bound, world, o, past)
	} else {
		w.engine, err = steps.Resume(bound, world, o, past)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return w, done, nil
}

// realAgain reads the document and the settings again, since they may have changed.
// If the document is gone, realAgain takes it from the journal.
func realAgain(ctx context.Context, s streams, started runbook.Started, past []runbook.Event) (*steps.Bound, *steps.World, steps.Settings, error) {
	set := settings.Default() // a file in the present working directory was not meant
	if started.Settings != "" {
		var err error
		if set, _, err = settings.Load(started.Settings); err != nil {
			return nil, nil, set, err
		}
	}
	var doc *document.Document
	var err error
	if started.Source == "" {
		doc, err = embedded()
	} else {
		doc, err = parseFile(started.Source)
	}
	if errors.Is(err, fs.ErrNotExist) {
		doc, err = document.Parse(started.Document.String(), []byte(steps.DocumentText(past)))
	}
	if err != nil {
		return nil, nil, set, err
	}
	world, err := realWorld(ctx, s, set, started.Mode)
	if err == nil {
		world.SettingsFile = started.Settings
	}
	return steps.Bind(doc, set, kinds.All()), world, set, err
}

// practiceAgain starts a run's practice world in the state that the run left.
func practiceAgain(started runbook.Started, folder string) (*steps.Bound, *steps.World, elsewhere.World, func(), error) {
	world, err := practice.Start(started.Environment.String(), practice.Options{Folder: filepath.Join(folder, practiceFolder)})
	if err != nil {
		return nil, nil, nil, nil, err
	}
	bound, services, err := practiceServices(world)
	if err != nil {
		_ = world.Close() // the first error says more
		return nil, nil, nil, nil, err
	}
	return bound, services, world, func() { _ = world.Close() }, nil
}
