package state

import "time"

// Deployment is the infrastructure as the practice `just` needs it, with the newest
// published release.
type Deployment struct {
	Deployed string `json:"deployed"` // the tag that the instance runs
	Database bool   `json:"database"` // the database exists
	Replaced int    `json:"replaced,omitzero"`
	Serial   int    `json:"serial"`
	Newest   string `json:"-"`
}

// Deployment returns the current infrastructure.
func (s *Store) Deployment() Deployment {
	k := s.Facts()
	return Deployment{Deployed: k.Deployed, Database: k.Database, Replaced: k.Replaced, Serial: k.Serial, Newest: k.releases(false)[0].Tag}
}

// Deploy records the result of an apply.
func (s *Store) Deploy(tag string, database bool) error {
	return s.Change(func(k *Facts, now time.Time) error {
		if tag != k.Deployed {
			k.Tell(now, "", "AWS: the Catalog's instance was replaced and runs "+tag)
		}
		if k.Database && !database {
			k.Tell(now, "", "AWS: the Catalog's database was destroyed")
		}
		k.Deployed, k.Database = tag, database
		k.Serial++
		return nil
	})
}

// ReplaceInstance replaces the instance by one that runs the same tag. Plans that
// were made before are stale afterwards.
func (s *Store) ReplaceInstance() error {
	return s.Change(func(k *Facts, now time.Time) error {
		k.Tell(now, "", "AWS: a colleague has replaced the Catalog's instance, which runs "+k.Deployed+" as before")
		k.Replaced++
		k.Serial++
		return nil
	})
}
