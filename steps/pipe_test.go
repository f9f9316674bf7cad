package steps_test

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipeRoom is how much may be on its way in one direction. net.Pipe has no room
// at all, and there TLS can wait for itself when both ends say goodbye.
const pipeRoom = 256 << 10

// pipe is one direction of a connection in memory.
type pipe struct {
	mu      sync.Mutex
	data    bytes.Buffer
	end     error         // what is read when there are no more data, once they end
	broken  bool          // nobody reads any more
	changed chan struct{} // closed and replaced with every change
}

func newPipe() *pipe { return &pipe{changed: make(chan struct{})} }

// change does something to the pipe and wakes all that wait for it.
func (p *pipe) change(do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	do()
	close(p.changed)
	p.changed = make(chan struct{})
}

// end is one end of a connection. Its methods are those of net.Conn.
type end struct {
	in, out *pipe

	mu          sync.Mutex
	closed      bool
	read, write time.Time // deadlines
	moved       chan struct{}
}

func newConnection() (a, b *end) {
	one, two := newPipe(), newPipe()
	return &end{in: one, out: two, moved: make(chan struct{})}, &end{in: two, out: one, moved: make(chan struct{})}
}

// wait ends when the pipe or the end of it has changed, or fails at the deadline.
func (e *end) wait(changed <-chan struct{}, deadline func() time.Time) error {
	e.mu.Lock()
	closed, at, moved := e.closed, deadline(), e.moved
	e.mu.Unlock()
	if closed {
		return net.ErrClosed
	}
	var over <-chan time.Time
	if !at.IsZero() {
		t := time.NewTimer(time.Until(at))
		defer t.Stop()
		over = t.C
	}
	select {
	case <-changed:
	case <-moved:
	case <-over:
		return os.ErrDeadlineExceeded
	}
	return nil
}

func (e *end) Read(b []byte) (int, error) {
	for {
		e.in.mu.Lock()
		if e.in.data.Len() > 0 && !e.isClosed() {
			n, err := e.in.data.Read(b)
			e.in.mu.Unlock()
			e.in.change(func() {})
			return n, err
		}
		ended, changed := e.in.end, e.in.changed
		e.in.mu.Unlock()
		if ended != nil && !e.isClosed() {
			return 0, ended
		}
		if err := e.wait(changed, func() time.Time { return e.read }); err != nil {
			return 0, err
		}
	}
}

func (e *end) Write(b []byte) (int, error) {
	for {
		e.out.mu.Lock()
		room, broken, changed := e.out.data.Len() < pipeRoom, e.out.broken, e.out.changed
		e.out.mu.Unlock()
		switch {
		case e.isClosed():
			return 0, net.ErrClosed
		case broken:
			return 0, &net.OpError{Op: "write", Net: "tcp", Err: os.NewSyscallError("write", syscall.EPIPE)}
		case room:
			e.out.change(func() { e.out.data.Write(b) })
			return len(b), nil
		}
		if err := e.wait(changed, func() time.Time { return e.write }); err != nil {
			return 0, err
		}
	}
}

func (e *end) isClosed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

// Close lets the other end read what is on its way, and then that it is over.
func (e *end) Close() error {
	e.hangUp(io.EOF)
	return nil
}

// Reset is what a connection's other end sees when a machine forgets it.
func (e *end) Reset() {
	e.hangUp(&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)})
}

func (e *end) hangUp(as error) {
	e.mu.Lock()
	again := e.closed
	e.closed = true
	e.move()
	e.mu.Unlock()
	if !again {
		e.out.change(func() { e.out.end = as })
		e.in.change(func() { e.in.broken = true })
	}
}

// move wakes who waits at this end; for those who hold mu.
func (e *end) move() {
	close(e.moved)
	e.moved = make(chan struct{})
}

func (e *end) SetDeadline(t time.Time) error {
	_ = e.SetReadDeadline(t)
	return e.SetWriteDeadline(t)
}

func (e *end) SetReadDeadline(t time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.read = t
	e.move()
	return nil
}

func (e *end) SetWriteDeadline(t time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.write = t
	e.move()
	return nil
}

func (*end) LocalAddr() net.Addr  { return &net.TCPAddr{} }
func (*end) RemoteAddr() net.Addr { return &net.TCPAddr{} }
