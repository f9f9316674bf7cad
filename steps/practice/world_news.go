package practice

import (
	"slices"
	"time"

	"catalog-runbook/steps/practice/state"
)

// News lists what has happened in the world as short lines with the time of
// day, the newest last, at most 50. Where it cannot be read, the last line says
// so.
func (w *World) News() []string {
	err := w.state.Refresh()
	now := w.state.Now()
	var past []state.NewsItem
	for _, n := range w.state.Known().News {
		if !n.Foretold || !n.At.After(now) {
			past = append(past, n)
		}
	}
	slices.SortStableFunc(past, func(a, b state.NewsItem) int { return a.At.Compare(b.At) })
	if err != nil {
		past = append(past, state.NewsItem{At: now, Text: err.Error()})
	}
	past = past[max(0, len(past)-state.MaxNews):]
	lines := make([]string, len(past))
	for i, n := range past {
		lines[i] = n.At.Local().Format(time.TimeOnly) + " " + n.Text
	}
	return lines
}
