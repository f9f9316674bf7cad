// Package server has what the services of a practice world have in common: a port on
// loopback, and the formats of responses.
package server

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Server serves one service on a loopback port of its own, so that the services have
// different origins, like the real ones.
type Server struct {
	Origin string // http://127.0.0.1:port
	http   *http.Server
	done   chan error
}

// Listen serves what handler returns for the server's origin until Close.
func Listen(handler func(origin string) http.Handler) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening on loopback: %w", err)
	}
	s := &Server{Origin: "http://" + l.Addr().String(), done: make(chan error, 1)}
	s.http = &http.Server{
		Handler:           handler(s.Origin),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    1 << 16,
	}
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

// Host returns the origin without its scheme.
func (s *Server) Host() string { return strings.TrimPrefix(s.Origin, "http://") }

// Close ends all connections and waits until the port is free.
func (s *Server) Close() error {
	err := s.http.Close()
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Object is a JSON object.
type Object = map[string]any

// Reply writes body as JSON.
func Reply(w http.ResponseWriter, status int, contentType string, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	// An error here means that the client is gone.
	_ = json.NewEncoder(w).Encode(body)
}

// Page writes a small HTML page.
func Page(w http.ResponseWriter, status int, title, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><title>%s</title><h1>%s</h1><p>%s</p>\n", title, title, text)
}

// Secret returns 32 random hexadecimal digits.
func Secret() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b)
}

// Same reports in constant time whether two secrets are equal.
func Same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
