package runbook

import "strings"

// A document is made of very many very small strings and slices. Taking them
// from larger pieces spares four of five allocations; what is taken lives as
// long as the document. Each piece is twice the one before, up to a limit, so
// that a short document takes little.
const (
	mostValues = 64
	mostBytes  = 4 << 10
)

// slab gives out slices.
type slab[T any] struct {
	free []T
	size int
}

// take returns an empty slice with room for n values. Appending more moves it.
func (s *slab[T]) take(n int) []T {
	if len(s.free) < n {
		s.size = min(max(2*s.size, 4), mostValues)
		s.free = make([]T, max(n, s.size))
	}
	out := s.free[:0:n]
	s.free = s.free[n:]
	return out
}

// stringRoom gives out strings.
type stringRoom struct {
	b    strings.Builder
	size int
}

// copy returns p as a string. A Builder only ever appends to its bytes, so that
// a part of its text stays as it is.
func (s *stringRoom) copy(p []byte) string {
	if s.b.Cap()-s.b.Len() < len(p) {
		s.size = min(max(2*s.size, 256), mostBytes)
		s.b.Reset()
		s.b.Grow(max(len(p), s.size))
	}
	from := s.b.Len()
	s.b.Write(p)
	return s.b.String()[from:]
}
