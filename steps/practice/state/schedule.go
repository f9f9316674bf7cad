package state

import "time"

// Schedule is the schedule of a DAG that starts runs. Next is zero until a query has shown
// it: then the next run is due In later, so that nobody comes too late to see it.
type Schedule struct {
	DAG   string        `json:"dag"`
	In    time.Duration `json:"in"`
	Every time.Duration `json:"every"`
	Lasts time.Duration `json:"lasts"` // how long each run continues
	Next  time.Time     `json:"next,omitzero"`
}

// Due returns when the last run that is due at a moment was to start, and whether one is.
// Runs that were missed before are not made up for (catchup=False).
func (s Schedule) Due(now time.Time) (last time.Time, due bool) {
	if s.Next.IsZero() || now.Before(s.Next) {
		return time.Time{}, false
	}
	return s.Next.Add(now.Sub(s.Next).Truncate(s.Every)), true
}
