package state

import (
	"bytes"
	"net/http"
	"sync"
	"time"
)

// Store is a world's state as seen by one process. The practice `just` and the
// program that runs the world each have their own, on the same file. Methods that
// read answer from what Refresh has read last. All may be called concurrently.
type Store struct {
	Now    func() time.Time // the world's clock
	folder Folder

	mu    sync.Mutex
	facts Facts  // replaced as a whole, never changed in place
	read  []byte // the file that facts were read from; nil if unknown
}

// Open reads the state of the world in a folder.
func Open(f Folder, now func() time.Time) (*Store, error) {
	s := &Store{Now: now, folder: f}
	return s, s.Refresh()
}

// Refresh reads the file again, which other processes may have changed.
func (s *Store) Refresh() error {
	s.mu.Lock() // while reading too, so that older facts never replace newer ones
	defer s.mu.Unlock()
	data, err := s.folder.read()
	if err != nil || s.read != nil && bytes.Equal(data, s.read) {
		return err // a screen asks often, and little changes
	}
	k, err := s.folder.decode(data)
	if err != nil {
		return err
	}
	s.facts, s.read = k, data
	return nil
}

// Fresh returns a handler that calls Refresh before each request.
func (s *Store) Fresh(service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.Refresh(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		service.ServeHTTP(w, r)
	})
}

// Facts returns the facts that were read last. The caller must not change the slices and
// maps in them.
func (s *Store) Facts() Facts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.facts
}

// Change applies f to the current state and saves the result, under a lock that
// keeps out other processes. If f fails, nothing changes.
func (s *Store) Change(f func(k *Facts, now time.Time) error) error {
	unlock, err := s.folder.lock()
	if err != nil {
		return err
	}
	defer unlock()
	k, err := s.folder.load()
	if err != nil {
		return err
	}
	if err := f(&k, s.Now()); err != nil {
		return err
	}
	if err := s.folder.Save(k); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.facts, s.read = k, nil
	return nil
}

// Releases returns the releases, newest first, with or without drafts.
func (s *Store) Releases(drafts bool) []Release { return s.Facts().releases(drafts) }

// Images returns the releases whose image has arrived in the registry, oldest first.
func (s *Store) Images() []Release {
	var out []Release
	for _, r := range s.Releases(false) {
		if s.Now().Sub(r.Published) >= r.BuildTimes().Image {
			out = append([]Release{r}, out...)
		}
	}
	return out
}
