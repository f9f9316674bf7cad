package journal

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"catalog-runbook/runbook"
)

func TestWatch(t *testing.T) {
	s := newStore(t)
	j, err := s.Create(me())
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Watch(j.ID())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	expect := func(want ...string) {
		t.Helper()
		records, err := r.Next()
		if err != nil || !slices.Equal(notes(records), append([]string{}, want...)) {
			t.Fatalf("got %v, %v; want %v", notes(records), err, want)
		}
	}
	write := func(text string) {
		t.Helper()
		f, err := os.OpenFile(filepath.Join(j.Folder(), fileName), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
	}
	expect()
	for _, text := range []string{"one", "two", strings.Repeat("long ", 700)} {
		if err := j.Append(note(text)); err != nil {
			t.Fatal(err)
		}
	}
	expect("one", "two", strings.Repeat("long ", 700))
	expect()

	// A line that comes in pieces waits for its end.
	line, err := j.line(note("three"))
	if err != nil {
		t.Fatal(err)
	}
	write(string(line[:20]))
	expect()
	write(string(line[20 : len(line)-1]))
	expect()

	// Its writer died; the next one cuts it off and writes something longer.
	j.Close()
	j, _, err = s.Open(j.ID(), me())
	if err != nil {
		t.Fatal(err)
	}
	expect()
	if err := errors.Join(j.Append(note("four, which is longer than three")), j.Append(note("five"))); err != nil {
		t.Fatal(err)
	}
	expect("four, which is longer than three", "five")
	j.Close()

	if err := s.Remove(j.ID()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, errNoRun) {
			t.Errorf("removed: %v", err)
		}
	}
}

func TestWatchReports(t *testing.T) {
	data, s, id := written(t, note("one"), note("two"))
	path := filepath.Join(s.Dir, id, fileName)
	lines := strings.SplitAfter(string(data), "\n")
	for name, c := range map[string]struct {
		then  string
		newer bool
	}{
		"damage":  {lines[0] + strings.ToUpper(lines[1]), false},
		"newer":   {lines[0] + string(sealed(`{"v":2,"seq":2`)), true},
		"shorter": {lines[0][:30], false},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(path, []byte(lines[0]), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := s.Watch(id)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if records, err := r.Next(); err != nil || len(records) != 1 {
				t.Fatal(records, err)
			}
			if err := os.WriteFile(path, []byte(c.then), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = r.Next()
			var damage *Damage
			if errors.Is(err, runbook.ErrNewer) != c.newer || errors.As(err, &damage) == c.newer {
				t.Errorf("got %v", err)
			}
			if _, again := r.Next(); again != err {
				t.Errorf("then %v", again)
			}
		})
	}
}

// TestReadWhileATailIsCut lets another process cut a torn line off, and write
// in its place, between two pieces of a reading.
func TestReadWhileATailIsCut(t *testing.T) {
	data, _, id := written(t, note("one"), note(strings.Repeat("x", 3000)))
	first := strings.Index(string(data), "\n") + 1
	f := &changing{before: append(data[:first:first], strings.Repeat("torn", 100)...), after: data}
	h, _, err := readHistory(&chain{run: id, decode: runbook.DecodeEvent}, &lines{file: f}, "")
	if err != nil || h.Notice() != "" || len(h.Records) != 2 {
		t.Errorf("%d records, %s, %v", len(h.Records), h.Notice(), err)
	}
}

// changing is a file that is changed after the first reading.
type changing struct{ before, after []byte }

func (c *changing) ReadAt(b []byte, at int64) (int, error) {
	data := c.before
	c.before = c.after
	return strings.NewReader(string(data)).ReadAt(b, at)
}
