package clean

import (
	"io"
	"regexp"
	"strings"
)

const (
	// maskedPiece is where a line that does not end is cut, in bytes: somewhere
	// before it, where no secret is cut in two.
	maskedPiece = 4 << 10
	// maskedAhead is how many bytes beyond the cut are looked at, for a private
	// key that stands in one line.
	maskedAhead = 8 << 10
)

// Masker masks secrets in text that comes in pieces, wherever the pieces are
// divided, and changes nothing else. It looks at whole lines. Of a line that has
// not ended it passes on only what looks like a question, which would otherwise
// never be seen: of anything else half may be half a secret, which nobody
// recognises. A line that does not end for 12 KiB is passed on in parts, between
// secrets.
//
// Should the rest of a line show that a part which has been passed on belongs to
// a secret, a carriage return and the whole line, masked, follow it: so that a
// terminal writes over the part, and what stands there alone tells nothing.
//
// What is written does not depend on the pieces, but for that. A Masker is used
// by one goroutine at a time.
type Masker struct {
	to      io.Writer
	out     []byte // what one Write passes on
	held    string // the line that has not ended, as it came
	said    string // what has been passed on of it
	private bool   // in the middle of a private key
	blind   bool   // in the middle of a secret that is longer than what is looked at
}

// NewMasker returns a Masker that passes on to w, with one Write for each of its
// own at most.
func NewMasker(w io.Writer) *Masker { return &Masker{to: w} }

// Write takes the next piece. The error is that of the writer it passes on to;
// what could not be written is not written again.
func (m *Masker) Write(p []byte) (int, error) {
	s := string(p)
	if m.held != "" {
		s = m.held + s
	}
	m.held = m.question(m.lines(s))
	return len(p), m.flush()
}

// Close passes on what is left of the last line. It does not close the writer.
func (m *Masker) Close() error {
	rest := m.held
	m.held = ""
	if rest != "" {
		m.line(rest)
	}
	return m.flush()
}

func (m *Masker) flush() error {
	if len(m.out) == 0 {
		return nil
	}
	_, err := m.to.Write(m.out)
	m.out = m.out[:0]
	return err
}

// lines passes on what can be, and returns the rest.
func (m *Masker) lines(s string) (rest string) {
	window := maskedPiece + max(maskedAhead, longest())
	quick := true // whether it is worth looking at all lines at once
	for s != "" {
		if quick && m.said == "" && !m.private && !m.blind {
			quick = false
			if whole := strings.LastIndexByte(s, '\n') + 1; short(s[:whole], window) && !maySecret(s[:whole]) {
				m.out = append(m.out, s[:whole]...)
				s = s[whole:]
			}
		}
		head := s[:min(len(s), window+1)]
		if i := strings.IndexByte(head, '\n'); i >= 0 {
			m.line(s[:i+1])
			s = s[i+1:]
			continue
		}
		if len(s) <= window {
			break
		}
		s = s[m.part(s[:window]):]
	}
	return s
}

// short reports whether no line of s is longer than the limit.
func short(s string, limit int) bool {
	for len(s) > limit {
		i := strings.LastIndexByte(s[:limit+1], '\n')
		if i < 0 {
			return false
		}
		s = s[i+1:]
	}
	return true
}

// line passes on a line, or a part of a long one. A private key goes over
// several lines, each of which looks like nothing by itself; what does not look
// like a part of one ends it.
func (m *Masker) line(s string) {
	body := strings.TrimRight(s, "\r\n")
	end := s[len(body):]
	if m.blind {
		body = strings.TrimLeftFunc(body, inToken)
		m.blind = body == "" && end == ""
	}
	switch ends := strings.Contains(body, "-----END "); {
	case strings.Contains(body, "-----BEGIN ") && strings.Contains(body, "PRIVATE KEY"):
		m.private = !ends
		body = mask(body)
	case m.private && (ends || keyLine.MatchString(body)):
		m.private = !ends
		body = Mask
	default:
		m.private = false
		body = mask(body)
	}
	m.pass(body, end)
}

// pass passes on a masked line but for what has been already.
func (m *Masker) pass(body, end string) {
	switch rest, ok := strings.CutPrefix(body, m.said); {
	case ok:
		body = rest
	default:
		m.out = append(m.out, '\r')
	}
	m.said = ""
	m.out = append(append(m.out, body...), end...)
}

// keyLine matches what stands between the first and the last line of a private
// key: base64, headers such as "Proc-Type: 4,ENCRYPTED", and nothing; also where
// a plan shows it as added or removed.
var keyLine = regexp.MustCompile(`^[\s+~-]*(?:[A-Za-z0-9+/=]{1,76}|[A-Za-z-]+: .*)?\s*$`)

// asks matches a line up to the end of what looks like a question, such as
// "Enter a value: " or "Continue? [y/N] ", in colours or without.
var asks = regexp.MustCompile(`^.*[:?>\])](?:\x1b\[[0-9;:]*m)* (?: |\x1b\[[0-9;:]*m)*`)

// question passes on what of an unfinished line looks like one, and returns the
// line.
func (m *Masker) question(s string) string {
	if m.private || m.blind || len(s) > maskedPiece {
		return s
	}
	asked := asks.FindString(s)
	if len(asked) == 0 || endsInSecret(asked) {
		return s
	}
	if asked = mask(asked); len(asked) > len(m.said) && strings.HasPrefix(asked, m.said) {
		m.out = append(m.out, asked[len(m.said):]...)
		m.said = asked
	}
	return s
}

// part passes on the beginning of a line that is too long to wait for its end,
// and returns its length. The window is what may be looked at.
func (m *Masker) part(window string) int {
	head := window[:maskedPiece]
	cut := len(head)
	if i := strings.LastIndexByte(head, '\r'); i >= 0 {
		cut = i + 1
	} else if i := strings.LastIndexFunc(head, func(r rune) bool { return r < 0x80 && !inToken(r) }); i > cut/2 {
		cut = i + 1
	}
	for _, s := range spans(window) {
		switch from, to := s[0], s[1]; {
		case from >= cut || to <= cut:
		case from > 0:
			cut = from
		case to < len(window):
			cut = to
		default:
			m.pass(Mask, "")
			m.blind = true
			return len(window)
		}
	}
	m.line(window[:cut])
	return cut
}

// inToken reports whether r is one of the characters that tokens are made of, or
// keys with their line ends escaped.
func inToken(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(`_-+/=.:@\`, r)
}
