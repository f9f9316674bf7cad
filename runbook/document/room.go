package document

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
	piece []T
	last  int // where in the piece the slice begins that was given out last
	size  int
}

// take returns a slice of n zero values.
func (s *slab[T]) take(n int) []T {
	s.room(n)
	s.last = len(s.piece)
	s.piece = s.piece[:s.last+n]
	return s.piece[s.last:len(s.piece):len(s.piece)]
}

// append appends v to a slice that append returned. Where nothing was given out
// since, the slice grows in place.
func (s *slab[T]) append(to []T, v T) []T {
	if cap(s.piece) > len(s.piece) && len(to) > 0 && len(s.piece)-s.last == len(to) && &to[0] == &s.piece[s.last] {
		s.piece = append(s.piece, v)
	} else {
		s.room(len(to) + 1)
		s.last = len(s.piece)
		s.piece = append(append(s.piece, to...), v)
	}
	return s.piece[s.last:len(s.piece):len(s.piece)]
}

// room begins a new piece if the current one has no room for n values.
func (s *slab[T]) room(n int) {
	if cap(s.piece)-len(s.piece) < n {
		s.size = min(max(2*s.size, 4), mostValues)
		s.piece = make([]T, 0, max(2*n, s.size))
	}
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
