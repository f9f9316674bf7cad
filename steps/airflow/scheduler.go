package airflow

import (
	"context"
	"time"
)

const (
	// schedulerAge is how long the scheduler's condition is believed.
	schedulerAge = 60 * time.Second
	// besideLimit is how much longer to wait for what is asked beside the runs, once it is
	// known that some are active.
	besideLimit = 5 * time.Second
)

// schedulerSeen is the scheduler's condition when it was asked for.
type schedulerSeen struct {
	scheduler *Part
	at        time.Time
}

// scheduler returns the scheduler's condition within the last minute.
func (c *Client) scheduler(ctx context.Context, version int) (*Part, error) {
	c.mu.Lock()
	last := c.seen
	c.mu.Unlock()
	if age := c.o.Now().Sub(last.at); !last.at.IsZero() && age >= 0 && age < schedulerAge {
		return last.scheduler, nil
	}
	h, err := c.health(ctx, version)
	if err != nil {
		return nil, err
	}
	now := schedulerSeen{at: c.o.Now(), scheduler: h.Part("scheduler")}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = now
	return now.scheduler, nil
}
