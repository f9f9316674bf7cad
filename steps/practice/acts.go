package practice

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Act is something that a person does elsewhere: on GitHub's or Airflow's pages.
type Act struct {
	ID      string
	Label   string // an imperative, without a final period
	Hint    string // what follows from it, or why it cannot be done now
	Enabled bool
}

const publishAct = "publish-release"

const failPrefix = "fail-" // and the DAG run's DAG

// Acts lists what can be done in this world, in a fixed order.
func (w *World) Acts() []Act {
	acts := []Act{{
		ID: publishAct, Label: "publish the draft release " + draftTag, Enabled: true,
		Hint: "on GitHub; its workflow run and its image follow some seconds later",
	}}
	if !w.state.releaseList(true)[0].draft() {
		acts[0].Enabled, acts[0].Hint = false, "done: "+draftTag+" is published"
	}
	for _, r := range w.state.busyRuns() {
		a := Act{
			ID:      failPrefix + r.dag,
			Label:   fmt.Sprintf("mark the %s run of %s as failed", r.was, r.dag),
			Hint:    "in Airflow; what the run has done so far is lost",
			Enabled: r.active(),
		}
		if !a.Enabled {
			a.Hint = "done: the run ended as " + r.state
		}
		acts = append(acts, a)
	}
	return acts
}

// Do does an act. It fails, and changes nothing, when there is no such act or
// when it is not enabled.
func (w *World) Do(id string) error {
	acts := w.Acts()
	i := slices.IndexFunc(acts, func(a Act) bool { return a.ID == id })
	switch {
	case i < 0:
		return fmt.Errorf("acting in the practice world: there is no act %q", id)
	case !acts[i].Enabled:
		return fmt.Errorf("acting in the practice world: cannot %s: %s", acts[i].Label, acts[i].Hint)
	case id == publishAct:
		w.state.publish()
	default:
		w.state.failRun(strings.TrimPrefix(id, failPrefix))
	}
	return nil
}

// newsItem is something that happens at a moment, which may still be to come.
type newsItem struct {
	at   time.Time
	dag  string // the DAG whose run it is about, or ""
	text string
}

const maxNews = 50

// News lists what has happened in the world as short lines with the time of
// day, the newest last, at most 50.
func (w *World) News() []string {
	s := w.state
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var past []newsItem
	for _, n := range s.news {
		if !n.at.After(now) {
			past = append(past, n)
		}
	}
	slices.SortStableFunc(past, func(a, b newsItem) int { return a.at.Compare(b.at) })
	past = past[max(0, len(past)-maxNews):]
	lines := make([]string, len(past))
	for i, n := range past {
		lines[i] = n.at.Local().Format(time.TimeOnly) + " " + n.text
	}
	return lines
}

// tell adds a piece of news. The caller holds the lock, or is alone.
func (s *state) tell(at time.Time, dag, text string) {
	s.news = append(s.news, newsItem{at: at, dag: dag, text: text})
	if len(s.news) > 4*maxNews {
		s.news = slices.Delete(s.news, 0, maxNews)
	}
}
