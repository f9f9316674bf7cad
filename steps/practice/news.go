package practice

import (
	"time"

	"catalog-runbook/steps/practice/state"
)

// News lists what has happened in the world as short lines with the time of day,
// the newest last, at most 50. If the world cannot be read, the last line is the
// error.
func (w *World) News() []string {
	var more []state.NewsItem
	now := w.state.Now()
	if err := w.state.Refresh(); err != nil {
		more = append(more, state.NewsItem{At: now, Text: err.Error()})
	}
	past := w.state.Facts().Past(now, more...)
	lines := make([]string, len(past))
	for i, n := range past {
		lines[i] = n.At.Local().Format(time.TimeOnly) + " " + n.Text
	}
	return lines
}
