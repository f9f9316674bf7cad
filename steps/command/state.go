package command

import (
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// state is the state of a command as its folder shows it.
type state int

const (
	unclaimed state = iota // no supervisor has claimed it yet
	runs                   // its supervisor is alive
	ended                  // its ending was recorded
	neverRan               // it did not run and never will
	lost                   // its supervisor is gone and recorded no ending
)

// status returns the state of the command, and its ending if there is one. It
// changes nothing, so any process may call it at any time.
//
// A supervisor locks the folder, claims it, runs the command, records the ending,
// and releases the lock by exiting. So once the lock is free nothing more is
// written, and whatever is read after that is final.
func (f folder) status() (state, ending, error) {
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
	// The process that wrote an incomplete claim died while writing it, and a
	// supervisor runs nothing before its claim is complete.
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
		// It is written atomically, so reading it again wouldn't help.
		return ending{Problem: "its recorded outcome is unreadable"}, true, nil
	case err != nil:
		return ending{}, false, err
	}
	return e, true, nil
}

// lost returns what is known about a command whose outcome isn't.
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

// Lost is an ErrLost with what is known about the command.
type Lost struct {
	Problem string    // what went wrong; "" if the supervisor is just gone
	Taken   time.Time // when the supervisor claimed the command
	Began   time.Time // when the command began; zero if unknown
	Group   int       // its process group; 0 if it is not known to have begun
	Left    bool      // processes of the group were still running
}

// Error returns what is known, without a capital or a final period.
func (l *Lost) Error() string {
	what := "the command's supervisor is gone and recorded no outcome"
	if l.Problem != "" {
		what = l.Problem
	}
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
	switch {
	case l.Group == 0 && l.Taken.IsZero():
		return what
	case l.Group == 0:
		return fmt.Sprintf("%s; it took the command on at %s, and it is unknown whether the command started", what, at(l.Taken))
	case l.Left:
		return fmt.Sprintf("%s; the command started at %s, and processes of its group %d were still running when this was noticed", what, at(l.Began), l.Group)
	}
	return fmt.Sprintf("%s; the command started at %s, and no process of its group is left", what, at(l.Began))
}

// Is reports whether target is ErrLost.
func (*Lost) Is(target error) bool { return target == ErrLost }
