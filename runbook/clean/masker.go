package clean

import (
	"io"
	"strings"

	"catalog-runbook/runbook/pattern"
)

const (
	// maskedPiece is the length in bytes of the longest part that is written of an
	// unfinished line. A part ends where it doesn't split a secret.
	maskedPiece = 4 << 10
	// maskedAhead is how many bytes after such a part are searched for the end of a
	// secret, for a private key on a single line.
	maskedAhead = 8 << 10
)

// A Masker is a writer that masks secrets and passes the text on to another writer,
// otherwise unchanged. It recognizes a secret even if it is split between writes.
//
// It holds back a line until it has ended, because the text so far may be part of a
// secret. It passes on only the beginning of an unfinished line that looks like a
// prompt, which a person must see to answer it, what Pause lets it, and parts of a line
// that is longer than 12 KiB, split between secrets.
//
// If the rest of a line shows that a prompt was part of a secret, the Masker writes a
// carriage return and the masked line, so that a terminal overwrites the prompt, which
// on its own doesn't reveal the secret. Except for that, the output doesn't depend on
// how the input was split.
//
// A Masker must not be used concurrently.
type Masker struct {
	to      io.Writer
	out     []byte // output of the current Write
	held    string // the unfinished line, unmasked
	said    string // how much of it has been passed on, masked
	private bool   // in the middle of a private key
	blind   bool   // in the middle of a secret that is longer than the window
}

// NewMasker returns a Masker that passes text on to w, with at most one call of
// w.Write per call of Write.
func NewMasker(w io.Writer) *Masker { return &Masker{to: w} }

// Write masks p. It returns the error of the underlying writer, and doesn't retry
// what that couldn't write.
func (m *Masker) Write(p []byte) (int, error) {
	s := string(p)
	if m.held != "" {
		s = m.held + s
	}
	m.held = m.question(m.lines(s))
	return len(p), m.flush()
}

// Pause passes on the unfinished line, up to what may be the beginning of a secret:
// nothing has been written for a while, so it may be a prompt. It returns the error of
// the underlying writer.
func (m *Masker) Pause() error {
	if s := m.held; !m.private && !m.blind && len(s) <= maskedPiece {
		m.say(s[:sure(s)])
	}
	return m.flush()
}

// Close passes on the rest of the last line. It doesn't close the underlying writer.
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

// lines passes on the complete lines of s, and parts of a long one, and returns the
// rest.
func (m *Masker) lines(s string) (rest string) {
	window := maskedPiece + max(maskedAhead, longest())
	quick := true // whether to try all lines at once
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

// short reports whether no line of s is longer than limit bytes.
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

// line passes on a line or a part of a long one. It masks all lines of a private key,
// which aren't recognisable one by one, until a line that can't belong to the key.
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
	case m.private && (ends || keyLine().MatchString(body)):
		m.private = !ends
		body = Mask
	default:
		m.private = false
		body = mask(body)
	}
	m.pass(body, end)
}

// pass passes on a masked line without the part of it that was passed on before.
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

// keyLine matches a line between the first and the last of a private key: base64, a
// header such as "Proc-Type: 4,ENCRYPTED", or an empty line; with the mark of an
// added or removed line in a plan, too.
var keyLine = pattern.Lazy(`^[\s+~-]*(?:[A-Za-z0-9+/=]{1,76}|[A-Za-z-]+: .*)?\s*$`)

// asks matches a line up to the end of what looks like a prompt, such as
// "Enter a value: " or "Continue? [y/N] ", with or without colors.
var asks = pattern.Lazy(`^.*[:?>\])](?:\x1b\[[0-9;:]*m)* (?: |\x1b\[[0-9;:]*m)*`)

// question passes on the beginning of an unfinished line that looks like a prompt,
// and returns the line.
func (m *Masker) question(s string) string {
	if m.private || m.blind || len(s) > maskedPiece {
		return s
	}
	asked := asks().FindString(s)
	if len(asked) == 0 || endsInSecret(asked) {
		return s
	}
	m.say(asked)
	return s
}

// say passes on the beginning of the unfinished line, masked.
func (m *Masker) say(s string) {
	if s = mask(s); len(s) > len(m.said) && strings.HasPrefix(s, m.said) {
		m.out = append(m.out, s[len(m.said):]...)
		m.said = s
	}
}

// sure returns how much of an unfinished line can't belong to a secret that has only
// begun: all up to the beginning of a known one, or of a word that may take one of the
// known shapes.
func sure(s string) int {
	word := strings.LastIndexAny(s, " \t\"'") + 1 // where a URL would begin, which can hold anything else
	if !strings.Contains(s[word:], "://") && !strings.Contains(s[word:], `:\`) {
		word = len(strings.TrimRightFunc(s, inToken))
	}
	for _, begins := range []string{"gh", "github", "gl", "AKIA", "ASIA", "eyJ", "xox", "xapp", "hooks.", "hv", "s.", "dckr", "npm_", "://", `:\`, "-----"} {
		if strings.Contains(s[word:], begins) {
			return word
		}
	}
	return secretAt(s)
}

// part passes on the beginning of a line that is too long to wait for its end, and
// returns its length. window is as much of the line as may be searched.
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

// inToken reports whether r occurs in tokens, or in keys with escaped line ends.
func inToken(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(`_-+/=.:@\`, r)
}
