package registry

import (
	"net/http"
	"testing"
	"time"

	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

const (
	draftTag = "v1.5.4"
	release1 = "v1.5.3"
)

// world is the registry alone, with the images of two releases.
type world struct {
	url   string
	store *state.Store
}

func begin(t *testing.T) (*world, *ask.Clock) {
	t.Helper()
	c := ask.NewClock()
	ago := func(days int) time.Time { return c.Now().AddDate(0, 0, -days) }
	store := ask.Store(t, state.Facts{Releases: []state.Release{
		{Tag: draftTag, Commit: state.CommitOf(draftTag), Created: ago(2)},
		{Tag: release1, Commit: state.CommitOf(release1), Created: ago(41), Published: ago(40)},
		{Tag: "v1.5.2", Commit: state.CommitOf("v1.5.2"), Created: ago(49), Published: ago(48)},
	}}, c)
	return &world{ask.Serve(t, func(origin string) http.Handler { return store.Fresh(New(origin, store)) }), store}, c
}

// publish makes the draft a release.
func (w *world) publish(t *testing.T) {
	t.Helper()
	err := w.store.Change(func(k *state.Facts, now time.Time) error {
		k.Releases[0].Published = now
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
