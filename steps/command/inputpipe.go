package command

import (
	"errors"
	"syscall"
	"time"
)

// sendInterval is how often it is tried again to send what the supervisor has
// no room for, or is not there yet to read.
const sendInterval = 10 * time.Millisecond

// inputPipe sends a supervisor what a person types, the answers of the program and
// the requests to stop.
type inputPipe struct {
	to    string // the named pipe
	fd    int    // -1 until somebody reads at the other end
	queue [][]byte
}

// carry works until done is closed. It takes the next input when the one before
// is on its way, and what asks the command to stop at once.
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
			p.send() // what has been taken from the channels, if there is room
			return
		case <-retry:
		case in, ok := <-next:
			if !ok {
				input = nil
				continue
			}
			p.enqueue(message{ID: in.ID, Data: in.Data}, false)
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

func (p *inputPipe) enqueue(l message, first bool) {
	parts, err := l.parts()
	switch {
	case err != nil: // it holds nothing that cannot be written
	case first:
		p.queue = append(parts, p.queue...)
	default:
		p.queue = append(p.queue, parts...)
	}
}

// send sends what there is room for. It never waits.
func (p *inputPipe) send() {
	for len(p.queue) > 0 {
		if p.fd < 0 {
			fd, err := syscall.Open(p.to, syscall.O_WRONLY|syscall.O_NONBLOCK|syscall.O_CLOEXEC|syscall.O_NOFOLLOW, 0)
			if err != nil {
				return // ENXIO: nobody reads yet
			}
			p.fd = fd
		}
		_, err := syscall.Write(p.fd, p.queue[0])
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return
		case err != nil: // EPIPE: nobody reads any more
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
