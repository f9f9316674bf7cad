package steps_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"catalog-runbook/steps/transport"
)

// network is what the checks' requests travel over: all of net/http and TLS, and
// connections in memory, so that time can be made up.
type network struct {
	t       *testing.T
	handler http.Handler
	// connect, if set, may have a new connection for itself, or refuse it. It is
	// told how many connections there were, and closes what it takes.
	connect func(n int, address string) (take func(net.Conn), err error)
	// secrets names the hosts that may see a secret.
	secrets map[string][]string

	dialled atomic.Int32
	doors   map[string]chan net.Conn // by address
	servers []*http.Server
	base    *http.Transport
}

// newNetwork opens a server for every address, encrypted but for port 80.
func newNetwork(t *testing.T, h http.Handler, addresses ...string) *network {
	n := &network{t: t, handler: h, doors: map[string]chan net.Conn{}}
	for _, address := range addresses {
		door := make(chan net.Conn)
		n.doors[address] = door
		s := &http.Server{Handler: n.watch(address), ErrorLog: log.New(io.Discard, "", 0)}
		n.servers = append(n.servers, s)
		var l net.Listener = &entrance{door: door, closed: make(chan struct{})}
		if !strings.HasSuffix(address, ":80") {
			l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{identities().good}})
		}
		go func() { _ = s.Serve(l) }()
	}
	n.base = transport.Hardened(n.dial)
	n.base.Proxy = nil
	n.base.TLSClientConfig.RootCAs = identities().trusted
	return n
}

func (n *network) close() {
	n.base.CloseIdleConnections()
	for _, s := range n.servers {
		_ = s.Close()
	}
}

func (n *network) dial(ctx context.Context, _, address string) (net.Conn, error) {
	door, ok := n.doors[address]
	if !ok {
		n.t.Errorf("%s was dialled", address)
		return nil, errors.New("nobody is there")
	}
	client, server := newConnection()
	if n.connect != nil {
		take, err := n.connect(int(n.dialled.Add(1))-1, address)
		if err != nil {
			return nil, err
		}
		if take != nil {
			go func() {
				take(server)
				_ = server.Close()
			}()
			return client, nil
		}
	}
	select {
	case door <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// watch fails the test for a secret at a host that must not see it.
func (n *network) watch(address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, err := httputil.DumpRequest(r, r.Method == http.MethodPost)
		if err != nil {
			n.t.Error(err)
		}
		for secret, homes := range n.secrets {
			if !has(homes, address) && strings.Contains(string(seen), secret) {
				n.t.Errorf("%s was shown a secret of %v:\n%s", address, homes, seen)
			}
		}
		if r.Header.Get("Cookie") != "" || r.Header.Get("Proxy-Authorization") != "" {
			n.t.Errorf("%s was sent a cookie or the proxy's password:\n%s", address, seen)
		}
		r.URL.Host = r.Host
		w.Header().Set("Set-Cookie", "session=remember-me")
		n.handler.ServeHTTP(w, r)
	})
}

func has(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// hangUp ends the connection that an answer was to take, by a reset or just so.
func hangUp(w http.ResponseWriter, reset bool, said string) {
	conn, buffer, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = buffer.WriteString(said)
	_ = buffer.Flush()
	raw := conn
	if secure, ok := conn.(*tls.Conn); ok {
		raw = secure.NetConn()
	}
	if reset {
		raw.(*end).Reset()
	}
	_ = raw.Close()
}

// entrance is a listener for connections in memory.
type entrance struct {
	door   chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (e *entrance) Accept() (net.Conn, error) {
	select {
	case c := <-e.door:
		return c, nil
	case <-e.closed:
		return nil, net.ErrClosed
	}
}

func (e *entrance) Close() error {
	e.once.Do(func() { close(e.closed) })
	return nil
}

func (e *entrance) Addr() net.Addr { return &net.TCPAddr{} }

type identity = tls.Certificate

// identities are those of the network's servers, of one that nobody vouches for,
// and of one that is vouched for under another name.
var identities = sync.OnceValue(func() (all struct {
	good, stranger, namesake identity
	trusted                  *x509.CertPool
}) {
	all.good, all.stranger, all.namesake = identify("*.test", "api.github.test"), identify("*.test", "api.github.test"), identify("another.example")
	all.trusted = x509.NewCertPool()
	all.trusted.AddCert(all.good.Leaf)
	all.trusted.AddCert(all.namesake.Leaf)
	return all
})

// identify makes a certificate that vouches for itself.
func identify(names ...string) identity {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return identity{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}
