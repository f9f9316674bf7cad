package registry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// line is the network between a client and a registry on loopback. It notes each
// request, and can be bad for one of them.
type line struct {
	t      *testing.T
	server string // a registry under every name, host:port; "" is the one that is named
	plain  string // the one that is asked without TLS

	mu    sync.Mutex
	notes []string

	worse int // the request that it is bad for, from 1; 0 is none
	how   harm
	where place // of the answer, where it goes bad
	stuck chan struct{}

	token func(string) string // changes the tokens of the requests ...
	from  int                 // ... from this one on
}

type harm int

const (
	reset   harm = iota + 1 // the connection is reset
	hangup                  // the connection is closed
	stall                   // nothing more comes
	dribble                 // a byte comes at a time
	refuse                  // nobody listens
)

type place int

const (
	inHeader place = iota
	inBody
)

// RoundTrip sends a request over a connection of its own.
func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	kind, value, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	l.notes = append(l.notes, strings.TrimSpace(req.Method+" "+l.short(req.URL)+" "+kind))
	n := len(l.notes)
	l.mu.Unlock()

	to := req.Clone(req.Context())
	if l.token != nil && kind == "Bearer" && n >= l.from {
		to.Header.Set("Authorization", "Bearer "+l.token(value))
	}
	if req.URL.Scheme == "https" {
		to.Header.Set("X-Forwarded-Proto", "https")
		to.Host = req.URL.Host
		to.URL.Scheme, to.URL.Host = "http", l.server
	}
	// Each request has a connection of its own, so that one can be hurt.
	one := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if n == l.worse && l.how == refuse {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil || n != l.worse {
			return conn, err
		}
		return &badConn{Conn: conn, line: l, gone: make(chan struct{})}, nil
	}}
	resp, err := one.RoundTrip(to)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// short leaves out what differs from run to run.
func (l *line) short(u *url.URL) string {
	host := u.Host
	if strings.HasPrefix(host, "127.0.0.1:") {
		host = "HOST"
	}
	return host + short(u.Path)
}

// asked demands exactly these requests since the last call.
func (l *line) asked(img Image, want ...string) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.notes, want) {
		l.t.Errorf("asked\n\t%s\nwant\n\t%s", strings.Join(l.notes, "\n\t"), strings.Join(want, "\n\t"))
	}
	if most := allowed(l.notes); img.Requests != len(l.notes) || len(l.notes) > most {
		l.t.Errorf("Requests is %d, %d were sent, %d are allowed", img.Requests, len(l.notes), most)
	}
	l.notes = nil
}

func (l *line) client(o Options) *Client {
	o.Base, o.ReadOnly, o.PlainHTTP = l, true, l.plain
	if o.Keychain == nil {
		o.Keychain = keys{}
	}
	return New(o)
}

// hurt makes the line bad for a request, counted from now, and lets the patience
// of the client end where nothing more comes.
func (l *line) hurt(c *Client, request int, how harm, where place) {
	l.worse, l.how, l.where, l.stuck = request, how, where, make(chan struct{})
	c.limit = func(ctx context.Context) (context.Context, context.CancelFunc) {
		return outOfTime{ctx, l.stuck}, func() {}
	}
}

// mend makes the line good again.
func (l *line) mend(c *Client) {
	l.worse, c.limit = 0, limited
	l.notes = nil
}

// outOfTime is a context whose time runs out when a channel is closed.
type outOfTime struct {
	context.Context
	over chan struct{}
}

// Done is part of context.Context.
func (c outOfTime) Done() <-chan struct{} { return c.over }

// Err is part of context.Context.
func (c outOfTime) Err() error {
	select {
	case <-c.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// badConn is a connection on which an answer does not come whole.
type badConn struct {
	net.Conn
	line   *line
	seen   []byte
	gone   chan struct{}
	gave   sync.Once
	closed sync.Once
}

// Read is part of net.Conn.
func (c *badConn) Read(p []byte) (int, error) {
	if c.line.how == dribble {
		return c.Conn.Read(p[:min(1, len(p))])
	}
	left := c.left()
	if left == 0 {
		return 0, c.end()
	}
	n, err := c.Conn.Read(p[:min(left, len(p))])
	c.seen = append(c.seen, p[:n]...)
	return n, err
}

// left is how much may be read before it goes bad: to the middle of the status
// line, or of the body's first bytes.
func (c *badConn) left() int {
	const piece = 12
	if c.line.where == inHeader {
		return piece - len(c.seen)
	}
	if end := bytes.Index(c.seen, []byte("\r\n\r\n")); end >= 0 {
		return end + 5 - len(c.seen)
	}
	return 1 // until the header has ended
}

func (c *badConn) end() error {
	switch c.line.how {
	case reset:
		return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	case hangup:
		return io.EOF
	case stall:
		c.gave.Do(func() { close(c.line.stuck) })
		<-c.gone
		return net.ErrClosed
	}
	return errors.New("the line has no such harm")
}

// Close is part of net.Conn.
func (c *badConn) Close() error {
	c.closed.Do(func() { close(c.gone) })
	return c.Conn.Close()
}
