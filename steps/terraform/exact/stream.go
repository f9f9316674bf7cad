package exact

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/steps/terraform"
)

// maxValue is the size in bytes of the largest value in a JSON plan, such as the
// change of one resource, because it is held in memory.
const maxValue = 32 << 20

var errTooLong = fmt.Errorf("a value is longer than %d MiB", maxValue>>20)

// stream decodes JSON as it is read. It rejects what RFC 7493 forbids, duplicate
// names and invalid UTF-8, and more than 10,000 levels.
type stream struct {
	from    io.Reader
	dec     *jsontext.Decoder
	base    int64 // offset in the file of the first byte that it reads
	read    int64 // bytes read so far
	held    int64 // offset of the value that is being decoded as a whole, -1 for none
	failure error // of reading, other than io.EOF
}

func newStream(r io.Reader, base int64) *stream {
	s := &stream{from: r, base: base, held: -1}
	s.dec = jsontext.NewDecoder(s)
	return s
}

// Read implements io.Reader for the decoder. It fails after maxValue bytes of one
// value.
func (s *stream) Read(p []byte) (int, error) {
	held := s.held
	if held < 0 {
		held = s.dec.InputOffset()
	}
	left := maxValue - (s.read - held)
	if left <= 0 {
		return 0, errTooLong
	}
	n, err := s.from.Read(p[:min(int64(len(p)), left)])
	s.read += int64(n)
	if err != nil && err != io.EOF {
		s.failure = err
	}
	return n, err
}

// decode decodes the next value into v, and returns where in the file it is.
func (s *stream) decode(v any) (terraform.Extent, error) {
	s.dec.PeekKind() // reads up to the value
	between := s.dec.UnreadBuffer()
	space := len(between) - len(bytes.TrimLeft(between, " \t\r\n,:"))
	s.held = s.dec.InputOffset() + int64(space)
	at := terraform.Extent{Offset: s.base + s.held}
	err := json.UnmarshalDecode(s.dec, v)
	at.Length = s.dec.InputOffset() - s.held
	s.held = -1
	return at, err
}

// object calls f with each name in the next value, an object; f must read or skip the
// member's value. If the next value isn't an object, it skips it and returns false.
func (s *stream) object(f func(name string) error) (bool, error) {
	if s.dec.PeekKind() != '{' {
		return false, s.dec.SkipValue()
	}
	_, err := s.dec.ReadToken()
	for err == nil && s.dec.PeekKind() != '}' {
		var name jsontext.Token
		if name, err = s.dec.ReadToken(); err == nil {
			err = f(name.String())
		}
	}
	if err == nil {
		_, err = s.dec.ReadToken()
	}
	return true, err
}

// array calls f for each element of the next value, an array; f must read or skip the
// element. If the next value isn't an array, it skips it and returns false.
func (s *stream) array(f func() error) (bool, error) {
	if s.dec.PeekKind() != '[' {
		return false, s.dec.SkipValue()
	}
	_, err := s.dec.ReadToken()
	for err == nil && s.dec.PeekKind() != ']' {
		err = f()
	}
	if err == nil {
		_, err = s.dec.ReadToken()
	}
	return true, err
}

// find calls f for the value at a path of names in the next value, and skips
// everything else; f must read or skip the value.
func (s *stream) find(f func() error, path ...string) error {
	if len(path) == 0 {
		return f()
	}
	_, err := s.object(func(name string) error {
		if name != path[0] {
			return s.dec.SkipValue()
		}
		return s.find(f, path[1:]...)
	})
	return err
}

// trouble returns a text that says what is wrong with the JSON, or an error if
// reading the file failed.
func (s *stream) trouble(err error) (string, error) {
	if s.failure != nil {
		return "", fmt.Errorf("reading the plan: %w", s.failure)
	}
	at := s.base + s.dec.InputOffset()
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTooLong):
		return fmt.Sprintf("can't read it beyond byte %d: %s", at, errTooLong), nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Sprintf("the JSON is cut off after byte %d", at), nil
	case errors.As(err, &syntax):
		return fmt.Sprintf("the JSON is not valid at byte %d: %s", s.base+syntax.ByteOffset, syntax.Err), nil
	default:
		return fmt.Sprintf("can't read the JSON beyond byte %d: %s", at, err), nil
	}
}
