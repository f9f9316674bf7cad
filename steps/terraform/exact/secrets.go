package exact

import (
	"bytes"
	"iter"
	"slices"
)

// Limits of the secrets that are reported.
const (
	maxSecrets = 1000
	maxSecret  = 64 << 10 // bytes
)

// secrets reports the values that a plan marks as sensitive. A mark has the structure
// of the value, with true in place of each sensitive part; true covers everything
// below it. (Terraform's documentation, "JSON Output Format".)
type secrets struct {
	tell   func(string) // may be nil
	told   map[string]struct{}
	untold bool // a limit was exceeded
}

// change reports the sensitive strings of a change.
func (s *secrets) change(c changeFields) {
	s.marked(c.Before, c.BeforeSensitive)
	s.marked(c.After, c.AfterSensitive)
}

// marked reports the strings of value that mark covers.
func (s *secrets) marked(value, mark []byte) {
	if s.tell == nil {
		return
	}
	for text := range markedStrings(value, mark) {
		_, told := s.told[text]
		switch {
		case told, text == "":
		case len(s.told) == maxSecrets || len(text) > maxSecret:
			s.untold = true
		default:
			s.told[text] = struct{}{}
			s.tell(text)
		}
	}
}

// marks reports whether a mark covers anything. A value that isn't a valid mark
// covers everything.
func marks(mark []byte) bool {
	switch kind(mark) {
	case 0, 'n', 'f':
		return false
	case '{', '[':
		return bytes.Contains(mark, []byte("true"))
	default:
		return true
	}
}

// covers reports whether a mark covers the whole value. It does so too if it covers
// some part, but its structure isn't that of the value.
func covers(value, mark []byte) bool {
	if !marks(mark) {
		return false
	}
	k := kind(mark)
	return k != '{' && k != '[' || k != kind(value)
}

// maxLevels is how deep a mark is followed. Values of providers are a few levels deep.
const maxLevels = 64

// markedStrings yields the strings of a value that a mark covers. Below maxLevels it
// yields all strings of a value in which any is covered.
func markedStrings(value, mark []byte) iter.Seq[string] {
	return func(yield func(string) bool) { yieldMarked(value, mark, maxLevels, yield) }
}

func yieldMarked(value, mark []byte, levels int, yield func(string) bool) bool {
	if !marks(mark) {
		return true
	}
	if covers(value, mark) || levels == 0 {
		for text := range stringsIn(value) {
			if !yield(text) {
				return false
			}
		}
		return true
	}
	if kind(value) == '{' {
		marked := map[string][]byte{}
		for name, m := range members(mark) {
			if marks(m) {
				marked[name] = m
			}
		}
		for name, v := range members(value) {
			if m, ok := marked[name]; ok {
				if !yieldMarked(v, m, levels-1, yield) {
					return false
				}
				if delete(marked, name); len(marked) == 0 {
					break
				}
			}
		}
		return true
	}
	all := slices.Collect(elements(mark))
	i := 0
	for v := range elements(value) {
		if i == len(all) || !yieldMarked(v, all[i], levels-1, yield) {
			return i == len(all)
		}
		i++
	}
	return true
}
