package practice

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// server is one service on a loopback port of its own, so that the services
// have different origins, as the real ones do.
type server struct {
	origin string // http://127.0.0.1:port
	http   *http.Server
	done   chan error
}

func listen(handler func(origin string) http.Handler) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening on loopback: %w", err)
	}
	s := &server{origin: "http://" + l.Addr().String(), done: make(chan error, 1)}
	s.http = &http.Server{
		Handler:           handler(s.origin),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    1 << 16,
	}
	go func() { s.done <- s.http.Serve(l) }()
	return s, nil
}

func (s *server) host() string { return strings.TrimPrefix(s.origin, "http://") }

// close ends all connections and waits for the listener to be gone.
func (s *server) close() error {
	err := s.http.Close()
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// object is a JSON object of an answer.
type object = map[string]any

func reply(w http.ResponseWriter, status int, contentType string, body any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	// An error here means that the asker has gone.
	_ = json.NewEncoder(w).Encode(body)
}

func page(w http.ResponseWriter, status int, title, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!doctype html><meta charset=utf-8><title>%s</title><h1>%s</h1><p>%s</p>\n", title, title, text)
}
