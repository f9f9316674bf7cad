package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"catalog-runbook/runbook"
	"catalog-runbook/runbook/clean"
)

// Damage says where and how a journal is damaged. Line 0 means the file itself.
type Damage struct {
	Line int
	Text clean.Text
}

func (d *Damage) Error() string {
	if d.Line == 0 {
		return d.Text.String()
	}
	return fmt.Sprintf("line %d: %s", d.Line, d.Text)
}

// newer is the error of a line that a newer version of the program wrote.
type newer struct {
	line int
	err  error
}

func (n *newer) Error() string { return fmt.Sprintf("line %d: %v", n.line, clean.Line(n.err.Error())) }
func (n *newer) Unwrap() error { return n.err }

// decoder decodes an event from its type and its JSON.
type decoder func(kind string, event []byte) (runbook.Event, error)

// chain checks that each record follows from the one before.
type chain struct {
	run    string
	decode decoder
	seq    int    // of the last record
	prev   string // of the next record, "" before the first
}

// next reads the record of a line, which includes its line end. The error is a
// *Damage or a *newer; the chain doesn't advance then.
func (c *chain) next(line []byte) (Record, error) {
	h, event, err := parseLine(line[:len(line)-1])
	switch {
	case errors.Is(err, runbook.ErrNewer):
		return Record{}, &newer{c.seq + 1, err}
	case err != nil:
		return Record{}, c.damage("%v", err)
	case h.run != c.run:
		return Record{}, c.damage("a record of the run %s", h.run)
	case h.seq != c.seq+1:
		return Record{}, c.damage("it is record %d, and not record %d", h.seq, c.seq+1)
	case h.prev != cmp.Or(c.prev, firstPrev):
		return Record{}, c.damage("it doesn't follow from the line before, which was changed or replaced")
	}
	e, err := c.decode(h.kind, event)
	switch {
	case errors.Is(err, runbook.ErrNewer):
		return Record{}, &newer{h.seq, err}
	case err != nil:
		return Record{}, c.damage("%v", err)
	}
	c.seq, c.prev = h.seq, sumOf(line)
	return Record{Seq: h.seq, Host: clean.Line(h.host).String(), PID: h.pid, Event: e}, nil
}

func (c *chain) damage(format string, args ...any) *Damage {
	return &Damage{c.seq + 1, clean.Linef(format, args...)}
}

// read returns the records of the complete lines that remain in l. The error is
// nil at the end of the file, and otherwise a *Damage, a *newer or a read error.
func (c *chain) read(l *lines) ([]Record, error) {
	var records []Record
	for {
		begin := l.at
		record, err := c.one(l)
		if damage := (*Damage)(nil); errors.As(err, &damage) {
			// Another process may have removed a torn line and written in its
			// place, so that this line is a mix of both.
			l.again(begin)
			record, err = c.one(l)
		}
		switch {
		case errors.Is(err, io.EOF):
			return records, nil
		case err != nil:
			return records, err
		}
		records = append(records, record)
	}
}

// one reads the record of the next line.
func (c *chain) one(l *lines) (Record, error) {
	line, err := l.next()
	switch {
	case errors.Is(err, errLong):
		return Record{}, c.damage("%v", err)
	case errors.Is(err, io.EOF):
		return Record{}, err
	case err != nil:
		return Record{}, fmt.Errorf("reading line %d: %w", c.seq+1, err)
	}
	return c.next(line)
}
