package state

import (
	"slices"
	"time"
)

// NewsItem is something that happens at a moment.
type NewsItem struct {
	At       time.Time `json:"at"`
	DAG      string    `json:"dag,omitzero"` // the DAG of the run that it is about, or ""
	Text     string    `json:"text"`
	Foretold bool      `json:"foretold,omitzero"` // not news before At
}

const maxNews = 50

// Tell adds a piece of news. dag is "" unless it is about a DAG run.
func (k *Facts) Tell(at time.Time, dag, text string) {
	k.add(NewsItem{At: at, DAG: dag, Text: text})
}

// Foretell adds what will be news at a later moment.
func (k *Facts) Foretell(at time.Time, dag, text string) {
	k.add(NewsItem{At: at, DAG: dag, Text: text, Foretold: true})
}

func (k *Facts) add(n NewsItem) {
	k.News = append(k.News, n)
	if len(k.News) > 4*maxNews {
		k.News = slices.Delete(k.News, 0, maxNews)
	}
}

// Forget drops what was foretold of the run of a DAG.
func (k *Facts) Forget(dag string, now time.Time) {
	k.News = slices.DeleteFunc(k.News, func(n NewsItem) bool { return n.DAG == dag && n.Foretold && n.At.After(now) })
}

// Past returns the last 50 pieces of news up to now, the newest last. more is added
// at the end.
func (k Facts) Past(now time.Time, more ...NewsItem) []NewsItem {
	var past []NewsItem
	for _, n := range k.News {
		if !n.Foretold || !n.At.After(now) {
			past = append(past, n)
		}
	}
	slices.SortStableFunc(past, func(a, b NewsItem) int { return a.At.Compare(b.At) })
	past = append(past, more...)
	return past[max(0, len(past)-maxNews):]
}
