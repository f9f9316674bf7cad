package tui

import (
	"errors"
	"sync"
	"testing"
	"time"

	"catalog-runbook/runbook"
	"catalog-runbook/steps"
)

func TestWatch(t *testing.T) {
	d := practise(t, "calm", runbook.Practice, 120, 40)
	d.publish()
	var looks int // the observer is asked by one at a time
	from := len(d.kept.since(0))
	engine, err := steps.Watch(d.m.engine.Bound(), d.m.engine.World(), steps.Options{
		Mode: runbook.Practice, Actor: "kim@desk", ReadOnly: "it is held by sam@desk since 09:00.",
	}, d.kept.since(0))
	if err != nil {
		t.Fatal(err)
	}
	seen := seat(t, d.clock, Config{Engine: engine, Observe: func() error {
		looks++
		if looks > 3 {
			return errors.New("the disk is gone")
		}
		news := d.kept.since(from)
		from += len(news)
		return engine.Observe(news)
	}}, 120, 40)
	seen.golden("01-looking-on")
	seen.sees("LOOKING ON · it is held by sam@desk", "release v1.5.4")
	for _, k := range []string{"v", "V", "w", "t", "u", "s", "a", "r", "c", "f", "x", "W"} {
		seen.press(k)
		if got := seen.m.message.text.String(); got != "This run is open for reading only: it is held by sam@desk since 09:00." {
			t.Errorf("%s says %q", k, got)
		}
		if seen.m.dialog != nil || seen.flying != 0 {
			t.Fatalf("%s does something", k)
		}
	}
	seen.press("j")
	seen.sees("n next step to do")
	seen.missing("r run", "v verify")
	d.pass(10 * time.Second)
	d.do("V")
	if seen.status("1") == runbook.Done {
		t.Fatal("it knows already")
	}
	seen.pass(2 * observeEvery)
	if seen.status("1") != runbook.Done {
		t.Errorf("step 1 is %s", seen.status("1"))
	}
	seen.pass(5 * observeEvery)
	seen.sees("Can't follow what happens in this run: the disk is gone")
	if looks != 4 {
		t.Errorf("looked %d times", looks)
	}
}

// full is a journal on a disk that becomes full.
type full struct {
	steps.Journal
	mu  sync.Mutex
	err error
}

func (f *full) Append(e runbook.Event) error {
	if err := f.Err(); err != nil {
		return err
	}
	return f.Journal.Append(e)
}

func (f *full) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func TestUnwritable(t *testing.T) {
	disk := &full{}
	d := practiseWith(t, "calm", runbook.Practice, 80, 24, setting{journal: func(j steps.Journal) steps.Journal {
		disk.Journal = j
		return disk
	}})
	d.publish()
	d.missing("NOT KEPT")
	disk.mu.Lock()
	disk.err = errors.New("writing the journal: no space left")
	disk.mu.Unlock()
	d.pass(10 * time.Second)
	d.do("v")
	d.sees("NOT KEPT · ")
	if d.status("1") == runbook.Done {
		t.Error("what is not kept is shown")
	}
	d.do("j", "esc", "r")
	d.sees("NOT KEPT", "commands are disabled", "Can't write to the journal")
	if d.m.dialog != nil {
		t.Error("something can be done")
	}
	d.do("q")
	if !d.quit {
		t.Error("nobody can leave")
	}
}
