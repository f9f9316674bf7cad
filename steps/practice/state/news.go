package state

import (
	"slices"
	"time"
)

// NewsItem is something that happens at a moment.
type NewsItem struct {
	At       time.Time `json:"at"`
	DAG      string    `json:"dag,omitzero"` // whose run it is about, or ""
	Text     string    `json:"text"`
	Foretold bool      `json:"foretold,omitzero"` // not news before its moment
}

const MaxNews = 50

// Tell adds a piece of news.
func (k *Facts) Tell(at time.Time, dag, text string) {
	k.add(NewsItem{At: at, DAG: dag, Text: text})
}

// Foretell adds what will be news at a later moment.
func (k *Facts) Foretell(at time.Time, dag, text string) {
	k.add(NewsItem{At: at, DAG: dag, Text: text, Foretold: true})
}

func (k *Facts) add(n NewsItem) {
	k.News = append(k.News, n)
	if len(k.News) > 4*MaxNews {
		k.News = slices.Delete(k.News, 0, MaxNews)
	}
}
