package command

import (
	"io"
	"sync"
	"time"
)

// outputReader passes the output of a command on to a function until settle returns.
type outputReader struct {
	mu     sync.Mutex    // held while listen runs
	listen func([]byte)  // nil after settle
	heard  chan struct{} // has an item if there was output
}

func newOutputReader(listen func([]byte)) *outputReader {
	if listen == nil {
		listen = func([]byte) {}
	}
	return &outputReader{listen: listen, heard: make(chan struct{}, 1)}
}

// copy reads until no process has the other side of the terminal open any more. The
// read then fails with EIO on Linux and with EOF on other systems.
func (r *outputReader) copy(from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			r.mu.Lock()
			if r.listen != nil {
				r.listen(buffer[:n])
			}
			r.mu.Unlock()
			select {
			case r.heard <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

// settle waits until drained is closed or there was no output for the quiet time, at
// most ten times that long, and then stops passing on output. It reports whether the
// output was likely complete.
func (r *outputReader) settle(drained <-chan struct{}, quiet time.Duration) (whole bool) {
	timer, last := time.NewTimer(quiet), time.NewTimer(10*quiet)
	defer timer.Stop()
	defer last.Stop()
	whole = true
	for waiting := true; waiting; {
		select {
		case <-drained:
			waiting = false
		case <-r.heard:
			timer.Reset(quiet)
		case <-timer.C:
			if r.mu.TryLock() {
				r.mu.Unlock()
				waiting = false
				break
			}
			timer.Reset(quiet) // listen is still busy with the last output
		case <-last.C:
			waiting, whole = false, false
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listen = nil
	return whole
}
