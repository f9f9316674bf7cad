package command

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// state is what a folder says of its command.
type state int

const (
	unclaimed state = iota // nobody has decided yet
	runs                   // its supervisor is alive
	ended                  // the ending says how
	neverRan               // and never will
	lost                   // its supervisor is gone
)

// look finds out how a command stands. It takes part in nothing, so that anyone
// may look at any time.
//
// A supervisor locks the folder, claims it, runs the command, writes how that
// ended, and unlocks the folder by ending. So where the lock is free nothing
// more will be written, and what is there is final, if it is read after the lock
// was looked at.
func (f folder) look() (state, ending, error) {
	if e, ok, err := f.ending(); ok || err != nil {
		return ended, e, err
	}
	var c claim
	if err := f.read(claimFile, &c); errors.Is(err, fs.ErrNotExist) {
		return unclaimed, ending{}, nil
	} else if err == nil && c.By == byFrontEnd {
		return neverRan, ending{}, nil
	}
	if alive, err := f.locked(); alive || err != nil {
		return runs, ending{}, err
	}
	if e, ok, err := f.ending(); ok || err != nil {
		return ended, e, err
	}
	// A claim that is not whole is one of somebody who ended while it was written:
	// a supervisor runs nothing before that.
	if err := f.read(claimFile, &c); err != nil || c.By != bySupervisor {
		return neverRan, ending{}, nil
	}
	return lost, ending{}, nil
}

func (f folder) ending() (ending, bool, error) {
	var e ending
	switch err := f.read(exitFile, &e); {
	case errors.Is(err, fs.ErrNotExist):
		return ending{}, false, nil
	case errors.Is(err, errUnreadable):
		// It is written whole or not at all, so that trying again is of no use.
		return ending{Problem: "what it has left of its outcome cannot be read"}, true, nil
	case err != nil:
		return ending{}, false, err
	}
	return e, true, nil
}

// lost says what is known of a command of which not enough is known.
func (f folder) lost(problem string) *Lost {
	l := &Lost{Problem: problem}
	var c claim
	if f.read(claimFile, &c) == nil {
		l.Taken = c.At
	}
	var s started
	if f.read(commandFile, &s) == nil {
		l.Began, l.Group, l.Left = s.At, s.Group, s.left()
	}
	return l
}

// Lost says what is known of a command of which nobody knows how it ended. It is
// an ErrLost.
type Lost struct {
	Problem string    // what went wrong; "" if the supervisor is just gone
	Taken   time.Time // when the supervisor took the command on
	Began   time.Time // when it began; zero if that is not known
	Group   int       // its process group; 0 if it is not known to have begun
	Left    bool      // processes of the group are still running
}

// Error says it in words fit for a sentence.
func (l *Lost) Error() string {
	what := "what supervised the command is gone and has left no outcome"
	if l.Problem != "" {
		what = l.Problem
	}
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
	switch {
	case l.Group == 0 && l.Taken.IsZero():
		return what
	case l.Group == 0:
		return fmt.Sprintf("%s; it took the command on at %s, and whether the command began is not known", what, at(l.Taken))
	case l.Left:
		return fmt.Sprintf("%s; the command began at %s, and processes of its group %d were still running when that was noticed", what, at(l.Began), l.Group)
	}
	return fmt.Sprintf("%s; the command began at %s, and no process of its group is left", what, at(l.Began))
}

// Is makes it an ErrLost.
func (*Lost) Is(target error) bool { return target == ErrLost }
