package transport

import (
	"context"
	"sync"
	"sync/atomic"

	"catalog-runbook/runbook/clean"
)

// A Token is a token that may still have to be found, which takes as long as a
// program does that keeps it. A nil Token stands for no token. A Token may be used
// concurrently.
type Token struct {
	begin func() // starts looking for it; only the first call does anything
	found chan struct{}
	value atomic.Pointer[string]
}

// NewToken returns a Token with a known value; "" means that there is none. It
// registers the value as a secret.
func NewToken(value string) *Token {
	t := &Token{begin: func() {}, found: make(chan struct{})}
	t.set(value)
	return t
}

// FindToken returns a Token whose value find returns, or "" where there is none. Find
// is called when the value is first asked for, and only once.
func FindToken(find func() string) *Token {
	t := &Token{found: make(chan struct{})}
	t.begin = sync.OnceFunc(func() { go func() { t.set(find()) }() })
	return t
}

func (t *Token) set(value string) {
	clean.Secret(value)
	t.value.Store(&value)
	close(t.found)
}

// Value returns the token, or "" if there is none. It waits until the token has been
// found or ctx has ended, which is its only error.
func (t *Token) Value(ctx context.Context) (string, error) {
	if t == nil {
		return "", nil
	}
	t.begin()
	select {
	case <-t.found:
		return *t.value.Load(), nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// Known returns the token if it has been found, without looking for it.
func (t *Token) Known() string {
	if t == nil {
		return ""
	}
	if value := t.value.Load(); value != nil {
		return *value
	}
	return ""
}
