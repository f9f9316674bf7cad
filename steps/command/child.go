package command

import (
	"errors"
	"syscall"
	"time"
)

const (
	reapInterval = 2 * time.Millisecond
	reapLimit    = 300 * time.Millisecond
)

// child is a process that this one has started. The zero value is no process.
type child struct{ pid int }

// gone reports whether the process has ended.
func (c *child) gone() bool {
	for c.pid > 0 {
		n, err := syscall.Wait4(c.pid, nil, syscall.WNOHANG, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case n == c.pid || err != nil:
			c.pid = 0 // the system may reuse the number
		default:
			return false
		}
	}
	return true
}

// reap waits up to reapLimit for a process that is about to end.
func (c *child) reap() {
	tick, limit := time.NewTicker(reapInterval), time.NewTimer(reapLimit)
	defer tick.Stop()
	defer limit.Stop()
	for !c.gone() {
		select {
		case <-tick.C:
		case <-limit.C:
			return
		}
	}
}
