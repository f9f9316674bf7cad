package github

import (
	"net/http"
	"testing"
	"time"

	"catalog-runbook/steps/practice/state"
	"catalog-runbook/steps/practice/testdata/ask"
)

const (
	draftTag = "v1.5.4"
	token    = "a-practice-token"
)

// world is GitHub alone, with a draft and two releases.
type world struct {
	url   string
	store *state.Store
}

func (w world) GitHubURL() string   { return w.url }
func (w world) GitHubToken() string { return token }
func (w world) Repository() string  { return Repository }
func (w world) Workflow() string    { return Workflow }

func begin(t *testing.T) (world, *ask.Clock) {
	t.Helper()
	c := ask.NewClock()
	ago := func(days int) time.Time { return c.Now().AddDate(0, 0, -days) }
	store := ask.Store(t, state.Facts{Releases: []state.Release{
		{ID: 104, Tag: draftTag, Commit: state.CommitOf(draftTag), Created: ago(2)},
		{ID: 103, Tag: "v1.5.3", Commit: state.CommitOf("v1.5.3"), Created: ago(41), Published: ago(40)},
		{ID: 102, Tag: "v1.5.2", Commit: state.CommitOf("v1.5.2"), Created: ago(49), Published: ago(48)},
	}}, c)
	url := ask.Serve(t, func(origin string) http.Handler { return store.Fresh(New(origin, token, store)) })
	return world{url, store}, c
}

// publish makes the draft a release.
func (w world) publish(t *testing.T) {
	t.Helper()
	err := w.store.Change(func(k *state.Facts, now time.Time) error {
		k.Releases[0].Published = now
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
