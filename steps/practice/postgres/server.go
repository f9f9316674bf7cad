// Package postgres is the database of a practice world: a server on loopback that speaks
// PostgreSQL's protocol over TLS, and answers what the program asks and nothing else. See
// https://www.postgresql.org/docs/current/protocol.html.
package postgres

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Host is the name in the server's certificate. Nothing looks it up: the server is reached
// as if through a tunnel.
const Host = "catalog.practice.internal"

// Server is a running database. Its methods may be called concurrently.
type Server struct {
	Address     string // host:port, where a tunnel would listen
	Certificate string // the file with the authority that has signed for Host

	look     func() Database
	listener net.Listener
	identity tls.Certificate
	serving  sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// Listen serves the database that look returns at each question, until Close. It writes the
// certificate of its authority into a folder.
func Listen(folder string, look func() Database) (*Server, error) {
	s := &Server{Certificate: filepath.Join(folder, "database-ca.crt"), look: look, conns: map[net.Conn]bool{}}
	identity, authority, err := sign()
	if err != nil {
		return nil, fmt.Errorf("making the database's certificate: %w", err)
	}
	if err := os.WriteFile(s.Certificate, authority, 0o600); err != nil {
		return nil, err
	}
	s.identity = identity
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listening on loopback: %w", err)
	}
	s.Address = s.listener.Addr().String()
	s.serving.Go(s.accept)
	return s, nil
}

// Close ends all connections and waits until the port is free.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.serving.Wait()
	return err
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[conn] = true
		s.mu.Unlock()
		s.serving.Go(func() {
			s.serve(conn)
			s.mu.Lock()
			delete(s.conns, conn)
			s.mu.Unlock()
			_ = conn.Close()
		})
	}
}

// serve has one conversation. Its errors only mean that the client is gone.
func (s *Server) serve(conn net.Conn) {
	first, err := pgproto3.NewBackend(conn, conn).ReceiveStartupMessage()
	if _, wants := first.(*pgproto3.SSLRequest); err != nil || !wants {
		return // it is for clients that verify
	}
	if _, err := conn.Write([]byte("S")); err != nil {
		return
	}
	secured := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{s.identity}, MinVersion: tls.VersionTLS12})
	b := pgproto3.NewBackend(secured, secured)
	message, err := b.ReceiveStartupMessage()
	start, ok := message.(*pgproto3.StartupMessage)
	if err != nil || !ok {
		return
	}
	t := &talk{Backend: b, look: s.look}
	if t.signIn(start) == nil {
		t.answer()
	}
}

// sign makes a certificate for Host, and the authority that has signed it.
func sign() (identity tls.Certificate, authority []byte, err error) {
	caKey, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	key, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2); err != nil {
		return identity, nil, err
	}
	from, until := time.Now().Add(-time.Hour), time.Now().AddDate(1, 0, 0)
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Authority of the practice"}, NotBefore: from, NotAfter: until, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	own := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{Host}, NotBefore: from, NotAfter: until, KeyUsage: x509.KeyUsageDigitalSignature}
	caDER, err1 := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	der, err2 := x509.CreateCertificate(rand.Reader, own, ca, key.Public(), caKey)
	if err := errors.Join(err1, err2); err != nil {
		return identity, nil, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: caDER}), nil
}
