package report

import (
	"fmt"
	"time"
)

// clock formats times of a run, in UTC, and leaves out the day on which it began.
type clock string

func clockOf(began time.Time) clock { return clock(began.UTC().Format(time.DateOnly)) }

// at formats a time, with the day if that is another one, and a zero time as "–".
func (c clock) at(t time.Time) string {
	switch t = t.UTC(); {
	case t.IsZero():
		return "–"
	case t.Format(time.DateOnly) == string(c):
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

// length formats how long something took, and nil as "–".
func length(seconds *float64) string {
	if seconds == nil {
		return "–"
	}
	switch s := int(*seconds); {
	case s < 1:
		return "under 1 s"
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	default:
		return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
	}
}
