package transport

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"catalog-runbook/runbook/clean"
)

func TestTokenIsFoundOnceWhenItIsAskedFor(t *testing.T) {
	const secret = "token-of-the-test-0123"
	may, calls := make(chan struct{}), 0
	token := FindToken(func() string {
		calls++
		<-may
		return secret
	})
	if got := token.Known(); got != "" || calls != 0 {
		t.Fatalf("%q is known before anyone has asked, after %d calls", got, calls)
	}
	gone, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("nobody waits")
	cancel(cause)
	if got, err := token.Value(gone); got != "" || err != cause {
		t.Errorf("got %q, %v, want the cause of the end", got, err)
	}
	close(may)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if got, err := token.Value(t.Context()); got != secret || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	wg.Wait()
	if token.Known() != secret || calls != 1 {
		t.Errorf("%q is known after %d calls", token.Known(), calls)
	}
	if got := clean.Line("it is " + secret).String(); strings.Contains(got, secret) {
		t.Errorf("it is not known as a secret: %s", got)
	}
}

func TestNoToken(t *testing.T) {
	var none *Token
	for _, token := range []*Token{none, NewToken("")} {
		if got, err := token.Value(t.Context()); got != "" || err != nil || token.Known() != "" {
			t.Errorf("got %q, %v, known %q", got, err, token.Known())
		}
	}
}
