package journal

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// cursor reads the members before the event one after another. ok becomes false
// at the first one that is not there, and what is read from then on is zero.
type cursor struct {
	rest []byte
	ok   bool
}

// word reads exactly w.
func (c *cursor) word(w string) {
	rest, found := bytes.CutPrefix(c.rest, []byte(w))
	c.take(len(c.rest)-len(rest), found)
}

// number reads a number without a sign.
func (c *cursor) number() int {
	end := 0
	for end < len(c.rest) && c.rest[end] >= '0' && c.rest[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(string(c.rest[:end]))
	c.take(end, err == nil)
	if !c.ok {
		return 0
	}
	return n
}

// text reads a JSON string.
func (c *cursor) text() string {
	end := endOfString(c.rest)
	if end == 0 {
		c.ok = false
		return ""
	}
	quoted := c.rest[:end]
	c.take(end, true)
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : end-1])
	}
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		c.ok = false
	}
	return s
}

func (c *cursor) take(n int, found bool) {
	c.ok = c.ok && found
	if c.ok {
		c.rest = c.rest[n:]
	}
}

// endOfString returns the length of the JSON string that b begins with, 0 where
// there is none.
func endOfString(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}
