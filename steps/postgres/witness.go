package postgres

import (
	"net"
	"sync"
)

// firstBytes are what a server has sent first, which tells what it is if it isn't
// PostgreSQL: that answers the request for TLS with one byte, "S" or "N", and says nothing
// before (PostgreSQL documentation, "SSL Session Encryption").
type firstBytes struct {
	mu     sync.Mutex
	dialed bool // a connection came about
	data   []byte
}

// begin forgets an earlier connection.
func (f *firstBytes) begin(dialed bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dialed, f.data = dialed, nil
}

func (f *firstBytes) keep(data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.data = data
}

// seen returns whether a connection came about, and what it received first.
func (f *firstBytes) seen() (dialed bool, data string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.dialed, string(f.data)
}

// witness hands on what a connection receives, and keeps the first of it.
type witness struct {
	net.Conn
	first *firstBytes
	rest  []byte // read and not handed on yet
	begun bool
}

// Read implements net.Conn. The first one reads more than it is asked for, because pgx asks
// for one byte, and then gives up.
func (w *witness) Read(p []byte) (int, error) {
	if !w.begun {
		w.begun = true
		start := make([]byte, 64)
		n, err := w.Conn.Read(start)
		w.first.keep(start[:n:n])
		if err != nil && n == 0 {
			return 0, err
		}
		w.rest = start[:n]
	}
	if len(w.rest) > 0 {
		n := copy(p, w.rest)
		w.rest = w.rest[n:]
		return n, nil
	}
	return w.Conn.Read(p)
}
