package airflow

import (
	"context"
	"time"
)

const (
	// pulseAge is how long what was told of the scheduler is believed.
	pulseAge = 60 * time.Second
	// pulseLimit is how long that is waited for. It says what becomes of the runs,
	// which is no reason to hold back how many there are.
	pulseLimit = 5 * time.Second
)

// pulse is how the scheduler was when it was asked after.
type pulse struct {
	scheduler *Part
	at        time.Time
}

// scheduler returns how the scheduler is, as it was told within the last minute,
// and asks for it where it may and that is older. Nil is returned where it is not
// known. A server that does not tell is not asked again for a minute either.
func (c *Client) scheduler(ctx context.Context, version int, may bool) *Part {
	c.mu.Lock()
	last := c.pulse
	c.mu.Unlock()
	if age := c.o.Now().Sub(last.at); !last.at.IsZero() && age >= 0 && age < pulseAge {
		return last.scheduler
	}
	if !may {
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, pulseLimit)
	defer cancel()
	now := pulse{}
	if h, err := c.health(limited, version); err == nil {
		for _, p := range h.Parts {
			if p.Name.String() == "scheduler" {
				now.scheduler = &p
			}
		}
	} else if ctx.Err() != nil {
		return nil // it is the asker who has gone
	}
	now.at = c.o.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pulse = now
	return now.scheduler
}
