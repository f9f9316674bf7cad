package airflow

import (
	"context"
	"time"
)

const (
	// schedulerAge is how long the scheduler's condition is believed.
	schedulerAge = 60 * time.Second
	// schedulerLimit is how long to wait for it. It must not hold back how many runs
	// there are.
	schedulerLimit = 5 * time.Second
)

// schedulerSeen is the scheduler's condition when it was asked for.
type schedulerSeen struct {
	scheduler *Part
	at        time.Time
}

// scheduler returns the scheduler's condition within the last minute, or nil if it
// isn't known. It asks for an older one only if it may. A server that doesn't say isn't
// asked again for a minute either.
func (c *Client) scheduler(ctx context.Context, version int, may bool) *Part {
	c.mu.Lock()
	last := c.seen
	c.mu.Unlock()
	if age := c.o.Now().Sub(last.at); !last.at.IsZero() && age >= 0 && age < schedulerAge {
		return last.scheduler
	}
	if !may {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, schedulerLimit)
	defer cancel()
	now := schedulerSeen{}
	if h, err := c.health(limited, version); err == nil {
		for _, p := range h.Parts {
			if p.Name.String() == "scheduler" {
				now.scheduler = &p
			}
		}
	} else if ctx.Err() != nil {
		return nil // the caller gave up
	}
	now.at = c.o.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = now
	return now.scheduler
}
