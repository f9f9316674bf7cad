package command

import (
	"errors"
	"syscall"
	"time"
)

// sendInterval is the pause between two attempts to write to a pipe that is full or
// has no reader yet.
const sendInterval = 10 * time.Millisecond

// inputPipe sends a supervisor what a person types, the answers of the program and
// the requests to stop.
type inputPipe struct {
	to    string // the path of the named pipe
	fd    int    // -1 until there is a reader
	queue [][]byte
}

// carry passes on input and stop requests until done is closed. It takes the next
// input only after sending the one before, but a stop request at once.
func (p *inputPipe) carry(io Streams, done <-chan struct{}) {
	defer p.close()
	again := time.NewTicker(sendInterval)
	defer again.Stop()
	input, stop := io.Input, io.Stop
	for {
		next, retry := input, (<-chan time.Time)(nil)
		if len(p.queue) > 0 {
			next, retry = nil, again.C
		}
		select {
		case <-done:
			p.send() // what has been taken from the channels, if it fits
			return
		case <-retry:
		case in, ok := <-next:
			if !ok {
				input = nil
				continue
			}
			p.enqueue(message{ID: in.ID, Data: in.Data, Secret: in.Secret}, false)
		case way, ok := <-stop:
			if !ok {
				stop = nil
				continue
			}
			p.enqueue(message{Stop: way}, true)
		}
		p.send()
	}
}

func (p *inputPipe) enqueue(m message, first bool) {
	parts, err := m.parts()
	switch {
	case err != nil: // can't happen: every message can be encoded
	case first:
		p.queue = append(parts, p.queue...)
	default:
		p.queue = append(p.queue, parts...)
	}
}

// send writes as much of the queue as fits into the pipe. It never blocks.
func (p *inputPipe) send() {
	for len(p.queue) > 0 {
		if p.fd < 0 {
			fd, err := syscall.Open(p.to, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC|syscall.O_NOFOLLOW, 0)
			if err != nil {
				return // ENXIO: no reader yet
			}
			p.fd = fd
		}
		_, err := syscall.Write(p.fd, p.queue[0])
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return
		case err != nil: // EPIPE: the reader is gone
			p.close()
			return
		default:
			p.queue = p.queue[1:]
		}
	}
}

func (p *inputPipe) close() {
	if p.fd >= 0 {
		_ = syscall.Close(p.fd)
	}
	p.fd = -1
}
