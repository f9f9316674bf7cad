package exact

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"catalog-runbook/steps/terraform"
)

// maxValue is the most of one value, or of one word, of a JSON plan that is held
// in memory: of one resource's change, of one output.
const maxValue = 32 << 20

var errTooLong = fmt.Errorf("a value is longer than %d MiB", maxValue>>20)

// meter reads from r, and no more than left bytes.
type meter struct {
	r    io.Reader
	left int64
	err  error // what r said, other than that it is at its end
}

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errTooLong
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	if err != nil && err != io.EOF {
		m.err = err
	}
	return n, err
}

// stream takes JSON apart as it comes. It refuses what RFC 7493 forbids: names
// that stand twice in an object, and broken UTF-8; and more than 10,000 levels.
type stream struct {
	from *meter
	dec  *jsontext.Decoder
	base int64 // the bytes before the first that it reads
}

func newStream(r io.Reader, base int64) *stream {
	m := &meter{r: r, left: maxValue}
	return &stream{from: m, dec: jsontext.NewDecoder(m), base: base}
}

// kind is the kind of the next value, or that of the bracket that closes; 0 is
// an error, which comes with the next reading.
func (s *stream) kind() jsontext.Kind {
	s.from.left = maxValue
	return s.dec.PeekKind()
}

func (s *stream) token() (jsontext.Token, error) {
	s.from.left = maxValue
	return s.dec.ReadToken()
}

// value returns the next value as it stands in the file, and where. The bytes are
// valid until the next reading.
func (s *stream) value() ([]byte, terraform.Extent, error) {
	s.from.left = maxValue
	raw, err := s.dec.ReadValue()
	n := int64(len(raw))
	return raw, terraform.Extent{Offset: s.base + s.dec.InputOffset() - n, Length: n}, err
}

// skip passes over the next value, of any size.
func (s *stream) skip() error {
	switch s.kind() {
	case '{', '[':
	default:
		_, _, err := s.value()
		return err
	}
	for depth := s.dec.StackDepth(); ; {
		if _, err := s.token(); err != nil {
			return err
		}
		if s.dec.StackDepth() <= depth {
			return nil
		}
	}
}

// object calls f with every name of the next value, which f reads or skips. It
// reports false for a value that is no object, and skips it.
func (s *stream) object(f func(name string) error) (bool, error) {
	if s.kind() != '{' {
		return false, s.skip()
	}
	if _, err := s.token(); err != nil {
		return true, err
	}
	for s.kind() != '}' {
		name, err := s.token()
		if err != nil {
			return true, err
		}
		if err := f(name.String()); err != nil {
			return true, err
		}
	}
	_, err := s.token()
	return true, err
}

// array calls f for every element of the next value, which f reads or skips. It
// reports false for a value that is no array, and skips it.
func (s *stream) array(f func() error) (bool, error) {
	if s.kind() != '[' {
		return false, s.skip()
	}
	if _, err := s.token(); err != nil {
		return true, err
	}
	for s.kind() != ']' {
		if s.kind() == 0 {
			_, err := s.token()
			return true, err
		}
		if err := f(); err != nil {
			return true, err
		}
	}
	_, err := s.token()
	return true, err
}

// trouble says in words what is wrong with the JSON. Its error is what the file
// could not be read for.
func (s *stream) trouble(err error) (string, error) {
	if s.from.err != nil {
		return "", fmt.Errorf("reading the plan: %w", s.from.err)
	}
	at := s.base + s.dec.InputOffset()
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTooLong):
		return fmt.Sprintf("it cannot be read further than to byte %d: %s", at, errTooLong), nil
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Sprintf("the JSON is cut off after byte %d", at), nil
	case errors.As(err, &syntax):
		return fmt.Sprintf("the JSON is not valid at byte %d: %s", s.base+syntax.ByteOffset, syntax.Err), nil
	default:
		return fmt.Sprintf("the JSON cannot be read further than to byte %d: %s", at, err), nil
	}
}
