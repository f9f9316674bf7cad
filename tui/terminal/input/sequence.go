package input

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

const (
	esc   = 0x1b
	bel   = 0x07
	ctrlC = 0x03

	pasteStart = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// class is what becomes of some bytes.
type class int

const (
	key        class = iota // passed on: also a mouse event, and what isn't known
	nothing                 // dropped
	incomplete              // its end hasn't come
	begins                  // the introducer of a string
	reply                   // a whole CSI sequence that the terminal has sent by itself
	focus
	blur
)

// introduces reports whether ESC and c can be the beginning of a sequence.
func introduces(c byte) bool { return strings.IndexByte("[O]P_\x1b", c) >= 0 }

// sequence returns the length of what b begins with outside of pastes and strings, and what
// it is. The forms are those of ECMA-48 and of xterm's ctlseqs.
func sequence(b []byte) (int, class) {
	switch {
	case b[0] >= utf8.RuneSelf:
		if !utf8.FullRune(b) {
			return 0, incomplete
		}
		_, n := utf8.DecodeRune(b)
		return n, key
	case b[0] != esc:
		return 1, key
	case len(b) == 1:
		return 0, incomplete
	}
	switch b[1] {
	case '[':
		return csi(b)
	case 'O':
		return atLeast(3, b)
	case ']', 'P', '_':
		return introducer(b)
	}
	return 1, key
}

// atLeast returns a key of n bytes.
func atLeast(n int, b []byte) (int, class) {
	if len(b) < n {
		return 0, incomplete
	}
	return n, key
}

// introducer tells the beginning of a reply from alt and a key: the character after it is one
// that such a reply begins with.
func introducer(b []byte) (int, class) {
	if len(b) == 2 {
		return 0, incomplete
	}
	first := map[byte]string{']': "0123456789lL", 'P': "0123456789>!", '_': "G"}[b[1]]
	if strings.IndexByte(first, b[2]) < 0 {
		return 1, key
	}
	return 2, begins
}

// csi reads a control sequence.
func csi(b []byte) (int, class) {
	i := 2
	for i < len(b) && b[i] >= '0' && b[i] <= '?' {
		i++
	}
	for i < len(b) && b[i] >= ' ' && b[i] <= '/' {
		i++
	}
	switch {
	case i >= sequenceBytes:
		return i, key
	case i == len(b):
		return 0, incomplete
	case b[i] < '@' || b[i] > '~':
		return i, key // was aborted
	case i == 2 && b[i] == '[': // a function key of the Linux console
		return atLeast(4, b)
	case i == 2 && b[i] == 'M': // a mouse event without SGR
		return atLeast(6, b)
	}
	return i + 1, classify(b[2:i], b[i])
}

// classify tells the replies from the keys by their parameters and the final character.
func classify(parameters []byte, final byte) class {
	private := len(parameters) > 0 && parameters[0] >= '<'
	switch {
	case final == 'I' && len(parameters) == 0:
		return focus
	case final == 'O' && len(parameters) == 0:
		return blur
	case (final == 'M' || final == 'm') && private:
		if moves(parameters[1:]) {
			return nothing
		}
	case final == 'R' && bytes.IndexByte(parameters, ';') > 0: // the place of the cursor
		return reply
	case final == 'y' && bytes.HasSuffix(parameters, []byte{'$'}): // a mode
		return reply
	case (final == 'c' || final == 'u') && private: // device attributes, the keyboard protocol
		return reply
	case final == 'n', final == 't' && len(parameters) > 0: // the status, the window
		return reply
	}
	return key
}

// moves reports whether an SGR mouse event only says where the pointer is. The checklist
// does nothing with these, and a slow connection has enough to carry.
func moves(parameters []byte) bool {
	button := 0
	for _, c := range parameters {
		if c < '0' || c > '9' {
			break
		}
		button = min(button*10+int(c-'0'), 1<<16)
	}
	return button&32 != 0
}
