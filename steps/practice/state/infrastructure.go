package state

import (
	"cmp"
	"time"
)

// Deployment is the infrastructure as the practice `just` needs it, with the newest
// published release.
type Deployment struct {
	Deployed string `json:"deployed"` // the tag that the instance runs
	Database bool   `json:"database"` // the database exists
	Replaced int    `json:"replaced,omitzero"`
	Serial   int    `json:"serial"`
	Newest   string `json:"-"` // the tag of its image
}

// Deployment returns the current infrastructure.
func (s *Store) Deployment() Deployment {
	k := s.Facts()
	newest := k.releases(false)[0]
	return Deployment{Deployed: k.Deployed, Database: k.Database, Replaced: k.Replaced, Serial: k.Serial, Newest: cmp.Or(newest.Image.Tag, newest.Tag)}
}

// Deploy records the result of an apply.
func (s *Store) Deploy(tag string, database bool) error {
	return s.Change(func(k *Facts, now time.Time) error {
		if tag != k.Deployed {
			k.Tell(now, "", "AWS: the Catalog's instance was replaced and runs "+tag)
			k.Replacing = true
		}
		if k.Database && !database {
			k.Tell(now, "", "AWS: the Catalog's database was destroyed")
		}
		k.Deployed, k.Database = tag, database
		k.Serial++
		return nil
	})
}

// Boot begins the start of a new instance once someone asks it.
func (s *Store) Boot() error {
	if !s.Facts().Replacing {
		return nil
	}
	return s.Change(func(k *Facts, now time.Time) error {
		if !k.Replacing {
			return nil
		}
		k.Replacing, k.DeployedAt = false, now
		if k.Instant {
			k.DeployedAt = now.Add(-readsAfter)
		}
		k.cutOff(now)
		if k.Deployed != k.Broken {
			k.Foretell(now.Add(bootTime), "", "Airflow: it is up again")
		}
		return nil
	})
}

// How long after a deployment Airflow answers again, and its scheduler and then all DAGs
// have been seen.
const (
	bootTime   = 20 * time.Second
	beatsAfter = 25 * time.Second
	readsAfter = 40 * time.Second
)

// Up reports whether Airflow answers.
func (k Facts) Up(now time.Time) bool {
	return k.DeployedAt.IsZero() || k.Deployed != k.Broken && now.Sub(k.DeployedAt) >= bootTime
}

// Beat returns when the scheduler was seen last, zero if it wasn't since it was started.
func (k Facts) Beat(now time.Time) time.Time {
	if !k.DeployedAt.IsZero() && now.Sub(k.DeployedAt) < beatsAfter {
		return time.Time{}
	}
	return now.Add(-2 * time.Second)
}

// Parsed returns when the DAGs were read last, which is every so often.
func (k Facts) Parsed(now time.Time, every time.Duration) time.Time {
	last := now.Truncate(every)
	switch first := k.DeployedAt.Add(readsAfter); {
	case k.DeployedAt.IsZero():
		return last
	case now.Before(first):
		return k.DeployedAt.Truncate(every)
	default:
		return first.Add(now.Sub(first).Truncate(every))
	}
}

// cutOff ends the runs whose tasks work on the instance. A task that waits in the database
// goes on.
func (k *Facts) cutOff(now time.Time) {
	for i := range k.DAGRuns {
		r := k.DAGRuns[i].At(now)
		if r.State != "running" || r.Waits == "deferred" {
			continue
		}
		r.State, r.Ended = "failed", now
		k.DAGRuns[i] = r
		k.Forget(r.DAG, now)
		k.Tell(now, r.DAG, "Airflow: the run of "+r.DAG+" was cut off")
	}
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
