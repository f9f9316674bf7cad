package report

import (
	"fmt"
	"time"
)

// clock writes times of a run without the day on which it began. All are in UTC.
type clock string

func clockOf(began time.Time) clock { return clock(began.UTC().Format(time.DateOnly)) }

// at writes a time, with its day where that is another one; "–" for none.
func (c clock) at(t time.Time) string {
	switch t = t.UTC(); {
	case t.IsZero():
		return "–"
	case t.Format(time.DateOnly) == string(c):
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

// length writes how long something took, "–" where that is not known.
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
