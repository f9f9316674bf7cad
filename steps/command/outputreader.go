package command

import (
	"io"
	"sync"
	"time"

	"catalog-runbook/runbook/clean"
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

// silence is how long a command prints nothing before its unfinished line is taken for a
// prompt.
const silence = 200 * time.Millisecond

// maskedOutput masks the output of a command. After a silence it passes on the
// unfinished line, which may be a prompt, and calls waits.
type maskedOutput struct {
	mu     sync.Mutex // held while anything is passed on
	masker *clean.Masker
	waits  func()
	silent *time.Timer
	closed bool
}

func newMaskedOutput(to io.Writer, waits func()) *maskedOutput {
	o := &maskedOutput{masker: clean.NewMasker(to), waits: waits}
	o.silent = time.AfterFunc(silence, o.pause)
	o.silent.Stop()
	return o
}

func (o *maskedOutput) write(chunk []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, _ = o.masker.Write(chunk)
	o.silent.Reset(silence)
}

func (o *maskedOutput) pause() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.waits()
		_ = o.masker.Pause()
	}
}

// close passes on the rest.
func (o *maskedOutput) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.silent.Stop()
	o.closed = true
	_ = o.masker.Close()
}
