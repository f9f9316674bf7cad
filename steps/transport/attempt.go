package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// ErrTooLong ends a body that is longer than BodyLimit. Nothing is read of it
// beyond that.
var ErrTooLong = errors.New("the response is too long")

// attempt sends a request once and reads the whole answer, both within
// requestLimit. A body that breaks off is an error here, where retrying is still
// possible, and not in the middle of reading it.
func attempt(base http.RoundTripper, req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), requestLimit)
	defer cancel()
	resp, err := base.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, BodyLimit+1))
	if err == nil {
		// A server that is hung up on may end its body as if that were all of it.
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	resp.Request = req
	if len(data) > BodyLimit {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), tooLong{}))
		return resp, nil
	}
	resp.Body = newWhole(data)
	if req.Method != http.MethodHead {
		resp.ContentLength = int64(len(data))
	}
	return resp, nil
}

// whole is a body that has been read to its end.
type whole struct {
	*bytes.Reader
	data []byte
}

func newWhole(data []byte) *whole { return &whole{bytes.NewReader(data), data} }

func (*whole) Close() error { return nil }

type tooLong struct{}

func (tooLong) Read([]byte) (int, error) { return 0, ErrTooLong }

// once gives every request its time limit, and does not retry.
type once struct{ base http.RoundTripper }

func (o once) RoundTrip(req *http.Request) (*http.Response, error) { return attempt(o.base, req) }
