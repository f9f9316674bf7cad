package command

import (
	"fmt"
	"time"
)

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
