package command

import (
	"io"
	"sync"
	"time"
)

// outputReader passes on what a command prints until it is shut, after which whoever is
// listening hears no more, even if something is still printed.
type outputReader struct {
	mu     sync.Mutex
	listen func([]byte)
	heard  chan struct{} // holds one item when something was printed
}

func newOutputReader(listen func([]byte)) *outputReader {
	if listen == nil {
		listen = func([]byte) {}
	}
	return &outputReader{listen: listen, heard: make(chan struct{}, 1)}
}

// copy reads until nobody holds the other side of the terminal any more, which
// Linux tells by EIO and others by the end of the file.
func (t *outputReader) copy(from io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			t.mu.Lock()
			if t.listen != nil {
				t.listen(buffer[:n])
			}
			t.mu.Unlock()
			select {
			case t.heard <- struct{}{}:
			default:
			}
		}
		if err != nil {
			return
		}
	}
}

// settle waits until all is read, or until nothing was printed for the quiet
// time, and at most ten times as long; then it stops listening. It reports whether
// nothing more was to come, as far as one can know.
func (t *outputReader) settle(drained <-chan struct{}, quiet time.Duration) (whole bool) {
	timer, last := time.NewTimer(quiet), time.NewTimer(10*quiet)
	defer timer.Stop()
	defer last.Stop()
	whole = true
	for waiting := true; waiting; {
		select {
		case <-drained:
			waiting = false
		case <-t.heard:
			timer.Reset(quiet)
		case <-timer.C:
			if t.mu.TryLock() {
				t.mu.Unlock()
				waiting = false
				break
			}
			timer.Reset(quiet) // it is quiet because whoever listens is slow
		case <-last.C:
			waiting, whole = false, false
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.listen = nil
	return whole
}
