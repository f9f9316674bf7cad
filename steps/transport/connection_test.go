package transport

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// listen lets a function have the connections to a port, one after the other.
func listen(t *testing.T, do func(n int, c *net.TCPConn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			do(n, c.(*net.TCPConn))
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return "http://" + l.Addr().String()
}

const goodAnswer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"

// TestBrokenConnectionsAreTriedAgain breaks real connections, each at another
// place, and lets the second one be.
func TestBrokenConnectionsAreTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		said  string
		reset bool
	}{
		"closed before the answer":  {"", false},
		"reset before the answer":   {"", true},
		"closed in the headers":     {"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n", false},
		"reset in the headers":      {"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n", true},
		"closed in the body":        {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", false},
		"reset in the body":         {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", true},
		"closed in a chunked body":  {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", false},
		"closed in a chunk":         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{", false},
		"closed in a chunk's count": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tried atomic.Int32
			address := listen(t, func(n int, conn *net.TCPConn) {
				tried.Store(int32(n))
				r := bufio.NewReader(conn)
				if _, err := http.ReadRequest(r); err != nil {
					return
				}
				if n > 1 {
					_, _ = io.WriteString(conn, goodAnswer)
					return
				}
				_, _ = io.WriteString(conn, c.said)
				if c.reset {
					_ = conn.SetLinger(0)
				}
			})
			_, err := get(t, address, "/x", Options{Sign: sign, Base: quick(Hardened(nil))})
			if err != nil || tried.Load() != 2 {
				t.Errorf("%v after %d tries", err, tried.Load())
			}
		})
	}
}

// quick is as patient as can be had without waiting long.
func quick(base http.RoundTripper) http.RoundTripper {
	p := Patient(base).(*patient)
	p.random = func() float64 { return 0 }
	return p
}

// TestABrokenStreamIsTriedAgain is the same over HTTP/2, where a connection
// stays and only the answer breaks off.
func TestABrokenStreamIsTriedAgain(t *testing.T) {
	var tried atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("asked by %s", r.Proto)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "{")
		if tried.Add(1) == 1 {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, "}")
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	base := Hardened(nil)
	base.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	t.Cleanup(base.CloseIdleConnections)
	if _, err := get(t, s.URL, "/x", Options{Sign: sign, Base: quick(base)}); err != nil || tried.Load() != 2 {
		t.Errorf("%v after %d tries", err, tried.Load())
	}
}

// proxyServer is a proxy that connects to one server, whatever it is asked for.
// It has seen what was asked of it.
type proxyServer struct {
	*httptest.Server
	status int // instead of connecting
	to     string
	seen   []*http.Request
}

func newProxy(t *testing.T, to string, status int) *proxyServer {
	p := &proxyServer{to: to, status: status}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *proxyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.seen = append(p.seen, r)
	if p.status != 0 {
		w.WriteHeader(p.status)
		return
	}
	there, err := net.Dial("tcp", p.to)
	if err != nil {
		panic(err)
	}
	defer there.Close()
	here, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer here.Close()
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		_, _ = io.Copy(there, here)
		_ = there.(*net.TCPConn).CloseWrite()
	}()
	_, _ = io.Copy(here, there)
}

// TestProxies asks through a proxy that connects, that refuses, that wants to
// know who asks, and that is not there. It learns nothing but the host's name.
func TestProxies(t *testing.T) {
	s := newServer(t, routes{"/x": answerJSON})
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	trust := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	through := func(address string) Options {
		base := Hardened(nil)
		base.TLSClientConfig = &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}
		u, err := url.Parse(strings.Replace(address, "http://", "http://proxyuser:hunter2@", 1))
		if err != nil {
			t.Fatal(err)
		}
		base.Proxy = http.ProxyURL(u)
		t.Cleanup(base.CloseIdleConnections)
		return Options{Sign: sign, Base: quick(base)}
	}
	for _, c := range []struct {
		name   string
		status int
		cause  Cause
		says   []string
	}{
		{"it wants to know who asks", 407, Credentials, []string{"the proxy", "407", "HTTPS_PROXY"}},
		{"it refuses", 403, Unreachable, []string{"the proxy", "403 Forbidden", "NO_PROXY"}},
		{"it cannot reach the service", 502, Unreachable, []string{"the proxy", "502 Bad Gateway", "NO_PROXY"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newProxy(t, "", c.status)
			_, err := get(t, "https://example.com", "/x", through(p.URL))
			if got, ok := CauseOf(err); !ok || got != c.cause {
				t.Fatalf("cause %v of %v", got, err)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "proxyuser") {
				t.Errorf("%q shows a secret", err)
			}
			if len(p.seen) != 1 {
				t.Errorf("asked %d times", len(p.seen))
			}
		})
	}
	t.Run("it connects", func(t *testing.T) {
		p := newProxy(t, s.Listener.Addr().String(), 0)
		if _, err := get(t, "https://example.com", "/x", through(p.URL)); err != nil {
			t.Fatal(err)
		}
		for _, r := range p.seen {
			if r.Method != http.MethodConnect || r.Host != "example.com:443" || r.Header.Get("Authorization") != "" {
				t.Errorf("the proxy saw %s %s %v", r.Method, r.Host, r.Header)
			}
		}
		for _, r := range s.requests() {
			if r.Header.Get("Proxy-Authorization") != "" || r.Header.Get("Authorization") == "" {
				t.Errorf("the service saw %v", r.Header)
			}
		}
	})
	t.Run("it is not there", func(t *testing.T) {
		p := newProxy(t, "", 0)
		p.Close()
		_, err := get(t, "https://example.com", "/x", through(p.URL))
		if p := wantCause(t, err, Unreachable); !strings.Contains(p.Text, "proxy") || !strings.Contains(p.Hint, "HTTPS_PROXY") {
			t.Errorf("%q", p)
		}
	})
	t.Run("it wants to know who asks for plain HTTP", func(t *testing.T) {
		p := newProxy(t, "", 407)
		_, err := get(t, "http://example.com", "/x", through(p.URL))
		if p := wantCause(t, err, Credentials); !strings.Contains(p.Hint, "HTTPS_PROXY") {
			t.Errorf("%q", p)
		}
	})
}
