package practice

import (
	"slices"
	"time"
)

// newsItem is something that happens at a moment.
type newsItem struct {
	At       time.Time `json:"at"`
	DAG      string    `json:"dag,omitzero"` // whose run it is about, or ""
	Text     string    `json:"text"`
	Foretold bool      `json:"foretold,omitzero"` // not news before its moment
}

const maxNews = 50

// News lists what has happened in the world as short lines with the time of
// day, the newest last, at most 50. Where it cannot be read, the last line says
// so.
func (w *World) News() []string {
	err := w.state.refresh()
	now := w.state.now()
	var past []newsItem
	for _, n := range w.state.known().News {
		if !n.Foretold || !n.At.After(now) {
			past = append(past, n)
		}
	}
	slices.SortStableFunc(past, func(a, b newsItem) int { return a.At.Compare(b.At) })
	if err != nil {
		past = append(past, newsItem{At: now, Text: err.Error()})
	}
	past = past[max(0, len(past)-maxNews):]
	lines := make([]string, len(past))
	for i, n := range past {
		lines[i] = n.At.Local().Format(time.TimeOnly) + " " + n.Text
	}
	return lines
}

// tell adds a piece of news.
func (k *facts) tell(at time.Time, dag, text string) {
	k.add(newsItem{At: at, DAG: dag, Text: text})
}

// foretell adds what will be news at a later moment.
func (k *facts) foretell(at time.Time, dag, text string) {
	k.add(newsItem{At: at, DAG: dag, Text: text, Foretold: true})
}

func (k *facts) add(n newsItem) {
	k.News = append(k.News, n)
	if len(k.News) > 4*maxNews {
		k.News = slices.Delete(k.News, 0, maxNews)
	}
}
